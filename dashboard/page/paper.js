/*
 * paper: pages that are read and printed rather than watched: statistics, the hand-over of a watch, the duty log. One document, `paper.html?of=NAME`, beside
 * the watch and not in it, so that reading one takes no alert out of sight. Nothing here is loaded by a first view.
 */
import { isPlayed } from './core/clock.js';
import { languageOf, LANGUAGES, wordsOf } from './core/words.js';
import { isZone } from './core/zone.js';
import { makeApi } from './io/api.js';
import { download } from './io/download.js';
import { addWords } from './io/later.js';
import { keepSettings, readSettings } from './io/settings.js';
import { makeDutyLog } from './paper/duty_log.js';
import { makeHandOver } from './paper/hand_over.js';
import { makeStatistics } from './paper/statistics.js';
import { askSignIn } from './view/over.js';
import { makePaperFrame } from './view/paper_frame.js';

const PAPERS = { statistics: makeStatistics, hand_over: makeHandOver, duty_log: makeDutyLog };
const TEXTS = { 'zh-CN': 'words/zh-CN.json', en: 'words/en.json' };

async function loadWords(settings) {
    const language = languageOf(new URLSearchParams(location.search).get('lang') ?? settings.language, navigator.languages);
    const texts = await (await fetch(TEXTS[language] ?? TEXTS[LANGUAGES[0]])).json();
    document.documentElement.lang = language;
    return wordsOf(language, texts);
}

/* What the address says; what is put there stands after a reload. */
function makeAddress() {
    return {
        get: (name) => new URLSearchParams(location.search).get(name),
        put(values) {
            const search = new URLSearchParams(location.search);
            Object.entries(values).forEach(([name, value]) => (value === null ? search.delete(name) : search.set(name, value)));
            history.replaceState(null, '', `?${search}`);
        },
    };
}

async function makeApp() {
    const settings = readSettings(), words = await loadWords(settings);
    const app = { words, settings, session: null, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, address: makeAddress(), download, do: {
        otherLanguage() {
            settings.language = words.language === 'en' ? 'zh-CN' : 'en';
            keepSettings(settings);
            app.address.put({ lang: null });
            location.reload();
        },
    } };
    await addWords(app, 'paper');
    app.api = makeApi({ signIn: async () => { app.session = await askSignIn(document.getElementById('over'), app, app.session !== null); } });
    app.session = await app.api.get('/api/v1/session');
    try {
        const { timezone } = await app.api.get('/api/v1/hours?expr=24%2F7&n=1');
        app.zone = isZone(timezone) ? timezone : app.zone;
    } catch {
        /* No world yet: times are this machine's. */
    }
    app.now = () => Date.now();
    /* A recorded day that is played: what today is then, the watch says in `at`. */
    const at = Number(app.address.get('at'));
    app.today = at > 0 && isPlayed(app.now(), at) ? at : app.now();
    return app;
}

async function start() {
    const app = await makeApp(), asked = app.address.get('of');
    const name = Object.hasOwn(PAPERS, asked ?? '') ? asked : 'statistics';
    const frame = makePaperFrame(document.getElementById('page'), app, Object.keys(PAPERS), name);
    await PAPERS[name](app, frame);
    globalThis.muckwatch_paper = app; /* for tests */
}

start();
