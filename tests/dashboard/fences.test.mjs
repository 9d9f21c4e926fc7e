/* The editor's own decisions: the book of files with its undoing and laying on top, splitting and joining by their areas, shapes taken apart and put together, what is taken over from other programs. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as book from '../../dashboard/page/core/fence_book.js';
import { join, snap, split } from '../../dashboard/page/core/fence_cut.js';
import { KINDS, kindOfFile, readGeoJson, toFences } from '../../dashboard/page/core/fence_import.js';
import { circleOf, newFeature, partsOf, positionsOf, vertexAt, withPart, withPositions } from '../../dashboard/page/core/fence_shape.js';
import { fromGcj02, shiftOf, toGcj02 } from '../../dashboard/page/core/gcj02.js';
import { distance, middleOf } from '../../dashboard/page/core/geo.js';
import { areaText, lengthOf, lengthText, measureOf } from '../../dashboard/page/core/measure.js';

const room = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../dashboard');
const clip = createRequire(path.join(room, 'package.json'))('polyclip-ts');
const square = (west, south, size) => [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]];
const fence = (id, more = {}) => ({ type: 'Feature', id, properties: { kind: 'site', ...more }, geometry: { type: 'Polygon', coordinates: [square(112, 30, 0.01)] } });
const file = (...features) => ({ type: 'FeatureCollection', name: 'kept', features });
const open = (...features) => book.openBook([{ name: 'fences.geojson', root: file(...features) }]);
const ids = (b) => b.list.map((entry) => entry.feature.id);
const area = (geometry) => measureOf(geometry).area;

test('a book: edits, undone and done again; what nobody touched is written as it was read', () => {
    const first = fence('a'), b0 = open(first, fence('b')), [a, b] = b0.list.map((entry) => entry.key);
    const b1 = book.replace(b0, b, fence('b', { name: 'x' })), b2 = book.remove(b1, [a]), b3 = book.add(b2, [fence('c')], 'fences.geojson');
    assert.deepEqual(book.filesOf(b0), {});
    assert.ok(!book.isChanged(b0) && book.isChanged(b1));
    assert.deepEqual(ids(b3), ['b', 'c']);
    assert.deepEqual(ids(book.undo(book.undo(b3))), ['a', 'b']);
    assert.deepEqual(ids(book.redo(book.undo(b3))), ['b', 'c']);
    assert.ok(!book.isChanged(book.undo(b1)));
    assert.equal(book.filesOf(b1)['fences.geojson'].features[0], first);
    assert.equal(book.filesOf(b1)['fences.geojson'].name, 'kept');
    assert.equal(book.changesOf(b3).added.length + book.changesOf(b3).changed.length + book.changesOf(b3).removed.length, 3);
    assert.ok(!book.isChanged(book.settle(b3)) && !book.canUndo(book.settle(b3)));
    assert.equal(book.freeId(open(fence('site-1'), fence('site-3')), 'site'), 'site-2');
});

test('an edit after an undo forgets what was undone; the past has a bound', () => {
    let b = open(fence('a'));
    const key = b.list[0].key;
    for (let i = 0; i < 500; i++)
        b = book.replace(b, key, fence('a', { name: String(i) }));
    assert.ok(b.past.length <= 200);
    b = book.replace(book.undo(b), key, fence('a', { name: 'other' }));
    assert.ok(!book.canRedo(b));
});

test('two admins: what only one touched is as that one left it; what both touched is told', () => {
    const mine = (() => {
        let b = open(fence('a'), fence('b'), fence('c'), fence('d'));
        const [ka, kb, kc] = b.list.map((entry) => entry.key);
        b = book.replace(b, ka, fence('a', { name: 'mine' }));
        b = book.replace(b, kb, fence('b', { name: 'mine' }));
        b = book.remove(b, [kc]);
        return book.add(b, [fence('new'), fence('both')], 'fences.geojson');
    })();
    const theirs = [{ name: 'fences.geojson', root: file(fence('a'), fence('b', { name: 'theirs' }), fence('c'), fence('d', { name: 'theirs' }), fence('both', { name: 'theirs' })) }];
    const { book: b, lost } = book.rebase(mine, theirs);
    const nameOf = (id) => b.list.find((entry) => entry.feature.id === id)?.feature.properties.name;
    assert.deepEqual([nameOf('a'), nameOf('b'), nameOf('d'), nameOf('both')], ['mine', 'theirs', 'theirs', 'theirs']);
    assert.deepEqual(ids(b), ['a', 'b', 'd', 'both', 'new']);
    assert.deepEqual(lost.sort(), ['b', 'both']);
});

test('a polygon is split where the line goes through, and both parts are all of it; joined they are one again', () => {
    const whole = { type: 'Polygon', coordinates: [square(112, 30, 0.01), square(112.004, 30.004, 0.002)] };
    for (const cut of [[[111.99, 30.005], [112.02, 30.005]], [[112.003, 29.99], [112.006, 30.0045], [112.003, 30.02]], [[112.001, 30.001], [112.009, 30.008]]]) {
        const parts = split(whole, cut, clip);
        assert.ok(parts.length >= 2, JSON.stringify(cut));
        const sum = parts.reduce((total, part) => total + area(part), 0);
        assert.ok(Math.abs(sum / area(whole) - 1) < 1e-6, String(sum / area(whole)));
        const joined = join(parts, clip);
        assert.equal(joined.type, 'Polygon');
        assert.ok(Math.abs(area(joined) / area(whole) - 1) < 1e-6);
        assert.equal(joined.coordinates.length, 2, 'the hole is there again');
    }
    assert.equal(split(whole, [[113, 31], [113.01, 31]], clip), null);
    assert.equal(split(whole, [[112, 30], [112, 30]], clip), null);
});

test('a corridor is split where it is crossed and joined where ends meet, whichever way they run', () => {
    const line = { type: 'LineString', coordinates: [[112, 30], [112.01, 30], [112.02, 30]] };
    const parts = split(line, [[112.015, 29.99], [112.015, 30.01]], clip);
    assert.deepEqual(parts.map((part) => part.coordinates), [[[112, 30], [112.01, 30], [112.015, 30]], [[112.015, 30], [112.02, 30]]]);
    assert.equal(split(line, [[112, 31], [113, 31]], clip), null);
    const back = join([{ type: 'LineString', coordinates: [...parts[0].coordinates].reverse() }, parts[1]], clip);
    assert.equal(back.type, 'LineString');
    assert.ok(Math.abs(lengthOf(back.coordinates) - lengthOf(line.coordinates)) < 0.01);
    assert.equal(join([line, { type: 'LineString', coordinates: [[113, 30], [113.01, 30]] }], clip).type, 'MultiLineString');
    assert.equal(join([line, { type: 'Point', coordinates: [1, 2] }], clip), null);
    assert.equal(split({ type: 'Point', coordinates: [1, 2] }, [[0, 0], [3, 3]], clip), null);
});

test('a pointer is drawn to a corner, else to an edge, within its reach', () => {
    const lines = [[[112, 30], [112.01, 30]]];
    assert.deepEqual(snap(lines, [112.00001, 30.00001], 0.0001), [112, 30]);
    const edge = snap(lines, [112.005, 30.00005], 0.0001);
    assert.ok(Math.abs(edge[0] - 112.005) < 1e-9 && edge[1] === 30);
    assert.equal(snap(lines, [112.005, 30.01], 0.0001), null);
});

test('shapes are taken apart and put together: holes, several parts, circles; places are counted as the engine does', () => {
    const two = { type: 'Feature', id: 'm', properties: {}, geometry: { type: 'MultiPolygon', coordinates: [[square(0, 0, 1), square(0.2, 0.2, 0.1)], [square(2, 2, 1)]] } };
    assert.deepEqual(partsOf(two).map((part) => part.at), [[0, 0], [0, 1], [1, 0]]);
    assert.equal(withPart(two, [0, 1], null).geometry.coordinates[0].length, 1);
    assert.equal(withPart(two, [1, 0], null).geometry.coordinates.length, 1);
    assert.deepEqual(withPart(two, [1, 0], square(5, 5, 1)).geometry.coordinates[1][0][0], [5, 5]);
    assert.deepEqual(vertexAt(two, 6), { lon: 0.2, lat: 0.2 });
    assert.equal(vertexAt(two, 99), undefined);
    const circle = newFeature('w', 'wash', { type: 'Point', coordinates: [112, 30] }, 25), ring = partsOf(circle)[0].positions;
    assert.equal(circleOf(ring).radius, 25);
    const moved = withPart(circle, [0, 0], ring.map(([lon, lat]) => [lon + 0.001, lat]));
    assert.deepEqual([moved.geometry.type, moved.properties.radius_m], ['Point', 25]);
    assert.ok(Math.abs(moved.geometry.coordinates[0] - 112.001) < 1e-7);
    const positions = positionsOf(two.geometry);
    assert.deepEqual(withPositions(two.geometry, positions), two.geometry);
    assert.equal(newFeature('r', 'route', { type: 'LineString', coordinates: [] }).properties.buffer_m, 40);
});

test('files of other programs: what is known is kept, the rest left; rings are closed, heights left out, ids made where they are taken', () => {
    const root = { type: 'FeatureCollection', features: [
        { type: 'Feature', id: 'a', properties: { kind: 'banned', Name: '甲', hours: '22:00-06:00', colour: 'red', speed_limit_kmh: '40', crs: 'gcj02' }, geometry: { type: 'Polygon', coordinates: [[[1, 2, 9], [2, 2, 9], [2, 3, 9]]] } },
        { type: 'Feature', properties: { crs: 'gcj02' }, geometry: { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] }, { type: 'LineString', coordinates: [[1, 2], [2, 3]] }] } },
        { type: 'Feature', properties: { crs: 'gcj02' }, geometry: { type: 'LineString', coordinates: [[500000, 3300000], [1, 1]] } },
        { type: 'Feature', properties: null, geometry: null },
    ] };
    const { items, left, crs } = readGeoJson(root);
    assert.deepEqual([items.length, left, crs], [3, 2, '']);
    assert.deepEqual(items[0].geometry.coordinates[0], [[1, 2], [2, 2], [2, 3], [1, 2]]);
    assert.deepEqual(items[0].properties, { hours: '22:00-06:00', speed_limit_kmh: 40, name: '甲' });
    const fences = toFences(items, 'wash', { buffer_m: 40, radius_m: 50 }, (id) => id !== 'a' && id !== 'wash-1', (kind, n) => `${kind}-${n}`);
    assert.deepEqual(fences.map((f) => [f.id, f.properties.kind, f.properties.buffer_m, f.properties.radius_m]), [['banned-0', 'banned', undefined, undefined], ['wash-0', 'wash', undefined, 50], ['wash-2', 'wash', 40, undefined]]);
    assert.throws(() => readGeoJson({ type: 'Topology' }));
    assert.equal(readGeoJson({ type: 'Point', coordinates: [1, 2] }).items.length, 1);
    assert.deepEqual([kindOfFile('a.KML', ''), kindOfFile('x', ' <?xml?><gpx '), kindOfFile('x.json', '{'), kindOfFile('x', '<kml>')], ['kml', 'gpx', 'geojson', 'kml']);
});

test('kinds of fences are those of the engine', async () => {
    const { readFileSync } = await import('node:fs');
    const listed = /\| `kind` \| required \|([^|]*)\|/.exec(readFileSync(path.join(room, '../docs/CONFIGURATION.md'), 'utf8'))[1];
    assert.deepEqual([...listed.matchAll(/`([a-z_]+)`/g)].map((m) => m[1]).sort(), [...KINDS].sort());
});

test('GCJ-02: there and back within a centimetre, some hundred metres off in China, nothing elsewhere', () => {
    for (const [lon, lat] of [[112.95, 30.45], [116.4, 39.9], [121.47, 31.23], [87.6, 43.8], [103.8, 1.35]]) {
        const there = toGcj02([lon, lat]), back = fromGcj02(there);
        assert.ok(distance({ lon, lat }, { lon: back[0], lat: back[1] }) < 0.01);
        const off = distance({ lon, lat }, { lon: there[0], lat: there[1] });
        assert.ok(off > 100 && off < 1000, String(off));
    }
    assert.deepEqual(toGcj02([2.35, 48.85]), [2.35, 48.85]);
    const { features, real, show } = shiftOf('gcj02'), line = { features: [{ geometry: { type: 'LineString', coordinates: [[112, 30], [112.1, 30]] }, properties: { a: 1 } }] };
    assert.deepEqual(features(line).features[0].geometry.coordinates[1], show([112.1, 30]));
    assert.equal(line.features[0].geometry.coordinates[0][0], 112, 'the data itself stays');
    assert.ok(Math.abs(real(show([112, 30]))[0] - 112) < 1e-9);
    assert.equal(shiftOf('wgs84').features(line), line);
});

test('lengths and areas, and how they are said', () => {
    const degree = lengthOf([[0, 0], [1, 0]]);
    assert.ok(Math.abs(degree - 111_195) < 5);
    const { area: m2 } = measureOf({ type: 'Polygon', coordinates: [square(112, 30, 0.01)] });
    const expected = 1112 * 1112 * Math.cos((30.005 * Math.PI) / 180);
    assert.ok(Math.abs(m2 / expected - 1) < 0.001);
    assert.deepEqual([lengthText(3.14159), lengthText(250.4), lengthText(12_345), lengthText(250_000), areaText(812.3), areaText(1_234_567)], ['3.14 m', '250 m', '12.3 km', '250 km', '812 m²', '1.23 km²']);
});

test('a ring of more points than a function takes arguments', () => {
    const positions = Array.from({ length: 300_000 }, (_, i) => [112 + 0.01 * Math.cos((i / 150_000) * Math.PI), 30 + 0.01 * Math.sin((i / 150_000) * Math.PI)]);
    assert.ok(Math.abs(circleOf(positions).lat - 30) < 1e-6);
    assert.deepEqual(middleOf(positions).map((n) => n.toFixed(6)), ['112.000000', '30.000000']);
    const cut = split({ type: 'Polygon', coordinates: [[...positions, positions[0]]] }, [[112, 29], [112, 31]], { ...clip, difference: () => [], intersection: () => [] });
    assert.equal(cut, null);
});
