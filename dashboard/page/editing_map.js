/* editing_map: joins the book of fences to the map: what is drawn of it, and what a pointer is drawn to. Only what became different is sent. */
import { boxOf } from './core/geo.js';
import { snap } from './core/fence_cut.js';
import { partsOf, positionsOf, shownGeometry, vertexAt } from './core/fence_shape.js';
import { widthAt0 } from './io/fence_layers.js';

const SNAP_PX = 12, NEAR_MAX = 400;

export function makeFenceMap(map, layers, convertedAtFirst) {
    const converted = [convertedAtFirst];
    let drawn = new Map(), near = { list: null, lines: [] };
    const place = ([lon, lat]) => ({ lon, lat });
    /* As it is in WGS-84. */
    const real = (feature) => converted.map((one) => one.get(feature)).find((one) => one !== undefined) ?? feature;

    function featureOf({ key, feature }, marked) {
        const f = real(feature), p = f.properties ?? {}, first = positionsOf(f.geometry)[0];
        if (first === undefined)
            return null;
        const [[west, south], [east, north]] = boxOf(positionsOf(shownGeometry(f)).map(place));
        return { type: 'Feature', id: key, geometry: shownGeometry(f), properties: { size: (east - west) * (north - south), key, kind: p.kind ?? '', name: p.name ?? '', marked, width_px0: widthAt0(p.buffer_m ?? 0, first[1]) } };
    }
    function put(list, marked) {
        const now = new Map(list.map((entry) => [entry.key, { feature: entry.feature, marked: marked.size > 1 && marked.has(entry.key) }]));
        const gone = [...drawn.keys()].filter((key) => !now.has(key));
        const other = list.filter(({ key }) => { const was = drawn.get(key), is = now.get(key); return was === undefined || was.feature !== is.feature || was.marked !== is.marked; });
        drawn = now;
        if (gone.length + other.length > 0)
            layers.change(gone, map.shift.features({ features: other.map((entry) => featureOf(entry, now.get(entry.key).marked)).filter((f) => f !== null) }).features);
    }
    function linesNear(list, but) {
        const [[west, south], [east, north]] = map.box(), key = `${west},${south},${east},${north},${but}`;
        if (near.list === list && near.key === key)
            return near.lines;
        const lines = [];
        for (const entry of list) {
            if (entry.key === but || lines.length >= NEAR_MAX)
                continue;
            for (const { positions } of partsOf(real(entry.feature)))
                if (positions.some(([lon, lat]) => lon > west && lon < east && lat > south && lat < north))
                    lines.push(positions);
        }
        near = { list, key, lines };
        return lines;
    }
    return {
        real,
        put,
        converts(other) { converted.unshift(other); },
        /* `fresh` is `feature` with other properties: where it is stays. */
        same(fresh, feature) {
            if (real(feature) !== feature)
                converted[0].set(fresh, { ...real(feature), id: fresh.id, properties: { ...fresh.properties, crs: undefined } });
            return fresh;
        },
        showBox: (box) => map.showBox(box),
        hide: layers.hide,
        snap: (list, but, at, zoom) => snap(linesNear(list, but), at, (SNAP_PX * 360 * Math.cos((at[1] * Math.PI) / 180)) / (512 * 2 ** zoom)),
        putImport: (features) => layers.putImport(map.shift.features({ features }).features),
        mark: (at) => layers.mark(at === null ? null : map.shift.show([at.lon, at.lat])),
        goTo: (at) => map.goTo(at),
        /* Only if it is out of view. */
        reveal(feature) {
            const box = boxOf(positionsOf(shownGeometry(feature)).map(place));
            if (box !== null)
                map.showBox(box);
        },
        vertex: (feature, n) => vertexAt(real(feature), n),
        end: layers.end,
    };
}
