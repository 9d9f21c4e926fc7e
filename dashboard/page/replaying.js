/*
 * replaying: a vehicle's past, played. What is played stands in `app.replay`; the map shows where it was, how it came there, and the fences that were in force
 * then. The list and what is new go on beside it. With the area all that passed there are played with it. Loaded when something is played first.
 */
import { areaFeatures, areaSpan, vehiclesOf } from './core/area.js';
import { placeOf } from './core/alert.js';
import { boxOf, circle } from './core/geo.js';
import { bandOf, BANDS, gapsOf, latePlaces, markFrom, stateAt, stepFrom, stopsOf, toGeoJson, toGpx, wayUpTo } from './core/replay.js';
import { queryOf } from './io/api.js';
import { download } from './io/download.js';

export const RATES = [1, 5, 15, 30, 60, 120];
const HALF_MS = 30 * 60_000, TICK_MS = 100, POINTS_MAX = 20_000, WIDEST_MS = 24 * 3_600_000, AT_ONCE = 4, OTHERS_POINTS = 3000;
const NOTHING = { type: 'FeatureCollection', features: [] };

async function read(app, r) {
    const [track, found] = await Promise.all([
        app.api.get(`/api/v1/vehicles/${encodeURIComponent(r.vehicle)}/track?${queryOf({ from: r.from, to: r.to, max: POINTS_MAX, purpose: 'replay' })}`),
        app.api.get(`/api/v1/violations?${queryOf({ vehicle: r.vehicle, from: Math.max(0, r.from - WIDEST_MS), to: r.to, order: 'time', limit: 200 })}`),
    ]);
    const alerts = found.items.filter((a) => a.start !== undefined && (a.end ?? r.to) >= r.from).sort((a, b) => a.start - b.start);
    return { track, alerts, gaps: gapsOf(track), stops: stopsOf(track), bands: BANDS.map((name) => ({ name, spans: bandOf(track, name) })) };
}

/* Who passed; where there is no archive an hour is answered, that around the hand. */
async function askWho(app, r, place, radius) {
    const ask = (whole) => app.api.get(`/api/v1/near?${queryOf({ lat: place.lat, lon: place.lon, radius, ...areaSpan(r, r.t, whole), purpose: 'replay' })}`);
    try {
        return await ask(true);
    } catch (error) {
        if (error.status !== 400)
            throw error;
        return ask(false);
    }
}

const line = (what) => (coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { what } });
const point = (what, coordinates, more = {}) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties: { what, ...more } });

function features(r) {
    const now = r.at === null ? [] : [point('now', [r.at.lon, r.at.lat], { name: r.name, track: r.at.track ?? 0, known: r.at.known })];
    const area = r.area === null ? [] : [line('area')(circle(r.area.place, r.area.radius)), ...areaFeatures(r.area.vehicles, r.t)];
    return { type: 'FeatureCollection', features: [
        ...wayUpTo(r.track, r.to).map(line('whole')), ...r.stops.map((stop) => point('stop', [stop.lon, stop.lat])), ...wayUpTo(r.track, r.t).map(line('way')),
        ...latePlaces(r.track).map((at) => point('late', at)), ...area, ...now] };
}

/* All tracks of those that passed, a few at a time; each is drawn when it is there. `isWanted()`: the area has not been left meanwhile. */
async function readOthers(app, r, area, isWanted, drawn) {
    const waiting = [...area.vehicles];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let vehicle = waiting.shift(); vehicle !== undefined && isWanted(); vehicle = waiting.shift()) {
            try {
                vehicle.track = await app.api.get(`/api/v1/vehicles/${encodeURIComponent(vehicle.id)}/track?${queryOf({ from: r.from, to: r.to, max: OTHERS_POINTS, purpose: 'replay' })}`);
            } catch (error) {
                vehicle.why = error.message;
            }
            drawn();
        }
    }));
}

function saving(app) {
    return (kind) => {
        const { track, name, vehicle, from, to } = app.replay;
        if (kind === 'csv')
            location.assign(`/api/v1/export/track.csv?${queryOf({ vehicle, from, to, lang: app.words.tracker, purpose: 'replay' })}`);
        else if (kind === 'gpx')
            download(`${vehicle}.gpx`, 'application/gpx+xml', toGpx(track, name));
        else
            download(`${vehicle}.geojson`, 'application/geo+json', toGeoJson(track, name));
    };
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
    /* `of`: {vehicle, name, from, to, t, world, place}: `t` where the hand stands first, `world` that which was in force. */
    async function open(of) {
        const mine = ++asked, r = { ...of, rate: app.replay?.rate ?? 30, playing: false, at: null, area: null };
        try {
            Object.assign(r, await read(app, r));
        } catch (error) {
            app.say(error.message);
            return;
        }
        if (mine !== asked)
            return; /* another was asked for meanwhile */
        r.t = Math.max(r.from, Math.min(r.to, of.t ?? r.track.time[0] ?? r.from));
        app.replay = r;
        timer ??= setInterval(tick, TICK_MS);
        put(true);
    }
    function change(part) {
        if (app.replay !== null) {
            Object.assign(app.replay, part);
            put(false);
        }
    }
    async function showArea(radius) {
        const r = app.replay, place = r.area?.place ?? r.place ?? r.at;
        if (radius === 0 || !place)
            return change({ area: null });
        const area = r.area = { place: { lat: place.lat, lon: place.lon }, radius, vehicles: [], more: 0, busy: true, why: '' };
        const isWanted = () => app.replay === r && r.area === area;
        put(false);
        try {
            const told = await askWho(app, r, place, radius);
            Object.assign(area, vehiclesOf(told.items, r.vehicle), { truncated: told.truncated });
            await readOthers(app, r, area, isWanted, () => { if (isWanted()) put(false); });
        } catch (error) {
            area.why = error.message;
        }
        area.busy = false;
        if (isWanted())
            put(false);
    }
    const of = () => { const { vehicle, name, from, to, world, place } = app.replay; return { vehicle, name, from, to, world, place }; };
    const middle = () => (app.replay.from + app.replay.to) / 2, half = () => (app.replay.to - app.replay.from) / 2;
    const around = (at, by) => ({ from: Math.max(0, Math.round(at - by)), to: Math.round(at + by) });
    const seek = (t) => change({ t: Math.max(app.replay.from, Math.min(app.replay.to, t)), playing: false });

    return {
        ofAlert(alert) {
            if (alert?.vehicle && alert.start !== undefined)
                open({ vehicle: alert.vehicle, name: alert.plate || alert.vehicle, ...around(alert.start, HALF_MS), world: alert.ruleset, place: placeOf(alert), t: Math.max(alert.start - 5 * 60_000, 0) });
        },
        ofVehicle(vehicle, from, to) {
            if (to > from)
                open({ vehicle, name: app.state.vehicles.get(vehicle)?.plate || vehicle, from: Math.max(0, Math.round(from), Math.round(to - WIDEST_MS)), to: Math.round(to) });
        },
        toggle: () => change({ playing: !app.replay.playing, t: app.replay.t >= app.replay.to ? app.replay.from : app.replay.t }),
        rate: (rate) => change({ rate }),
        faster: (by) => change({ rate: RATES[Math.max(0, Math.min(RATES.length - 1, RATES.indexOf(app.replay.rate) + by))] }),
        seek,
        seekShare: (share) => change({ t: app.replay.from + share * (app.replay.to - app.replay.from), playing: false }),
        step: (by) => change({ t: stepFrom(app.replay.track, app.replay.t, by), playing: false }),
        mark(by) {
            const t = markFrom(app.replay.alerts, app.replay.t, by);
            if (t !== null)
                seek(t);
        },
        shift: (by) => open({ ...of(), ...around(middle() + by * half() * 2, half()) }),
        wider: () => open({ ...of(), ...around(middle(), Math.min(WIDEST_MS / 2, half() * 2)), t: app.replay.t }),
        area: showArea,
        other(vehicle) {
            const { from, to, t, world, place } = app.replay, name = app.replay.area?.vehicles.find((one) => one.id === vehicle)?.name ?? vehicle;
            open({ vehicle, name, from, to, t, world, place });
        },
        close() {
            asked++;
            clearInterval(timer);
            timer = null;
            app.replay = null;
            app.city.putReplay(NOTHING, null, null);
            app.draw();
        },
        save: saving(app),
    };
}
