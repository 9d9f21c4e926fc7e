/* vehicle_now: the vehicle as it stands: moving or not, since when it is heard, and the last word of each sensor with its age. */
import { el, show } from './dom.js';

const SENSORS = ['cover', 'body', 'load', 'spill', 'discharge', 'wash', 'ignition', 'work', 'power', 'antenna', 'load_kg', 'height_m'];

function readingOf(name, value, words) {
    if (name === 'load_kg')
        return `${value} ${words.word('unit', 'kg')}`;
    return name === 'height_m' ? `${value} ${words.word('unit', 'm')}` : words.word('reading', value);
}

function sensorRow(name, v, app, c) {
    const { words } = app, at = v.sensors_at?.[name], fault = v.sensors_at?.faults?.includes(name) || v[name] === 'fault';
    if (v[name] === undefined && !fault)
        return null;
    const age = at === undefined ? '' : words.t('detail.ago', { span: words.span(c.dataNow - at) });
    return el('li', fault ? { 'data-fault': 'true' } : {}, el('span', {}, words.word('sensor', name)), el('b', {}, fault ? words.t('detail.fault') : readingOf(name, v[name], words)), el('small', {}, age));
}

export function vehicleNow(root, told, app, c) {
    const { words } = app, { t } = words;
    show(root, told !== undefined);
    if (told === undefined)
        return;
    if (told.why !== undefined) {
        root.replaceChildren(el('h3', {}, t('detail.now')), el('p.empty', {}, t('detail.unreachable', { why: told.why })));
        return;
    }
    const { vehicle: v, haul } = told.value;
    const facts = [
        ['detail.speed', v.speed === undefined ? '' : `${v.speed} ${words.word('unit', 'km/h')}`],
        ['detail.heard', v.time === undefined ? '' : t('detail.ago', { span: words.span(c.dataNow - v.time) })],
        ['filter.class', v.class === undefined ? '' : words.word('class', v.class)],
        ['detail.haul', haul === null ? '' : [haul.permit, haul.site, haul.disposal].filter(Boolean).join(' → ')],
    ].filter(([, text]) => text !== '');
    const state = `${v.online ? t('detail.online') : t('detail.offline')}`;
    const sensors = SENSORS.map((name) => sensorRow(name, v, app, c)).filter((row) => row !== null);
    root.replaceChildren(el('h3', {}, t('detail.now'), ' ', el('small', {}, state)),
        el('dl.facts', {}, ...facts.flatMap(([name, text]) => [el('dt', {}, t(name)), el('dd', {}, text)])),
        ...(sensors.length === 0 ? [] : [el('ul.sensors', { 'aria-label': t('detail.sensors') }, ...sensors)]));
}
