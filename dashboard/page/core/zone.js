/*
 * zone: times in the city's zone, whatever this machine's is, and spans as people read them.
 */
const formats = new Map();

function partsOf(ms, zone) {
    if (!formats.has(zone))
        formats.set(zone, new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }));
    return Object.fromEntries(formats.get(zone).formatToParts(ms).map((part) => [part.type, part.value]));
}

export function isZone(zone) {
    try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        return true;
    } catch {
        return false;
    }
}

/** 2026-05-08 22:01:59 */
export function dateTime(ms, zone) {
    const p = partsOf(ms, zone);
    return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
}

/** 22:01 */
export function hourMinute(ms, zone) {
    const p = partsOf(ms, zone);
    return `${p.hour}:${p.minute}`;
}

/** 22:01:59 if it is of the same day as `now`, else 05-08 22:01. */
export function shortTime(ms, now, zone) {
    const p = partsOf(ms, zone), n = partsOf(now, zone);
    const sameDay = p.year === n.year && p.month === n.month && p.day === n.day;
    return sameDay ? `${p.hour}:${p.minute}:${p.second}` : `${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** `{days, hours, minutes, seconds}` of a span. */
export function spanOf(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    return { days: Math.floor(s / 86400), hours: Math.floor(s / 3600) % 24, minutes: Math.floor(s / 60) % 60, seconds: s % 60 };
}
