/*
 * app: what begins, and how the parts are joined. State flows one way: the feed and answers change the store, the store is drawn, people ask
 * `app.do`, and that asks the gateway or changes what is chosen. Nothing is drawn but by draw(), once a frame at most.
 */
import { isToDo, nameOf } from './core/alert.js';
import { callOf, isTold } from './core/attention.js';
import { cardsOf, hiddenBy, rowsOf } from './core/cards.js';
import { dataNow, makeOffset, offsetOf } from './core/clock.js';
import { isEmpty, matcher, readFilter } from './core/filters.js';
import * as store from './core/store.js';
import { languageOf, LANGUAGES, wordsOf } from './core/words.js';
import { hourMinute, isZone } from './core/zone.js';
import { makeApi } from './io/api.js';
import { makeFeed } from './io/feed.js';
import { learnAgain, learnHistory } from './io/learning.js';
import { makePlaces } from './io/places.js';
import { readSettings } from './io/settings.js';
import { makeSound, makeTurn } from './io/sound.js';
import { makeTelling } from './io/telling.js';
import { makeActions } from './view/actions.js';
import { makeBars } from './view/bars.js';
import { makeBulkBar } from './view/bulk_bar.js';
import { makeCity } from './city.js';
import { makeDetail } from './view/detail.js';
import { makeDoing } from './doing.js';
import { makeFilterBar } from './view/filter_bar.js';
import { feedStatus } from './core/health.js';
import { listenToKeys } from './keys.js';
import { replayLater } from './replay_later.js';
import { makeList } from './view/list.js';
import { makeTop } from './view/top.js';
import { isWall, wallToken, watchVersion } from './wall.js';
import { askSignIn } from './view/over.js';
import { say } from './view/dom.js';

/* What a wall shows of the list. */
const WALL_CARDS = 10;
const AGAIN_MS = 3000;
const byId = (id) => document.getElementById(id);
/* In the same words as first_view.mjs looks for. */
const TEXTS = { 'zh-CN': new URL('./words/zh-CN.json', import.meta.url), en: new URL('./words/en.json', import.meta.url) };

async function loadWords(language) {
    const texts = await (await fetch(TEXTS[language])).json();
    document.documentElement.lang = language;
    return wordsOf(language, texts);
}

/* All that parts share. What is chosen stands here; what is known stands in `state`. */
function makeApp(words, settings) {
    const app = {
        words, settings, session: null, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, offset: makeOffset(), state: store.emptyState(),
        filter: readFilter(location.search.slice(1) || settings.filter), selected: null, unfolded: new Set(), feed: { live: false, heard: 0 }, beat: null, more: {}, marked: null, replay: null, reasons: null, hushedUntil: 0, said: '', back: '', soundAsks: false, do: {},
    };
    app.now = () => Date.now() + app.offset.value();
    app.dataNow = () => dataNow(app.now(), app.state.newest);
    return app;
}

function signInWith(app) {
    return async () => {
        const session = await askSignIn(byId('over'), app, app.session !== null);
        if (app.session !== null && session.user !== app.session.user)
            location.reload(); /* somebody else: nothing of the one before stays */
        app.session = session;
    };
}

/* Asked twice: the first may have waited for somebody to sign in. */
async function learnWho(app) {
    await app.api.get('/api/v1/session');
    const asked = Date.now();
    app.session = await app.api.get('/api/v1/session');
    app.offset = makeOffset(offsetOf(asked, Date.now(), app.session.now));
    try {
        const { timezone } = await app.api.get('/api/v1/hours?expr=24%2F7&n=1');
        app.zone = isZone(timezone) ? timezone : app.zone;
    } catch {
        /* No world yet: times are this machine's until the page is opened again. */
    }
}

/* What stands on each page that is printed (style_print.css). */
function namePaper(app) {
    const put = (name, text) => document.documentElement.style.setProperty(name, `"${text.replace(/["\\]/g, '')}"`);
    put('--title', app.words.t('app.title'));
    put('--zone', app.words.t('paper.zone', { zone: app.zone }));
}

/* A gateway that has no answer yet is asked until it has; why is said. */
async function untilKnown(app) {
    for (;;) {
        try {
            return await learnWho(app);
        } catch (error) {
            app.say(app.words.t('signin.away', { why: error.message }));
            app.draw();
            await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
        }
    }
}

/* The alert that is looked at, where all that is not closed is without it. */
async function settleKept(app) {
    const kept = app.state.alerts.get(app.state.keep);
    if (!kept?.unsure)
        return;
    try {
        app.change({ type: 'alert', alert: (await app.api.get(`/api/v1/violations/${encodeURIComponent(kept.id)}`)).alert });
    } catch (error) {
        if (error.status !== 404)
            throw error;
        app.change({ type: 'alert', alert: { id: kept.id, gone: true } });
        app.say(app.words.t('detail.gone'));
    }
}

/* All that is not closed, also what lies on the shelf; the snapshot has the first 500 to do. */
async function readAll(app, snapshot) {
    app.change({ type: 'snapshot', snapshot });
    const states = 'state=open&state=acknowledged&state=assigned&state=handled&state=reviewed';
    let cursor = '';
    for (;;) {
        const page = await app.api.get(`/api/v1/violations?${states}&limit=500${cursor}`);
        app.change({ type: 'page', items: page.items, last: page.next === null });
        if (page.next === null)
            return settleKept(app);
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
}

function frameOf(app) {
    const { state } = app, now = app.now();
    const toDo = store.toDo(state, now);
    const matches = matcher(app.filter, { now, user: app.session?.user, vehicles: state.vehicles });
    const shown = store.inOrder(state).filter(matches);
    const cards = cardsOf(shown).slice(0, app.wall ? WALL_CARDS : undefined);
    const items = rowsOf(cards, app.unfolded).map((row) => ({ ...row, unfolded: app.unfolded.has(row.card.key) }));
    return { now, dataNow: app.dataNow(), zone: app.zone, toDo, items, counts: store.countAll(state, now), hidden: app.filter.view === 'shelved' ? { all: 0, critical: 0 } : hiddenBy(toDo, matches), placeOf: app.places.of, selected: app.selected, marked: app.marked, filtered: !isEmpty(app.filter) };
}

const hourOf = (app, now) => Number(hourMinute(now, app.zone).slice(0, 2));

function makeDraw(app, views) {
    function drawSide(c) {
        const mine = c.toDo.filter((a) => a.work.assignee === app.session?.user || a.work.acknowledged_by === app.session?.user);
        views.filters.draw({ toDo: c.toDo, vehicles: app.state.vehicles, counts: c.counts, mineCount: mine.length, activeCount: c.toDo.filter((a) => a.condition === 'active').length });
        views.list.draw(c);
        views.bulk(app.marked);
    }
    function drawDetail(c) {
        const alert = app.state.alerts.get(app.selected);
        const others = !alert?.vehicle ? [] : c.toDo.filter((a) => a.vehicle === alert.vehicle && a.id !== alert.id);
        views.detail.draw({ alert, c, more: app.more, others, session: app.session });
        document.documentElement.classList.toggle('chosen', alert !== undefined);
    }
    return function draw() {
        const c = frameOf(app), status = feedStatus(app, c.now);
        views.top({ counts: c.counts, feedState: status.state, feedText: status.text(app.words), now: c.dataNow, zone: app.zone, shift: app.state.shift, session: app.session, offsetS: app.offset.value() / 1000 });
        views.bars({ cut: app.putOut ? app.words.t('wall.put_out') : status.cut(app.words, app.zone, c.now), lag: status.lag(app.words), back: app.back, said: app.said, soundAsks: app.soundAsks, hidden: c.hidden, truncated: app.state.truncated });
        drawSide(c);
        drawDetail(c);
        document.title = c.counts.untouched > 0 ? app.words.t('title.count', { n: c.counts.untouched, title: app.words.t('app.title') }) : app.words.t('app.title');
        app.drawReplay(app.replay);
        app.city.draw(c);
        app.sound.call(app.mayCall ? callOf(c.toDo, { ...app.settings.sound, hushedUntil: app.hushedUntil }, c.now, hourOf(app, c.now)) : null);
    };
}

/* Once a frame at most, and once a second since ages run. A tab in the background is not given frames. */
function drawSoon(draw) {
    let asked = false;
    return () => {
        if (asked)
            return;
        asked = true;
        const go = () => { asked = false; draw(); };
        if (document.hidden)
            setTimeout(go, 250);
        else
            requestAnimationFrame(go);
    };
}

/*
 * What has just come: new criticals to screen readers; what would sound to the browser's voice and to the desktop, where that is wanted, by the one tab
 * that sounds. `before`: as it was known.
 */
function announce(app, a, before) {
    const now = app.now(), settings = { ...app.settings.sound, hushedUntil: app.hushedUntil };
    if (a.severity === 'critical' && a.rev === 1 && isToDo(a, now))
        say(byId('live'), app.words.t('live.critical', { text: app.words.sentence(a) }));
    if (!app.mayCall || !isTold(a, before, settings, now, hourOf(app, now)))
        return;
    const text = app.words.t('live.told', { severity: app.words.word('severity', a.severity), kind: app.words.word('kind', a.kind), name: nameOf(a) });
    if (settings.speak)
        app.telling.speak(text, app.words.language);
    if (settings.notify)
        app.telling.notify(text, app.words.sentence(a), a.id, () => app.do.select(a.id));
}

function startFeed(app) {
    let cutSince = null, came = 0;
    app.feedLink = makeFeed({
        api: app.api,
        onSnapshot: (snapshot) => { readAll(app, snapshot).catch((error) => app.say(error.message)); },
        onEvent(event, data) {
            if (event === 'beat') {
                app.beat = data;
                app.offset.add(data.now - Date.now(), Date.now() - performance.now());
            }
            came += Number(event === 'alert' || event === 'action');
            if (event === 'alert' && !data.gone)
                announce(app, data, app.state.alerts.get(data.id));
            store.changesOf(event, data).forEach(app.change);
            if ((event === 'alert' || event === 'action') && data.id === app.selected)
                (event === 'alert' ? learnAgain : learnHistory)(app, data.id);
        },
        onStatus(status) {
            if (!status.live && app.feed.live)
                [cutSince, came] = [status.heard, 0];
            if (status.live && cutSince !== null && Date.now() - cutSince > 20_000)
                setTimeout(() => app.sayBack(came), 1500);
            cutSince = status.live ? null : cutSince;
            app.feed = status;
            app.draw();
        },
    });
    app.feedLink.run();
    addEventListener('online', app.feedLink.hurry);
    document.addEventListener('visibilitychange', () => { if (!document.hidden) { app.feedLink.hurry(); app.draw(); } });
}

function startSound(app) {
    const ask = () => { app.soundAsks = !app.sound.allowed(); app.draw(); };
    app.sound = makeSound({ onAllowed: ask });
    app.sound.setVolume(app.settings.sound.volume);
    app.mayCall = true;
    const turn = makeTurn({ id: `${Date.now()}-${Math.random()}`, may: () => app.sound.allowed(), onTurn: (mine) => { app.mayCall = mine; app.draw(); } });
    setInterval(turn.tick, 1000);
    addEventListener('pagehide', turn.end);
    /* Any touch or key will do. */
    const first = () => app.sound.allow();
    addEventListener('pointerdown', first);
    addEventListener('keydown', first);
    app.soundAsks = true;
}

async function start() {
    const settings = readSettings();
    const language = languageOf(new URLSearchParams(location.search).get('lang') ?? settings.language, navigator.languages);
    const app = makeApp(await loadWords(LANGUAGES.includes(language) ? language : LANGUAGES[0]), settings);
    app.draw = () => {};
    app.do = makeDoing(app);
    const wall = isWall();
    document.documentElement.classList.toggle('wall', wall);
    app.wall = wall;
    app.api = makeApi({ signIn: signInWith(app), token: wallToken(), onPutOut: (isOut) => { if (app.putOut !== isOut) { app.putOut = isOut; app.draw?.(); } } });
    app.places = makePlaces(app);
    const views = { top: makeTop(byId('top'), app), bars: makeBars(byId('bars'), app), list: makeList(byId('list'), app) };
    const actions = makeActions(app);
    views.detail = makeDetail(byId('detail'), app, actions);
    views.filters = makeFilterBar(views.list.filters, app);
    views.bulk = makeBulkBar(views.list.below, app);
    app.views = { ...views, actions };
    app.city = makeCity(byId('map'), app);
    app.do.replay = replayLater(app);
    startSound(app);
    app.telling = makeTelling();
    app.telling.awake(app.settings.sound.awake || wall);
    app.draw = drawSoon(makeDraw(app, views));
    app.change = (change) => { app.city.touch(store.apply(app.state, change)); app.draw(); };
    listenToKeys(app);
    globalThis.muckwatch = app; /* for tests, and for whoever looks for a fault */
    await untilKnown(app);
    namePaper(app);
    app.draw();
    startFeed(app);
    setInterval(app.draw, 1000);
    watchVersion(app);
    if (wall)
        import(/* later */ './wall_turns.js').then(({ makeTurns }) => makeTurns(app, byId('top')));
    app.city.start();
}

start();
