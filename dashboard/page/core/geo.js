/* geo: what a map needs of the globe: distances to a few per mille, boxes, circles as lines. */
const EARTH_M = 6_371_008.8;
const rad = (deg) => (deg * Math.PI) / 180;

export function distance(a, b) {
    const h = Math.sin(rad(b.lat - a.lat) / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2;
    return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, h)));
}

/** [[west, south], [east, north]] of places, or null. */
export function boxOf(places) {
    const box = [[Infinity, Infinity], [-Infinity, -Infinity]];
    for (const { lat, lon } of places) {
        if (!Number.isFinite(lat) || !Number.isFinite(lon))
            continue;
        box[0] = [Math.min(box[0][0], lon), Math.min(box[0][1], lat)];
        box[1] = [Math.max(box[1][0], lon), Math.max(box[1][1], lat)];
    }
    return box[0][0] === Infinity ? null : box;
}

/** Middle of the box around positions [lon, lat]: a fence has more of them than a function takes arguments. */
export function middleOf(positions) {
    const [[west, south], [east, north]] = boxOf(positions.map(([lon, lat]) => ({ lon, lat })));
    return [(west + east) / 2, (south + north) / 2];
}

/** A ring of [lon, lat] around a place. */
export function circle(place, radius, corners = 48) {
    const dLat = (radius / EARTH_M) * (180 / Math.PI), dLon = dLat / Math.max(0.01, Math.cos(rad(place.lat)));
    return Array.from({ length: corners + 1 }, (_, i) => {
        const angle = (2 * Math.PI * (i % corners)) / corners;
        return [place.lon + dLon * Math.cos(angle), place.lat + dLat * Math.sin(angle)];
    });
}

/** Lines of a grid over a box, at most some 20 each way: [[lon, lat], …] each. */
export function graticule([[west, south], [east, north]]) {
    const raw = Math.max(east - west, north - south) / 12;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((n) => n * power >= raw);
    const lines = [];
    for (let i = Math.floor(west / step); i <= Math.ceil(east / step); i++)
        lines.push([[i * step, Math.max(-85, south - step)], [i * step, Math.min(85, north + step)]]);
    for (let i = Math.floor(south / step); i <= Math.ceil(north / step); i++)
        lines.push([[west - step, i * step], [east + step, i * step]]);
    return lines;
}
