/*
 * fence_cut: fences split and joined. What overlaps what is the work of a library that is handed in (`clip`: union, difference, intersection over
 * the coordinates of polygons); here is what is asked of it.
 */
import { middleOf } from './geo.js';

const polygonsOf = (geometry) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);
const linesOf = (geometry) => (geometry.type === 'LineString' ? [geometry.coordinates] : geometry.coordinates);
const polygon = (polygons) => (polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons });
const line = (lines) => (lines.length === 1 ? { type: 'LineString', coordinates: lines[0] } : { type: 'MultiLineString', coordinates: lines });

function reach(positions) {
    const middle = middleOf(positions);
    return { middle, radius: positions.reduce((most, p) => Math.max(most, Math.hypot(p[0] - middle[0], p[1] - middle[1])), 0) * 3 + 1e-6 };
}

/* Where the way from `from` on over `through` leaves a circle. */
function leave(from, through, { middle, radius }) {
    const dx = through[0] - from[0], dy = through[1] - from[1], fx = through[0] - middle[0], fy = through[1] - middle[1];
    const a = dx * dx + dy * dy, b = 2 * (fx * dx + fy * dy), c = fx * fx + fy * fy - radius * radius;
    const s = (-b + Math.sqrt(Math.max(0, b * b - 4 * a * c))) / (2 * a);
    return [through[0] + s * dx, through[1] + s * dy];
}

/* All that lies on one side of a line, within a circle round everything: the line goes on straight beyond its ends. */
function sideOf(cut, circle) {
    const begin = leave(cut[1], cut[0], circle), end = leave(cut[cut.length - 2], cut[cut.length - 1], circle);
    const angle = (p) => Math.atan2(p[1] - circle.middle[1], p[0] - circle.middle[0]);
    const from = angle(end), turn = (((angle(begin) - from) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);
    /* Farther out than the ends of the line, so that the way back crosses nothing. */
    const far = circle.radius * 3, steps = 32;
    const arc = Array.from({ length: steps + 1 }, (_, i) => [circle.middle[0] + far * Math.cos(from + (turn * i) / steps), circle.middle[1] + far * Math.sin(from + (turn * i) / steps)]);
    return [[begin, ...cut, end, ...arc, begin]];
}

const clean = (positions) => positions.filter((p, i) => i === 0 || p[0] !== positions[i - 1][0] || p[1] !== positions[i - 1][1]);

/** A polygon, cut by a line: geometries of both sides, or null where the line does not go through. */
export function splitPolygon(geometry, line_, clip) {
    const cut = clean(line_);
    if (cut.length < 2)
        return null;
    const whole = polygonsOf(geometry), side = sideOf(cut, reach([...whole.flat(2), ...cut]));
    const here = clip.intersection(whole, [side]), there = clip.difference(whole, [side]);
    return here.length === 0 || there.length === 0 ? null : [...here, ...there].map((one) => polygon([one]));
}

/* The place on a line that is nearest to another: {at: index of the piece, share along it, off: how far (degrees, with longitudes shortened)}. */
function nearest(positions, [lon, lat]) {
    const k = Math.cos((lat * Math.PI) / 180);
    let best = { off: Infinity };
    for (let i = 1; i < positions.length; i++) {
        const [ax, ay] = positions[i - 1], [bx, by] = positions[i];
        const dx = (bx - ax) * k, dy = by - ay, length = dx * dx + dy * dy;
        const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((lon - ax) * k * dx + (lat - ay) * dy) / length));
        const place = [ax + share * (bx - ax), ay + share * (by - ay)];
        const off = Math.hypot((place[0] - lon) * k, place[1] - lat);
        if (off < best.off)
            best = { at: i, share, place, off };
    }
    return best;
}

/* Where two pieces of line cross, or null. */
function crossing([a, b], [c, d]) {
    const rx = b[0] - a[0], ry = b[1] - a[1], sx = d[0] - c[0], sy = d[1] - c[1], across = rx * sy - ry * sx;
    if (across === 0)
        return null;
    const t = ((c[0] - a[0]) * sy - (c[1] - a[1]) * sx) / across, u = ((c[0] - a[0]) * ry - (c[1] - a[1]) * rx) / across;
    return t < 0 || t > 1 || u < 0 || u > 1 ? null : [a[0] + t * rx, a[1] + t * ry];
}

function cutLine(positions, cut) {
    for (let i = 1; i < positions.length; i++)
        for (let j = 1; j < cut.length; j++) {
            const place = crossing([positions[i - 1], positions[i]], [cut[j - 1], cut[j]]);
            if (place !== null)
                return [clean([...positions.slice(0, i), place]), clean([place, ...positions.slice(i)])].filter((part) => part.length > 1);
        }
    return [positions];
}

/** A corridor, cut where a line first crosses each of its lines: geometries, or null where it crosses none. */
export function splitLine(geometry, cut) {
    const before = linesOf(geometry), after = before.flatMap((positions) => cutLine(positions, clean(cut)));
    return after.length === before.length ? null : after.map((positions) => line([positions]));
}

export function split(geometry, cut, clip) {
    if (/Polygon$/.test(geometry.type))
        return splitPolygon(geometry, cut, clip);
    return /LineString$/.test(geometry.type) ? splitLine(geometry, cut) : null;
}

const gap = (p, q) => Math.hypot((p[0] - q[0]) * Math.cos((p[1] * Math.PI) / 180), p[1] - q[1]);

/* Lines whose ends meet, within some metres, become one. */
const MEETS_DEG = 10 / 111_195;
function joinLines(lines) {
    const out = [];
    for (const one of lines) {
        const last = out[out.length - 1];
        const ways = last === undefined ? [] : [[last, one], [last, [...one].reverse()], [[...last].reverse(), one], [[...last].reverse(), [...one].reverse()]];
        const best = ways.map(([a, b]) => ({ a, b, off: gap(a[a.length - 1], b[0]) })).sort((x, y) => x.off - y.off)[0];
        if (best !== undefined && best.off <= MEETS_DEG)
            out[out.length - 1] = clean([...best.a, ...best.b.slice(best.off === 0 ? 1 : 0)]);
        else
            out.push(one);
    }
    return out;
}

/** Several of one shape as one geometry; null where they are of several, or circles. */
export function join(geometries, clip) {
    if (geometries.length > 1 && geometries.every((g) => /Polygon$/.test(g.type)))
        return polygon(clip.union(...geometries.map(polygonsOf)));
    if (geometries.length > 1 && geometries.every((g) => /LineString$/.test(g.type)))
        return line(joinLines(geometries.flatMap(linesOf)));
    return null;
}

/**
 * Where a pointer is drawn to: a corner within `reachDeg`, else the nearest place on an edge within it, of `lines` (lists of positions); null: neither.
 */
export function snap(lines, place, reachDeg) {
    let corner = { off: reachDeg }, edge = { off: reachDeg };
    for (const positions of lines) {
        for (const p of positions) {
            const off = gap(p, place);
            if (off < corner.off)
                corner = { off, place: p };
        }
        const near = nearest(positions, place);
        if (near.off < edge.off)
            edge = near;
    }
    return corner.place ?? edge.place ?? null;
}
