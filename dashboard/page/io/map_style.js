/*
 * map_style: what is drawn, in which order, in which colours. Data comes later, source by source. Nothing here is fetched: letters are drawn by
 * the browser from its own fonts, and without a base map there is a grid.
 */
export const SOURCES = ['grid', 'fences', 'route', 'track', 'vehicles', 'chosen', 'replay'];
const FONT = ['Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', 'sans-serif'];

/* By kind; what is forbidden is warm, what is allowed cool. */
const COLOURS = ['match', ['get', 'kind'], 'banned', '#ff7a5c', 'no_tipping', '#ff5d8f', 'speed', '#d58bff', 'route', '#5aa2ff', 'site', '#e6b450', 'disposal', '#b08cff', 'depot', '#93a4b5', 'wash', '#56d4dd', 'collection', '#7ec87e', 'sweep', '#7ec87e', 'area', '#7ec87e', '#8796a5'];
const SEVERITY = ['match', ['get', 'worst'], 'critical', '#ff4d4f', 'major', '#ffa940', 'minor', '#ffe066', '#00000000'];
/* Of the permit of the alert that is looked at. */
const PERMIT = ['match', ['get', 'what'], 'site', '#e6b450', 'disposal', '#b08cff', '#5aa2ff'];
const inForce = ['==', ['get', 'in_force'], true];
const kindColour = ['case', inForce, COLOURS, '#74808c'];
const isNot = (...kinds) => ['!', ['in', ['get', 'kind'], ['literal', kinds]]];

function fenceLayers() {
    const filled = ['all', inForce, isNot('district', 'area', 'speed', 'route', 'sweep')];
    const line = (id, filter, more) => ({ id, type: 'line', source: 'fences', filter, paint: { 'line-color': kindColour, 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 1, 14, 2], ...more } });
    return [
        { id: 'fence-fill', type: 'fill', source: 'fences', filter: filled, paint: { 'fill-color': COLOURS, 'fill-opacity': ['match', ['get', 'kind'], ['banned', 'no_tipping'], 0.22, 0.12] } },
        line('fence-line', ['all', inForce, isNot('district', 'speed')], {}),
        line('fence-wide', ['all', inForce, ['in', ['get', 'kind'], ['literal', ['district', 'speed']]]], { 'line-opacity': 0.45, 'line-dasharray': [6, 3] }),
        line('fence-out', ['!', inForce], { 'line-dasharray': [2, 2], 'line-opacity': 0.8 }),
    ];
}

const label = (id, source, more) => ({ id, type: 'symbol', source, ...more, paint: { 'text-color': '#c9d3dd', 'text-halo-color': '#0e141b', 'text-halo-width': 1.4, ...more.paint } });

/* Where more than 2,000 are in view: how many, and the worst among them. */
const CLUSTER_R = ['interpolate', ['linear'], ['get', 'n'], 2, 13, 50, 18, 500, 26, 5000, 36];
const isCluster = ['has', 'n'], isAlone = ['!', isCluster];
function clusterLayers() {
    return [
        { id: 'cluster', type: 'circle', source: 'vehicles', filter: isCluster, paint: { 'circle-radius': CLUSTER_R, 'circle-color': '#1c3a5c', 'circle-opacity': 0.92, 'circle-stroke-width': ['match', ['get', 'worst'], '', 1.5, 4], 'circle-stroke-color': ['match', ['get', 'worst'], '', '#4da3ff', SEVERITY] } },
        { id: 'cluster-count', type: 'symbol', source: 'vehicles', filter: isCluster, layout: { 'text-field': ['to-string', ['get', 'n']], 'text-font': FONT, 'text-size': 12.5, 'text-allow-overlap': true, 'text-ignore-placement': true }, paint: { 'text-color': '#ffffff' } },
    ];
}

function vehicleLayers() {
    return [
        { id: 'halo', type: 'circle', source: 'vehicles', filter: ['all', isAlone, ['!=', ['get', 'worst'], '']], paint: { 'circle-radius': ['match', ['get', 'worst'], 'critical', 19, 15], 'circle-color': SEVERITY, 'circle-opacity': ['match', ['get', 'worst'], 'critical', 0.35, 'major', 0.12, 0], 'circle-stroke-color': SEVERITY, 'circle-stroke-width': ['match', ['get', 'worst'], 'critical', 3, 'major', 2, 1] } },
        { id: 'vehicle', type: 'symbol', source: 'vehicles', filter: isAlone, layout: { 'icon-image': ['concat', 'vehicle-', ['get', 'shape'], '-', ['get', 'state']], 'icon-rotate': ['get', 'track'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 8, 0.55, 13, 0.95], 'symbol-sort-key': ['get', 'order'] }, paint: { 'icon-opacity': ['get', 'opacity'] } },
        label('plate', 'vehicles', { minzoom: 13, filter: isAlone, layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-offset': [0, 1.5], 'text-optional': true }, paint: { 'text-color': '#ffffff' } }),
    ];
}

/* While something is played: its whole way, what it has done of it, where it stood, and where it is. */
function replayLayers() {
    const what = (name) => ['==', ['get', 'what'], name], round = { 'line-cap': 'round', 'line-join': 'round' };
    return [
        { id: 'replay-whole', type: 'line', source: 'replay', filter: what('whole'), layout: round, paint: { 'line-color': '#8fa2b5', 'line-width': 2, 'line-opacity': 0.6 } },
        { id: 'replay-way', type: 'line', source: 'replay', filter: what('way'), layout: round, paint: { 'line-color': '#35d0a5', 'line-width': 4 } },
        { id: 'replay-stop', type: 'circle', source: 'replay', filter: what('stop'), paint: { 'circle-radius': 5, 'circle-color': '#0e141b', 'circle-stroke-color': '#c7d0da', 'circle-stroke-width': 2 } },
        { id: 'replay-late', type: 'circle', source: 'replay', filter: what('late'), paint: { 'circle-radius': 3.5, 'circle-color': '#d58bff', 'circle-stroke-color': '#0e141b', 'circle-stroke-width': 1 } },
        { id: 'replay-area', type: 'line', source: 'replay', filter: what('area'), paint: { 'line-color': '#ffffff', 'line-width': 1.5, 'line-dasharray': [4, 3] } },
        { id: 'replay-other', type: 'line', source: 'replay', filter: what('other'), layout: round, paint: { 'line-color': '#ffd479', 'line-width': 2, 'line-opacity': 0.7 } },
        { id: 'replay-other-now', type: 'symbol', source: 'replay', filter: what('other_now'), layout: { 'icon-image': 'vehicle-truck-replay', 'icon-rotate': ['get', 'track'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': 0.85, 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 12, 'text-offset': [0, 1.5], 'text-optional': true }, paint: { 'icon-opacity': ['case', ['get', 'known'], 0.95, 0.4], 'text-color': ['case', ['get', 'inside'], '#ffffff', '#ffd479'], 'text-halo-color': '#0e141b', 'text-halo-width': 1.6 } },
        { id: 'replay-now', type: 'symbol', source: 'replay', filter: what('now'), layout: { 'icon-image': 'vehicle-truck-replay', 'icon-rotate': ['get', 'track'], 'icon-rotation-alignment': 'map', 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 13, 'text-offset': [0, 1.6], 'text-optional': true }, paint: { 'icon-opacity': ['case', ['get', 'known'], 1, 0.5], 'text-color': '#8df0d3', 'text-halo-color': '#0e141b', 'text-halo-width': 1.6 } },
    ];
}

const SIZES = ['text-size', 'icon-size', 'circle-radius', 'circle-stroke-width', 'line-width'];

/* A size so many times as large. One by the zoom has its sizes at every second place from the fifth on: such may not stand within another. */
function larger(size, times) {
    if (typeof size === 'number')
        return size * times;
    return size[0] === 'interpolate' ? size.map((part, i) => (i >= 4 && i % 2 === 0 ? part * times : part)) : ['*', times, size];
}

function grown(layer, times) {
    const part = (values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, SIZES.includes(name) ? larger(value, times) : value]));
    return { ...layer, ...(layer.layout && { layout: part(layer.layout) }), ...(layer.paint && { paint: part(layer.paint) }) };
}

/** `times`: 1, or more on a screen that is read from farther away. */
export function styleOf(times = 1) {
    const style = styleAsDrawn();
    return times === 1 ? style : { ...style, layers: style.layers.map((layer) => grown(layer, times)) };
}

function styleAsDrawn() {
    const empty = { type: 'FeatureCollection', features: [] };
    return {
        version: 8,
        sources: Object.fromEntries(SOURCES.map((name) => [name, { type: 'geojson', data: empty }])),
        layers: [
            { id: 'ground', type: 'background', paint: { 'background-color': '#131b23' } },
            { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': '#1d2833', 'line-width': 1 } },
            ...fenceLayers(),
            { id: 'route-fill', type: 'fill', source: 'route', paint: { 'fill-color': PERMIT, 'fill-opacity': 0.26 } },
            { id: 'route-line', type: 'line', source: 'route', paint: { 'line-color': PERMIT, 'line-width': 2.5 } },
            { id: 'track', type: 'line', source: 'track', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': '#ffffff', 'line-width': 2.5, 'line-opacity': 0.85 } },
            { id: 'error', type: 'fill', source: 'chosen', filter: ['==', ['get', 'what'], 'error'], paint: { 'fill-color': '#ffffff', 'fill-opacity': 0.14 } },
            { id: 'chosen-ring', type: 'circle', source: 'chosen', filter: ['==', ['get', 'what'], 'start'], paint: { 'circle-radius': 10, 'circle-color': '#00000000', 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 3 } },
            { id: 'chosen-dot', type: 'circle', source: 'chosen', filter: ['in', ['get', 'what'], ['literal', ['start', 'end']]], paint: { 'circle-radius': 4.5, 'circle-color': SEVERITY, 'circle-stroke-color': '#ffffff', 'circle-stroke-width': 1.5 } },
            label('fence-name', 'fences', { minzoom: 10, filter: isNot('district', 'area', 'speed'), layout: { 'text-field': ['coalesce', ['get', 'label'], ''], 'text-font': FONT, 'text-size': 11.5, 'text-max-width': 9, 'text-padding': 6 }, paint: { 'text-color': kindColour } }),
            label('place-name', 'fences', { minzoom: 8, maxzoom: 14, filter: ['==', ['get', 'kind'], 'district'], layout: { 'text-field': ['coalesce', ['get', 'label'], ''], 'text-font': FONT, 'text-size': 15, 'text-letter-spacing': 0.2 }, paint: { 'text-color': '#8fa2b5' } }),
            ...clusterLayers(),
            ...vehicleLayers(),
            ...replayLayers(),
        ],
    };
}
