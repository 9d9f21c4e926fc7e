/*
 * store: all that the page knows of the city, in one place. A state is made, and changed by apply() alone; whoever draws reads it.
 *
 * Alerts are those that are not closed, and the one that is looked at. Of two tellings the later stands, whatever came first: so pages of a
 * list may be read while events come in. Each change says what it touched, so that only that is drawn again.
 */
import { compare, isOverdue, isShelved, isToDo, isUntouched, later, SEVERITIES } from './alert.js';

export const ALERTS = 1, VEHICLES = 2, WATCH = 4, WORLD = 8, FEED = 16, ALL = 31;

export function emptyState() {
    return { alerts: new Map(), allAlerts: false, keep: null, vehicles: new Map(), unnamed: new Set(), shift: null, world: null, newest: 0, truncated: false, ordered: null };
}

function vehicleOf(row, former) {
    const [id, lat, lon, speed, track, time, flags] = row;
    return { id, lat, lon, speed, track, time, flags, plate: row[7] ?? former?.plate ?? '', company: row[8] ?? former?.company ?? '', class: row[9] ?? former?.class ?? '' };
}

function putVehicle(state, row) {
    const vehicle = vehicleOf(row, state.vehicles.get(row[0]));
    if (row.length < 10 && !state.vehicles.has(row[0]))
        state.unnamed.add(row[0]);
    if (row.length >= 10)
        state.unnamed.delete(row[0]);
    state.vehicles.set(vehicle.id, vehicle);
}

/* The time that units tell: the third newest, so that one or two whose clocks are ahead do not take the city's time with them. */
function cityTime(vehicles) {
    const top = [0, 0, 0];
    for (const { time } of vehicles.values())
        if (time !== null && time > top[2]) {
            top[2] = time;
            top.sort((a, b) => b - a);
        }
    return top[2] || top[1] || top[0];
}

function putAlert(state, alert) {
    const stands = later(state.alerts.get(alert.id), alert);
    if (stands.work.state === 'closed' && stands.id !== state.keep)
        state.alerts.delete(alert.id);
    else
        state.alerts.set(alert.id, stands);
}

const changes = {
    /* The answer of `state`. The alert that is looked at stays, unsure until it is told of: it may be closed by now, or gone. */
    snapshot(state, { snapshot }) {
        const keep = state.alerts.get(state.keep);
        state.alerts.clear();
        state.vehicles.clear();
        state.unnamed.clear();
        if (keep !== undefined)
            state.alerts.set(keep.id, { ...keep, unsure: true });
        snapshot.vehicles.items.forEach((row) => putVehicle(state, row));
        state.newest = cityTime(state.vehicles);
        snapshot.alerts.items.forEach((alert) => putAlert(state, alert));
        state.allAlerts = false;
        state.truncated = snapshot.alerts.truncated || snapshot.vehicles.truncated;
        state.shift = snapshot.shift;
        state.world = snapshot.world;
        return ALL;
    },
    /* A page of the list; with the last one all are known. */
    page(state, { items, last }) {
        items.forEach((alert) => putAlert(state, alert));
        state.allAlerts ||= last;
        return ALERTS;
    },
    alert(state, { alert }) {
        if (alert.gone)
            state.alerts.delete(alert.id);
        else
            putAlert(state, alert);
        return ALERTS;
    },
    /* What somebody did. */
    work(state, { id, work, condition }) {
        const known = state.alerts.get(id);
        if (known === undefined || work === undefined || work.rev < known.work.rev)
            return 0;
        putAlert(state, { ...known, work, condition: condition ?? known.condition });
        return ALERTS;
    },
    /* What an answer says of it: state and `rev`, the rest comes as an event; that may have been here first. */
    answered(state, { id, work }) {
        const known = state.alerts.get(id);
        if (known === undefined || work === undefined || work.rev <= known.work.rev)
            return 0;
        putAlert(state, { ...known, work: { ...known.work, ...work } });
        return ALERTS;
    },
    moves(state, { moves, gone, whole }) {
        if (whole)
            state.vehicles.forEach((vehicle) => { vehicle.unsure = true; });
        moves.forEach((row) => putVehicle(state, row));
        state.newest = cityTime(state.vehicles);
        gone.forEach((id) => state.vehicles.delete(id));
        return VEHICLES;
    },
    /* A beat: who was not told of since all were told anew has gone. */
    settled(state) {
        const before = state.vehicles.size;
        state.vehicles.forEach((vehicle, id) => { if (vehicle.unsure) state.vehicles.delete(id); });
        return state.vehicles.size < before ? VEHICLES : 0;
    },
    names(state, { items }) {
        const known = new Map(items.map((row) => [row[0], row]));
        for (const id of state.unnamed) {
            const row = known.get(id), vehicle = state.vehicles.get(id);
            if (row !== undefined && vehicle !== undefined)
                [vehicle.plate, vehicle.company, vehicle.class] = row.slice(7, 10);
        }
        state.unnamed.clear();
        return VEHICLES;
    },
    shift(state, { shift }) {
        state.shift = shift;
        return WATCH;
    },
    world(state, { world }) {
        state.world = world;
        return WORLD;
    },
    /* The alert that is looked at stays, also when it is closed. */
    keep(state, { id }) {
        const former = state.alerts.get(state.keep);
        state.keep = id;
        if (former !== undefined && former.work.state === 'closed' && former.id !== id)
            state.alerts.delete(former.id);
        return ALERTS;
    },
};

/** Applies one change, `{type, …}`; answers what it touched. An unknown type touches nothing: events of a newer gateway. */
export function apply(state, change) {
    const touched = Object.hasOwn(changes, change.type) ? changes[change.type](state, change) : 0;
    if (touched & ALERTS)
        state.ordered = null;
    return touched;
}

/** What an event of the stream changes: a list of changes. */
export function changesOf(event, data) {
    switch (event) {
    case 'alert': return [{ type: 'alert', alert: data }];
    case 'action': return [data.gone ? { type: 'alert', alert: data } : { type: 'work', id: data.id, work: data.work, condition: data.condition }];
    case 'pos': return [{ type: 'moves', moves: data.moves, gone: data.gone, whole: data.whole }];
    case 'shift': return [{ type: 'shift', shift: data }];
    case 'beat': return [{ type: 'settled' }];
    case 'world': return [{ type: 'world', world: data.world }];
    default: return [];
    }
}

/** All alerts, in order: made once for as long as none is told of, since ten thousand take longer to sort than to look at. Not to be changed. */
export const inOrder = (state) => (state.ordered ??= [...state.alerts.values()].sort(compare));

/** Those that are to do, in order. */
export const toDo = (state, now) => inOrder(state).filter((a) => isToDo(a, now));

/** Counts of everything, whatever is filtered. */
export function countAll(state, now) {
    const counts = { toDo: 0, untouched: 0, untouchedCritical: 0, overdue: 0, shelved: 0, severity: Object.fromEntries(SEVERITIES.map((s) => [s, 0])), online: 0, vehicles: state.vehicles.size };
    for (const a of state.alerts.values()) {
        counts.shelved += Number(isShelved(a, now) && a.work.state !== 'closed');
        if (!isToDo(a, now))
            continue;
        counts.toDo++;
        counts.untouched += Number(isUntouched(a));
        counts.untouchedCritical += Number(isUntouched(a) && a.severity === 'critical');
        counts.overdue += Number(isOverdue(a, now));
        counts.severity[a.severity] = (counts.severity[a.severity] ?? 0) + 1;
    }
    for (const v of state.vehicles.values())
        counts.online += v.flags & 1;
    return counts;
}
