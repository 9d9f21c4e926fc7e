/*
 * bulk: one action on many alerts, each with the `rev` that was seen and a name of its own; so one that somebody else has taken meanwhile is
 * refused by itself, and a list that is asked again does nothing twice.
 */
import { bodyOf } from './work.js';

export const MANY_MAX = 200;
const ROWS = {
    acknowledge: { action: 'acknowledge' },
    shelve: { action: 'shelve', asks: ['until', 'why'] },
};

/** Lists of at most MANY_MAX bodies. `values`: as of one; `request()`: a new name. */
export function bulkBodies(action, alerts, values, request) {
    const bodies = alerts.map((a) => ({ id: a.id, ...bodyOf(ROWS[action], a.work.rev, request(), values) }));
    return Array.from({ length: Math.ceil(bodies.length / MANY_MAX) }, (_, i) => bodies.slice(i * MANY_MAX, (i + 1) * MANY_MAX));
}

/** Those of the marked that an action fits: of others it would be refused. */
export function bulkFits(action, alerts, isShelved) {
    return alerts.filter((a) => (action === 'acknowledge' ? a.work.state === 'open' : a.work.state !== 'closed' && !isShelved(a)));
}

/** What became of them: `{done, refused, first}`, `first` being why the first was refused. */
export function bulkSum(items) {
    const refused = items.filter((one) => one.status !== 200);
    return { done: items.length - refused.length, refused: refused.length, first: refused[0]?.detail ?? '' };
}
