/*
 * actions: what this person may do about this alert now, as buttons in the order in which it is commonly done; what has to be said with it is
 * asked for below them. What was typed stays until it is done, given up, or another alert is chosen: also over a sign-in, and over what others do.
 */
import { isShelved } from '../core/alert.js';
import { NEEDED, offered } from '../core/work.js';
import { el, say, set, show } from './dom.js';

const SHELF_MIN = [15, 30, 60, 120, 240, 480];

const LONG = { why: 2000, found: 2000, media: 8000 };

/* As the gateway is configured; it refuses others. Until they are known there is nothing to choose. */
function reasonField(app, tell) {
    const field = el('select', { name: 'reason' }, el('option', { value: '' }, '…'));
    app.do.reasons().then((reasons) => field.append(...reasons.map((reason) => el('option', { value: reason }, reason))), (error) => tell(app.words.t('detail.unreachable', { why: error.message })));
    return field;
}

function fieldOf(name, words) {
    const { t } = words;
    if (name === 'until')
        return el('select', { name }, ...SHELF_MIN.map((n) => el('option', { value: String(n), selected: n === 60 }, n < 60 ? t('ask.minutes', { n }) : t('ask.hours', { n: n / 60 }))));
    if (name in LONG)
        return el('textarea', { name, rows: 2, maxLength: LONG[name] });
    return el('input', { name, type: 'text', maxLength: 128, autocomplete: 'off' });
}

function valuesOf(form, now) {
    const values = Object.fromEntries([...form.querySelectorAll('[name]')].map((field) => [field.name, field.value.trim()]));
    if (values.until !== undefined)
        values.until = now + Number(values.until) * 60_000;
    if (values.media !== undefined)
        values.media = values.media.split(/\s+/).filter(Boolean);
    return values;
}

export function makeActions(app) {
    const { words } = app, { t } = words;
    const buttons = el('div.buttons', { role: 'group' }), form = el('form.ask', { hidden: true }), said = el('p.said', { role: 'status', hidden: true });
    const root = el('section.actions', {}, buttons, form, said);
    const tell = (text) => { say(said, text); show(said, text !== ''); };
    let current = null, open = null, drawn = '', rows = [], busy = false;

    function closeForm() {
        open = null;
        form.replaceChildren();
        show(form, false);
        drawButtons();
    }

    function openForm(row) {
        open = row;
        const needed = NEEDED[row.action] ?? [];
        form.replaceChildren(
            el('h3', {}, t(`action.${row.action}`)),
            ...row.asks.map((name) => el('label', {}, el('span', {}, `${t(`ask.${name}`)}${needed.includes(name) ? ' *' : ''}`), name === 'reason' ? reasonField(app, tell) : fieldOf(name, words))),
            el('div.buttons', {}, el('button.strong', { type: 'submit' }, t('ask.go')), el('button', { type: 'button', onclick: closeForm }, t('ask.cancel'))));
        show(form, true);
        drawButtons();
        form.querySelector('[name]').focus();
    }

    async function go(row, values) {
        if (busy)
            return;
        busy = true;
        drawButtons();
        try {
            if (await app.do.act(current.alert, row, values, tell))
                closeForm();
        } finally {
            busy = false;
            drawButtons();
        }
    }

    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const values = valuesOf(form, current.c.now), empty = (NEEDED[open.action] ?? []).find((name) => values[name] === '');
        if (empty !== undefined) {
            const field = form.querySelector(`[name=${empty}]`);
            set(field, 'aria-invalid', 'true');
            say(said, t('ask.required'));
            show(said, true);
            field.focus();
            return;
        }
        go(open, values);
    });

    /* In a field of several lines Enter is a new line. */
    form.addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            form.requestSubmit();
        }
    });

    function choose(row) {
        if (row.asks === undefined)
            go(row, {});
        else if (open?.action === row.action)
            closeForm();
        else
            openForm(row);
    }

    function drawButtons() {
        const key = JSON.stringify([rows.map((row) => row.action), open?.action, busy]);
        if (key === drawn)
            return;
        drawn = key;
        const focused = document.activeElement?.dataset?.action;
        buttons.replaceChildren(...rows.map((row, i) => el(i === 0 ? 'button.strong' : 'button', { type: 'button', disabled: busy, 'data-action': row.action, 'aria-expanded': row.asks === undefined ? null : String(open?.action === row.action), onclick: () => choose(row) },
            t(`action.${row.action}`), el('kbd', { 'aria-hidden': 'true' }, row.key.toUpperCase()))));
        if (focused !== undefined)
            (buttons.querySelector(`[data-action=${focused}]`) ?? buttons.querySelector('button'))?.focus();
    }

    return {
        root,
        draw(next) {
            if (current?.alert.id !== next.alert.id) {
                say(said, '');
                show(said, false);
                closeForm();
            }
            current = next;
            rows = offered(next.alert, next.session?.role, isShelved(next.alert, next.c.now));
            drawButtons();
        },
        /* A key that stands for an action. True if it did. */
        key(key) {
            const row = current === null || busy ? undefined : rows.find((one) => one.key === key);
            if (row !== undefined)
                choose(row);
            return row !== undefined;
        },
        /* Whether there is something to be closed with Escape. */
        escape() {
            const was = open !== null;
            if (was)
                closeForm();
            return was;
        },
    };
}
