/* The page's files themselves: nothing inline, no markup made of text, nothing of other hosts, nothing newer than the oldest browser; and lists, zones, maps. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { boxOf, circle, distance, graticule } from '../../dashboard/page/core/geo.js';
import { alertFeatures, fenceFeatures, stateOf, trackFeatures, vehicleFeatures } from '../../dashboard/page/core/map_data.js';
import { labelPlace } from '../../dashboard/page/core/label_place.js';
import { layoutOf, rangeOf, rowAt, scrollTo } from '../../dashboard/page/core/window.js';
import { dateTime, isZone, shortTime } from '../../dashboard/page/core/zone.js';

const page = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../dashboard/page');
const files = fs.readdirSync(page, { recursive: true }).filter((name) => fs.statSync(path.join(page, name)).isFile());
const read = (name) => fs.readFileSync(path.join(page, name), 'utf8');
const scripts = files.filter((name) => name.endsWith('.js'));

test('markup has no script, style or handler inside', () => {
    for (const html of ['index.html', 'paper.html'].map(read)) {
        assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|<script>|<script(?![^>]*\ssrc=)/i);
        assert.doesNotMatch(html, /https?:\/\//);
    }
});

test('text is set as text, and nothing is made of it', () => {
    for (const name of scripts)
        assert.doesNotMatch(read(name), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('style'|cssText|DOMParser|createContextualFragment/, name);
});

test('nothing is asked of another host', () => {
    for (const name of files.filter((one) => /\.(js|css)$/.test(one)))
        assert.doesNotMatch(read(name).replaceAll(/http:\/\/(www\.(w3\.org\/2000\/svg|topografix\.com\/GPX\/1\/1)|schemas\.openxmlformats\.org\/)/g, '').replaceAll('/^https?:\\/\\//', ''), /https?:\/\/|@import|url\((?!['"]?data:)/, name);
});

test('nothing newer than Chromium 94', () => {
    const newer = /\.(findLast|findLastIndex|toSorted|toReversed|toSpliced|with|groupBy|replaceAll)\(|structuredClone|AbortSignal\.(timeout|any)|Object\.groupBy|Promise\.withResolvers|\.inert\b|randomUUID|Array\.fromAsync/;
    for (const name of scripts)
        assert.doesNotMatch(read(name).replaceAll('.replaceAll(', ''), newer, name);
    for (const name of files.filter((one) => one.endsWith('.css')))
        assert.doesNotMatch(read(name), /:has\(|@container|color-mix\(|@layer|\bdvh\b|&:/, name);
});

test('core knows no browser: no document, no fetch, no clock of its own but as a default', () => {
    for (const name of scripts.filter((one) => one.startsWith('core/'))) {
        assert.doesNotMatch(read(name), /\b(document|window\.|localStorage|fetch\(|setTimeout|navigator)\b/, name);
        for (const [, from] of read(name).matchAll(/from '([^']+)'/g))
            assert.match(from, /^\.\/\w+\.js$/, `${name} imports ${from}`);
    }
});

test('views ask nobody but `app`: they import words, elements and what is pure', () => {
    for (const name of scripts.filter((one) => one.startsWith('view/')))
        for (const [, from] of read(name).matchAll(/from '([^']+)'/g))
            assert.match(from, /^(\.\/\w+|\.\.\/core\/\w+|\.\.\/io\/api)\.js$/, `${name} imports ${from}`);
});

test('a file has at most 300 lines, and begins with what it is for', () => {
    for (const name of files.filter((one) => /\.(js|css)$/.test(one))) {
        const text = read(name);
        assert.ok(text.split('\n').length <= 300, name);
        assert.ok(text.startsWith('/*'), name);
    }
});

test('a long list: the rows in view, found among rows of two heights', () => {
    const heights = Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? 92 : 44)), tops = layoutOf(heights);
    for (const y of [0, 91, 92, 93, 135, 100_000, tops[5000] - 1]) {
        const at = rowAt(tops, y);
        assert.ok(tops[at] <= y && y < tops[at + 1], String(y));
    }
    const [first, end] = rangeOf(tops, 50_000, 800);
    assert.ok(tops[first] <= 50_000 && tops[end] >= 50_800 && end - first < 30);
    assert.deepEqual(rangeOf(layoutOf([]), 0, 800), [0, 0]);
    assert.deepEqual(rangeOf(layoutOf([92]), 999, 800), [0, 1]);
    assert.equal(scrollTo(tops, 0, 500, 300), 0);
    assert.equal(scrollTo(tops, 10, tops[9], 300), tops[9]);
    assert.equal(scrollTo(tops, 10, 0, 100), tops[11] - 100);
});

test('times are those of the city, over midnight and the end of summer time', () => {
    assert.equal(dateTime(1778248919000, 'Asia/Shanghai'), '2026-05-08 22:01:59');
    assert.equal(dateTime(Date.UTC(2026, 0, 1, 16), 'Asia/Shanghai'), '2026-01-02 00:00:00');
    assert.equal(dateTime(Date.UTC(2026, 9, 25, 1, 30), 'Europe/Berlin'), '2026-10-25 02:30:00');
    assert.equal(shortTime(1778248919000, 1778248920000, 'Asia/Shanghai'), '22:01:59');
    assert.equal(shortTime(1778248919000, 1778348920000, 'Asia/Shanghai'), '05-08 22:01');
    assert.ok(isZone('Asia/Shanghai') && !isZone('Mars/Olympus'));
});

test('distances, boxes, circles and grids', () => {
    assert.ok(Math.abs(distance({ lat: 0, lon: 0 }, { lat: 0, lon: 1 }) - 111_195) < 50);
    assert.equal(boxOf([{ lat: null, lon: null }]), null);
    assert.deepEqual(boxOf([{ lat: 1, lon: 2 }, { lat: 3, lon: -1 }]), [[-1, 1], [2, 3]]);
    assert.deepEqual(boxOf(Array.from({ length: 300_000 }, (_, i) => ({ lat: i / 10_000, lon: -i / 10_000 }))), [[-29.9999, 0], [-0, 29.9999]], 'as many as a file of 10 MB has');
    const ring = circle({ lat: 30, lon: 112 }, 50);
    assert.deepEqual(ring[0], ring[ring.length - 1]);
    assert.ok(ring.every(([lon, lat]) => Math.abs(distance({ lat: 30, lon: 112 }, { lat, lon }) - 50) < 0.5));
    for (const box of [[[112, 30], [113, 31]], [[-180, -85], [180, 85]], [[0, 0], [0.001, 0.0005]]])
        assert.ok(graticule(box).length < 50 && graticule(box).length > 5);
});

test('a map: states by age, the worst of what goes on and what is to do, no place no mark, gaps no line', () => {
    const v = (change) => ({ id: 'v', lat: 1, lon: 2, time: 1000, flags: 3, plate: '', class: 'x', track: null, ...change });
    assert.equal(stateOf(v({}), 1000), 'moving');
    assert.equal(stateOf(v({ flags: 1 }), 1000), 'stopped');
    assert.equal(stateOf(v({ flags: 2 }), 1000), 'silent');
    assert.equal(stateOf(v({}), 1_000_000), 'silent');
    const features = (vehicle, toDo) => vehicleFeatures(new Map([['v', vehicle]]), 1000, () => toDo, () => 'truck').features;
    assert.equal(features(v({ flags: 3 | (1 << 11) }), 'critical')[0].properties.worst, 'critical');
    assert.equal(features(v({ flags: 3 | (3 << 11) }), '')[0].properties.worst, 'critical');
    assert.equal(features(v({}), '')[0].properties.name, 'v');
    assert.deepEqual(features(v({ lat: null }), ''), []);
    assert.deepEqual(alertFeatures(undefined).features, []);
    assert.deepEqual(alertFeatures({ severity: 'minor', work: {} }).features, []);
    assert.deepEqual(alertFeatures({ severity: 'minor', lat: 1, lon: 2, start_lat: 1, start_lon: 2, error: 9 }).features.map((f) => f.properties.what), ['error', 'end', 'start']);
    const track = { time: [0, 1, 2, 999_999, 1_000_000], lat: [1, 1, 1, 1, 1], lon: [1, 2, 3, 4, 5], hole: [], simplified: false };
    assert.deepEqual(trackFeatures(track).features.map((f) => f.geometry.coordinates.length), [3, 2]);
    assert.deepEqual(trackFeatures({ ...track, simplified: true, hole: [2] }).features.map((f) => f.geometry.coordinates.length), [2, 3]);
    const fences = fenceFeatures({ features: [{ id: 'f', geometry: null, properties: { kind: 'banned', name: '甲', name_en: 'A', in_force: false, next_change: 5 } }] }, 'en', (next) => `at ${next}`);
    assert.equal(fences.features[0].properties.label, 'A\nat 5');
});

test('the name of an area is written once, within it and within what is seen of it', () => {
    const ring = (w, s, e, n) => [[w, s], [e, s], [e, n], [w, n], [w, s]], box = [0, 0, 10, 10];
    assert.deepEqual(labelPlace({ type: 'Polygon', coordinates: [ring(2, 2, 4, 6)] }, box), [3, 4]);
    assert.deepEqual(labelPlace({ type: 'Polygon', coordinates: [ring(-100, -100, 100, 100)] }, box), [5, 5], 'a district larger than the view');
    assert.deepEqual(labelPlace({ type: 'Polygon', coordinates: [ring(0, 0, 8, 8), ring(1, 1, 6, 7)] }, box), [7, 4], 'not in a hole');
    assert.deepEqual(labelPlace({ type: 'MultiPolygon', coordinates: [[ring(0, 0, 1, 1)], [ring(4, 4, 8, 8)]] }, box), [6, 6], 'the larger part');
    assert.equal(labelPlace({ type: 'Polygon', coordinates: [ring(20, 20, 30, 30)] }, box), null);
    assert.equal(labelPlace({ type: 'LineString', coordinates: [[1, 1], [2, 2]] }, box), null);
    const { features } = fenceFeatures({ features: [{ id: 'f', geometry: { type: 'Polygon', coordinates: [ring(0, 0, 2, 2)] }, properties: { kind: 'site', name: '甲' } }] }, 'zh', String, box);
    assert.deepEqual(features.map((f) => [f.geometry.type, f.properties.label]), [['Polygon', undefined], ['Point', '甲']]);
});
