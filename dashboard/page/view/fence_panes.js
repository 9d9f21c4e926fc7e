/* fence_panes: what the editor shows in the place of a form: taking over a file of another program, and what a change would do. */
import { dateTime } from '../core/zone.js';
import { KINDS } from '../core/fence_import.js';
import { el } from './dom.js';

const CRS = ['wgs84', 'gcj02', 'bd09'];
const CLOSES_SHOWN = 60;

/** `taking`: {name, items, left, crs, kind, moved_m, why}. */
export function importPane(app, taking) {
    const { t, word } = app.words, ask = app.do.edit;
    const choice = (crs) => el('label.choice', {}, el('input', { type: 'radio', name: 'crs', value: crs, checked: taking.crs === crs, onchange: () => ask.importAs({ crs }) }), t(`edit.crs_${crs}`));
    const kind = el('select', { name: 'import_kind', onchange: () => ask.importAs({ kind: kind.value }) }, el('option', { value: '', selected: taking.kind === '' }, t('edit.import_kind_none')), ...KINDS.map((k) => el('option', { value: k, selected: k === taking.kind }, word('fence_kind', k))));
    const silent = taking.items.filter((item) => item.kind === null).length;
    return el('div.pane', {}, el('h3', {}, t('edit.import_of', { name: taking.name })),
        el('p', {}, t('edit.import_found', { n: taking.items.length }), taking.left > 0 ? ` ${t('edit.import_left', { n: taking.left })}` : ''),
        el('fieldset', {}, el('legend', {}, t('edit.import_crs')), ...CRS.map(choice)),
        el('p.places', {}, taking.crs === '' ? t('edit.import_choose') : taking.moved_m === 0 ? t('edit.import_stays') : t('edit.import_moved', { m: taking.moved_m })),
        taking.why ? el('p.said', { role: 'alert' }, taking.why) : null,
        silent > 0 ? el('label', {}, el('span', {}, t('edit.import_kind', { n: silent })), kind) : null,
        el('p.buttons', {}, el('button.strong', { type: 'button', disabled: taking.crs === '' || taking.ready !== true || (silent > 0 && taking.kind === ''), onclick: () => ask.importTake() }, t('edit.import_take')), el('button', { type: 'button', onclick: () => ask.importDrop() }, t('edit.import_drop'))));
}

function finding(app, one) {
    const { t } = app.words, where = one.vertex === undefined ? '' : ` · ${t('edit.at_vertex', { ring: one.ring ?? 1, vertex: one.vertex })}`;
    const name = one.feature ?? one.id, file = (one.file ?? '').replace(/^.*\//, '');
    return el('li', {}, el('button.link', { type: 'button', onclick: () => app.do.edit.showFinding(one) }, el('b', {}, name === undefined ? file : String(name)), where), el('span.small', {}, name === undefined ? '' : ` ${file}`), el('div.small', {}, one.reason ?? one.text));
}

/* Doubts about what was touched are read; the others were there before. */
function doubtsOf(app, warnings, touched) {
    const { t } = app.words, mine = warnings.filter((one) => touched.has(String(one.feature))), others = warnings.filter((one) => !touched.has(String(one.feature)));
    return [mine.length > 0 ? el('h4', {}, t('edit.warnings', { n: mine.length })) : null, el('ol.findings', {}, ...mine.map((one) => finding(app, one))),
        others.length === 0 ? null : el('details', {}, el('summary', {}, t('edit.other_warnings', { n: others.length })), el('ol.findings', {}, ...others.map((one) => finding(app, one))))];
}

function closesOf(app, against) {
    const { t, word } = app.words;
    return el('ul.plain', {}, ...against.closes.slice(0, CLOSES_SHOWN).map((c) => el('li', {}, `${word('kind', c.kind)} · ${app.state.vehicles.get(c.vehicle)?.plate || c.vehicle || ''} · ${word('reason', c.reason)}`)));
}

/** `former`: {now, versions}, {why} or {busy}. */
export function formerPane(app, former) {
    const { t } = app.words, ask = app.do.edit, back = el('p.buttons', {}, el('button', { type: 'button', onclick: () => ask.pane('list') }, t('edit.back')));
    if (former.busy)
        return el('div.pane', {}, el('p', { role: 'status' }, t('edit.former_reading')));
    if (former.why !== undefined)
        return el('div.pane.bad', {}, el('p.said', { role: 'alert' }, former.why), back);
    const line = (one) => el('li', {}, el('b', {}, t('edit.former_version', { version: one.version })), ' ', el('span', {}, [one.at === undefined ? '' : dateTime(one.at, app.zone), one.who ?? ''].filter(Boolean).join(' · ')), ' ',
        one.version === former.now ? el('span.small', {}, t('edit.former_now')) : el('button.link', { type: 'button', 'data-version': String(one.version), onclick: () => ask.former(one.version) }, t('edit.former_look')));
    return el('div.pane', {}, el('h3', {}, t('edit.former_title')), el('p.small', {}, t('edit.former_all_files')), el('ol.plain.former', { tabIndex: 0, 'aria-label': t('edit.former_title') }, ...former.versions.map(line)), back);
}

/** `check`: {errors} or {result: the gateway's answer}, `busy`. */
export function checkPane(app, check) {
    const { t } = app.words, ask = app.do.edit;
    const back = el('button', { type: 'button', onclick: () => ask.pane('list') }, t('edit.back'));
    if (check.busy)
        return el('div.pane', {}, el('p', { role: 'status' }, t(check.busy === 'save' ? 'edit.saving' : 'edit.checking')));
    if (check.errors !== undefined)
        return el('div.pane.bad', {}, el('h3', {}, t('edit.errors', { n: check.errors.length })), el('ol.findings', {}, ...check.errors.map((one) => finding(app, one))), el('p.buttons', {}, back));
    const { against, warnings } = check.result, isFormer = check.version !== undefined;
    return el('div.pane', {}, el('h3', {}, isFormer ? `${t('edit.former_version', { version: check.version })}: ` : '', t('edit.would', { n: against.differences })),
        el('ul.plain.changes', {}, ...against.changes.map((text) => el('li', {}, text))),
        el('h4', {}, t('edit.closing', { n: against.closing, open: against.open })), closesOf(app, against),
        against.unread > 0 ? el('p.said', {}, t('edit.unread', { n: against.unread })) : null,
        el('h4', {}, t('edit.no_route', { n: against.permits_without_route.length })), el('p', {}, against.permits_without_route.join(', ')),
        ...doubtsOf(app, warnings, check.touched),
        el('p.buttons', {}, el('button.strong', { type: 'button', disabled: against.differences === 0, onclick: () => (isFormer ? ask.restore(check.version) : ask.save()) }, t('edit.put_in_force')), back));
}
