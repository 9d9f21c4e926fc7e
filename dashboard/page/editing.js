/*
 * editing: fences made and changed by admins. What is edited stands in `e`, the files in its book; nothing is in force before it is checked and put
 * there, and what somebody else put there meanwhile is never written over. Loaded when it is asked for.
 */
import { makeDrawing } from './io/drawing.js';
import { makeFenceLayers } from './io/fence_layers.js';
import * as book from './core/fence_book.js';
import { areaText, lengthText, measureOf } from './core/measure.js';
import { partsOf, withPart } from './core/fence_shape.js';
import { addStyle, addWords } from './io/later.js';
import { drawingDeeds } from './editing_drawn.js';
import { formerDeeds } from './editing_former.js';
import { importDeeds } from './editing_import.js';
import { makeFenceMap } from './editing_map.js';
import { savingDeeds } from './editing_saved.js';
import { readFences } from './io/fence_files.js';
import { makeFencePanel } from './view/fence_panel.js';
import { queryOf } from './io/api.js';

/* The click that ends a drawing is no choice of what lies there. */
const HOURS_MS = 300, AFTER_DRAWN_MS = 400;

function measureText(feature) {
    const { area, length } = measureOf(feature.geometry);
    return area !== undefined ? areaText(area) : length !== undefined ? lengthText(length) : '';
}

function foundIn(list, text) {
    const wanted = text.trim().toLowerCase();
    return wanted === '' ? list : list.filter(({ feature }) => [feature.id, feature.properties?.name, feature.properties?.name_en, feature.properties?.kind, feature.properties?.company].some((value) => String(value ?? '').toLowerCase().includes(wanted)));
}

function makeState(files) {
    return { book: book.openBook(files.files), etag: files.etag, version: files.version, writable: files.writable, selected: null, marked: new Set(), pane: 'list', search: '', taking: null, checked: null, former: null, told: null, snaps: true, drawnAt: -Infinity };
}

/* What the panel and the map show of it. */
function draw(app, e) {
    const entry = e.selected === null ? undefined : book.entryOf(e.book, e.selected);
    const { added, changed, removed } = book.changesOf(e.book);
    const counts = { added: added.length, changed: changed.length, removed: removed.length, all: added.length + changed.length + removed.length };
    e.panel.draw({ ...e, entry, counts, found: foundIn(e.book.list, e.search), drawing: e.purpose ?? null, canUndo: book.canUndo(e.book) || e.drawing.drawing() !== null, canRedo: book.canRedo(e.book), measure: entry === undefined ? '' : measureText(e.map.real(entry.feature)) });
}

function changing(app, e, redraw) {
    function take(next, keep = false) {
        e.book = next;
        e.checked = null;
        if (e.pane === 'check')
            e.pane = 'list';
        if (e.selected !== null && book.entryOf(next, e.selected) === undefined)
            e.selected = null;
        if (keep)
            e.panel.keep(book.entryOf(next, e.selected));
        else
            inHand();
        redraw();
    }
    function inHand() {
        const entry = e.selected === null ? undefined : book.entryOf(e.book, e.selected);
        e.purpose = null;
        e.map.hide(entry === undefined ? null : e.selected);
        if (entry === undefined)
            e.drawing.clear();
        else
            e.drawing.edit(partsOf(e.map.real(entry.feature)));
    }
    function select(key, go = true) {
        e.selected = key;
        e.marked = new Set(key === null ? [] : [key]);
        e.pane = 'list';
        inHand();
        if (key !== null && go)
            e.map.reveal(e.map.real(book.entryOf(e.book, key).feature));
        redraw();
    }
    const now = () => book.entryOf(e.book, e.selected);
    return { take, inHand, select, now,
        moved(at, positions) {
            if (now() !== undefined)
                take(book.replace(e.book, e.selected, withPart(e.map.real(now().feature), at, positions)), false);
        } };
}

function deedsOf(app, e, act, redraw) {
    let waits = null;
    /* What a step changed is in hand after it. */
    function steps(way) {
        const before = new Map(e.book.list.map((entry) => [entry.key, entry.feature])), next = way(e.book);
        const other = next.list.filter((entry) => before.get(entry.key) !== entry.feature);
        e.panel.forget();
        act.take(next);
        if (other.length === 1 && other[0].key !== e.selected)
            act.select(other[0].key);
    }
    return {
        pick(key, several) {
            app.do.select(null);
            if (!several)
                return act.select(key);
            e.marked = new Set(e.marked);
            if (!e.marked.delete(key))
                e.marked.add(key);
            return redraw();
        },
        change(part) {
            const { feature } = act.now(), properties = { ...feature.properties, ...part };
            Object.keys(part).filter((name) => part[name] === undefined).forEach((name) => delete properties[name]);
            act.take(book.replace(e.book, e.selected, e.map.same({ ...feature, properties }, feature)), true);
            if ('radius_m' in part || 'buffer_m' in part)
                act.inHand();
        },
        rename(id) {
            if (id !== '')
                act.take(book.replace(e.book, e.selected, e.map.same({ ...act.now().feature, id }, act.now().feature)), true);
        },
        undo: () => (e.drawing.undo() ? redraw() : steps(book.undo)),
        redo: () => steps(book.redo),
        search(text) { e.search = text; redraw(); },
        snapping(on) { e.snaps = on; },
        pane(name) { e.pane = name; redraw(); },
        /* Of what was typed last. */
        askHours(text, tell) {
            clearTimeout(waits);
            if (text.trim() === '') {
                tell({});
                return;
            }
            waits = setTimeout(async () => {
                try {
                    tell(await app.api.get(`/api/v1/hours?${queryOf({ expr: text.trim(), n: 10 })}`));
                } catch (error) {
                    tell({ why: error.message });
                }
            }, HOURS_MS);
        },
    };
}

function listen(app, e, act, redraw) {
    function key(event) {
        const types = ['INPUT', 'TEXTAREA', 'SELECT'].includes(event.target?.tagName);
        if (types || app.selected !== null || document.querySelector('dialog[open]') !== null)
            return;
        const command = event.ctrlKey || event.metaKey, name = event.key.toLowerCase();
        if (command && name === 'z' && !event.shiftKey)
            app.do.edit.undo();
        else if (command && (name === 'y' || name === 'z'))
            app.do.edit.redo();
        else if (name === 'delete')
            app.do.edit.remove();
        else if (name === 'escape' && e.drawing.drawing() !== null)
            act.inHand();
        else if (name === 'escape' && e.selected !== null)
            act.select(null);
        else
            return;
        event.preventDefault();
        event.stopImmediatePropagation();
        redraw();
    }
    const leaving = (event) => { if (book.isChanged(e.book)) event.preventDefault(); };
    addEventListener('keydown', key, true);
    addEventListener('beforeunload', leaving);
    return () => { removeEventListener('keydown', key, true); removeEventListener('beforeunload', leaving); };
}

/** Opens the editor; resolves with what ends it and what it wants to hear of. */
export async function openEditor(app, { map, root, onClosed }) {
    const [files] = await Promise.all([readFences(app.api), addWords(app, 'editor'), addStyle('style_editor.css')]);
    const e = makeState(files);
    let act = null;
    app.do.edit = {};
    const redraw = () => { e.map.put(e.book.list, e.marked); draw(app, e); };
    e.map = makeFenceMap(map, makeFenceLayers(map.raw, { mayPick: () => e.drawing.drawing() === null && performance.now() - e.drawnAt > AFTER_DRAWN_MS, onPick: (key, several) => app.do.edit.pick(key, several) }), files.converted);
    e.drawing = makeDrawing(map.raw, map.shift, { snapTo: (place, zoom) => (e.snaps ? e.map.snap(e.book.list, e.selected, place, zoom) : null), onPart: (...part) => act.moved(...part), onDrawn: (...drawn) => { e.drawnAt = performance.now(); app.do.edit.drawn(...drawn); } });
    act = changing(app, e, redraw);
    Object.assign(app.do.edit, deedsOf(app, e, act, redraw), drawingDeeds(app, e, act, redraw), importDeeds(app, e, act, redraw), savingDeeds(app, e, act, redraw), formerDeeds(app, e, act, redraw));
    e.panel = makeFencePanel(app);
    root.append(e.panel.root);
    document.documentElement.classList.add('editing');
    map.resize();
    const unlisten = listen(app, e, act, redraw);
    function end() {
        unlisten();
        e.drawing.end();
        e.map.end();
        e.panel.root.remove();
        document.documentElement.classList.remove('editing');
        map.resize();
        onClosed();
    }
    app.do.edit.close = () => {
        if (!book.isChanged(e.book))
            return end();
        e.told = { text: app.words.t('edit.leave'), buttons: [['edit.leave_yes', end], ['edit.leave_no', () => { e.told = null; redraw(); }]] };
        return redraw();
    };
    redraw();
    return { onWorld: () => app.do.edit.lookAgain() };
}

