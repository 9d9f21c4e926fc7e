/* hand_over_view: the document of a hand-over: who to whom and when, the figures, the lists with a row an alert, remarks, and where it is signed. */
import { dateTime } from '../core/zone.js';
import { el } from './dom.js';
import { tableView } from './table_view.js';

const PARTS = ['open', 'in_work', 'assigned', 'overdue', 'shelved', 'done'];

function partTable(name, part, plates, app) {
    const { t, word } = app.words, column = (title, kind = 'text') => ({ title, kind });
    return {
        name, bars: null,
        columns: [column(t('stats.plate')), column(t('filter.kind')), column(t('filter.severity')), column(t('detail.since'), 'time'), column(t('filter.state')), column(t('detail.assignee'))],
        rows: part.items.map((a) => [plates.get(a.vehicle) || a.vehicle || a.id, a.kind ? word('kind', a.kind) : '', a.severity ? word('severity', a.severity) : '', a.start ? dateTime(a.start, app.zone) : '', word('state', a.state), a.assignee ?? '']),
    };
}

const timeOf = (entry) => Number(entry.entry.split('-')[0]);

/** Elements. `offer`: the entry of the shifts' stream that has it, or undefined: as it stands now. `answer`: who accepted it. */
export function documentView({ document, offer, answer, shift, plates }, app) {
    const { t } = app.words, on = offer?.on ?? shift.on, to = offer?.to ?? shift.to;
    const who = el('section.sheet_of.wide', {}, el('h2', {}, on ? t('shift.on', { who: on, since: (offer?.since ?? shift.since) ? dateTime(Number(offer?.since ?? shift.since), app.zone) : '' }) : t('top.watch_none')),
        to ? el('p', {}, answer === undefined ? t('shift.offered', { who: to }) : t('hand.accepted', { who: answer.who, time: dateTime(timeOf(answer), app.zone) })) : null,
        el('p.small', {}, offer === undefined ? t('hand.as_now') : t('hand.as_offered', { time: dateTime(timeOf(offer), app.zone) })));
    const figures = el('section.figures', { 'aria-label': t('shift.document') }, ...PARTS.map((name) => el('div', {}, el('span', {}, t(`shift.${name}`)), el('b', {}, String(document[name].count)))));
    const lists = PARTS.filter((name) => document[name].count > 0).map((name) => {
        const part = document[name], more = part.count - part.items.length;
        const view = tableView(partTable(name, part, plates, app), { title: `${t(`shift.${name}`)} (${part.count})`, note: more > 0 ? t('shift.more', { n: more }) : '', empty: t('stats.none') }, app.words);
        view.classList.add('wide');
        return view;
    });
    const remarks = el('section.sheet_of.wide', {}, el('h2', {}, t('shift.why')), el('p.paper_text', {}, offer?.why || t('hand.no_remarks')));
    const signed = el('section.signed', {}, el('div', {}, t('hand.from'), el('p', {}, el('b', {}, on ?? ''), offer === undefined ? '' : ` ${dateTime(timeOf(offer), app.zone)}`)),
        el('div', {}, t('hand.to'), el('p', {}, el('b', {}, answer?.who ?? ''), answer === undefined ? '' : ` ${dateTime(timeOf(answer), app.zone)}`)));
    return [who, figures, ...lists, remarks, signed];
}
