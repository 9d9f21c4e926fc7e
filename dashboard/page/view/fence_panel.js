/*
 * fence_panel: the editor of fences beside the map: what is drawn with, all fences, and the one in hand. It stands where an alert is told else, so the
 * list of what is to do stays in sight.
 */
import { shapeOfGeometry } from '../core/fence_shape.js';
import { el, say, set, show } from './dom.js';
import { makeFenceForm } from './fence_form.js';
import { checkPane, formerPane, importPane } from './fence_panes.js';

const SHOWN_MAX = 200;

function toolsOf(app) {
    const { t } = app.words, ask = app.do.edit;
    const tool = (name, run) => el('button.chip', { type: 'button', 'data-tool': name, 'aria-pressed': 'false', onclick: run }, t(`edit.${name}`));
    const file = el('input', { type: 'file', accept: '.geojson,.json,.kml,.gpx', hidden: true, onchange: () => { ask.importFile(file.files[0]); file.value = ''; } });
    return { file, all: [tool('ring', () => ask.begin('ring')), tool('line', () => ask.begin('line')), tool('circle', () => ask.begin('circle')), tool('cut', () => ask.begin('cut')), tool('hole', () => ask.begin('hole')),
        tool('join', () => ask.join()), tool('remove', () => ask.remove()), tool('import', () => file.click()), tool('former', () => ask.versions())] };
}

export function makeFencePanel(app) {
    const { t, word } = app.words, ask = app.do.edit, tools = toolsOf(app);
    const undo = el('button', { type: 'button', title: 'Ctrl+Z', onclick: () => ask.undo() }, t('edit.undo')), redo = el('button', { type: 'button', title: 'Ctrl+Y', onclick: () => ask.redo() }, t('edit.redo'));
    const check = el('button.strong', { type: 'button', onclick: () => ask.check() }, t('edit.check')), snap = el('input', { type: 'checkbox', checked: true, onchange: () => ask.snapping(snap.checked) });
    const changed = el('span.small', { role: 'status' }), told = el('div.told', { role: 'alert', hidden: true }), hint = el('p.small.hint', { role: 'status' });
    const search = el('input', { type: 'search', placeholder: t('edit.search'), 'aria-label': t('edit.search'), oninput: () => ask.search(search.value) });
    const list = el('ul.plain.fences', { 'aria-label': t('edit.title') }), more = el('p.small'), body = el('div.body'), browse = el('div.browse', {}, search, list, more);
    const root = el('section.editor', { 'aria-label': t('edit.title') },
        el('div.head', {}, el('h2', {}, t('edit.title')), changed, el('button.quiet', { type: 'button', onclick: () => ask.close() }, t('edit.close'))), told,
        el('div.tools', { role: 'group', 'aria-label': t('edit.tools') }, ...tools.all, tools.file), el('div.tools', {}, undo, redo, el('label.choice', {}, snap, t('edit.snap')), check), hint, browse, body);
    let shownFor = null, chosen = null;

    root.addEventListener('dragover', (event) => event.preventDefault());
    root.addEventListener('drop', (event) => { event.preventDefault(); ask.importFile(event.dataTransfer.files[0]); });

    function row(e, entry) {
        const p = entry.feature.properties ?? {}, name = p.name || String(entry.feature.id ?? '');
        return el('li', {}, el('button', { type: 'button', 'data-key': String(entry.key), 'aria-pressed': String(e.marked.has(entry.key)), onclick: (event) => ask.pick(entry.key, event.shiftKey || event.ctrlKey) },
            el(`i.dot.${p.kind}`, { 'aria-hidden': 'true' }), el('span.name', {}, name), el('span.small', {}, ` ${word('fence_kind', p.kind)} · ${t(`edit.shape_${shapeOfGeometry(entry.feature.geometry) ?? 'none'}`)}`)));
    }
    function drawList(e) {
        const first = e.found.slice(0, SHOWN_MAX), isFar = e.entry !== undefined && e.found.includes(e.entry) && !first.includes(e.entry), at = list.scrollTop;
        list.replaceChildren(...(isFar ? [e.entry, ...first] : first).map((entry) => row(e, entry)));
        list.scrollTop = at;
        if (e.selected !== chosen) {
            chosen = e.selected;
            list.querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest' });
        }
        say(more, e.found.length > SHOWN_MAX ? t('edit.more', { n: e.found.length - SHOWN_MAX }) : '');
    }
    function drawBody(e) {
        const now = e.pane === 'list' ? e.entry : e.pane === 'import' ? e.taking : e.pane === 'former' ? e.former : e.checked;
        if (now === shownFor)
            return;
        shownFor = now;
        if (e.pane === 'import')
            body.replaceChildren(importPane(app, e.taking));
        else if (e.pane === 'former')
            body.replaceChildren(formerPane(app, e.former));
        else if (e.pane === 'check')
            body.replaceChildren(checkPane(app, e.checked));
        else
            body.replaceChildren(...(e.entry === undefined ? [el('p.empty', {}, t('edit.none'))] : [el('p.small', {}, e.measure), makeFenceForm(app, { feature: e.entry.feature, change: ask.change, rename: ask.rename })]));
    }
    return {
        root,
        draw(e) {
            say(changed, e.counts.all === 0 ? t('edit.unchanged', { version: e.version ?? '' }) : t('edit.changed', e.counts));
            show(told, e.told !== null);
            told.replaceChildren(...(e.told === null ? [] : [el('p', {}, e.told.text), ...e.told.buttons.map(([name, run]) => el('button', { type: 'button', onclick: run }, t(name)))]));
            for (const tool of tools.all)
                set(tool, 'aria-pressed', String(e.drawing !== null && tool.dataset.tool === e.drawing));
            undo.disabled = !e.canUndo;
            redo.disabled = !e.canRedo;
            check.disabled = e.counts.all === 0 || e.writable === false;
            say(hint, e.drawing === null ? (e.marked.size > 1 ? t('edit.hint_marked', { n: e.marked.size }) : e.entry === undefined ? t('edit.hint_none') : t('edit.hint_edit')) : t(`edit.hint_${e.drawing}`));
            show(browse, e.pane === 'list');
            drawList(e);
            drawBody(e);
        },
        /* Of a fence that its own form has changed: the form stays, with the cursor in it. */
        keep(entry) { shownFor = entry; },
        /* The form is made again although the fence is the same. */
        forget() { shownFor = null; },
    };
}
