/*
 * basemap: the map below everything: vector tiles in the layers of OpenMapTiles, as a folder or one .pmtiles, or pictures of another server. Dark
 * and quiet, so that fences and vehicles are what is seen. Nothing but tiles is fetched: letters are drawn from the browser's own fonts.
 */
const SOURCE = 'base';
const FONT = ['Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'sans-serif'];
const ROADS = [['motorway', '#4a4636', 7], ['trunk', '#45423a', 6], ['primary', '#3a4048', 5.5], ['secondary', '#343b44', 4], ['tertiary', '#303740', 3], ['minor', '#29313a', 2], ['service', '#252d36', 1.2]];
const isClass = (...classes) => ['in', ['get', 'class'], ['literal', classes]];

const areas = () => [
    ['landcover', isClass('wood', 'grass', 'farmland'), '#16211d'], ['landuse', isClass('industrial', 'commercial', 'retail'), '#1b212a'], ['landuse', isClass('residential', 'suburb', 'neighbourhood'), '#171e26'],
    ['park', true, '#17251f'], ['water', true, '#152a3d'], ['aeroway', true, '#1d2530'],
].map(([layer, filter, colour], i) => ({ id: `base-area-${i}`, type: 'fill', 'source-layer': layer, filter: ['all', ['==', ['geometry-type'], 'Polygon'], filter], paint: { 'fill-color': colour } }));

function lines() {
    const growing = (width) => ['interpolate', ['exponential', 1.5], ['zoom'], 8, width / 8, 14, width, 18, width * 5];
    return [
        { id: 'base-river', type: 'line', 'source-layer': 'waterway', paint: { 'line-color': '#152a3d', 'line-width': growing(3) } },
        { id: 'base-building', type: 'fill', 'source-layer': 'building', minzoom: 14, paint: { 'fill-color': '#1f2833' } },
        ...[...ROADS].reverse().map(([name, colour, width]) => ({ id: `base-road-${name}`, type: 'line', 'source-layer': 'transportation', filter: isClass(name), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': growing(width) } })),
        { id: 'base-rail', type: 'line', 'source-layer': 'transportation', filter: isClass('rail'), paint: { 'line-color': '#39424d', 'line-width': 1, 'line-dasharray': [4, 3] } },
        { id: 'base-border', type: 'line', 'source-layer': 'boundary', paint: { 'line-color': '#46525f', 'line-width': 1, 'line-dasharray': [5, 3] } },
    ];
}

/* Under everything of ours, so that a name of a street never stands on a plate. */
function names(language) {
    const name = ['coalesce', ['get', `name:${language}`], ['get', 'name:latin'], ['get', 'name'], ''];
    const text = (id, layer, more, size, colour) => ({ id: `base-${id}`, type: 'symbol', 'source-layer': layer, ...more, layout: { 'text-field': name, 'text-font': FONT, 'text-size': size, 'text-max-width': 8, ...more.layout }, paint: { 'text-color': colour, 'text-halo-color': '#0e141b', 'text-halo-width': 1.2 } });
    return [
        text('water-name', 'water_name', {}, 12, '#5f86a8'),
        text('road-name', 'transportation_name', { minzoom: 12, layout: { 'symbol-placement': 'line' } }, 11, '#7c8896'),
        text('park-name', 'park', { minzoom: 14 }, 11, '#5d8a72'),
        text('place-small', 'place', { minzoom: 11, filter: isClass('suburb', 'neighbourhood', 'village', 'hamlet', 'quarter') }, 12, '#8b98a5'),
        text('place-large', 'place', { filter: isClass('city', 'town', 'state', 'country') }, ['interpolate', ['linear'], ['zoom'], 6, 13, 14, 18], '#b4c0cc'),
    ];
}

/* Of a folder its own file says how far it reaches; where there is none, all is asked for. */
async function reachOf(url) {
    try {
        const { bounds, minzoom, maxzoom } = await (await fetch(url)).json();
        return { ...(Array.isArray(bounds) ? { bounds } : {}), minzoom: minzoom ?? 0, maxzoom: maxzoom ?? 14 };
    } catch {
        return { minzoom: 0, maxzoom: 14 };
    }
}

async function sourceOf(library, base) {
    const own = (path) => new URL(path, location.href).href.replaceAll('%7B', '{').replaceAll('%7D', '}');
    if (base.kind === 'raster')
        return { type: 'raster', tiles: [own(base.url)], tileSize: 256, maxzoom: 18 };
    if (base.kind === 'pmtiles') {
        const { Protocol } = await import('../vendor/pmtiles.mjs');
        library.addProtocol('pmtiles', new Protocol().tile);
        return { type: 'vector', url: `pmtiles://${own(base.url)}` };
    }
    return { type: 'vector', tiles: [own(base.url)], ...await reachOf('/basemap/metadata.json') };
}

/** Lays it below the grid. */
export async function addBaseMap({ map, library }, base, words) {
    map.addSource(SOURCE, await sourceOf(library, base));
    const layers = base.kind === 'raster' ? [{ id: 'base-pictures', type: 'raster', paint: { 'raster-saturation': -0.5, 'raster-brightness-max': 0.6 } }] : [...areas(), ...lines(), ...names(words.tracker)];
    for (const layer of layers)
        map.addLayer({ ...layer, source: SOURCE }, 'grid');
}
