/*
 * map: MapLibre behind six verbs. It is loaded after the list is there, since it is the greater part of the page. Each source has one update in
 * hand at most. The map never moves under a hand: a place is panned to only if it is out of view, and following ends with a drag.
 */
import { boxOf, graticule } from '../core/geo.js';
import { latest } from './latest.js';
import { addIcons } from './map_icons.js';
import { SOURCES, styleOf } from './map_style.js';

const MARGIN_PX = 60, MOVED_MS = 250;

async function make(element, words) {
    const library = await import('../vendor/maplibre-gl.mjs');
    library.setWorkerUrl(new URL('../vendor/maplibre-gl-worker.mjs', import.meta.url).href);
    const map = new library.Map({ container: element, style: styleOf(), center: [112.95, 30.45], zoom: 10.5, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxPitch: 0, fadeDuration: 0,
        locale: { 'Map.Title': words.t('map.label') } });
    map.addControl(new library.NavigationControl({ showCompass: false }), 'top-right');
    map.addControl(new library.ScaleControl({ maxWidth: 120 }), 'bottom-left');
    map.touchZoomRotate.disableRotation();
    await new Promise((resolve, reject) => { map.once('load', resolve); map.once('error', (event) => reject(event.error)); });
    addIcons(map);
    return map;
}

/** `onMoved()`: it stands somewhere else; `onVehicle(id)`: a vehicle was chosen; `onDrag()`: by hand. Rejects where there is no WebGL. */
export async function makeMap(element, { words, onMoved, onVehicle, onDrag }) {
    const map = await make(element, words);
    const put = Object.fromEntries(SOURCES.map((name) => [name, latest((data) => map.getSource(name).setData(data))]));
    let moved = null;

    const box = () => { const b = map.getBounds(); return [[b.getWest(), b.getSouth()], [b.getEast(), b.getNorth()]]; };
    function drawGrid() {
        put.grid({ type: 'FeatureCollection', features: graticule(box()).map((coordinates) => ({ type: 'Feature', geometry: { type: 'LineString', coordinates }, properties: {} })) });
    }
    map.on('moveend', () => {
        clearTimeout(moved);
        moved = setTimeout(() => { drawGrid(); onMoved(); }, MOVED_MS);
    });
    map.on('dragstart', onDrag);
    map.on('click', 'vehicle', (event) => onVehicle(event.features[0].properties.id));
    map.on('mouseenter', 'vehicle', () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', 'vehicle', () => { map.getCanvas().style.cursor = ''; });
    drawGrid();

    function inView(place) {
        const p = map.project([place.lon, place.lat]), { clientWidth: w, clientHeight: h } = map.getContainer();
        return p.x > MARGIN_PX && p.y > MARGIN_PX && p.x < w - MARGIN_PX && p.y < h - MARGIN_PX;
    }
    /* People who asked for less motion are taken there at once. */
    const still = () => globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;

    return {
        put,
        box,
        zoom: () => map.getZoom(),
        fit(places) {
            const b = boxOf(places);
            if (b !== null)
                map.fitBounds(b, { padding: MARGIN_PX, maxZoom: 15, animate: false });
        },
        /* Only if it cannot be seen where it is. */
        reveal(place) {
            if (place !== undefined && !inView(place))
                map.easeTo({ center: [place.lon, place.lat], duration: still() ? 0 : 400 });
        },
        goTo: (place) => map.easeTo({ center: [place.lon, place.lat], zoom: Math.max(map.getZoom(), 14), duration: still() ? 0 : 400 }),
        showLayers(fences, labels) {
            for (const layer of map.getStyle().layers.filter((one) => one.source === 'fences'))
                map.setLayoutProperty(layer.id, 'visibility', fences && (labels || layer.type !== 'symbol') ? 'visible' : 'none');
        },
        /* What is now is faint while the past is played. */
        past(on) {
            map.setPaintProperty('vehicle', 'icon-opacity', on ? 0.25 : ['get', 'opacity']);
            for (const id of ['halo', 'plate'])
                map.setLayoutProperty(id, 'visibility', on ? 'none' : 'visible');
        },
        resize: () => map.resize(),
        remove: () => map.remove(),
    };
}
