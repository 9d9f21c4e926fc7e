/*
 * shift: the watch: who has it, what is handed over as it stands now, and the steps that this person may take. What is offered is what the
 * gateway writes down then; what is shown here is the same document, to be read before it is signed.
 */
import { dayOf, watchSteps } from '../core/shift.js';
import { dateTime } from '../core/zone.js';
import { dayField } from './day_field.js';
import { el, say, set, show } from './dom.js';
import { openOver } from './over.js';

const PARTS = ['open', 'in_work', 'assigned', 'overdue', 'shelved', 'done'];
const NAMED_MAX = 8;

function partOf(name, part, app) {
    const { t, word } = app.words;
    const line = (a) => el('li', {}, `${app.state.alerts.get(a.id)?.plate || a.vehicle || a.id} · ${a.kind ? word('kind', a.kind) : ''} · ${word('state', a.state)}${a.start ? ` · ${dateTime(a.start, app.zone)}` : ''}`);
    const more = part.count - Math.min(part.items.length, NAMED_MAX);
    return el('details', {}, el('summary', {}, t(`shift.${name}`), ' ', el('b', {}, String(part.count))),
        el('ul.plain', {}, ...part.items.slice(0, NAMED_MAX).map(line), more > 0 ? el('li', {}, t('shift.more', { n: more })) : null));
}

function stepOf(step, app, form, tell, done) {
    const { t } = app.words;
    return el('button.strong', { type: 'button', onclick: async () => {
        const values = Object.fromEntries(step.asks.map((name) => [name, form.querySelector(`[name=${name}]`).value.trim()]));
        const empty = step.event === 'offer' ? !values.to : step.event === 'take' && step.asks.length > 0 && !values.why;
        if (empty)
            tell(t('ask.required'));
        else if (await app.do.stepWatch(step.event, values, tell))
            done();
    } }, t(`step.${step.event}`));
}

export function showShift(root, app) {
    const { t } = app.words, shift = app.state.shift;
    const steps = watchSteps(shift, app.session?.user, app.session?.role), asks = [...new Set(steps.flatMap((step) => step.asks))];
    const said = el('p.said', { role: 'status', hidden: true }), parts = el('div.parts', {}, el('p.empty', {}, t('act.sending')));
    const tell = (text) => { say(said, text); show(said, text !== ''); };
    const form = el('div', {}, ...asks.map((name) => el('label', {}, el('span', {}, t(`shift.${name}`)), name === 'to' ? el('input', { name, type: 'text', maxLength: 64, autocomplete: 'off' }) : el('textarea', { name, rows: 2, maxLength: 2000 }))));
    const links = [], field = dayField(app.words, { label: t('shift.day'), value: dayOf(dateTime(app.now(), app.zone)), onDay: () => links.forEach((point) => point()) });
    const log = (format) => {
        const link = el('a.sheet', { target: '_blank', rel: 'noopener' }, t(`log.${format}`));
        const point = () => set(link, 'href', format === 'html' ? `paper.html?of=duty_log&day=${field.input.value.trim()}` : `/api/v1/duty-log?day=${field.input.value.trim()}&format=${format}`);
        links.push(point);
        point();
        return link;
    };
    const box = openOver(root, t('top.watch'), el('div', {}, el('h2', {}, t('top.watch')),
        el('p', {}, shift?.on ? t('shift.on', { who: shift.on, since: shift.since ? dateTime(shift.since, app.zone) : '' }) : t('top.watch_none')),
        shift?.to ? el('p', {}, t('shift.offered', { who: shift.to })) : null,
        el('p', {}, el('a.sheet', { href: 'paper.html?of=hand_over', target: '_blank', rel: 'noopener' }, t('shift.page'))),
        el('h3', {}, t('shift.document')), parts, form, said,
        el('div.buttons', {}, ...steps.map((step) => stepOf(step, app, form, tell, () => box.close()))),
        el('h3', {}, t('shift.log')), el('div.buttons.of_day', {}, field.root, log('html'), log('csv')),
        el('p', {}, el('button', { type: 'button', onclick: () => box.close() }, t('keys.done')))), {});
    app.do.handOver().then((told) => parts.replaceChildren(...PARTS.map((name) => partOf(name, told[name], app))), (error) => parts.replaceChildren(el('p.empty', {}, t('detail.unreachable', { why: error.message }))));
}
