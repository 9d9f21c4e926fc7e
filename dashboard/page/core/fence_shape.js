/*
 * fence_shape: outlines and lines of a fence, taken apart for drawing, a ring or a line a part, and put together again. A fence is a polygon (also
 * several, with holes), a corridor (lines and `buffer_m`) or a circle (a point and `radius_m`).
 */
import { circle, distance, middleOf } from './geo.js';

const DIGITS = 7; /* a centimetre */
const DEFAULT_M = { corridor: 40, circle: 50 };

export const shapeOfGeometry = (geometry) => ({ Polygon: 'polygon', MultiPolygon: 'polygon', LineString: 'corridor', MultiLineString: 'corridor', Point: 'circle' })[geometry?.type] ?? null;

const round = (n) => Number(n.toFixed(DIGITS));
export const rounded = (positions) => positions.map(([lon, lat]) => [round(lon), round(lat)]);

/** What a new fence of a kind begins with. */
export function newFeature(id, kind, geometry, radius) {
    const shape = shapeOfGeometry(geometry), width = shape === 'corridor' ? { buffer_m: DEFAULT_M.corridor } : shape === 'circle' ? { radius_m: Math.max(1, Math.round(radius ?? DEFAULT_M.circle)) } : {};
    return { type: 'Feature', id, properties: { kind, name: '', ...(kind === 'speed' ? { speed_limit_kmh: 60 } : {}), ...width }, geometry };
}

/** [{what: 'ring' | 'line' | 'circle', at: [part, ring], positions}] */
export function partsOf(feature) {
    const { type, coordinates } = feature.geometry ?? {};
    const rings = (polygon, part) => polygon.map((positions, ring) => ({ what: 'ring', at: [part, ring], positions }));
    if (type === 'Polygon')
        return rings(coordinates, 0);
    if (type === 'MultiPolygon')
        return coordinates.flatMap(rings);
    if (type === 'LineString')
        return [{ what: 'line', at: [0, 0], positions: coordinates }];
    if (type === 'MultiLineString')
        return coordinates.map((positions, part) => ({ what: 'line', at: [part, 0], positions }));
    if (type === 'Point') {
        const [lon, lat] = coordinates;
        return [{ what: 'circle', at: [0, 0], positions: circle({ lat, lon }, feature.properties?.radius_m ?? DEFAULT_M.circle, 64) }];
    }
    return [];
}

/** Middle and radius of a ring that is a circle. */
export function circleOf(positions) {
    const [lon, lat] = middleOf(positions);
    const all = positions.map((p) => distance({ lat, lon }, { lat: p[1], lon: p[0] }));
    return { lat: round(lat), lon: round(lon), radius: Math.round(10 * all.reduce((sum, m) => sum + m, 0) / all.length) / 10 };
}

/** The feature with one part drawn otherwise; with `null` for positions, without it (a hole, one of several). */
export function withPart(feature, [part, ring], positions) {
    const { type, coordinates } = feature.geometry;
    const put = (list, at, value) => (value === null ? list.filter((_, i) => i !== at) : list.map((old, i) => (i === at ? value : old)));
    const fresh = positions === null ? null : rounded(positions);
    if (type === 'Point') {
        const { lat, lon, radius } = circleOf(positions);
        return { ...feature, properties: { ...feature.properties, radius_m: radius }, geometry: { type, coordinates: [lon, lat] } };
    }
    if (type === 'LineString')
        return { ...feature, geometry: { type, coordinates: fresh ?? coordinates } };
    if (type === 'MultiLineString')
        return { ...feature, geometry: { type, coordinates: put(coordinates, part, fresh) } };
    /* Without its outline a polygon is gone, with its holes. */
    const ringsOf = (polygon) => (fresh === null && ring === 0 ? null : put(polygon, ring, fresh));
    if (type === 'Polygon')
        return { ...feature, geometry: { type, coordinates: ringsOf(coordinates) ?? coordinates } };
    return { ...feature, geometry: { type, coordinates: put(coordinates, part, ringsOf(coordinates[part])) } };
}

/** Where the n-th position of a feature is, counted from 1 over all of it, as the engine counts. */
export function vertexAt(feature, vertex) {
    const all = feature.geometry?.type === 'Point' ? [feature.geometry.coordinates] : partsOf(feature).flatMap((part) => part.positions);
    const at = all[vertex - 1];
    return at === undefined ? undefined : { lon: at[0], lat: at[1] };
}

/** All positions of any geometry, one after the other. */
export function positionsOf(geometry) {
    if (geometry === null || geometry === undefined)
        return [];
    if (geometry.type === 'GeometryCollection')
        return geometry.geometries.flatMap(positionsOf);
    const flat = (list) => (typeof list[0] === 'number' ? [list] : list.flatMap(flat));
    return (geometry.coordinates ?? []).length === 0 ? [] : flat(geometry.coordinates);
}

/** The geometry with other positions, as many as positionsOf() tells, in its order. */
export function withPositions(geometry, positions) {
    let at = 0;
    const walk = (list) => (list.length > 0 && typeof list[0] === 'number' ? positions[at++] : list.map(walk));
    return { type: geometry.type, coordinates: walk(geometry.coordinates) };
}

/** As a map shows it: a circle is a ring; of a corridor the width in metres is told, since a map draws lines as wide as that. */
export function shownGeometry(feature) {
    return feature.geometry?.type === 'Point' ? { type: 'Polygon', coordinates: [partsOf(feature)[0].positions] } : feature.geometry;
}
