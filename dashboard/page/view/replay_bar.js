/*
 * replay_bar: below the map, a vehicle's past: its strip, with a hand that is moved by the slider, by keys, and by itself; alerts and stops to jump to; who
 * else was there; and which vehicle and span it is.
 */
import { RADII_M } from '../core/area.js';
import { BANDS, wordAt } from '../core/replay.js';
import { dateTime, hourMinute } from '../core/zone.js';
import { el, mark, say, set, show } from './dom.js';
import { drawStrip } from './replay_strip.js';

const RATES = [1, 5, 15, 30, 60, 120], MARKS_MAX = 40;

/* What is kept, where that is not all that was asked for. */
function keptOf(r, app) {
    const { t } = app.words, since = r.track.kept_since;
    return [r.track.time.length === 0 ? t('replay.nothing') : '', since !== null && since > r.from && since < r.to ? t('replay.kept', { time: dateTime(since, app.zone) }) : '', r.track.truncated ? t('replay.truncated') : '', r.track.withheld ? t('replay.withheld') : ''].filter(Boolean).join(' · ');
}

function whatOf(r, { words }) {
    if (r.at === null)
        return '';
    if (!r.at.known)
        return words.t('replay.unknown');
    const said = BANDS.map((name) => [name, wordAt(r.track, name, r.t)]).filter(([, word]) => word !== null).map(([name, word]) => `${words.word('sensor', name)} ${words.word('reading', word)}`);
    return [r.at.speed === null ? '' : `${Math.round(r.at.speed)} ${words.word('unit', 'km/h')}`, ...said].filter(Boolean).join(' · ');
}

function marksOf(r, app) {
    const { t, word, span } = app.words, when = (ms) => hourMinute(ms, app.zone);
    const alerts = r.alerts.slice(0, MARKS_MAX).map((a) => el('button.chip', { type: 'button', onclick: () => app.do.replay.seek(a.start) }, mark(a.severity), ` ${when(a.start)} ${word('kind', a.kind)}`));
    const stops = r.stops.slice(0, MARKS_MAX).map((stop) => el('button.chip.quiet', { type: 'button', onclick: () => app.do.replay.seek(stop.from) }, t('replay.stop', { time: when(stop.from), span: span(stop.to - stop.from) })));
    const gaps = r.gaps.slice(0, MARKS_MAX).map((gap) => el('button.chip.quiet', { type: 'button', onclick: () => app.do.replay.seek(gap.from) }, t('replay.gap', { time: when(gap.from), span: span(gap.to - gap.from) })));
    return [...alerts, ...stops, ...gaps, r.track.late.length > 0 ? el('span.late_count', {}, t('replay.late', { n: r.track.late.length })) : null].filter(Boolean);
}

function othersOf(area, app) {
    const { t } = app.words, when = (ms) => hourMinute(ms, app.zone);
    const chips = area.vehicles.map((vehicle) => el('button.chip', { type: 'button', title: vehicle.company ?? '', 'data-vehicle': vehicle.id, onclick: () => app.do.replay.other(vehicle.id) },
        el('bdi', {}, vehicle.name), ` ${vehicle.passes.slice(0, 3).map((pass) => `${when(pass.entered)}–${when(pass.left)}`).join(', ')} · ${Math.round(Math.min(...vehicle.passes.map((pass) => pass.metres)))} ${app.words.word('unit', 'm')}`));
    const said = area.why !== '' ? t('detail.unreachable', { why: area.why }) : area.busy && area.vehicles.length === 0 ? t('act.sending') : area.vehicles.length === 0 ? t('replay.alone') : area.more > 0 ? t('shift.more', { n: area.more }) : '';
    return [...chips, said === '' ? null : el('span.small', {}, said)].filter(Boolean);
}

export function makeReplayBar(root, app) {
    const { t, word } = app.words, go = () => app.do.replay;
    const play = el('button.strong', { type: 'button', onclick: () => go().toggle() });
    const rate = el('select', { 'aria-label': t('replay.rate'), onchange: () => go().rate(Number(rate.value)) }, ...RATES.map((n) => el('option', { value: String(n) }, `${n}×`)));
    const radius = el('select', { 'aria-label': t('replay.area'), onchange: () => go().area(Number(radius.value)) }, el('option', { value: '0' }, t('replay.area_none')), ...RADII_M.map((n) => el('option', { value: String(n) }, t('replay.area_of', { n }))));
    const when = el('time.when'), what = el('span.what'), kept = el('span.kept'), name = el('bdi'), span = el('span.small');
    const slider = el('input', { type: 'range', min: '0', max: '1000', step: '1', 'aria-label': t('replay.time'), oninput: () => go().seekShare(Number(slider.value) / 1000) });
    const canvas = el('canvas.strip', { 'aria-hidden': 'true' }), marks = el('div.marks'), others = el('div.marks.others', { role: 'status' });
    const names = el('div.band_names', { 'aria-hidden': 'true' }, el('span', {}, word('unit', 'km/h')), ...BANDS.map((band) => el('span', {}, word('sensor', band))));
    const button = (key, act, more = {}) => el('button', { type: 'button', onclick: act, ...more }, t(key));
    const sign = (text, key, act) => el('button', { type: 'button', 'aria-label': t(key), title: t(key), onclick: act }, text);
    root.className = 'replay';
    root.setAttribute('aria-label', t('replay.label'));
    root.replaceChildren(
        el('div.line', {}, el('b', {}, name), play, sign('‹', 'replay.back', () => go().step(-1)), sign('›', 'replay.forward', () => go().step(1)), rate, when, what, kept),
        el('div.strip_row', {}, names, el('div.strip_frame', {}, canvas, slider)), marks, others,
        el('div.line.foot', {}, span, radius, button('replay.other', () => app.do.askReplay()), el('span.stretch'), button('replay.earlier', () => go().shift(-1)), button('replay.later', () => go().shift(1)), button('replay.wider', () => go().wider()),
            button('replay.gpx', () => go().save('gpx')), button('replay.geojson', () => go().save('geojson')), button('replay.csv', () => go().save('csv'))),
        el('button.close', { type: 'button', 'aria-label': t('replay.close'), title: t('replay.close'), onclick: () => go().close() }, '×'));
    show(root, false);
    let drawn = null, told = '';

    function drawWhole(r) {
        drawn = r.track;
        drawStrip(canvas, r, app.zone, (one) => word('reading', one));
        say(name, r.name);
        say(kept, keptOf(r, app));
        say(span, `${dateTime(r.from, app.zone)} – ${dateTime(r.to, app.zone)} · ${app.zone}`);
        marks.replaceChildren(...marksOf(r, app));
    }
    /* Chips are kept while nothing about them changes: they may have the keyboard. */
    function drawArea(area) {
        const key = area === null ? '' : `${area.radius} ${area.busy} ${area.why} ${area.vehicles.length} ${area.more}`;
        radius.value = area === null ? '0' : String(area.radius);
        show(others, area !== null);
        if (area !== null && key !== told)
            others.replaceChildren(...othersOf(area, app));
        told = key;
    }
    new ResizeObserver(() => { if (app.replay?.track) drawWhole(app.replay); }).observe(canvas);

    /* `r`: as replaying.js has it, or null. */
    return function draw(r) {
        show(root, r !== null && r.track !== undefined);
        if (r === null || r.track === undefined)
            return;
        if (drawn !== r.track)
            drawWhole(r);
        drawArea(r.area);
        say(play, r.playing ? t('replay.pause') : t('replay.play'));
        set(play, 'aria-pressed', String(r.playing));
        rate.value = String(r.rate);
        say(when, dateTime(r.t, app.zone));
        say(what, whatOf(r, app));
        if (document.activeElement !== slider || r.playing)
            slider.value = String(Math.round(((r.t - r.from) / (r.to - r.from)) * 1000));
        set(slider, 'aria-valuetext', `${dateTime(r.t, app.zone)} ${what.textContent}`);
    };
}
