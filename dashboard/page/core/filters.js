/*
 * filters: which alerts are listed, and how that is written in the address bar, so that it can be kept, sent and gone back to.
 * A filter is a plain object; what is not in it filters nothing.
 */
import { isOverdue, isShelved, isToDo, nameOf, SEVERITIES, STATES } from './alert.js';

export const VIEWS = ['todo', 'active', 'shelved'];
const LISTS = ['severity', 'state', 'kind', 'jurisdiction', 'company', 'class'];
const FLAGS = ['mine', 'overdue'];
const KNOWN = { severity: SEVERITIES, state: STATES };
const VALUES_MAX = 50, TEXT_MAX = 64;

export const emptyFilter = () => ({ view: 'todo', severity: [], state: [], kind: [], jurisdiction: [], company: [], class: [], mine: false, overdue: false, plate: '' });

/* Blanks, dots, dashes and case do not matter in plates. */
const bare = (text) => text.toLowerCase().replace(/[\s.·・\-_]/gu, '');

function valueOf(a, name, vehicles) {
    if (name === 'class')
        return vehicles.get(a.vehicle)?.class ?? '';
    return (name === 'state' ? a.work.state : a[name]) ?? '';
}

/* A district has what lies below it. */
const lies = (value, within) => value === within || value.startsWith(`${within}/`);

const inView = {
    todo: (a, now) => isToDo(a, now),
    active: (a, now) => isToDo(a, now) && a.condition === 'active',
    shelved: (a, now) => isShelved(a, now) && a.work.state !== 'closed',
};

/** A function of an alert. `context`: `{now, user, vehicles}`. */
export function matcher(filter, context) {
    const plate = bare(filter.plate);
    const lists = LISTS.filter((name) => filter[name].length > 0);
    return (a) => inView[filter.view](a, context.now)
        && (!filter.mine || a.work.assignee === context.user || a.work.acknowledged_by === context.user)
        && (!filter.overdue || isOverdue(a, context.now))
        && (plate === '' || bare(nameOf(a)).includes(plate))
        && lists.every((name) => {
            const value = valueOf(a, name, context.vehicles);
            return filter[name].some((wanted) => (name === 'jurisdiction' ? lies(value, wanted) : value === wanted));
        });
}

/** Values there are among alerts, with how many have each, most first. */
export function valuesOf(alerts, name, vehicles) {
    const counts = new Map();
    for (const a of alerts) {
        const value = valueOf(a, name, vehicles);
        if (value !== '')
            counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

export const isEmpty = (filter) => filter.view === 'todo' && filter.plate === '' && !filter.mine && !filter.overdue && LISTS.every((name) => filter[name].length === 0);

/** The same for the gateway's lists and sheets, as members of a query; it knows no class of vehicle, and of "mine" the assignee alone. */
export function queryFor(filter, user) {
    const lists = Object.fromEntries(LISTS.filter((name) => name !== 'class').map((name) => [name, filter[name]]));
    return {
        ...lists, plate: filter.plate, assignee: filter.mine ? user : undefined, overdue: filter.overdue ? 'true' : undefined,
        ...(filter.view === 'shelved' ? { shelved: 'true' } : { to_do: 'true' }), condition: filter.view === 'active' ? 'active' : undefined,
    };
}

/** Members for the address bar; those of others (`lang`, `wall`) stay. */
export function writeFilter(filter, search) {
    const out = new URLSearchParams(search);
    [...LISTS, ...FLAGS, 'view', 'plate'].forEach((name) => out.delete(name));
    if (filter.view !== 'todo')
        out.set('view', filter.view);
    LISTS.forEach((name) => filter[name].forEach((value) => out.append(name, value)));
    FLAGS.filter((name) => filter[name]).forEach((name) => out.set(name, '1'));
    if (filter.plate !== '')
        out.set('plate', filter.plate);
    return out.toString();
}

/* An address may be anybody's text: what cannot be is left out. */
export function readFilter(search) {
    const from = new URLSearchParams(search), filter = emptyFilter();
    for (const name of LISTS)
        filter[name] = [...new Set(from.getAll(name))].filter((v) => v !== '' && v.length <= 255 && (KNOWN[name]?.includes(v) ?? true)).slice(0, VALUES_MAX);
    for (const name of FLAGS)
        filter[name] = from.get(name) === '1';
    filter.view = VIEWS.includes(from.get('view')) ? from.get('view') : 'todo';
    filter.plate = (from.get('plate') ?? '').slice(0, TEXT_MAX);
    return filter;
}
