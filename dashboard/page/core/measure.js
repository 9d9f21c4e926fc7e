/* measure: lengths and areas on the globe, and how they are said. */
import { distance } from './geo.js';

const EARTH_M = 6_371_008.8;
const rad = (deg) => (deg * Math.PI) / 180;

/** Metres along [[lon, lat], …]. */
export function lengthOf(positions) {
    let sum = 0;
    for (let i = 1; i < positions.length; i++)
        sum += distance({ lat: positions[i - 1][1], lon: positions[i - 1][0] }, { lat: positions[i][1], lon: positions[i][0] });
    return sum;
}

/** Square metres of a ring, closed or not, whichever way it runs. */
export function areaOf(ring) {
    let sum = 0;
    for (let i = 0; i < ring.length; i++) {
        const [lon1, lat1] = ring[i], [lon2, lat2] = ring[(i + 1) % ring.length];
        sum += rad(lon2 - lon1) * (2 + Math.sin(rad(lat1)) + Math.sin(rad(lat2)));
    }
    return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

/** Of a geometry: {length} or {area}, holes taken out. */
export function measureOf(geometry) {
    const polygon = ([outline, ...holes]) => areaOf(outline) - holes.reduce((sum, hole) => sum + areaOf(hole), 0);
    switch (geometry?.type) {
    case 'Polygon': return { area: polygon(geometry.coordinates) };
    case 'MultiPolygon': return { area: geometry.coordinates.reduce((sum, one) => sum + polygon(one), 0) };
    case 'LineString': return { length: lengthOf(geometry.coordinates) };
    case 'MultiLineString': return { length: geometry.coordinates.reduce((sum, one) => sum + lengthOf(one), 0) };
    default: return {};
    }
}

const three = (n) => Number(n.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 3, useGrouping: false });
export const lengthText = (m) => (m < 1000 ? `${m < 10 ? three(m) : Math.round(m)} m` : `${m < 100_000 ? three(m / 1000) : Math.round(m / 1000)} km`);
export const areaText = (m2) => (m2 < 100_000 ? `${m2 < 10 ? three(m2) : Math.round(m2)} m²` : `${m2 < 1e11 ? three(m2 / 1e6) : Math.round(m2 / 1e6)} km²`);
