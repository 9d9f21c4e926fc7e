/*
 * replaying: a vehicle's past, played. What is played stands in `app.replay`; the map shows where it was, and how it came there. The list and what is
 * new go on beside it.
 */
import { boxOf } from './core/geo.js';
import { stateAt, stepFrom, stopsOf, toGeoJson, toGpx, wayUpTo } from './core/replay.js';
import { queryOf } from './io/api.js';

const HALF_MS = 30 * 60_000, TICK_MS = 100, POINTS_MAX = 20_000, WIDEST_MS = 24 * 3_600_000;
const NOTHING = { type: 'FeatureCollection', features: [] };

function download(name, type, text) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function read(app, r) {
    const vehicle = encodeURIComponent(r.vehicle);
    const [track, found] = await Promise.all([
        app.api.get(`/api/v1/vehicles/${vehicle}/track?${queryOf({ from: r.from, to: r.to, max: POINTS_MAX, purpose: 'replay' })}`),
        app.api.get(`/api/v1/violations?${queryOf({ vehicle: r.vehicle, from: Math.max(0, r.from - WIDEST_MS), to: r.to, order: 'time', limit: 200 })}`),
    ]);
    return { track, alerts: found.items.filter((a) => a.start !== undefined && (a.end ?? r.to) >= r.from).sort((a, b) => a.start - b.start) };
}

function features(r) {
    const lines = wayUpTo(r.track, r.t).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { what: 'way' } }));
    const whole = wayUpTo(r.track, r.to).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { what: 'whole' } }));
    const stops = stopsOf(r.track).map((stop) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [stop.lon, stop.lat] }, properties: { what: 'stop' } }));
    const now = r.at === null ? [] : [{ type: 'Feature', geometry: { type: 'Point', coordinates: [r.at.lon, r.at.lat] }, properties: { what: 'now', name: r.name, track: r.at.track ?? 0, known: r.at.known } }];
    return { type: 'FeatureCollection', features: [...whole, ...stops, ...lines, ...now] };
}

export function makeReplaying(app) {
    let timer = null, asked = 0;

    function put(fit) {
        const r = app.replay;
        if (r?.track === undefined)
            return;
        r.at = stateAt(r.track, r.t);
        app.city.putReplay(features(r), fit ? boxOf(r.track.lat.map((lat, i) => ({ lat, lon: r.track.lon[i] }))) : null, r.at);
        app.draw();
    }
    function tick() {
        const r = app.replay;
        if (r === null || !r.playing)
            return;
        r.t = Math.min(r.to, r.t + TICK_MS * r.rate);
        r.playing = r.t < r.to;
        put(false);
    }
    async function open(vehicle, name, middle, half) {
        const mine = ++asked, from = Math.max(0, Math.round(middle - half));
        const r = { vehicle, name, from, to: Math.round(middle + half), t: from, rate: app.replay?.rate ?? 30, playing: false, at: null };
        try {
            Object.assign(r, await read(app, r));
        } catch (error) {
            app.say(error.message);
            return;
        }
        if (mine !== asked)
            return; /* another was asked for meanwhile */
        r.t = r.track.time[0] ?? r.from;
        app.replay = r;
        timer ??= setInterval(tick, TICK_MS);
        put(true);
    }
    function change(part, fit = false) {
        if (app.replay !== null) {
            Object.assign(app.replay, part);
            put(fit);
        }
    }
    const middle = () => (app.replay.from + app.replay.to) / 2, half = () => (app.replay.to - app.replay.from) / 2;

    return {
        ofAlert(alert) {
            if (alert?.vehicle && alert.start !== undefined)
                open(alert.vehicle, alert.plate || alert.vehicle, alert.start, HALF_MS);
        },
        toggle: () => change({ playing: !app.replay.playing, t: app.replay.t >= app.replay.to ? app.replay.from : app.replay.t }),
        rate: (rate) => change({ rate }),
        seek: (t) => change({ t: Math.max(app.replay.from, Math.min(app.replay.to, t)), playing: false }),
        seekShare: (share) => change({ t: app.replay.from + share * (app.replay.to - app.replay.from), playing: false }),
        step: (by) => change({ t: stepFrom(app.replay.track, app.replay.t, by), playing: false }),
        shift: (by) => open(app.replay.vehicle, app.replay.name, middle() + by * half() * 2, half()),
        wider: () => open(app.replay.vehicle, app.replay.name, middle(), Math.min(WIDEST_MS / 2, half() * 2)),
        close() {
            asked++;
            clearInterval(timer);
            timer = null;
            app.replay = null;
            app.city.putReplay(NOTHING, null, null);
            app.draw();
        },
        save(kind) {
            const { track, name, vehicle, from, to } = app.replay;
            if (kind === 'csv')
                location.assign(`/api/v1/export/track.csv?${queryOf({ vehicle, from, to, lang: app.words.tracker, purpose: 'replay' })}`);
            else if (kind === 'gpx')
                download(`${vehicle}.gpx`, 'application/gpx+xml', toGpx(track, name));
            else
                download(`${vehicle}.geojson`, 'application/geo+json', toGeoJson(track, name));
        },
    };
}
