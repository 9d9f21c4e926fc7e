/* history: both lives of an alert in one order of time: what the tracker told of it, and what people did. */
import { dateTime } from '../core/zone.js';
import { el, show } from './dom.js';

/* An entry's id begins with the store's time of it. */
const timeOf = (entry) => Number(entry.entry.split('-')[0]);

export function didOf(entry, words, zone) {
    const off = entry.action === 'shelve' && entry.until === '0';
    const values = { to: entry.to ?? '', found: entry.found ?? '', of: entry.of ?? '', reason: entry.reason ?? '', verdict: entry.verdict ? words.word('verdict', entry.verdict) : '', until: entry.until && !off ? dateTime(Number(entry.until), zone) : '' };
    const key = `did.${off ? 'unshelve' : entry.action}`, text = words.t(key, values);
    return text === key ? entry.action : text;
}

function mediaOf(entry) {
    try {
        return JSON.parse(entry.media ?? '[]').filter((link) => /^https?:\/\//.test(link));
    } catch {
        return [];
    }
}

function line(entry, words, zone) {
    const told = entry.action === undefined;
    const text = told ? words.word('event', entry.event) : didOf(entry, words, zone);
    const more = told ? [entry.severity ? words.word('severity', entry.severity) : '', entry.reason ? words.word('reason', entry.reason) : ''].filter(Boolean).join(' · ') : entry.why ?? '';
    return el('li', { className: told ? 'told' : 'did' }, el('time', {}, dateTime(timeOf(entry), zone)), told ? null : el('b', {}, entry.who ?? '?'), el('span', {}, text), more === '' ? null : el('small', {}, more),
        ...mediaOf(entry).map((link) => el('a', { href: link, target: '_blank', rel: 'noopener noreferrer' }, link)));
}

export function historyOf(root, told, app, c) {
    const { words } = app;
    show(root, told !== undefined);
    if (told === undefined)
        return;
    if (told.why !== undefined) {
        root.replaceChildren(el('h3', {}, words.t('detail.history')), el('p.empty', {}, words.t('detail.unreachable', { why: told.why })));
        return;
    }
    const entries = [...told.value.revisions, ...told.value.actions].sort((a, b) => timeOf(a) - timeOf(b));
    const key = entries.map((entry) => entry.entry).join() + c.zone;
    if (root.dataset.key === key)
        return;
    root.dataset.key = key;
    root.replaceChildren(el('h3', {}, words.t('detail.history')), el('ol.plain', {}, ...entries.map((entry) => line(entry, words, c.zone))));
}
