/* span_chooser: which days: by their usual names, or from one to another. */
import { daysOf, isDay } from '../core/spans.js';
import { el, set } from './dom.js';

/** Elements. `onChoose({first, last})`. */
export function spanChooser({ t }, { today, choices, span, onChoose }) {
    const first = el('input', { type: 'date', value: span.first, 'aria-label': t('paper.first') }), last = el('input', { type: 'date', value: span.last, 'aria-label': t('paper.last') });
    const buttons = choices.map((choice) => el('button.chip', { type: 'button', 'data-choice': choice, onclick: () => choose(daysOf(choice, today)) }, t(`choice.${choice}`)));

    function mark({ first: from, last: to }) {
        for (const button of buttons) {
            const days = daysOf(button.dataset.choice, today);
            set(button, 'aria-pressed', String(days.first === from && days.last === to));
        }
    }
    function choose(days) {
        [first.value, last.value] = [days.first, days.last];
        mark(days);
        onChoose(days);
    }
    function typed() {
        if (isDay(first.value) && isDay(last.value))
            choose(first.value <= last.value ? { first: first.value, last: last.value } : { first: last.value, last: first.value });
    }
    first.addEventListener('change', typed);
    last.addEventListener('change', typed);
    mark(span);
    return [...buttons, el('label', {}, t('paper.first'), first), el('label', {}, t('paper.last'), last)];
}
