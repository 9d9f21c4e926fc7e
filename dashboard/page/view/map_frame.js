/* map_frame: the map with what lies on it: tools, and what its colours and shapes mean. */
import { el, set, show } from './dom.js';

export function makeMapFrame(root, app) {
    const { t } = app.words;
    const ground = el('div.canvas'), none = el('p.empty', { hidden: true }, t('bar.no_map'));
    const toggle = (name, text) => el('button.chip', { type: 'button', 'aria-pressed': String(app.settings.layers[name]), onclick: (event) => app.do.layer(name, event.currentTarget) }, text);
    const follow = el('button.chip', { type: 'button', 'aria-pressed': 'false', onclick: () => app.do.follow() }, t('map.follow'));
    const key = (what, text) => el('span', {}, el(`i.key.${what}`, { 'aria-hidden': 'true' }), text);
    const tools = el('div.map_tools', { role: 'group', 'aria-label': t('map.label') },
        el('button.chip', { type: 'button', onclick: () => app.do.fitCity() }, t('map.fit')), toggle('fences', t('map.fences')), toggle('labels', t('map.names')), follow, el('button.chip', { type: 'button', 'aria-haspopup': 'dialog', onclick: () => app.do.askReplay() }, t('replay.open')));
    const legend = el('div.legend', {}, key('moving', t('map.moving')), key('stopped', t('map.stopped')), key('silent', t('map.silent')));
    root.setAttribute('aria-label', t('map.label'));
    const below = el('section');
    root.replaceChildren(el('div.stage', {}, ground, tools, legend, none), below);
    return {
        ground,
        below,
        following: (on) => set(follow, 'aria-pressed', String(on)),
        without() { show(none, true); show(ground, false); show(tools, false); show(legend, false); },
    };
}
