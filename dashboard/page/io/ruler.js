/* ruler: distance along clicks, and the area they go round. Loaded when it is asked for. */
import { areaOf, areaText, lengthOf, lengthText } from '../core/measure.js';

const NAME = 'ruler', NOTHING = { type: 'FeatureCollection', features: [] };

export function makeRuler(map, stage, words) {
    const { raw, shift } = map, told = document.createElement('output');
    let points = [], done = false, pointer = null;
    told.className = 'ruler';
    told.textContent = words.t('map.ruler_hint');
    stage.append(told);
    raw.addSource(NAME, { type: 'geojson', data: NOTHING });
    raw.addLayer({ id: 'ruler-area', type: 'fill', source: NAME, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': '#ffd666', 'fill-opacity': 0.12 } });
    raw.addLayer({ id: 'ruler-line', type: 'line', source: NAME, filter: ['==', ['geometry-type'], 'LineString'], paint: { 'line-color': '#ffd666', 'line-width': 2.5, 'line-dasharray': [3, 1.5] } });
    raw.addLayer({ id: 'ruler-point', type: 'circle', source: NAME, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 4.5, 'circle-color': '#ffd666', 'circle-stroke-color': '#0b1016', 'circle-stroke-width': 1.5 } });
    raw.doubleClickZoom.disable();

    const feature = (type, coordinates) => ({ type: 'Feature', geometry: { type, coordinates }, properties: {} });
    function draw() {
        const all = pointer === null || done ? points : [...points, pointer];
        if (all.length === 0)
            return;
        const features = points.map((p) => feature('Point', p));
        if (all.length > 1)
            features.push(feature('LineString', all));
        if (all.length > 2)
            features.push(feature('Polygon', [[...all, all[0]]]));
        raw.getSource(NAME).setData(shift.features({ type: 'FeatureCollection', features }));
        told.textContent = all.length > 2 ? `${lengthText(lengthOf(all))} · ${areaText(areaOf(all))}` : all.length > 1 ? lengthText(lengthOf(all)) : words.t('map.ruler_hint');
    }
    const at = (event) => shift.real([event.lngLat.lng, event.lngLat.lat]);
    function click(event) {
        if (done) {
            points = [];
            done = false;
        }
        points = [...points, at(event)];
        pointer = null;
        draw();
    }
    function move(event) {
        pointer = points.length > 0 ? at(event) : null;
        draw();
    }
    /* A double click has been two clicks at one place. */
    function end(event) {
        event.preventDefault();
        points = points.slice(0, -1);
        done = true;
        draw();
    }
    raw.on('click', click);
    raw.on('mousemove', move);
    raw.on('dblclick', end);
    return { end() {
        raw.off('click', click);
        raw.off('mousemove', move);
        raw.off('dblclick', end);
        raw.doubleClickZoom.enable();
        ['ruler-area', 'ruler-line', 'ruler-point'].forEach((id) => raw.removeLayer(id));
        raw.removeSource(NAME);
        told.remove();
    } };
}
