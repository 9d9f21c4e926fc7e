/*
 * statistics: tables out of what the gateway counts (docs/openapi.yaml, stats). A table is `{name, columns: [{title, kind}], rows, bars}`: `kind` is text,
 * number or share (of 1), `bars` the column that is drawn beside the numbers. Shares of nothing are null, not 0.
 */
export const TOP = 10;
const STEPS = ['acknowledge', 'handle', 'close'];

export const shareOf = (part, whole) => (whole > 0 ? part / whole : null);

const text = (title) => ({ title, kind: 'text' }), number = (title) => ({ title, kind: 'number' }), share = (title) => ({ title, kind: 'share' });

/** All hours of a day, also those in which nothing began. */
export function byHour(told, { t }) {
    const counts = new Map(told.items.map((item) => [Number(item.value), item.alerts]));
    return { name: 'hour', columns: [text(t('stats.hour')), number(t('stats.alerts'))], bars: null, rows: Array.from({ length: 24 }, (_, h) => [`${String(h).padStart(2, '0')}:00`, counts.get(h) ?? 0]) };
}

/** By a value: how many, and of how many. `nameOf(value)`: in words. */
export function byValue(name, told, { t }, nameOf) {
    const all = told.counts.total;
    return {
        name, bars: 1, columns: [text(t(`stats.${name}`)), number(t('stats.alerts')), share(t('stats.share'))],
        rows: told.items.map(({ value, alerts }) => [value === '' ? t('stats.without') : nameOf(value), alerts, shareOf(alerts, all)]),
    };
}

/** `told`: [[what, stats], …]: a row for each, three steps of work a row. */
export function onTime(told, { t }) {
    const cells = ({ in_time: done, late, pending }) => [done, late, pending, shareOf(done, done + late)];
    return {
        name: 'on_time', bars: null,
        columns: [text(t('stats.of')), text(t('stats.step')), number(t('stats.in_time')), number(t('stats.late')), number(t('stats.pending')), share(t('stats.rate'))],
        rows: told.flatMap(([what, stats]) => (stats.on_time === undefined ? [] : STEPS.map((step) => [what, t(`stats.${step}`), ...cells(stats.on_time[step])]))),
    };
}

/** Vehicles with the most alerts. `known`: plate and company by id. */
export function topVehicles(told, { t }, known) {
    return {
        name: 'top', bars: 3, columns: [text(t('stats.plate')), text(t('detail.company')), text(t('stats.vehicle')), number(t('stats.alerts'))],
        rows: told.items.filter((item) => item.value !== '').slice(0, TOP).map(({ value, alerts }) => [known.get(value)?.plate ?? '', known.get(value)?.company ?? '', value, alerts]),
    };
}
