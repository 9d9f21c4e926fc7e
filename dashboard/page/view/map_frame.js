/* map_frame: the map with what lies on it: tools, what its colours and shapes mean, where the pointer is, and what base map there is. */
import { el, say, set, show } from './dom.js';

const LAYERS = ['fences', 'labels', 'vehicles', 'base', 'grid'];

function layersMenu(app) {
    const { t } = app.words;
    const box = (name) => el('label', { 'data-layer': name }, el('input', { type: 'checkbox', checked: app.settings.layers[name] !== false, onchange: (event) => app.do.layer(name, event.target.checked) }), t(`layer.${name}`));
    return el('details.layers', {}, el('summary.chip', {}, t('map.layers')), el('div.menu', {}, ...LAYERS.map(box)));
}

export function makeMapFrame(root, app) {
    const { t } = app.words;
    const ground = el('div.canvas'), none = el('p.empty', { hidden: true }, t('bar.no_map'));
    const button = (text, run, more = {}) => el('button.chip', { type: 'button', onclick: run, ...more }, text);
    const follow = button(t('map.follow'), () => app.do.follow(), { 'aria-pressed': 'false' }), ruler = button(t('map.ruler'), () => app.do.ruler(), { 'aria-pressed': 'false' });
    const edit = button(t('map.edit'), () => app.do.editFences(), { hidden: true }), full = button(t('map.full'), () => app.do.fullScreen());
    const key = (what, text) => el('span', {}, el(`i.key.${what}`, { 'aria-hidden': 'true' }), text);
    const layers = layersMenu(app);
    const tools = el('div.map_tools', { role: 'group', 'aria-label': t('map.label') }, button(t('map.fit'), () => app.do.fitCity()), layers, follow, button(t('replay.open'), () => app.do.askReplay(), { 'aria-haspopup': 'dialog' }), ruler, full, edit);
    const legend = el('div.legend', {}, key('moving', t('map.moving')), key('stopped', t('map.stopped')), key('silent', t('map.silent')));
    const at = el('span'), base = el('span.base'), status = el('div.map_status', {}, at, base), place = el('div.place_menu', { hidden: true });
    root.setAttribute('aria-label', t('map.label'));
    const below = el('section'), stage = el('div.stage', {}, ground, tools, legend, status, place, none);
    root.replaceChildren(stage, below);
    return {
        ground,
        below,
        stage,
        place,
        following: (on) => set(follow, 'aria-pressed', String(on)),
        measuring: (on) => set(ruler, 'aria-pressed', String(on)),
        mayEdit: (may) => show(edit, may),
        point: (p) => say(at, p === null ? '' : `${p[1].toFixed(5)}, ${p[0].toFixed(5)}`),
        base(told) {
            show(layers.querySelector('[data-layer=base]'), told.kind !== 'none');
            say(base, told.crs === 'gcj02' && told.kind === 'raster' ? t('map.shifted') : '');
        },
        without() { show(none, true); [ground, tools, legend, status].forEach((part) => show(part, false)); },
    };
}
