/*
 * day_field: a day or a moment of the city, typed as 2026-05-08 or 2026-05-08 22:01:59 whatever the language: a browser's own field of dates follows the
 * browser's, and 05/08 is read as two days. Arrows go a day on or back; a calendar opens where the browser lets a page open its own.
 */
import { addDays, isDay } from '../core/spans.js';
import { el, set } from './dom.js';

const DAY_LENGTH = 10;

/** `{root, input}`. `onDay(day)`: another day stands there, whole; what is none is marked. */
export function dayField({ t }, { name = null, value, label = null, max = null, moment = false, onDay = () => {} }) {
    const input = el('input', { name: name ?? '', type: 'text', inputmode: 'numeric', autocomplete: 'off', maxLength: moment ? 19 : DAY_LENGTH, value, placeholder: moment ? 'YYYY-MM-DD HH:MM:SS' : 'YYYY-MM-DD', 'aria-label': label });
    const calendar = el('input.calendar', { type: 'date', tabIndex: -1, 'aria-hidden': 'true', max: max ?? '' });
    const day = () => input.value.trim().slice(0, DAY_LENGTH);
    function told() {
        set(input, 'aria-invalid', isDay(day()) ? null : 'true');
        if (isDay(day()))
            onDay(day());
    }
    function put(next) {
        if (!isDay(next) || (max !== null && next > max))
            return;
        input.value = next + input.value.trim().slice(DAY_LENGTH);
        told();
    }
    input.addEventListener('change', told);
    input.addEventListener('keydown', (event) => {
        const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (by === undefined || !isDay(day()))
            return;
        event.preventDefault();
        put(addDays(day(), by));
    });
    calendar.addEventListener('change', () => put(calendar.value));
    const open = el('button.open_calendar', { type: 'button', 'aria-label': t('day.calendar'), title: t('day.calendar'), hidden: calendar.showPicker === undefined, onclick: () => {
        calendar.value = isDay(day()) ? day() : '';
        calendar.showPicker();
    } }, '▾');
    return { root: el('span.day_field', {}, input, calendar, open), input };
}
