/*
 * list: what is to do, on the left. Only the rows in view are in the document; each is kept by its id, so that what has not changed is not
 * touched. The list has the keyboard as a tree has: arrows, Home, End; right and left unfold and fold a card.
 */
import { isOverdue, isShelved, isUntouched, lasted, nameOf } from '../core/alert.js';
import { layoutOf, rangeOf, scrollTo } from '../core/window.js';
import { shortTime } from '../core/zone.js';
import { el, mark, say, set, show } from './dom.js';

/* Of a text of 14 px; with a larger one rows grow. */
const CARD_PX = 80, OTHER_PX = 44, TEXT_PX = 14;

/* Seconds of a begin say nothing on a card, and take the room of how long it was. */
const toTheMinute = (text) => (/^\d\d:\d\d:\d\d$/.test(text) ? text.slice(0, 5) : text);

function makeRow(app) {
    const parts = { mark: el('span.shape'), kind: el('b.kind'), plate: el('span.plate'), time: el('span.time'), place: el('span.place'), value: el('span.value'), who: el('span.work'), due: el('span.due'), repeat: el('span.repeat'), more: el('span.more', { onclick: (event) => { event.stopPropagation(); app.do.fold(row.dataset.id); } }) };
    const row = el('div.row', { role: 'treeitem', onclick: () => (app.marked === null ? app.do.select(row.dataset.id) : app.do.mark(row.dataset.id)) },
        parts.mark,
        el('div.line.first', {}, parts.kind, parts.time),
        el('div.line.place_line', {}, parts.plate, parts.place, parts.value),
        el('div.line.last', {}, parts.who, parts.due, parts.repeat, parts.more));
    return { row, parts, severity: null };
}

function drawWork(parts, a, c, words) {
    const { t } = words;
    const who = a.work.assignee ?? a.work.acknowledged_by;
    const untouched = isUntouched(a);
    say(parts.who, untouched ? words.word('state', 'open') : `${words.word('state', a.work.state)}${who ? ` · ${who}` : ''}`);
    set(parts.who, 'data-state', a.work.state);
    const shelved = isShelved(a, c.now), overdue = isOverdue(a, c.now);
    const text = shelved ? t('card.until', { time: shortTime(a.work.until, c.now, c.zone) })
        : a.work.due === undefined ? '' : overdue ? t('card.overdue', { span: words.span(c.now - a.work.due) }) : t('card.due', { span: words.span(a.work.due - c.now) });
    say(parts.due, text);
    set(parts.due, 'data-overdue', overdue);
    say(parts.repeat, a.repeat > 1 ? t('card.repeat', { n: a.repeat }) : '');
}

function drawRow(made, item, c, words) {
    const { parts, row } = made, a = item.alert, { t } = words;
    if (made.severity !== a.severity) {
        parts.mark.replaceChildren(mark(a.severity, words.word('severity', a.severity)));
        made.severity = a.severity;
    }
    row.className = `row ${item.level === 1 ? 'card' : 'other'} ${a.severity}${isUntouched(a) ? ' untouched' : ''}${a.condition === 'active' ? ' active' : ''}`;
    say(parts.kind, words.word('kind', a.kind));
    say(parts.plate, nameOf(a));
    say(parts.time, a.condition === 'withdrawn' ? words.word('condition', 'withdrawn') : a.condition === 'active' ? t('card.running', { span: words.span(lasted(a, c.dataNow) ?? 0) })
        : a.start === undefined ? '' : `${toTheMinute(shortTime(a.start, c.dataNow, c.zone))} · ${t('card.lasted', { span: words.span(lasted(a, c.dataNow)) })}`);
    say(parts.place, c.placeOf(a));
    say(parts.value, words.measure(a));
    drawWork(parts, a, c, words);
    const n = item.level === 1 ? item.card.others.length : 0;
    say(parts.more, n === 0 ? '' : `${item.unfolded ? '▾' : '▸'} ${t('list.more', { n })}`);
    show(parts.more, n > 0);
    set(row, 'aria-expanded', n > 0 ? String(item.unfolded) : null);
    set(row, 'aria-level', item.level);
    set(row, 'aria-checked', c.marked === null ? null : String(c.marked.has(a.id)));
    set(row, 'aria-selected', String(a.id === c.selected));
    row.dataset.id = a.id;
    row.id = `alert-${a.id}`;
}

export function makeList(root, app) {
    const { words } = app;
    const filters = el('div.filters');
    const space = el('div.space', { role: 'none' }), empty = el('p.empty', { hidden: true });
    const view = el('div.scroll', { role: 'tree', tabIndex: 0, 'aria-label': words.t('list.label') }, space);
    const rows = new Map();
    let scale = 1, items = [], tops = layoutOf([]), context = null;
    const below = el('div');
    root.replaceChildren(filters, empty, view, below);
    view.addEventListener('scroll', () => place(), { passive: true });
    new ResizeObserver(() => { measure(); layOut(); place(); }).observe(view);
    view.addEventListener('keydown', onKey);

    function measure() {
        scale = parseFloat(getComputedStyle(view).fontSize) / TEXT_PX || 1;
        view.style.setProperty('--card', `${CARD_PX * scale}px`);
        view.style.setProperty('--other', `${OTHER_PX * scale}px`);
    }
    function layOut() {
        tops = layoutOf(items.map((item) => scale * (item.level === 1 ? CARD_PX : OTHER_PX)));
        space.style.height = `${tops[items.length]}px`;
    }
    measure();

    function place() {
        if (context === null)
            return;
        const [first, end] = rangeOf(tops, view.scrollTop, view.clientHeight);
        const wanted = new Set();
        for (let i = first; i < end; i++) {
            const item = items[i];
            wanted.add(item.id);
            let made = rows.get(item.id);
            if (made === undefined) {
                made = makeRow(app);
                rows.set(item.id, made);
                space.append(made.row);
            }
            drawRow(made, item, context, words);
            set(made.row, 'aria-setsize', items.length);
            set(made.row, 'aria-posinset', i + 1);
            made.row.style.transform = `translateY(${tops[i]}px)`;
        }
        for (const [id, made] of rows)
            if (!wanted.has(id)) {
                made.row.remove();
                rows.delete(id);
            }
        const chosen = items.findIndex((item) => item.id === context.selected);
        set(view, 'aria-activedescendant', chosen >= first && chosen < end ? `alert-${context.selected}` : null);
        app.do.inView(items.slice(first, end).map((item) => item.alert));
    }

    function move(to) {
        const item = items[Math.max(0, Math.min(items.length - 1, to))];
        if (item !== undefined)
            app.do.select(item.id);
    }

    function onKey(event) {
        const at = items.findIndex((item) => item.id === context.selected), item = items[at];
        const page = Math.max(1, Math.floor(view.clientHeight / (CARD_PX * scale)) - 1);
        const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: items.length - 1, PageDown: at + page, PageUp: at - page };
        if (event.altKey || event.ctrlKey || event.metaKey)
            return;
        if (event.key in steps)
            move(steps[event.key]);
        else if (event.key === ' ' && app.marked !== null && item !== undefined)
            app.do.mark(item.id);
        else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft') && item !== undefined && item.unfolded === (event.key === 'ArrowLeft'))
            app.do.fold(item.card.lead.id);
        else
            return;
        event.preventDefault();
    }

    return {
        filters,
        below,
        focus: () => view.focus(),
        /* `next`: {items, now, dataNow, zone, selected, placeOf, filtered} */
        draw(next) {
            items = next.items;
            context = next;
            layOut();
            say(empty, next.filtered ? words.t('list.empty_filtered') : words.t('list.empty'));
            show(empty, items.length === 0);
            place();
        },
        reveal(id) {
            const at = items.findIndex((item) => item.id === id);
            if (at >= 0)
                view.scrollTop = scrollTo(tops, at, view.scrollTop, view.clientHeight);
        },
        items: () => items,
    };
}
