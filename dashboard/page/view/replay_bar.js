/*
 * replay_bar: below the map, a vehicle's past: its speed as a line, what is not known as hatching, stops, alerts as marks to jump to, and a hand
 * that is moved by the slider, by keys, and by itself.
 */
import { gapsOf, stopsOf } from '../core/replay.js';
import { dateTime, hourMinute } from '../core/zone.js';
import { el, say, set, show } from './dom.js';

const RATES = [1, 5, 15, 30, 60, 120];
const HEIGHT = 64, SPEED_MAX = 100;
const COLOURS = { line: '#7db8ff', gap: '#5b6773', stop: '#c7d0da', critical: '#ff5a5c', major: '#ffa940', minor: '#ffe066', text: '#a9b6c3', hand: '#ffffff', late: '#d58bff' };

function drawStrip(canvas, r, zone) {
    const scale = globalThis.devicePixelRatio || 1, width = canvas.clientWidth, g = canvas.getContext('2d');
    canvas.width = width * scale;
    canvas.height = HEIGHT * scale;
    g.scale(scale, scale);
    const x = (t) => ((t - r.from) / (r.to - r.from)) * width, y = (kmh) => HEIGHT - 14 - (Math.min(kmh, SPEED_MAX) / SPEED_MAX) * (HEIGHT - 20);
    for (const { from, to } of r.gaps) {
        g.fillStyle = COLOURS.gap;
        for (let at = x(from); at < x(to); at += 6)
            g.fillRect(at, 4, 1.5, HEIGHT - 18);
    }
    g.fillStyle = COLOURS.stop;
    r.stops.forEach(({ from, to }) => g.fillRect(x(from), HEIGHT - 13, Math.max(2, x(to) - x(from)), 3));
    for (const a of r.alerts) {
        g.fillStyle = COLOURS[a.severity] ?? COLOURS.text;
        const begin = x(Math.max(r.from, a.start)), end = x(Math.min(r.to, a.end ?? r.to));
        g.globalAlpha = 0.28;
        g.fillRect(begin, 0, Math.max(3, end - begin), HEIGHT - 14);
        g.globalAlpha = 1;
        g.fillRect(begin, 0, Math.max(3, end - begin), 4);
    }
    g.strokeStyle = COLOURS.line;
    g.lineWidth = 1.5;
    g.beginPath();
    const holes = new Set(r.gaps.map((gap) => gap.to));
    r.track.time.forEach((t, i) => {
        const v = r.track.speed[i];
        if (v === null)
            return;
        if (i === 0 || holes.has(t))
            g.moveTo(x(t), y(v));
        else
            g.lineTo(x(t), y(v));
    });
    g.stroke();
    g.fillStyle = COLOURS.late;
    r.track.late.forEach((i) => g.fillRect(x(r.track.time[i]), HEIGHT - 18, 2, 4));
    g.fillStyle = COLOURS.text;
    g.font = '11px sans-serif';
    for (let n = 0; n < 6; n++)
        g.fillText(hourMinute(r.from + ((r.to - r.from) * n) / 6, zone), (width * n) / 6 + 3, HEIGHT - 1);
}

export function makeReplayBar(root, app) {
    const { t, word } = app.words;
    const play = el('button.strong', { type: 'button', onclick: () => app.do.replay.toggle() });
    const rate = el('select', { 'aria-label': t('replay.rate'), onchange: () => app.do.replay.rate(Number(rate.value)) }, ...RATES.map((n) => el('option', { value: String(n), selected: n === 30 }, `${n}×`)));
    const when = el('time.when'), what = el('span.what'), kept = el('span.kept');
    const slider = el('input', { type: 'range', min: '0', max: '1000', step: '1', 'aria-label': t('replay.time'), oninput: () => app.do.replay.seekShare(Number(slider.value) / 1000) });
    const canvas = el('canvas.strip', { 'aria-hidden': 'true' });
    const marks = el('div.marks'), name = el('b');
    const button = (key, go) => el('button', { type: 'button', onclick: go }, t(key));
    root.className = 'replay';
    root.setAttribute('aria-label', t('replay.label'));
    root.replaceChildren(
        el('div.line', {}, play, el('button', { type: 'button', 'aria-label': t('replay.back'), onclick: () => app.do.replay.step(-1) }, '‹'), el('button', { type: 'button', 'aria-label': t('replay.forward'), onclick: () => app.do.replay.step(1) }, '›'), rate, name, when, what, kept,
            el('span.stretch'), button('replay.earlier', () => app.do.replay.shift(-1)), button('replay.later', () => app.do.replay.shift(1)), button('replay.wider', () => app.do.replay.wider()),
            button('replay.gpx', () => app.do.replay.save('gpx')), button('replay.geojson', () => app.do.replay.save('geojson')), button('replay.csv', () => app.do.replay.save('csv')),
            el('button.close', { type: 'button', 'aria-label': t('replay.close'), onclick: () => app.do.replay.close() }, '×')),
        el('div.strip_frame', {}, canvas, slider), marks);
    show(root, false);
    let drawn = null;

    function drawWhole(r) {
        drawn = r.track;
        r.gaps = gapsOf(r.track);
        r.stops = stopsOf(r.track);
        drawStrip(canvas, r, app.zone);
        say(name, r.name);
        say(kept, r.track.kept_since !== null && r.track.kept_since > r.from && r.track.kept_since < r.to ? t('replay.kept', { time: dateTime(r.track.kept_since, app.zone) }) : r.track.time.length === 0 ? t('replay.nothing') : r.track.truncated ? t('replay.truncated') : '');
        marks.replaceChildren(...r.alerts.slice(0, 30).map((a) => el('button.chip', { type: 'button', onclick: () => app.do.replay.seek(a.start) }, `${hourMinute(a.start, app.zone)} ${word('kind', a.kind)}`)),
            ...r.stops.slice(0, 30).map((stop) => el('button.chip.quiet', { type: 'button', onclick: () => app.do.replay.seek(stop.from) }, t('replay.stop', { time: hourMinute(stop.from, app.zone), span: app.words.span(stop.to - stop.from) }))));
    }
    new ResizeObserver(() => { if (app.replay?.track) drawWhole(app.replay); }).observe(canvas);

    /* `r`: {track, from, to, t, name, alerts, playing, at} or null. */
    return function draw(r) {
        show(root, r !== null && r.track !== undefined);
        if (r === null || r.track === undefined)
            return;
        if (drawn !== r.track)
            drawWhole(r);
        say(play, r.playing ? t('replay.pause') : t('replay.play'));
        set(play, 'aria-pressed', String(r.playing));
        say(when, dateTime(r.t, app.zone));
        say(what, r.at === null ? '' : !r.at.known ? t('replay.unknown') : r.at.speed === null ? '' : `${Math.round(r.at.speed)} ${word('unit', 'km/h')}`);
        if (document.activeElement !== slider || r.playing)
            slider.value = String(Math.round(((r.t - r.from) / (r.to - r.from)) * 1000));
        set(slider, 'aria-valuetext', dateTime(r.t, app.zone));
    };
}
