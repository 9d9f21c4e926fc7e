/*
 * area: who else was there at a time: the vehicles that passed a place within a span (docs/openapi.yaml, near), each with its track, so that all of
 * them can be played together.
 */
import { stateAt, wayUpTo } from './replay.js';

export const RADII_M = [150, 300, 500, 1000, 2000];
/* So many are played; more than that nobody can tell apart. */
export const AREA_MAX = 40;
const HOUR_MS = 3_600_000;

/** Vehicles out of passes, who came first first: `{id, name, passes: [{entered, left, metres, …}]}`; `more`: how many are left out. */
export function vehiclesOf(passes, self) {
    const found = new Map();
    for (const pass of [...passes].sort((a, b) => a.entered - b.entered)) {
        if (pass.vehicle === self)
            continue;
        if (!found.has(pass.vehicle))
            found.set(pass.vehicle, { id: pass.vehicle, name: pass.plate || pass.vehicle, company: pass.company, passes: [] });
        found.get(pass.vehicle).passes.push(pass);
    }
    const all = [...found.values()];
    return { vehicles: all.slice(0, AREA_MAX), more: Math.max(0, all.length - AREA_MAX) };
}

/** What is asked at once: the whole span, or the hour around a time where only so much is answered. */
export function areaSpan({ from, to }, t, whole) {
    if (whole || to - from <= HOUR_MS)
        return { from, to };
    const begin = Math.max(from, Math.min(t - HOUR_MS / 2, to - HOUR_MS));
    return { from: Math.round(begin), to: Math.round(begin + HOUR_MS) };
}

/** Whether it was within the radius at a time. */
export const isInside = (vehicle, t) => vehicle.passes.some((pass) => pass.entered <= t && t <= pass.left);

/** Where each was at a time, and the way it had come: features of a map. Of what has not been told yet there is nothing. */
export function areaFeatures(vehicles, t) {
    return vehicles.flatMap((vehicle) => {
        const now = vehicle.track === undefined ? null : stateAt(vehicle.track, t);
        if (now === null)
            return [];
        const way = wayUpTo(vehicle.track, t).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: { what: 'other' } }));
        return [...way, { type: 'Feature', geometry: { type: 'Point', coordinates: [now.lon, now.lat] }, properties: { what: 'other_now', name: vehicle.name, track: now.track ?? 0, known: now.known, inside: isInside(vehicle, t) } }];
    });
}
