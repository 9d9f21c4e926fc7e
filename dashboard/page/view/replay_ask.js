/* replay_ask: which vehicle is to be played, and which span of the city's time. */
import { momentOf } from '../core/spans.js';
import { dateTime } from '../core/zone.js';
import { dayField } from './day_field.js';
import { el, say, set, show } from './dom.js';
import { openOver } from './over.js';

const OFFERED_MAX = 30;
const bare = (text) => text.toLowerCase().replace(/[\s.·・\-_]/gu, '');

/* The vehicle that was meant: by its plate or id, else the only one with that in it. */
function meant(typed, vehicles) {
    const wanted = bare(typed), all = [...vehicles.values()];
    const whole = all.find((v) => bare(v.plate) === wanted || bare(v.id) === wanted), parts = all.filter((v) => wanted !== '' && bare(`${v.plate} ${v.id}`).includes(wanted));
    return whole?.id ?? (parts.length === 1 ? parts[0].id : parts.length === 0 && typed.trim() !== '' ? typed.trim() : undefined);
}

/** `go(vehicle, from, to)`. `first`: {vehicle, from, to}. */
export function askReplay(root, app, first, go) {
    const { t } = app.words, list = el('datalist', { id: 'replay_vehicles' }), said = el('p.said', { role: 'alert', hidden: true });
    const vehicle = el('input', { name: 'vehicle', type: 'text', autocomplete: 'off', list: 'replay_vehicles', value: app.state.vehicles.get(first.vehicle)?.plate || first.vehicle || '' });
    const moment = (name) => dayField(app.words, { name, value: dateTime(first[name], app.zone), moment: true });
    const momentIn = ({ input }) => momentOf(input.value.trim(), app.zone);
    const from = moment('from'), to = moment('to');
    function offer() {
        const wanted = bare(vehicle.value), fits = [...app.state.vehicles.values()].filter((v) => bare(`${v.plate} ${v.id}`).includes(wanted)).slice(0, OFFERED_MAX);
        list.replaceChildren(...fits.map((v) => el('option', { value: v.plate || v.id }, v.company)));
    }
    const form = el('form', {}, el('h2', {}, t('replay.label')), el('label', {}, el('span', {}, t('filter.plate')), vehicle), list,
        el('label', {}, el('span', {}, `${t('paper.first')} (${app.zone})`), from.root), el('label', {}, el('span', {}, `${t('paper.last')} (${app.zone})`), to.root), el('p.small', {}, t('replay.audited')), said,
        el('div.buttons', {}, el('button.strong', { type: 'submit' }, t('replay.open')), el('button', { type: 'button', onclick: () => box.close() }, t('ask.cancel'))));
    vehicle.addEventListener('input', offer);
    offer();
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const id = meant(vehicle.value, app.state.vehicles), span = [momentIn(from), momentIn(to)];
        const wrong = id === undefined ? t('replay.which') : span.includes(null) || span[0] >= span[1] ? t('replay.span_wrong') : '';
        set(vehicle, 'aria-invalid', id === undefined ? 'true' : null);
        say(said, wrong);
        show(said, wrong !== '');
        if (wrong === '') {
            box.close();
            go(id, ...span);
        }
    });
    const box = openOver(root, t('replay.label'), form, {});
    vehicle.focus();
}
