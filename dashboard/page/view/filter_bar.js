/* filter_bar: what is listed. Beside each value stands how many to-do alerts have it; they are counted over everything. */
import { queryFor, valuesOf, VIEWS } from '../core/filters.js';
import { queryOf } from '../io/api.js';
import { el, mark, say, set, show } from './dom.js';

const CHOICES = ['kind', 'state', 'jurisdiction', 'company', 'class'];

export function makeFilterBar(root, app) {
    const { t, word } = app.words;
    const chip = (text, onclick, ...before) => el('button.chip', { type: 'button', 'aria-pressed': 'false', onclick }, ...before, el('span', {}, text), el('b'));
    const views = Object.fromEntries(VIEWS.map((view) => [view, chip(word('view', view), () => app.do.filter({ view }))]));
    const severities = Object.fromEntries(['critical', 'major', 'minor'].map((s) => [s, chip(word('severity', s), () => app.do.toggle('severity', s), mark(s))]));
    const mine = chip(t('filter.mine'), () => app.do.filter({ mine: !app.filter.mine }));
    const overdue = chip(t('filter.overdue'), () => app.do.filter({ overdue: !app.filter.overdue }));
    const bulk = el('button.chip', { type: 'button', 'aria-pressed': 'false', onclick: () => app.do.marking() }, t('bulk.label'));
    const plate = el('input.plate_search', { type: 'search', placeholder: t('filter.plate'), 'aria-label': t('filter.plate'), maxLength: 64, oninput: () => app.do.filter({ plate: plate.value }) });
    const selects = Object.fromEntries(CHOICES.map((name) => [name, el('select', { onchange: (event) => app.do.filter({ [name]: event.target.value === '' ? [] : [event.target.value] }) })]));
    const sheets = ['csv', 'xlsx'].map((kind) => el('a.sheet', { download: '', 'data-kind': kind }, kind.toUpperCase()));
    const more = el('details.more_filters', { ontoggle: () => app.draw() }, el('summary', {}, t('filter.more'), el('b')),
        ...CHOICES.map((name) => el('label', {}, el('span', {}, t(`filter.${name}`)), selects[name])),
        el('button.quiet', { type: 'button', onclick: () => app.do.showAll() }, t('filter.clear')),
        el('span.sheets', {}, t('filter.sheet'), ' ', ...sheets));
    root.replaceChildren(el('div.chips', { role: 'group', 'aria-label': t('filter.view') }, ...Object.values(views), plate),
        el('div.chips', { role: 'group', 'aria-label': t('filter.label') }, ...Object.values(severities), mine, overdue, bulk), more);

    const nameOfValue = (name, value) => (name === 'jurisdiction' || name === 'company' ? value : word(name, value));

    /* Left alone while somebody has it open. */
    function drawSelect(name, alerts, vehicles) {
        const select = selects[name], chosen = app.filter[name][0] ?? '';
        if (document.activeElement === select)
            return;
        const values = valuesOf(alerts, name, vehicles);
        if (chosen !== '' && !values.some(([value]) => value === chosen))
            values.push([chosen, 0]);
        const key = JSON.stringify([chosen, values]);
        if (select.dataset.key === key)
            return;
        select.dataset.key = key;
        select.replaceChildren(el('option', { value: '' }, t('filter.any')), ...values.map(([value, n]) => el('option', { value }, `${nameOfValue(name, value)} · ${n}`)));
        select.value = chosen;
    }

    return {
        focusPlate: () => { plate.focus(); plate.select(); },
        draw({ toDo, vehicles, counts, mineCount, activeCount }) {
            const f = app.filter;
            const press = (button, on, n) => { set(button, 'aria-pressed', String(on)); say(button.querySelector('b'), String(n)); };
            press(views.todo, f.view === 'todo', counts.toDo);
            press(views.active, f.view === 'active', activeCount);
            press(views.shelved, f.view === 'shelved', counts.shelved);
            for (const [s, button] of Object.entries(severities))
                press(button, f.severity.includes(s), counts.severity[s]);
            press(mine, f.mine, mineCount);
            set(bulk, 'aria-pressed', String(app.marked !== null));
            show(bulk, app.session !== null && app.session.role !== 'viewer');
            press(overdue, f.overdue, counts.overdue);
            if (document.activeElement !== plate && plate.value !== f.plate)
                plate.value = f.plate;
            if (more.open) /* of ten thousand alerts what there is takes its time to be counted */
                CHOICES.forEach((name) => drawSelect(name, toDo, vehicles));
            const query = queryOf({ ...queryFor(f, app.session?.user), lang: app.words.tracker });
            sheets.forEach((link) => set(link, 'href', `/api/v1/export/violations.${link.dataset.kind}?${query}`));
            const on = CHOICES.filter((name) => f[name].length > 0).length;
            say(more.querySelector('summary b'), on > 0 ? String(on) : '');
        },
    };
}
