/* sound_box: how this browser calls: volume, from which severity, quiet hours, voice, notifications, a screen that stays awake; what it cannot do is said. */
import { hourMinute } from '../core/zone.js';
import { el, say, show } from './dom.js';
import { openOver } from './over.js';

const HOURS = ['', '20-6', '22-6', '23-7'];

/* A box that can be ticked, or the reason why it cannot. `turn(on)`: resolves to how it stands then. */
function choice(app, name, { can, why, turn }) {
    const { t } = app.words, box = el('input', { type: 'checkbox', name, checked: can && app.settings.sound[name] === true, disabled: !can, onchange: async () => { box.checked = await turn(box.checked); } });
    return el('label.tick', {}, box, el('span', {}, t(`sound.${name}`), can ? null : el('small', {}, ` ${why}`)));
}

export function showSound(root, app) {
    const { t, word } = app.words, settings = app.settings.sound, { telling } = app;
    const change = (part) => app.do.setSound(part);
    const volume = el('input', { type: 'range', min: '0', max: '1', step: '0.05', value: String(settings.volume), oninput: () => change({ volume: Number(volume.value) }) });
    const least = el('select', { onchange: () => change({ least: least.value }) }, ...['critical', 'major', 'minor'].map((s) => el('option', { value: s, selected: settings.least === s }, word('severity', s))));
    const quiet = el('select', { onchange: () => change({ quiet: quiet.value === '' ? null : quiet.value.split('-').map(Number) }) },
        ...HOURS.map((span) => el('option', { value: span, selected: span === (settings.quiet?.join('-') ?? '') }, span === '' ? t('sound.quiet_none') : span.split('-').map((h) => `${h}:00`).join(' – '))));
    const hushed = el('p.small', { hidden: true });
    const put = (name) => async (on) => { change({ [name]: on }); return on; };
    const box = openOver(root, t('sound.label'), el('div', {}, el('h2', {}, t('sound.label')),
        el('label', {}, el('span', {}, t('sound.volume')), volume), el('label', {}, el('span', {}, t('sound.least')), least), el('label', {}, el('span', {}, t('sound.quiet')), quiet),
        choice(app, 'speak', { can: telling.can.speak(app.words.language), why: t('sound.no_voice'), turn: put('speak') }),
        choice(app, 'notify', { can: telling.can.notify(), why: t('sound.not_secure'), turn: async (on) => put('notify')(on && await telling.allowNotify()) }),
        choice(app, 'awake', { can: telling.can.awake(), why: t('sound.not_secure'), turn: async (on) => { await telling.awake(on); return put('awake')(on); } }),
        el('button', { type: 'button', onclick: () => { say(hushed, t('sound.hushed', { time: hourMinute(app.do.hush(), app.zone) })); show(hushed, true); } }, t('sound.hush')), hushed,
        el('p', {}, el('button.strong', { type: 'button', onclick: () => box.close() }, t('keys.done')))), {});
}
