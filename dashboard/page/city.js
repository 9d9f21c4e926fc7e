/*
 * city: joins the store to the map: vehicles once a second at most, fences of what is in view, the chosen alert with its track. The page works
 * without: where there is no WebGL it says so.
 */
import { isToDo, placeOf, weight } from './core/alert.js';
import { inView } from './core/clusters.js';
import { placesOf } from './core/permits.js';
import { alertFeatures, fenceFeatures, permitFeatures, trackFeatures, vehicleFeatures } from './core/map_data.js';
import { VEHICLES, WORLD } from './core/store.js';
import { shortTime } from './core/zone.js';
import { shapeOf } from './io/map_icons.js';
import { makeMap } from './io/map.js';
import { queryOf } from './io/api.js';
import { latest } from './io/latest.js';
import { makeMapFrame } from './view/map_frame.js';

const AROUND_DEG = 0.25, VEHICLES_MS = 1000, FENCES_MS = 60_000, BEFORE_MS = 10 * 60_000, AFTER_MS = 5 * 60_000, RESIZED_MS = 120;
const NOTHING = { type: 'FeatureCollection', features: [] };

export function makeCity(root, app) {
    const frame = makeMapFrame(root, app);
    let permitOf = {}, permitShown = NOTHING, map = null, fencesOf = { at: null, until: Infinity }, drawnAt = 0, fencesAt = 0, follows = false, fitted = false, chosen = null, named = 0, editor = null, ruler = null;

    function worstByVehicle(alerts) {
        const worst = new Map();
        for (const a of alerts)
            if (weight(a.severity) > weight(worst.get(a.vehicle)))
                worst.set(a.vehicle, a.severity);
        return (id) => worst.get(id) ?? '';
    }

    /* One question at a time; the map may have moved on meanwhile. */
    const readFences = latest(askFences);
    async function askFences() {
        if (map === null || app.state.world === null || !app.settings.layers.fences || editor !== null)
            return;
        fencesAt = Date.now();
        try {
            const [[west, south], [east, north]] = map.box();
            const bbox = [Math.max(-180, west), Math.max(-90, south), Math.min(180, east), Math.min(90, north)].map((n) => n.toFixed(5)).join(',');
            /* While something is played, those that were in force then, in the world that was. */
            const at = app.replay !== null ? Math.floor(app.replay.t) : app.dataNow() === app.now() ? undefined : app.state.newest;
            const told = await app.api.get(`/api/v1/worlds/${app.replay?.world ?? app.state.world}/fences?${queryOf({ bbox, zoom: map.zoom().toFixed(1), at })}`);
            fencesOf = { at: app.replay === null ? null : at, until: told.features.reduce((least, f) => Math.min(least, f.properties.next_change ?? Infinity), Infinity) };
            map.put.fences(fenceFeatures(told, app.words.tracker, (next) => (next === null ? app.words.t('fence.not_now') : app.words.t('fence.changes', { time: shortTime(next, app.dataNow(), app.zone) })), [west, south, east, north]));
        } catch (error) {
            fencesOf = { at: app.replay === null ? null : 0, until: Infinity }; /* not known of then: not asked for again at each step */
            if (error.status === 404)
                fencesAt = Date.now() - FENCES_MS + VEHICLES_MS; /* the gateway has not read a world that is new: asked again in a second */
            else
                app.say(error.message);
        }
    }

    async function readTrack(alert) {
        map.put.track(NOTHING);
        if (alert?.start === undefined || !alert.vehicle)
            return;
        const span = { from: Math.max(0, alert.start - BEFORE_MS), to: (alert.end ?? Math.max(alert.at ?? 0, app.dataNow())) + AFTER_MS, max: 3000, purpose: 'alert' };
        try {
            const track = await app.api.get(`/api/v1/vehicles/${encodeURIComponent(alert.vehicle)}/track?${queryOf(span)}`);
            if (app.selected === alert.id)
                map.put.track(trackFeatures(track));
        } catch {
            /* The place is shown all the same. */
        }
    }

    /* Where its permit lets it go: corridor, site and disposal. Fences around the alert are asked for, and those that the permit names are kept. */
    async function readPermit(alert, told) {
        map.put.route(permitShown = NOTHING);
        const place = alert === undefined ? undefined : placeOf(alert), places = told === undefined ? new Map() : placesOf(told.permits, alert, app.more.vehicle?.value?.haul ?? null);
        if (place === undefined || places.size === 0)
            return;
        const bbox = [place.lon - AROUND_DEG, place.lat - AROUND_DEG, place.lon + AROUND_DEG, place.lat + AROUND_DEG].map((n) => n.toFixed(3)).join(',');
        try {
            const fences = await app.api.get(`/api/v1/worlds/${app.state.world}/fences?${queryOf({ bbox, zoom: 12, at: Math.max(0, alert.start ?? 0) })}`);
            if (app.selected === alert.id)
                map.put.route(permitShown = permitFeatures(fences, places));
        } catch {
            /* The alert is shown all the same. */
        }
    }

    function revealChosen() {
        const alert = app.state.alerts.get(chosen);
        if (alert !== undefined)
            map.reveal(placeOf(alert));
    }

    function drawChosen() {
        const alert = app.state.alerts.get(app.selected), key = alert === undefined ? null : alert.id;
        const about = app.more.about?.value, haul = app.more.vehicle?.value?.haul;
        if (key !== permitOf.key || about !== permitOf.about || haul !== permitOf.haul) {
            permitOf = { key, about, haul };
            readPermit(alert, about);
        }
        if (key === chosen)
            return;
        chosen = key;
        map.put.chosen(alert === undefined ? NOTHING : alertFeatures(alert));
        revealChosen();
        setTimeout(revealChosen, RESIZED_MS); /* what is told of it takes a part of the map first */
        readTrack(alert);
    }

    function drawVehicles(c) {
        if (Date.now() - drawnAt < VEHICLES_MS)
            return;
        drawnAt = Date.now();
        map.put.vehicles(inView(vehicleFeatures(app.state.vehicles, c.dataNow, worstByVehicle(c.toDo), shapeOf), map.box(), map.zoom()));
        const vehicle = follows && app.replay === null ? app.state.vehicles.get(app.state.alerts.get(app.selected)?.vehicle) : undefined;
        if (vehicle !== undefined && vehicle.lat !== null)
            map.reveal(vehicle);
        if (!fitted && app.state.vehicles.size > 0) {
            fitted = true;
            map.fit([...app.state.vehicles.values()]);
        }
    }

    /* Those that were told of by a move alone have no plate yet. */
    async function readNames() {
        if (app.state.unnamed.size === 0 || Date.now() - named < 10_000)
            return;
        named = Date.now();
        const items = [];
        for (let cursor = ''; ;) {
            const page = await app.api.get(`/api/v1/vehicles?limit=500${cursor}`);
            items.push(...page.items);
            if (page.next === null)
                break;
            cursor = `&cursor=${encodeURIComponent(page.next)}`;
        }
        app.change({ type: 'names', items });
    }

    function setFollow(on) {
        follows = on;
        frame.following(on);
    }

    function moved() {
        drawnAt = 0;
        readFences();
        app.draw();
    }
    /* While fences are edited those of the editor stand for them. */
    const layersNow = () => (editor === null ? app.settings.layers : { ...app.settings.layers, fences: false });

    async function baseMap() {
        try {
            return await app.api.get('/api/v1/basemap');
        } catch {
            return { kind: 'none', url: null, crs: 'wgs84' };
        }
    }
    async function menu(place, point) {
        const { showPlaceMenu } = await import(/* later */ './view/place_menu.js');
        showPlaceMenu(frame.place, app, place, point);
    }

    return {
        below: frame.below,
        async start() {
            try {
                const base = await baseMap();
                frame.base(base);
                map = await makeMap(frame.ground, { words: app.words, base, onMoved: moved, onDrag: () => setFollow(false), onPoint: frame.point, onMenu: menu, onVehicle: (id) => (editor === null && ruler === null ? app.do.selectVehicle(id) : undefined) });
            } catch (error) {
                console.warn(error.message);
                frame.without();
                return;
            }
            map.showLayers(layersNow());
            new ResizeObserver(() => map.resize()).observe(frame.ground);
            readFences();
            app.draw();
        },
        touch(changed) {
            if ((changed & WORLD) !== 0) {
                fencesAt = 0;
                editor?.onWorld?.();
            }
            if ((changed & VEHICLES) !== 0)
                readNames().catch(() => {});
        },
        draw(c) {
            if (map === null)
                return;
            frame.mayEdit(app.session?.role === 'admin' && !app.wall);
            drawVehicles(c);
            drawChosen();
            if (Date.now() - fencesAt > FENCES_MS)
                readFences();
        },
        /* While something is played, vehicles as they are now stay, faint. */
        putReplay(data, box, at) {
            if (map === null)
                return;
            map.put.replay(data);
            map.past(app.replay !== null);
            const t = app.replay?.t ?? null, stands = t === null ? fencesOf.at === null : fencesOf.at !== null && t >= fencesOf.at && t < fencesOf.until;
            if (!stands)
                readFences();
            if (box !== null) {
                setFollow(true);
                setTimeout(() => map.fit(box.map(([lon, lat]) => ({ lon, lat }))), RESIZED_MS); /* the bar takes a part of the map first */
            } else if (at !== null && follows)
                map.reveal(at);
        },
        permitShown: () => permitShown.features.length,
        follow: () => setFollow(!follows),
        /* For tests, and for whoever looks for a fault. */
        map: () => map,
        /* Of a wall's turn: where these are, or the whole city. */
        fitAlerts: (alerts) => map?.fit(alerts.length > 0 ? alerts.map(placeOf).filter(Boolean) : [...app.state.vehicles.values()]),
        fit: () => map?.fit([...app.state.vehicles.values()]),
        goTo: (place) => map?.goTo(place),
        layers() {
            map?.showLayers(layersNow());
            readFences();
        },
        async editFences() {
            if (map === null || editor !== null)
                return;
            editor = {};
            try {
                const { openEditor } = await import(/* later */ './editing.js');
                app.do.select(null);
                editor = await openEditor(app, { map, root: frame.stage.closest('.room') ?? frame.stage, onClosed() { editor = null; fencesAt = 0; map.showLayers(layersNow()); readFences(); } });
                map.showLayers(layersNow());
            } catch (error) {
                editor = null;
                app.say(error.message);
            }
        },
        async ruler() {
            if (map === null)
                return;
            if (ruler !== null) {
                ruler.end();
                ruler = null;
            } else {
                const { makeRuler } = await import(/* later */ './io/ruler.js');
                ruler = makeRuler(map, frame.stage, app.words);
            }
            frame.measuring(ruler !== null);
        },
        fullScreen() {
            const done = document.fullscreenElement === null ? frame.stage.requestFullscreen?.() : document.exitFullscreen();
            done?.catch((error) => app.say(error.message));
        },
        /* The worst that is to do of a vehicle. */
        alertOf: (id) => [...app.state.alerts.values()].filter((a) => a.vehicle === id && isToDo(a, app.now())).sort((a, b) => weight(b.severity) - weight(a.severity))[0],
    };
}
