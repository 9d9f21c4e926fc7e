/* map_data: what the store knows, as features of a map. */
import { placeOf, severityOfFlags, weight } from './alert.js';
import { circle } from './geo.js';
import { labelPlace } from './label_place.js';

const SILENT_MS = 10 * 60_000, OLD_MS = 3_600_000;
const ONLINE = 1, MOVING = 2;

export function stateOf(v, dataNow) {
    if ((v.flags & ONLINE) === 0 || v.time === null || dataNow - v.time > SILENT_MS)
        return 'silent';
    return (v.flags & MOVING) !== 0 ? 'moving' : 'stopped';
}

/* Fades with the age of its place. */
function opacityOf(v, dataNow) {
    const age = v.time === null ? OLD_MS : dataNow - v.time;
    return age < SILENT_MS ? 1 : age < OLD_MS ? 0.8 : 0.55;
}

/** `worstOf(id)`: the worst that is to do of a vehicle, or ''; the tracker's own word is of what goes on. `shapeOf(class)`. */
export function vehicleFeatures(vehicles, dataNow, worstOf, shapeOf) {
    const features = [];
    for (const v of vehicles.values()) {
        if (v.lat === null || v.lon === null)
            continue;
        const open = severityOfFlags(v.flags), toDo = worstOf(v.id);
        const worst = weight(open) > weight(toDo) ? open : toDo;
        features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: [v.lon, v.lat] }, properties: { id: v.id, name: v.plate || v.id, shape: shapeOf(v.class), state: stateOf(v, dataNow), track: v.track ?? 0, worst, order: weight(worst), opacity: opacityOf(v, dataNow) } });
    }
    return { type: 'FeatureCollection', features };
}

/** Where an alert began, where it was told last, and how wrong that may be. */
export function alertFeatures(a) {
    const features = [], worst = a?.severity ?? '', begin = a === undefined ? undefined : placeOf(a);
    const point = (what, p) => features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: [p.lon, p.lat] }, properties: { what, worst } });
    if (a !== undefined && a.error > 0 && a.lat !== undefined)
        features.push({ type: 'Feature', geometry: { type: 'Polygon', coordinates: [circle(a, a.error)] }, properties: { what: 'error', worst } });
    if (a?.lat !== undefined && a.start_lat !== undefined)
        point('end', a);
    if (begin !== undefined)
        point('start', begin);
    return { type: 'FeatureCollection', features };
}

/* Fixes farther apart in time than this are no line between. */
const GAP_MS = 180_000;

/** A track's columns as lines; where nothing is known there is none. Of a simplified one times say nothing of gaps. */
export function trackFeatures(track) {
    const lines = [[]], holes = new Set(track.hole);
    track.time.forEach((time, i) => {
        const gap = i > 0 && !track.simplified && time - track.time[i - 1] > GAP_MS;
        if (i > 0 && (gap || holes.has(i)) && lines[lines.length - 1].length > 0)
            lines.push([]);
        lines[lines.length - 1].push([track.lon[i], track.lat[i]]);
    });
    return { type: 'FeatureCollection', features: lines.filter((line) => line.length > 1).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} })) };
}

const EVERYWHERE = [-180, -90, 180, 90];

/**
 * Fences as the gateway draws them, with what is written on them: of areas at a point of its own, within `box`. `language`: 'zh' or 'en'; `notNow(ms)`: when
 * it changes, in words.
 */
export function fenceFeatures(told, language, notNow, box = EVERYWHERE) {
    return { type: 'FeatureCollection', features: told.features.flatMap((f) => {
        const p = f.properties, name = (language === 'en' && p.name_en) || p.name || '', label = p.in_force === false ? `${name}\n${notNow(p.next_change)}` : name;
        const properties = { id: f.id ?? p.id, kind: p.kind, in_force: p.in_force !== false }, place = labelPlace(f.geometry, box);
        if (place === null)
            return [{ type: 'Feature', geometry: f.geometry, properties: { ...properties, label } }];
        return [{ type: 'Feature', geometry: f.geometry, properties }, { type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties: { ...properties, label } }];
    }) };
}

/** Of fences those that a permit names, as what they are to it. `places`: id to site, disposal or route. */
export function permitFeatures(told, places) {
    return { type: 'FeatureCollection', features: told.features.filter((f) => places.has(f.id)).map((f) => ({ type: 'Feature', geometry: f.geometry, properties: { what: places.get(f.id) } })) };
}
