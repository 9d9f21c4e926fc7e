/*
 * gcj02: what Chinese maps shift places by. Only for drawing on such a map and for pointing at it: what is kept, sent and told is WGS-84, and files
 * are converted by the gateway. Outside China nothing is shifted. Inverse to a centimetre.
 */
const A = 6378245, EE = 0.00669342162296594323;
const inChina = (lon, lat) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
const rad = (deg) => (deg * Math.PI) / 180;

const waves = (x) => (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2 / 3;
function northing(x, y) {
    return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves(x)
        + ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 + ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
}
function easting(x, y) {
    return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves(x)
        + ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 + ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
}

/** [lon, lat] of WGS-84 as such a map draws it. */
export function toGcj02([lon, lat]) {
    if (!inChina(lon, lat))
        return [lon, lat];
    const x = lon - 105, y = lat - 35, sin = Math.sin(rad(lat)), magic = 1 - EE * sin * sin, root = Math.sqrt(magic);
    const dLat = (northing(x, y) * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI);
    const dLon = (easting(x, y) * 180) / ((A / root) * Math.cos(rad(lat)) * Math.PI);
    return [lon + dLon, lat + dLat];
}

/** And back. */
export function fromGcj02([lon, lat]) {
    let guess = [lon, lat];
    for (let i = 0; i < 6; i++) {
        const there = toGcj02(guess);
        guess = [guess[0] + lon - there[0], guess[1] + lat - there[1]];
    }
    return guess;
}

/** How a map draws: `show` what is WGS-84, `real` what was pointed at, `features` a whole collection. */
export function shiftOf(crs) {
    if (crs !== 'gcj02')
        return { crs: 'wgs84', show: (p) => p, real: (p) => p, features: (data) => data };
    const walk = (list) => (typeof list[0] === 'number' ? toGcj02(list) : list.map(walk));
    const shape = (geometry) => (geometry === null || geometry.coordinates.length === 0 ? geometry : { type: geometry.type, coordinates: walk(geometry.coordinates) });
    return { crs, show: toGcj02, real: fromGcj02, features: (data) => ({ ...data, features: data.features.map((f) => ({ ...f, geometry: shape(f.geometry) })) }) };
}
