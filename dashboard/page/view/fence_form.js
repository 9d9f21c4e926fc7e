/*
 * fence_form: the properties of one fence. What is typed is told when a field is left; `hours` while it is typed, with what comes of it.
 */
import { KINDS } from '../core/fence_import.js';
import { shapeOfGeometry } from '../core/fence_shape.js';
import { dateTime } from '../core/zone.js';
import { el, say, set, show } from './dom.js';

const TEXTS = ['name', 'name_en', 'group', 'company', 'waste', 'road_class', 'jurisdiction', 'reason', 'valid_from', 'valid_to'];
const NUMBER = { speed_limit_kmh: [1, 200], buffer_m: [0.001, 100_000], radius_m: [0.001, 100_000] };
const LIST = /\s*[,，、\n]\s*/;

function hoursField(app, value, tell) {
    const { t } = app.words;
    const input = el('input', { type: 'text', name: 'hours', value, autocomplete: 'off' }), out = el('ol.windows.plain', { 'aria-live': 'polite' }), why = el('p.said', { hidden: true });
    const time = (ms) => (ms === null ? t('edit.hours_ever') : dateTime(ms, app.zone).slice(5, 16));
    function told(answer) {
        set(input, 'aria-invalid', answer.why !== undefined);
        show(why, answer.why !== undefined);
        say(why, answer.why ?? '');
        out.replaceChildren(...(answer.items ?? []).map((w) => el('li', {}, t('edit.hours_window', { from: time(w.from), to: time(w.to) }), w.guessed ? el('span.small', {}, ` ${t('edit.hours_guessed')}`) : null)));
    }
    input.addEventListener('input', () => app.do.edit.askHours(input.value, told));
    input.addEventListener('change', () => tell('hours', input.value.trim()));
    app.do.edit.askHours(value, told);
    return el('div.hours', {}, el('label', {}, el('span', {}, t('edit.p_hours')), input), why, out);
}

/** Answers {element, of: key}; `change(part)`: properties to put, with undefined for those to take out; `rename(id)`. */
export function makeFenceForm(app, { feature, change, rename }) {
    const { t, word } = app.words, p = feature.properties ?? {}, shape = shapeOfGeometry(feature.geometry);
    const field = (name, input) => el('label', { 'data-name': name }, el('span', {}, t(`edit.p_${name}`)), input);
    const tell = (name, value) => change({ [name]: value === '' ? undefined : value });
    const text = (name) => field(name, el('input', { type: 'text', name, value: String(p[name] ?? ''), autocomplete: 'off', onchange: (event) => tell(name, event.target.value.trim()) }));
    const number = (name) => field(name, el('input', { type: 'number', name, min: String(NUMBER[name][0]), max: String(NUMBER[name][1]), step: 'any', value: String(p[name] ?? ''), onchange: (event) => tell(name, event.target.value === '' ? '' : Number(event.target.value)) }));
    const kind = el('select', { name: 'kind', onchange: () => change({ kind: kind.value }) }, ...KINDS.map((k) => el('option', { value: k, selected: k === p.kind }, word('fence_kind', k))));
    const id = el('input', { type: 'text', name: 'id', value: String(feature.id ?? ''), autocomplete: 'off', onchange: () => rename(id.value.trim()) });
    const classes = el('input', { type: 'text', name: 'classes', value: (p.classes ?? []).join(', '), autocomplete: 'off', onchange: () => { const list = classes.value.split(LIST).filter(Boolean); change({ classes: list.length === 0 ? undefined : list }); } });
    const widths = shape === 'corridor' ? [number('buffer_m')] : shape === 'circle' ? [number('radius_m')] : [];
    return el('div.fence_form', {}, field('id', id), field('kind', kind), ...TEXTS.slice(0, 2).map(text), ...widths, number('speed_limit_kmh'),
        hoursField(app, String(p.hours ?? ''), tell), field('classes', classes), ...TEXTS.slice(2).map(text));
}
