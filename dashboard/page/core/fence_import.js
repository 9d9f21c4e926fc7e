/*
 * fence_import: features of other programs as fences. What is known is kept, what is not is left behind, and nothing is guessed: which system the
 * coordinates are in, and what kind of fence it shall be, is asked.
 */
import { positionsOf, shapeOfGeometry } from './fence_shape.js';

export const KINDS = ['site', 'disposal', 'route', 'banned', 'no_tipping', 'wash', 'depot', 'area', 'speed', 'collection', 'sweep', 'district'];
const TEXTS = ['name', 'name_en', 'group', 'hours', 'company', 'waste', 'road_class', 'jurisdiction', 'reason', 'valid_from', 'valid_to'];
const NUMBERS = ['buffer_m', 'radius_m', 'speed_limit_kmh'];
const NAMES = ['name', 'Name', 'NAME', 'title', '名称'];
export const IMPORT_MAX = 5000;

/* Geometries that are fences; what is a bundle of several is taken apart, rings are closed, heights left out. */
function geometriesOf(geometry) {
    if (geometry === null || geometry === undefined)
        return [];
    if (geometry.type === 'GeometryCollection')
        return geometry.geometries.flatMap(geometriesOf);
    if (geometry.type === 'MultiPoint')
        return geometry.coordinates.map((p) => flat({ type: 'Point', coordinates: p }));
    return shapeOfGeometry(geometry) === null ? [] : [flat(geometry)];
}

function flat(geometry) {
    const place = (p) => [p[0], p[1]];
    const walk = (list) => (typeof list[0] === 'number' ? place(list) : list.map(walk));
    const close = (ring) => (ring.length > 2 && (ring[0][0] !== ring[ring.length - 1][0] || ring[0][1] !== ring[ring.length - 1][1]) ? [...ring, ring[0]] : ring);
    const coordinates = walk(geometry.coordinates);
    if (geometry.type === 'Polygon')
        return { type: 'Polygon', coordinates: coordinates.map(close) };
    return { type: geometry.type, coordinates: geometry.type === 'MultiPolygon' ? coordinates.map((polygon) => polygon.map(close)) : coordinates };
}

const isPlace = (p) => Array.isArray(p) && Number.isFinite(p[0]) && Number.isFinite(p[1]) && Math.abs(p[0]) <= 180 && Math.abs(p[1]) <= 90;

function propertiesOf(from) {
    const out = {};
    for (const name of TEXTS)
        if (typeof from[name] === 'string' && from[name] !== '')
            out[name] = from[name];
    for (const name of NUMBERS)
        if (Number.isFinite(Number(from[name])) && from[name] !== null && from[name] !== '' && from[name] !== undefined)
            out[name] = Number(from[name]);
    if (Array.isArray(from.classes) && from.classes.every((one) => typeof one === 'string'))
        out.classes = from.classes;
    const name = NAMES.map((key) => from[key]).find((value) => typeof value === 'string' && value !== '');
    return name === undefined ? out : { ...out, name };
}

/**
 * What a GeoJSON text has: {items: [{id, kind, properties, geometry}], left: how many are no fences, crs: what the features themselves say}.
 * Throws where it is no GeoJSON.
 */
export function readGeoJson(root) {
    const list = root?.type === 'FeatureCollection' ? root.features : root?.type === 'Feature' ? [root] : positionsOf(root).length > 0 ? [{ type: 'Feature', properties: {}, geometry: root }] : null;
    if (!Array.isArray(list))
        throw new Error('GeoJSON');
    const items = [], said = new Set();
    let left = 0;
    for (const feature of list) {
        const properties = feature?.properties ?? {}, found = geometriesOf(feature?.geometry).filter((g) => positionsOf(g).length > 0 && positionsOf(g).every(isPlace));
        left += Number(found.length === 0);
        said.add(['wgs84', 'gcj02', 'bd09'].includes(properties.crs) ? properties.crs : '');
        for (const geometry of found)
            items.push({ id: found.length === 1 ? feature.id : undefined, kind: KINDS.includes(properties.kind) ? properties.kind : null, properties: propertiesOf(properties), geometry });
    }
    return { items: items.slice(0, IMPORT_MAX), left: left + Math.max(0, items.length - IMPORT_MAX), crs: said.size === 1 ? [...said][0] : '' };
}

/** The kind of file by its name and beginning. */
export function kindOfFile(name, text) {
    const end = /\.([a-z]+)$/i.exec(name)?.[1].toLowerCase() ?? '';
    if (['kml', 'gpx'].includes(end))
        return end;
    return /^\s*</.test(text) ? (/<gpx[\s>]/.test(text.slice(0, 2000)) ? 'gpx' : 'kml') : 'geojson';
}

/** Fences of what was read: `kind` for those that say none, `idOf(kind)` for those without an id, or with one that is taken. */
export function toFences(items, kind, defaults, isFree, idOf) {
    const taken = new Set();
    return items.map((item) => {
        const kindOf = item.kind ?? kind, shape = shapeOfGeometry(item.geometry);
        const said = item.id === undefined || item.id === null || item.id === '' ? null : String(item.id);
        let id = said;
        if (id === null || taken.has(id) || !isFree(id))
            for (let n = 0; id === null || taken.has(id) || !isFree(id); n++)
                id = idOf(kindOf, n);
        taken.add(id);
        const properties = { kind: kindOf, name: '', ...item.properties };
        if (shape === 'corridor' && !(properties.buffer_m > 0))
            properties.buffer_m = defaults.buffer_m;
        if (shape === 'circle' && !(properties.radius_m > 0))
            properties.radius_m = defaults.radius_m;
        if (shape !== 'corridor')
            delete properties.buffer_m;
        if (shape !== 'circle')
            delete properties.radius_m;
        return { type: 'Feature', id, properties, geometry: item.geometry };
    });
}
