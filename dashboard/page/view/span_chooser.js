/* span_chooser: which days: by their usual names, or from one to another. */
import { daysOf, isDay } from '../core/spans.js';
import { dayField } from './day_field.js';
import { el, set } from './dom.js';

/** Elements. `onChoose({first, last})`. */
export function spanChooser(words, { today, choices, span, onChoose }) {
    const { t } = words, first = dayField(words, { value: span.first, onDay: typed }), last = dayField(words, { value: span.last, onDay: typed });
    const buttons = choices.map((choice) => el('button.chip', { type: 'button', 'data-choice': choice, onclick: () => choose(daysOf(choice, today)) }, t(`choice.${choice}`)));

    function mark({ first: from, last: to }) {
        for (const button of buttons) {
            const days = daysOf(button.dataset.choice, today);
            set(button, 'aria-pressed', String(days.first === from && days.last === to));
        }
    }
    function choose(days) {
        [first.input.value, last.input.value] = [days.first, days.last];
        mark(days);
        onChoose(days);
    }
    function typed() {
        const days = [first.input.value.trim(), last.input.value.trim()];
        if (days.every(isDay))
            choose({ first: days.sort()[0], last: days[1] });
    }
    mark(span);
    return [...buttons, el('label', {}, t('paper.first'), first.root), el('label', {}, t('paper.last'), last.root)];
}
