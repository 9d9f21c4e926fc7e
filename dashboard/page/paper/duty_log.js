/* duty_log: what was done on a day of the city, action by action and step by step of the watch, as the gateway writes it down; to be read and printed. */
import { toCsv, toXlsx } from '../core/sheet.js';
import { dayOf, isDay } from '../core/spans.js';
import { dateTime } from '../core/zone.js';
import { queryOf } from '../io/api.js';
import { dayField } from '../view/day_field.js';
import { el } from '../view/dom.js';
import { didOf } from '../view/history.js';
import { tableView } from '../view/table_view.js';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

function tableOf(told, app) {
    const { t, word } = app.words, column = (title, kind = 'text') => ({ title, kind });
    return {
        name: 'duty_log', bars: null,
        columns: [column(t('log.time'), 'time'), column(t('log.who')), column(t('log.what')), column(t('log.alert')), column(t('detail.label')), column(t('ask.why'))],
        rows: told.items.map((row) => {
            const alert = app.alerts.get(row.id);
            const what = row.action === undefined ? `${word('watch', row.event)}${row.to ? ` → ${row.to}` : ''}` : didOf(row, app.words, app.zone);
            return [dateTime(row.at, app.zone).slice(11), row.who ?? row.on ?? '', what, row.id ?? '', alert === undefined ? '' : `${alert.plate || alert.vehicle || '?'} · ${word('kind', alert.kind)}`, row.why ?? ''];
        }),
    };
}

/* Which alerts they were, as far as they are known yet. */
async function readAlerts(app, told) {
    const ids = [...new Set(told.items.map((row) => row.id).filter(Boolean))].slice(0, 200);
    for (let i = 0; i < ids.length; i += 8)
        await Promise.all(ids.slice(i, i + 8).filter((id) => !app.alerts.has(id)).map(async (id) => {
            try {
                app.alerts.set(id, (await app.api.get(`/api/v1/violations/${encodeURIComponent(id)}`)).alert);
            } catch {
                /* It stands with its id. */
            }
        }));
}

export async function makeDutyLog(app, frame) {
    const { t } = app.words, today = dayOf(app.now(), app.zone);
    const asked = app.address.get('day'), field = dayField(app.words, { value: isDay(asked) ? asked : today, max: today, onDay: () => show() }), day = field.input;
    app.alerts = new Map();

    async function show() {
        const mine = day.value.trim();
        frame.about(mine);
        frame.busy(true);
        frame.tell('');
        app.address.put({ day: mine });
        try {
            const told = await app.api.get(`/api/v1/duty-log?${queryOf({ day: mine })}`);
            await readAlerts(app, told);
            if (mine !== day.value.trim())
                return;
            const table = tableOf(told, app), title = t('paper.duty_log');
            const save = (kind) => app.download(`duty-log-${mine}.${kind}`, kind === 'csv' ? 'text/csv;charset=utf-8' : WORKBOOK, kind === 'csv' ? toCsv(table) : toXlsx(table, title));
            const view = tableView(table, { title: t('log.entries', { n: table.rows.length }), save, empty: t('log.none') }, app.words);
            view.classList.add('wide');
            frame.body.replaceChildren(view);
        } catch (error) {
            frame.tell(t('detail.unreachable', { why: error.message }));
        }
        frame.busy(false);
    }
    frame.controls.replaceChildren(el('label', {}, t('shift.day'), field.root));
    await show();
}
