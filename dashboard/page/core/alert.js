/*
 * alert: what is asked of one alert, as the gateway tells it (docs/openapi.yaml, Alert). Nothing here knows a screen or a server.
 * `now` is the server's time in ms, since deadlines and shelves are by its clock.
 */
export const SEVERITIES = ['critical', 'major', 'minor'];
export const STATES = ['open', 'acknowledged', 'assigned', 'handled', 'reviewed', 'closed'];

const WEIGHT = { critical: 3, major: 2, minor: 1 };
const SEVERITY_OF_FLAGS = ['', 'minor', 'major', 'critical'];

export const weight = (severity) => WEIGHT[severity] ?? 0;
export const severityOfFlags = (flags) => SEVERITY_OF_FLAGS[(flags >> 11) & 3];

export const isUntouched = (a) => a.work.state === 'open';
export const isShelved = (a, now) => (a.work.until ?? 0) > now;
export const isOverdue = (a, now) => a.work.state !== 'closed' && a.work.due !== undefined && a.work.due < now && !isShelved(a, now);

/* What ends by itself stays to be done; what is withdrawn before anybody touched it does not. */
export function isToDo(a, now) {
    const neverWas = a.condition === 'withdrawn' && a.work.rev === 0;
    return a.work.state !== 'closed' && !neverWas && !isShelved(a, now);
}

/* Untouched first, then the worst, then the newest; the id decides at last, so that the order is one. */
export function compare(a, b) {
    return Number(isUntouched(b)) - Number(isUntouched(a)) || weight(b.severity) - weight(a.severity)
        || (b.start ?? 0) - (a.start ?? 0) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/* Of two tellings of one alert the later: entries of the violation and what people did are each counted up. */
export function later(a, b) {
    if (a === undefined)
        return b;
    const told = (b.rev ?? 0) - (a.rev ?? 0) || b.work.rev - a.work.rev;
    return told >= 0 ? b : a;
}

/* How long it has gone on, or did. `dataNow`: the time that units tell by now. */
export const lasted = (a, dataNow) => (a.start === undefined ? undefined : Math.max(0, (a.end ?? Math.max(dataNow, a.at ?? a.start)) - a.start));

export function placeOf(a) {
    if (a.start_lat !== undefined && a.start_lon !== undefined)
        return { lat: a.start_lat, lon: a.start_lon };
    return a.lat !== undefined && a.lon !== undefined ? { lat: a.lat, lon: a.lon } : undefined;
}

/* A plate, or what there is instead of one: of a duty that nobody did, the duty. */
export const nameOf = (a) => (a.plate ? a.plate : a.vehicle || a.duty || '?');
