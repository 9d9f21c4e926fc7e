/*
 * wall_turns: of a wall alone: the counts of the watch, and, with `rotate=SECONDS`, one district after the other. A critical alert that nobody has touched
 * ends the turn: then the whole city is shown until somebody has.
 */
import { isUntouched } from './core/alert.js';
import { toDo } from './core/store.js';
import { nextPart, turnOf } from './core/wall.js';
import { el, say } from './view/dom.js';

const COUNTS_MS = 60_000, PARTS = ['open', 'in_work', 'overdue', 'done'];

function makeCounts(app, top) {
    const { t } = app.words, figures = Object.fromEntries(PARTS.map((name) => [name, el('b')]));
    const root = el('span.figure.of_watch', {}, el('span', {}, `${t('wall.watch')}: `), ...PARTS.flatMap((name) => [el('span', {}, t(`shift.${name}`)), figures[name]]));
    top.querySelector('.stretch').before(root);
    return async () => {
        try {
            const told = await app.api.get('/api/v1/shifts/hand-over');
            PARTS.forEach((name) => say(figures[name], String(told[name].count)));
        } catch {
            /* As they were; the red bar says that the server is away. */
        }
    };
}

export function makeTurns(app, top) {
    const counts = makeCounts(app, top), seconds = turnOf(location.search), part = el('b.part', { role: 'status' });
    counts();
    setInterval(counts, COUNTS_MS);
    if (seconds === 0)
        return;
    top.querySelector('.stretch').before(part);
    let now = '';
    function turn() {
        const all = toDo(app.state, app.now()), called = all.some((a) => isUntouched(a) && a.severity === 'critical');
        now = called ? '' : nextPart(all.map((a) => a.jurisdiction), now);
        app.filter.jurisdiction = now === '' ? [] : [now];
        say(part, now === '' ? app.words.t('paper.all') : now);
        app.city.fitAlerts(now === '' ? [] : all.filter((a) => a.jurisdiction === now));
        app.draw();
    }
    setInterval(turn, seconds * 1000);
    app.turn = turn; /* for tests */
}
