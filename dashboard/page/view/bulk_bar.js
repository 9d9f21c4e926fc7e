/* bulk_bar: below the list while alerts are being marked: how many, and what may be done with all of them. */
import { el, say, show } from './dom.js';

const SHELF_MIN = [30, 60, 120, 240, 480];

export function makeBulkBar(root, app) {
    const { t } = app.words;
    const count = el('b'), said = el('p.said', { role: 'status', hidden: true });
    const tell = (text) => { say(said, text); show(said, text !== ''); };
    const minutes = el('select', { 'aria-label': t('ask.until') }, ...SHELF_MIN.map((n) => el('option', { value: String(n), selected: n === 60 }, n < 60 ? t('ask.minutes', { n }) : t('ask.hours', { n: n / 60 }))));
    const why = el('input', { type: 'text', maxLength: 2000, placeholder: t('ask.why'), 'aria-label': t('ask.why') });
    const acknowledge = el('button.strong', { type: 'button', onclick: () => go('acknowledge', {}) }, t('action.acknowledge'));
    const shelve = el('button', { type: 'button', onclick: () => go('shelve', { until: app.now() + Number(minutes.value) * 60_000, why: why.value }) }, t('action.shelve'));
    let busy = false;

    async function go(action, values) {
        if (busy)
            return;
        if (action === 'shelve' && values.why.trim() === '') {
            tell(t('ask.required'));
            why.focus();
            return;
        }
        busy = true;
        acknowledge.disabled = shelve.disabled = true;
        try {
            if (await app.do.actOnMany(action, values, tell))
                why.value = '';
        } finally {
            busy = false;
            acknowledge.disabled = shelve.disabled = false;
        }
    }

    root.className = 'bulk';
    root.replaceChildren(
        el('div.buttons', {}, el('span', {}, t('bulk.marked'), ' ', count), el('button', { type: 'button', onclick: () => app.do.markListed() }, t('bulk.all')), el('button', { type: 'button', onclick: () => app.do.marking() }, t('ask.cancel'))),
        el('div.buttons', {}, acknowledge, shelve, minutes, why), said);
    show(root, false);
    return (marked) => {
        if (marked === null)
            tell('');
        show(root, marked !== null);
        say(count, String(marked?.size ?? 0));
    };
}
