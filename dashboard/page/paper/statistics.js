/*
 * statistics: what the gateway counts over whole days of the city, as tables, each with its files. Questions go out together and are of one span; an
 * answer to a span that is not chosen any more is dropped.
 */
import { SEVERITIES } from '../core/alert.js';
import { toCsv, toXlsx } from '../core/sheet.js';
import { boundsOf, CHOICES, dayOf, daysIn, daysOf, readSpan } from '../core/spans.js';
import { byHour, byPerson, byReason, byValue, falseAlarms, onTime, topVehicles, TOP } from '../core/statistics.js';
import { queryOf } from '../io/api.js';
import { el } from '../view/dom.js';
import { columnChart, tableView } from '../view/table_view.js';
import { spanChooser } from '../view/span_chooser.js';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/* The gateway remembers closed alerts for 30 days; of its archive it reads so many days at once. */
const ARCHIVE_DAYS = 31;

/* Names of fences by id: of the largest 2,000 of the world in force; of others there is the id. */
async function readFenceNames(app) {
    try {
        const { world } = await app.api.get('/api/v1/place?lat=0&lon=0');
        const told = await app.api.get(`/api/v1/worlds/${world}/fences?bbox=-180,-90,180,90&zoom=0`);
        return new Map(told.features.map((f) => [f.id, (app.words.tracker === 'en' && f.properties.name_en) || f.properties.name || f.id]));
    } catch {
        return new Map();
    }
}

/* A plate stands in alerts, not in counts. */
async function readVehicles(app, ids, bounds) {
    const known = new Map();
    await Promise.all(ids.map(async (id) => {
        const { items } = await app.api.get(`/api/v1/violations?${queryOf({ vehicle: id, ...bounds, limit: 1 })}`);
        known.set(id, items[0] ?? {});
    }));
    return known;
}

async function read(app, span, archived) {
    const bounds = { ...boundsOf(span, app.zone), archived: archived ? 'true' : undefined };
    const stats = (by, more = {}) => app.api.get(`/api/v1/stats?${queryOf({ by, ...bounds, ...more })}`);
    const [hour, kind, company, jurisdiction, fence, vehicle, reason, person, ...bySeverity] = await Promise.all([
        stats('hour', { on_time: 'true' }), stats('kind'), stats('company'), stats('jurisdiction'), stats('fence'), stats('vehicle'), stats('reason'), stats('acknowledged_by'),
        ...SEVERITIES.map((severity) => stats('hour', { severity, on_time: 'true' })),
    ]);
    const top = vehicle.items.filter((item) => item.value !== '').slice(0, TOP).map((item) => item.value);
    const [vehicles, fences] = await Promise.all([readVehicles(app, top, bounds), readFenceNames(app)]);
    return { hour, kind, company, jurisdiction, fence, vehicle, reason, person, bySeverity, vehicles, fences };
}

/* What closed long ago is asked of the archive, where there is one; else it is said that some may be missing. */
async function readAnyWay(app, span, today) {
    if (span.first >= daysOf('month', today).first)
        return read(app, span, false);
    if (daysIn(span) > ARCHIVE_DAYS)
        return { ...await read(app, span, false), part: true };
    try {
        return await read(app, span, true);
    } catch (error) {
        if (error.body?.pointer !== 'archived')
            throw error;
        return { ...await read(app, span, false), part: true };
    }
}

function tablesOf(told, { words }) {
    const { t, word } = words, same = (value) => value, kindName = (kind) => word('kind', kind), fenceName = (id) => told.fences.get(id) ?? id;
    return [
        byHour(told.hour, words),
        byValue('kind', told.kind, words, kindName),
        byValue('company', told.company, words, same),
        byValue('jurisdiction', told.jurisdiction, words, same),
        onTime([[t('stats.all'), told.hour], ...SEVERITIES.map((s, i) => [word('severity', s), told.bySeverity[i]])], words),
        byValue('fence', told.fence, words, fenceName),
        falseAlarms('kind', told.kind, words, kindName),
        falseAlarms('fence', told.fence, words, fenceName),
        byReason(told.reason, words),
        byPerson(told.person, words),
        topVehicles(told.vehicle, words, told.vehicles),
    ];
}

function figures({ counts }, { t, word }) {
    const one = (name, n) => el('div', {}, el('span', {}, name), el('b', {}, String(n)));
    return el('section.figures', { 'aria-label': t('stats.figures') }, one(t('stats.alerts'), counts.total), ...SEVERITIES.map((s) => one(word('severity', s), counts.severity[s] ?? 0)),
        one(word('condition', 'withdrawn'), counts.condition.withdrawn ?? 0), one(word('state', 'closed'), counts.state.closed ?? 0), one(t('top.overdue'), counts.overdue));
}

export async function makeStatistics(app, frame) {
    const { t } = app.words, today = dayOf(app.today, app.zone);
    let asked = 0;

    function save(table, span, kind) {
        const title = t(`stats.title_${table.name}`), name = `${table.name}-${span.first}-${span.last}.${kind}`;
        if (kind === 'csv')
            app.download(name, 'text/csv;charset=utf-8', toCsv(table));
        else
            app.download(name, WORKBOOK, toXlsx(table, title));
    }
    function draw(told, span) {
        const views = tablesOf(told, app).map((table) => {
            const chart = table.name === 'hour' ? columnChart(table.rows, t('stats.title_hour')) : null;
            const view = tableView(table, { title: t(`stats.title_${table.name}`), note: table.name === 'on_time' ? t('stats.on_time_note') : table.name.startsWith('false_') ? t('stats.false_note') : '', chart, save: (kind) => save(table, span, kind), empty: table.name.startsWith('false_') ? t('stats.none_reviewed') : t('stats.none') }, app.words);
            view.classList.toggle('wide', table.name === 'fence');
            return view;
        });
        frame.body.replaceChildren(figures(told.hour, app.words), ...views);
    }
    async function show(span) {
        const mine = ++asked, text = span.first === span.last ? span.first : `${span.first} – ${span.last}`;
        frame.about(text);
        frame.busy(true);
        frame.tell('');
        app.address.put({ first: span.first, last: span.last });
        try {
            const told = await readAnyWay(app, span, today);
            if (mine !== asked)
                return;
            draw(told, span);
            frame.tell(told.hour.truncated ? t('bar.truncated') : told.part ? t('stats.no_archive') : '');
        } catch (error) {
            if (mine === asked)
                frame.tell(t('detail.unreachable', { why: error.message }));
        }
        frame.busy(false);
    }
    const first = readSpan(location.search, today);
    frame.controls.replaceChildren(...spanChooser(app.words, { today, choices: CHOICES, span: first, onChoose: show }));
    await show(first);
}
