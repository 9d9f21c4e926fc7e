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

/**
 * Of what was reviewed, how much was none: those with the most false alarms first, so that a bad fence stands at the top. What nobody has reviewed says
 * nothing, and is not there.
 */
export function falseAlarms(name, told, { t }, nameOf) {
    const reviewed = told.items.map((item) => ({ ...item, reviewed: (item.approved ?? 0) + (item.rejected ?? 0) })).filter((item) => item.reviewed > 0);
    reviewed.sort((a, b) => b.rejected - a.rejected || b.rejected / b.reviewed - a.rejected / a.reviewed || b.alerts - a.alerts);
    return {
        name: `false_${name}`, bars: 3, columns: [text(t(`stats.${name}`)), number(t('stats.alerts')), number(t('stats.reviewed')), number(t('stats.rejected')), share(t('stats.false_rate'))],
        rows: reviewed.map((item) => [item.value === '' ? t('stats.without') : nameOf(item.value), item.alerts, item.reviewed, item.rejected, shareOf(item.rejected, item.reviewed)]),
    };
}

/** Why reviews rejected alerts. */
export function byReason(told, { t }) {
    const known = told.items.filter((item) => item.value !== '');
    return { name: 'reason', bars: 1, columns: [text(t('stats.reason')), number(t('stats.rejected'))], rows: known.map(({ value, alerts }) => [value, alerts]) };
}

/** What each person had to take: in all, in how many hours of the clock, and most in one. */
export function byPerson(told, { t }) {
    return {
        name: 'person', bars: 1, columns: [text(t('stats.person')), number(t('stats.taken')), number(t('stats.hours')), { title: t('stats.per_hour'), kind: 'rate' }, number(t('stats.most'))],
        rows: told.items.filter((item) => item.value !== '').map(({ value, alerts, hours, most }) => [value, alerts, hours ?? null, hours > 0 ? Math.round((10 * alerts) / hours) / 10 : null, most ?? null]),
    };
}

/** Vehicles with the most alerts. `known`: plate and company by id. */
export function topVehicles(told, { t }, known) {
    return {
        name: 'top', bars: 3, columns: [text(t('stats.plate')), text(t('detail.company')), text(t('stats.vehicle')), number(t('stats.alerts'))],
        rows: told.items.filter((item) => item.value !== '').slice(0, TOP).map(({ value, alerts }) => [known.get(value)?.plate ?? '', known.get(value)?.company ?? '', value, alerts]),
    };
}
