/* sign_form: the steps of the watch that this person may take, each signed by saying that it was read. What has to be typed with it is asked for. */
import { el, say, set, show } from './dom.js';

/** `go(event, values)`. */
export function signForm(steps, { t }, go) {
    if (steps.length === 0)
        return el('p.small.no_print', {}, t('hand.nothing'));
    const said = el('p.said', { role: 'alert', hidden: true }), read = el('input', { type: 'checkbox', name: 'read' });
    const asks = [...new Set(steps.flatMap((step) => step.asks))];
    const fields = Object.fromEntries(asks.map((name) => [name, name === 'to' ? el('input', { name, type: 'text', maxLength: 64, autocomplete: 'off' }) : el('textarea', { name, rows: 4, maxLength: 2000 })]));
    const needed = (step) => (step.event === 'offer' ? ['to'] : step.event === 'take' ? step.asks : []);
    function take(step) {
        const values = Object.fromEntries(step.asks.map((name) => [name, fields[name].value.trim()]));
        const missing = needed(step).filter((name) => values[name] === '');
        Object.entries(fields).forEach(([name, field]) => set(field, 'aria-invalid', missing.includes(name) ? 'true' : null));
        set(read, 'aria-invalid', read.checked ? null : 'true');
        say(said, missing.length > 0 ? t('ask.required') : read.checked ? '' : t('hand.read_first'));
        show(said, said.textContent !== '');
        if (said.textContent === '')
            go(step.event, values);
    }
    return el('section.sign.no_print', {}, el('h2', {}, t('hand.sign')), ...asks.map((name) => el('label', {}, el('span', {}, t(`shift.${name}`)), fields[name])),
        el('label.read', {}, read, t('hand.read')), said, el('div.buttons', {}, ...steps.map((step) => el('button.strong', { type: 'button', 'data-step': step.event, onclick: () => take(step) }, t(`step.${step.event}`)))));
}
