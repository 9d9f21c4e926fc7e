/*
 * asked: what is asked for about an alert by a button, since it costs the gateway something and is written to the audit: why the engine found it,
 * and who else was there.
 */
import { hourMinute } from '../core/zone.js';
import { el, show } from './dom.js';

function near(told, app) {
    const { t, word } = app.words;
    if (told.items.length === 0)
        return el('p.empty', {}, t('near.nobody'));
    return el('ul.plain', {}, ...told.items.slice(0, 100).map((pass) => el('li', {},
        el('b', {}, pass.plate || pass.vehicle), ` ${hourMinute(pass.entered, app.zone)}–${hourMinute(pass.left, app.zone)} · ${Math.round(pass.metres)} ${word('unit', 'm')}`,
        el('small', {}, ` ${[pass.company, pass.load && word('reading', pass.load), pass.body && word('reading', pass.body)].filter(Boolean).join(' · ')}`))));
}

export function makeAsked(app) {
    const { t } = app.words;
    const out = el('div.asked_out', { role: 'status' });
    const ask = (name) => el('button', { type: 'button', onclick: () => app.do.ask(name) }, t(`asked.${name}`));
    const root = el('section.asked', {}, el('div.buttons', {}, ask('explain'), ask('near')), out);
    let drawn = null;
    return {
        root,
        /* `told`: {name, value}, {name, why}, {name} while it is asked, or undefined. */
        draw(told) {
            if (told === drawn)
                return;
            drawn = told;
            show(out, told !== undefined);
            if (told === undefined)
                return;
            const shown = told.why !== undefined ? el('p.empty', {}, t('detail.unreachable', { why: told.why })) : told.value === undefined ? el('p.empty', {}, t('act.sending'))
                : told.name === 'near' ? near(told.value, app) : el('pre', { tabIndex: 0, role: 'region', 'aria-label': t(`asked.${told.name}`) }, told.value.text);
            out.replaceChildren(el('h3', {}, t(`asked.${told.name}`)), shown);
        },
    };
}
