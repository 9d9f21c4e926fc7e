/*
 * label_place: where the name of an area stands: once, within it and within what is in view. (A map that is cut into tiles would write it once in each.)
 * It is the middle of the longest piece of a line through the middle of what is seen of it, west to east.
 */

const boundsOf = (ring) => ring.reduce(([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)], [Infinity, Infinity, -Infinity, -Infinity]);

/* Where rings cross a parallel, from west to east: each two are a piece within. */
function crossings(rings, y) {
    const at = [];
    for (const ring of rings)
        for (let i = 1; i < ring.length; i++) {
            const [ax, ay] = ring[i - 1], [bx, by] = ring[i];
            if ((ay > y) !== (by > y))
                at.push(ax + (bx - ax) * (y - ay) / (by - ay));
        }
    return at.sort((a, b) => a - b);
}

/* [length, place] of the longest piece of a polygon within [west, south, east, north]; undefined: none is. */
function longest(rings, [west, south, east, north]) {
    const [w, s, e, n] = boundsOf(rings[0]), low = Math.max(s, south), high = Math.min(n, north), y = (low + high) / 2;
    if (low > high || w > east || e < west)
        return undefined;
    const at = crossings(rings, y);
    let best;
    for (let i = 0; i + 1 < at.length; i += 2) {
        const from = Math.max(at[i], west), to = Math.min(at[i + 1], east);
        if (to > from && (best === undefined || to - from > best[0]))
            best = [to - from, [(from + to) / 2, y]];
    }
    return best;
}

/** [lon, lat], or null: it is no area, or nothing of it is seen there. `box`: [west, south, east, north]. */
export function labelPlace(geometry, box) {
    const polygons = geometry?.type === 'Polygon' ? [geometry.coordinates] : geometry?.type === 'MultiPolygon' ? geometry.coordinates : [];
    return polygons.map((rings) => longest(rings, box)).filter(Boolean).sort((a, b) => b[0] - a[0])[0]?.[1] ?? null;
}
