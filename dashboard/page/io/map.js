/*
 * map: MapLibre behind a few verbs, in WGS-84: what a base map of another system shifts, `shift` does at this border. It is loaded after the list is there, since it is the greater part of the page. Each source has one update in
 * hand at most. The map never moves under a hand: a place is panned to only if it is out of view, and following ends with a drag.
 */
import { boxOf, graticule } from '../core/geo.js';
import { latest } from './latest.js';
import { addIcons } from './map_icons.js';
import { SOURCES, styleOf } from './map_style.js';

const TEXT_PX = 14, MARGIN_PX = 60, MOVED_MS = 250;

/* How much larger than usual what is read is on this screen (style.css). */
const timesOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / TEXT_PX || 1;

/* What a source could not load is said by the source; only what keeps the map itself from being there ends it. */
function loaded(map) {
    return new Promise((resolve, reject) => {
        map.once('load', resolve);
        map.on('error', (event) => (event.sourceId === undefined && event.tile === undefined ? reject(event.error) : undefined));
    });
}

async function make(element, words) {
    const library = await import('../vendor/maplibre-gl.mjs');
    library.setWorkerUrl(new URL('../vendor/maplibre-gl-worker.mjs', import.meta.url).href);
    const map = new library.Map({ container: element, style: styleOf(timesOf()), center: [112.95, 30.45], zoom: 10.5, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, fadeDuration: 0,
        locale: { 'Map.Title': words.t('map.label') } });
    map.addControl(new library.NavigationControl({ showCompass: false }), 'top-right');
    map.addControl(new library.ScaleControl({ maxWidth: 120 }), 'bottom-left');
    map.touchZoomRotate.disableRotation();
    await loaded(map);
    addIcons(map);
    return { map, library };
}

/* Loaded only where there is one. Fences and vehicles are there first. */
async function layBaseMap(made, base, words) {
    if (base.kind === 'none')
        return;
    const { addBaseMap } = await import(/* later */ './basemap.js');
    await addBaseMap(made, base, words);
}

/* Without a shifted base map nothing of shifting is loaded. */
async function shiftFor(base) {
    if (base.kind !== 'raster' || base.crs !== 'gcj02')
        return { crs: 'wgs84', show: (p) => p, real: (p) => p, features: (data) => data };
    const { shiftOf } = await import(/* later */ '../core/gcj02.js');
    return shiftOf(base.crs);
}

/**
 * `base`: what the gateway says of the base map. `onMoved()`: it stands somewhere else; `onVehicle(id)`: a vehicle was chosen; `onDrag()`: by hand;
 * `onPoint([lon, lat] | null)`: where the pointer is; `onMenu([lon, lat], {x, y})`: asked for a place. Rejects where there is no WebGL.
 */
export async function makeMap(element, { words, base, onMoved, onVehicle, onDrag, onPoint, onMenu }) {
    const [made, shift] = await Promise.all([make(element, words), shiftFor(base)]), { map } = made;
    const put = Object.fromEntries(SOURCES.map((name) => [name, latest((data) => map.getSource(name).setData(shift.features(data)))]));
    let moved = null;

    const shown = ({ lon, lat }) => shift.show([lon, lat]);
    const realOf = ({ lng, lat }) => shift.real([lng, lat]);
    const box = () => { const b = map.getBounds(); return [realOf(b.getSouthWest()), realOf(b.getNorthEast())]; };
    function drawGrid() {
        put.grid({ type: 'FeatureCollection', features: graticule(box()).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} })) });
    }
    map.on('moveend', () => {
        clearTimeout(moved);
        moved = setTimeout(() => { drawGrid(); onMoved(); }, MOVED_MS);
    });
    map.on('dragstart', onDrag);
    map.on('click', 'vehicle', (event) => onVehicle(event.features[0].properties.id));
    map.on('click', 'cluster', (event) => map.easeTo({ center: event.features[0].geometry.coordinates, zoom: map.getZoom() + 2, duration: still() ? 0 : 400 }));
    for (const layer of ['vehicle', 'cluster']) {
        map.on('mouseenter', layer, () => { map.getCanvas().style.cursor = 'pointer'; });
        map.on('mouseleave', layer, () => { map.getCanvas().style.cursor = ''; });
    }
    map.on('mousemove', (event) => onPoint(realOf(event.lngLat)));
    map.on('mouseout', () => onPoint(null));
    map.on('contextmenu', (event) => onMenu(realOf(event.lngLat), event.point));
    drawGrid();
    let layersNow = null;
    layBaseMap(made, base, words).then(() => layersNow !== null && showLayers(layersNow), (error) => console.warn(error.message));

    /* `layers`: {fences, labels, vehicles, base, grid}; also those that come later. */
    function showLayers(layers) {
        layersNow = layers;
        for (const layer of map.getStyle().layers.filter((one) => ['fences', 'vehicles', 'grid', 'base'].includes(one.source))) {
            const visible = layers[layer.source] !== false && (layers.labels || layer.type !== 'symbol' || ['vehicle', 'cluster-count'].includes(layer.id));
            map.setLayoutProperty(layer.id, 'visibility', visible ? 'visible' : 'none');
        }
    }
    function inView(place) {
        const p = map.project(shown(place)), { clientWidth: w, clientHeight: h } = map.getContainer();
        return p.x > MARGIN_PX && p.y > MARGIN_PX && p.x < w - MARGIN_PX && p.y < h - MARGIN_PX;
    }
    /* People who asked for less motion are taken there at once. */
    const still = () => globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;

    return {
        put,
        box,
        shift,
        raw: map,
        zoom: () => map.getZoom(),
        /* A box that is out of view, whole. */
        showBox([southWest, northEast]) {
            const corners = [southWest, northEast].map(([lon, lat]) => ({ lon, lat }));
            if (!corners.every(inView))
                map.fitBounds(corners.map(shown), { padding: MARGIN_PX, maxZoom: 16, animate: false });
        },
        fit(places) {
            const b = boxOf(places)?.map(shift.show) ?? null;
            if (b !== null)
                map.fitBounds(b, { padding: MARGIN_PX, maxZoom: 15, animate: false });
        },
        /* Only if it cannot be seen where it is. */
        reveal(place) {
            if (place !== undefined && !inView(place))
                map.easeTo({ center: shown(place), duration: still() ? 0 : 400 });
        },
        goTo: (place) => map.easeTo({ center: shown(place), zoom: Math.max(map.getZoom(), 14), duration: still() ? 0 : 400 }),
        showLayers,
        /* What is now is faint while the past is played. */
        past(on) {
            map.setPaintProperty('vehicle', 'icon-opacity', on ? 0.25 : ['get', 'opacity']);
            for (const id of ['halo', 'plate', 'cluster', 'cluster-count'])
                map.setLayoutProperty(id, 'visibility', on ? 'none' : 'visible');
        },
        resize: () => map.resize(),
        remove: () => map.remove(),
    };
}
