/*
 * editing_saved: what the engine says of the files as they would be, putting them in force, and what somebody else put there meanwhile. A change names
 * the files that it was made on (If-Match): who is slower is told by whom, and may lay his own on top, fence by fence.
 */
import * as book from './core/fence_book.js';
import { newsOf, putFences, readFences } from './io/fence_files.js';
import { dateTime } from './core/zone.js';

export function savingDeeds(app, e, act, redraw) {
    const { t } = app.words;
    const files = () => book.filesOf(e.book);

    function tellOther(world) {
        const last = world.versions[world.versions.length - 1] ?? {}, newest = world.versions.reduce((a, b) => (b.version > (a.version ?? 0) ? b : a), last);
        e.told = { text: t('edit.other', { who: newest.who ?? '?', time: newest.at === undefined ? '' : dateTime(newest.at, app.zone), version: world.version ?? '' }), buttons: [['edit.take_theirs', takeTheirs]] };
        redraw();
    }
    async function takeTheirs() {
        try {
            const theirs = await readFences(app.api), { book: next, lost } = book.rebase(e.book, theirs.files);
            e.map.converts(theirs.converted);
            Object.assign(e, { etag: theirs.etag, version: theirs.version, selected: null, marked: new Set(), told: lost.length === 0 ? null : { text: t('edit.lost', { ids: lost.join(', ') }), buttons: [['edit.understood', () => { e.told = null; redraw(); }]] } });
            act.take(next);
        } catch (error) {
            app.say(error.message);
        }
    }
    /* The answer, or null: what stands in its way is told. `what`: the files, or a version there was. */
    async function put(dry, what = { files: files() }) {
        e.pane = 'check';
        e.checked = { busy: dry ? 'check' : 'save' };
        redraw();
        try {
            return await putFences(app.api, what, e.etag, dry);
        } catch (error) {
            e.checked = null;
            e.pane = 'list';
            if (error.status === 422 && Array.isArray(error.body.errors)) {
                e.checked = { errors: error.body.errors };
                e.pane = 'check';
            } else if (error.status === 412)
                tellOther(await newsOf(app.api));
            else
                app.say(error.message);
            redraw();
            return null;
        }
    }
    return {
        put,
        async check() {
            const result = await put(true);
            if (result === null)
                return;
            const { added, changed } = book.changesOf(e.book), keys = new Set([...added, ...changed]);
            e.checked = { result, touched: new Set(e.book.list.filter((entry) => keys.has(entry.key)).map((entry) => String(entry.feature.id))) };
            redraw();
        },
        async save() {
            const result = await put(false);
            if (result === null)
                return;
            Object.assign(e, { etag: result.etag ?? e.etag, version: result.version ?? e.version, book: book.settle(e.book), checked: null, pane: 'list', told: null });
            app.say(t(result.result === 'in_force' ? 'edit.in_force' : 'edit.asked', { version: result.version ?? '' }));
            redraw();
        },
        /* A world came in force: by us, or by another. */
        async lookAgain() {
            const world = await newsOf(app.api).catch(() => null);
            if (world !== null && world.etag !== e.etag && e.checked?.busy === undefined)
                tellOther(world);
        },
        showFinding(one) {
            const entry = book.entryOfFinding(e.book, one);
            if (entry !== undefined)
                act.select(entry.key);
            const at = entry !== undefined && one.vertex !== undefined ? e.map.vertex(entry.feature, one.vertex) : one.lat === undefined ? undefined : { lat: one.lat, lon: one.lon };
            e.map.mark(at ?? null);
            if (at !== undefined)
                e.map.goTo(at);
            e.pane = 'check';
            redraw();
        },
    };
}
