/*
 * fence_layers: what the editor draws of fences that are not in hand: all of the files, what is about to be taken over from elsewhere, and marks.
 * A corridor is a line as wide as it is on the ground, which doubles with each level of the map.
 */
const WIDTHS = 'edit-shapes', FRESH = 'edit-import', MARKS = 'edit-marks';
const NOTHING = { type: 'FeatureCollection', features: [] };
const COLOURS = ['match', ['get', 'kind'], 'banned', '#ff7a5c', 'no_tipping', '#ff5d8f', 'speed', '#d58bff', 'route', '#5aa2ff', 'site', '#e6b450', 'disposal', '#b08cff', 'depot', '#93a4b5', 'wash', '#56d4dd', '#7ec87e'];
const FONT = ['Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'sans-serif'];
const IMPORT = ['match', ['get', 'place'], 'as_read', '#9aa7b4', '#35d0a5'];
const GROUND_PX = 78271.516964; /* metres of a pixel at level 0 on the equator, in a map of 512 */

/* `width_px0`: at level 0; so wide that the exponent reaches all levels. */
const wide = ['interpolate', ['exponential', 2], ['zoom'], 0, ['max', 0.001, ['get', 'width_px0']], 24, ['max', 1, ['*', ['get', 'width_px0'], 2 ** 24]]];

/** The width of a corridor of `half_m` at a latitude, in pixels at level 0. */
export const widthAt0 = (halfM, lat) => (2 * halfM) / (GROUND_PX * Math.max(0.01, Math.cos((lat * Math.PI) / 180)));

function layersOf() {
    const isLine = ['==', ['geometry-type'], 'LineString'], isArea = ['==', ['geometry-type'], 'Polygon'];
    const round = { 'line-cap': 'round', 'line-join': 'round' };
    return [
        { id: 'edit-area', type: 'fill', source: WIDTHS, filter: isArea, paint: { 'fill-color': COLOURS, 'fill-opacity': ['match', ['get', 'kind'], ['district', 'area', 'speed'], 0.03, 0.14] } },
        { id: 'edit-wide', type: 'line', source: WIDTHS, filter: isLine, layout: round, paint: { 'line-color': COLOURS, 'line-width': wide, 'line-opacity': 0.25 } },
        { id: 'edit-line', type: 'line', source: WIDTHS, paint: { 'line-color': COLOURS, 'line-width': ['case', ['get', 'marked'], 4, 1.6] } },
        { id: 'edit-name', type: 'symbol', source: WIDTHS, minzoom: 11, layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11.5, 'text-max-width': 9, 'text-padding': 6 }, paint: { 'text-color': COLOURS, 'text-halo-color': '#0e141b', 'text-halo-width': 1.4 } },
        { id: 'edit-import-area', type: 'fill', source: FRESH, filter: isArea, paint: { 'fill-color': IMPORT, 'fill-opacity': 0.2 } },
        { id: 'edit-import-line', type: 'line', source: FRESH, filter: ['==', ['get', 'place'], 'meant'], paint: { 'line-color': IMPORT, 'line-width': 3 } },
        { id: 'edit-import-raw', type: 'line', source: FRESH, filter: ['==', ['get', 'place'], 'as_read'], paint: { 'line-color': IMPORT, 'line-width': 2, 'line-dasharray': [2, 2] } },
        { id: 'edit-mark', type: 'circle', source: MARKS, paint: { 'circle-radius': 11, 'circle-color': '#ff4d4f33', 'circle-stroke-color': '#ff4d4f', 'circle-stroke-width': 3 } },
    ];
}

/** Puts them into a MapLibre map. `onPick(key)`: a fence was clicked on, while `mayPick()`. */
export function makeFenceLayers(map, { mayPick, onPick }) {
    for (const name of [WIDTHS, FRESH, MARKS])
        map.addSource(name, { type: 'geojson', data: NOTHING });
    layersOf().forEach((layer) => map.addLayer(layer));
    const PICKED = ['edit-line', 'edit-wide', 'edit-area'];
    function pick(event) {
        if (!mayPick())
            return;
        const { x, y } = event.point, found = map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: PICKED });
        /* A line before what lies within, and of what lies one in the other the smallest. */
        const rank = (f) => (f.layer.id === 'edit-area' ? 1 + f.properties.size : 0);
        const [best] = found.sort((a, b) => rank(a) - rank(b));
        if (best !== undefined)
            onPick(best.properties.key, event.originalEvent.shiftKey);
    }
    map.on('click', pick);
    return {
        /* Ids that are gone, and features that are new or others. */
        change(gone, features) {
            map.getSource(WIDTHS).updateData({ remove: [...gone, ...features.map((f) => f.id)], add: features });
        },
        putImport: (features) => map.getSource(FRESH).setData({ type: 'FeatureCollection', features }),
        mark: (place) => map.getSource(MARKS).setData(place === null ? NOTHING : { type: 'Feature', geometry: { type: 'Point', coordinates: place }, properties: {} }),
        /* The one in hand is drawn by others. */
        hide(key) {
            const but = ['!=', ['get', 'key'], key ?? -1];
            map.setFilter('edit-area', ['all', ['==', ['geometry-type'], 'Polygon'], but]);
            map.setFilter('edit-line', but);
        },
        end() {
            map.off('click', pick);
            layersOf().forEach(({ id }) => map.removeLayer(id));
            [WIDTHS, FRESH, MARKS].forEach((name) => map.removeSource(name));
        },
    };
}
