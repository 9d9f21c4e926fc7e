/*
 * replay_strip: a vehicle's past as a picture: its speed as a line, below it a band a sensor with its words, what is not known as hatching across all of
 * them, stops, late fixes and alerts as marks. A colour never stands alone: each band has its name, and its words where there is room.
 */
import { hourMinute } from '../core/zone.js';

const TEXT_PX = 14, SPEED = 52, BAND = 15, FOOT = 15, SPEED_MAX = 100, LABEL_MIN_PX = 26;
const COLOURS = { line: '#7db8ff', gap: '#74828f', stop: '#c7d0da', critical: '#ff5a5c', major: '#ffa940', minor: '#ffe066', text: '#c9d3dd', late: '#d58bff', ground: '#0b1016', edge: '#26323e' };
/* What matters is bright, what is usual dim. */
const WORDS = { raised: '#e2574c', down: '#33475a', loaded: '#b98532', over: '#e2574c', empty: '#33475a', open: '#b98532', closed: '#33475a', on: '#2f7d5b', off: '#33475a', fault: '#7b3fa0' };

export const heightOf = (bands) => SPEED + bands.length * BAND + FOOT;

function drawSpeed(g, r, x) {
    const y = (kmh) => SPEED - 3 - (Math.min(kmh, SPEED_MAX) / SPEED_MAX) * (SPEED - 10), holes = new Set(r.gaps.map((gap) => gap.to));
    g.fillStyle = COLOURS.stop;
    r.stops.forEach(({ from, to }) => g.fillRect(x(from), SPEED - 4, Math.max(2, x(to) - x(from)), 3));
    g.strokeStyle = COLOURS.line;
    g.lineWidth = 1.5;
    g.beginPath();
    let drawn = false;
    r.track.time.forEach((t, i) => {
        const v = r.track.speed[i];
        if (holes.has(t))
            drawn = false;
        if (v === null)
            return;
        if (drawn)
            g.lineTo(x(t), y(v));
        else
            g.moveTo(x(t), y(v));
        drawn = true;
    });
    g.stroke();
    g.fillStyle = COLOURS.late;
    r.track.late.forEach((i) => g.fillRect(x(r.track.time[i]) - 1, SPEED - 12, 2.5, 7));
}

function drawBands(g, r, x, wordOf) {
    g.font = '10.5px sans-serif';
    g.textBaseline = 'middle';
    r.bands.forEach((band, row) => {
        const top = SPEED + row * BAND;
        g.fillStyle = COLOURS.edge;
        g.fillRect(0, top, x(r.to), 1);
        for (const { from, to, word } of band.spans) {
            const width = Math.max(1.5, x(to) - x(from));
            g.fillStyle = WORDS[word] ?? COLOURS.edge;
            g.fillRect(x(from), top + 2, width, BAND - 3);
            const said = wordOf(word);
            if (width > LABEL_MIN_PX && g.measureText(said).width < width - 6) {
                g.fillStyle = '#fff';
                g.fillText(said, x(from) + 3, top + BAND / 2 + 1);
            }
        }
    });
}

function drawGaps(g, r, x, bottom) {
    const { time } = r.track, ends = time.length === 0 ? [{ from: r.from, to: r.to }] : [{ from: r.from, to: time[0] }, { from: time[time.length - 1], to: r.to }];
    for (const { from, to } of [...r.gaps, ...ends]) {
        g.fillStyle = COLOURS.ground;
        g.fillRect(x(from), 0, x(to) - x(from), bottom);
        g.fillStyle = COLOURS.gap;
        for (let at = x(from) + 1; at < x(to); at += 6)
            g.fillRect(at, 3, 1.5, bottom - 6);
    }
}

function drawAlerts(g, r, x, bottom) {
    for (const a of r.alerts) {
        g.fillStyle = COLOURS[a.severity] ?? COLOURS.text;
        const begin = x(Math.max(r.from, a.start)), width = Math.max(3, x(Math.min(r.to, a.end ?? r.to)) - begin);
        g.globalAlpha = 0.24;
        g.fillRect(begin, 0, width, bottom);
        g.globalAlpha = 1;
        g.fillRect(begin, 0, width, 4);
        g.fillRect(begin, 0, 1.5, bottom);
    }
}

/** Draws all of `r` (replaying.js) onto a canvas that is laid out. `wordOf(word)`: a sensor's, in words. */
export function drawStrip(canvas, r, zone, wordOf) {
    /* As large as what is read is on this screen (style.css). */
    const times = parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT_PX || 1, scale = (globalThis.devicePixelRatio || 1) * times, width = canvas.clientWidth / times, height = heightOf(r.bands), g = canvas.getContext('2d'), bottom = height - FOOT;
    canvas.width = width * scale;
    canvas.height = height * scale;
    g.scale(scale, scale);
    const x = (t) => ((t - r.from) / (r.to - r.from)) * width;
    drawBands(g, r, x, wordOf);
    drawAlerts(g, r, x, bottom);
    drawSpeed(g, r, x);
    drawGaps(g, r, x, bottom);
    g.fillStyle = COLOURS.text;
    g.font = '11px sans-serif';
    g.textBaseline = 'alphabetic';
    for (let n = 0; n < 6; n++)
        g.fillText(hourMinute(r.from + ((r.to - r.from) * n) / 6, zone), (width * n) / 6 + 3, height - 3);
}
