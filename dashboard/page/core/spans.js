/*
 * spans: days of the city as people choose them, and as the gateway is asked for them. A span has whole days, `{first, last}` as 2026-05-08; its
 * bounds are `{from, to}` in ms, `to` not included.
 */
import { dateTime } from './zone.js';

export const CHOICES = ['today', 'yesterday', 'week', 'month', 'this_month', 'last_month'];
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

const utcOf = (day) => { const [, y, m, d] = DAY.exec(day); return Date.UTC(Number(y), Number(m) - 1, Number(d)); };
const textOf = (utc) => new Date(utc).toISOString().slice(0, 10);

/** Whether it is a day of the calendar. */
export const isDay = (text) => DAY.test(text ?? '') && !Number.isNaN(utcOf(text)) && textOf(utcOf(text)) === text;

export const addDays = (day, n) => textOf(utcOf(day) + n * 86_400_000);
export const dayOf = (ms, zone) => dateTime(ms, zone).slice(0, 10);
export const daysIn = ({ first, last }) => Math.round((utcOf(last) - utcOf(first)) / 86_400_000) + 1;

/* How far the zone's clocks are ahead of UTC at a time. */
function ahead(ms, zone) {
    const [day, time] = dateTime(ms, zone).split(' '), [h, m, s] = time.split(':').map(Number);
    return utcOf(day) + ((h * 60 + m) * 60 + s) * 1000 - Math.floor(ms / 1000) * 1000;
}

/** When a day begins: its midnight, or what comes next where clocks leave that out. */
export function dayStart(day, zone) {
    const wall = utcOf(day);
    const tries = [wall - ahead(wall, zone), wall - ahead(wall - ahead(wall, zone), zone)].sort((a, b) => a - b);
    return tries.find((t) => dayOf(t, zone) === day) ?? tries[1];
}

/** The moment that clocks of the city show as `2026-05-08 22:01`, with seconds or without; null: it is none. Of an hour that comes twice the first. */
export function momentOf(text, zone) {
    const [, day, h, m, s] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text ?? '') ?? [];
    if (!isDay(day) || h > 23 || m > 59 || s > 59)
        return null;
    const wall = utcOf(day) + ((Number(h) * 60 + Number(m)) * 60 + Number(s ?? 0)) * 1000;
    return [...new Set([-86_400_000, 86_400_000].map((by) => wall - ahead(wall + by, zone)))].sort((a, b) => a - b).find((t) => t + ahead(t, zone) === wall) ?? wall - ahead(wall, zone);
}

export const boundsOf = ({ first, last }, zone) => ({ from: dayStart(first, zone), to: dayStart(addDays(last, 1), zone) });

/** The days of a choice, by what today is. */
export function daysOf(choice, today) {
    const [y, m] = today.split('-').map(Number), monthStart = (k) => textOf(Date.UTC(y, m - 1 + k, 1));
    switch (choice) {
    case 'yesterday': return { first: addDays(today, -1), last: addDays(today, -1) };
    case 'week': return { first: addDays(today, -6), last: today };
    case 'month': return { first: addDays(today, -29), last: today };
    case 'this_month': return { first: monthStart(0), last: today };
    case 'last_month': return { first: monthStart(-1), last: addDays(monthStart(0), -1) };
    default: return { first: today, last: today };
    }
}

/** Out of what the address says; what is no span is the choice `usual`. Days that stand the wrong way round are turned. */
export function readSpan(search, today, usual = 'week') {
    const asked = new URLSearchParams(search), first = asked.get('first'), last = asked.get('last');
    if (!isDay(first) || !isDay(last))
        return daysOf(usual, today);
    return first <= last ? { first, last } : { first: last, last: first };
}
