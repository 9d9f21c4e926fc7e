/*
 * wall: a screen that nobody sits at, for weeks: `?wall=1`, signed in by a viewer's token (`#token=…`, kept in this browser alone and taken out of
 * the address). It loads itself anew when the server has another page, and in the small hours if it has grown; never while something is typed.
 */
import { isDue } from './core/wall.js';
import { hourMinute } from './core/zone.js';

const KEY = 'muckwatch-wall', LOOK_MS = 5 * 60_000;

export const isWall = () => new URLSearchParams(location.search).get('wall') === '1';

/** The token of a wall, or null. */
export function wallToken(storage = () => globalThis.localStorage) {
    if (!isWall())
        return null;
    const said = new URLSearchParams(location.hash.slice(1)).get('token');
    try {
        if (said !== null) {
            storage().setItem(KEY, said);
            history.replaceState(null, '', location.pathname + location.search);
        }
        return said ?? storage().getItem(KEY);
    } catch {
        return said;
    }
}

const typing = () => [...document.querySelectorAll('input:not([type=range]), textarea')].some((field) => field.value !== '' && field.closest('form') !== null);

async function versionNow() {
    const answer = await fetch('version.txt', { cache: 'no-store' });
    return answer.ok ? answer.text() : null;
}

/** Looks now and then whether the server has another page. `app.say` tells those who sit at theirs; a wall takes it. */
export function watchVersion(app) {
    let mine = null;
    async function look() {
        const now = await versionNow().catch(() => null);
        mine ??= now;
        const other = now !== null && mine !== null && now !== mine;
        if (isWall() && isDue({ other, heap: performance.memory?.usedJSHeapSize ?? 0, now: hourMinute(Date.now(), app.zone), typing: typing() }))
            location.reload();
        else if (other)
            app.say(app.words.t('bar.new_version'));
    }
    look();
    setInterval(look, LOOK_MS);
    app.lookForVersion = look; /* for tests */
}
