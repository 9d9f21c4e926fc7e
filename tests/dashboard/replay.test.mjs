/* A vehicle's past: where it was between two fixes, in gaps, where it stood, and what is written of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulkBodies, bulkFits, bulkSum } from '../../dashboard/page/core/bulk.js';
import { areaFeatures, areaSpan, vehiclesOf } from '../../dashboard/page/core/area.js';
import { bandOf, gapsOf, indexAt, latePlaces, markFrom, stateAt, stepFrom, stopsOf, toGeoJson, toGpx, wayUpTo, wordAt } from '../../dashboard/page/core/replay.js';

const MIN = 60_000;
/* Drives, stands for three minutes, is silent for ten, drives. */
const TRACK = { time: [0, 1, 2, 3, 4, 5, 15, 16].map((m) => m * MIN), lat: [0, 1, 2, 2, 2, 2, 5, 6], lon: [0, 0, 0, 0, 0, 0, 0, 0], speed: [30, 30, 0, 0, 1, 2, 30, null], track: [0, 0, 0, 0, 0, 0, 0, 0], late: [], hole: [], simplified: false };

test('the last fix at or before a time', () => {
    assert.deepEqual([-1, 0, 1, 59_999, 60_000, 1e9].map((t) => indexAt(TRACK.time, t)), [-1, 0, 0, 0, 1, 7]);
    assert.equal(indexAt([], 5), -1);
});

test('between fixes on the line; across a gap where it was last, and unknown', () => {
    assert.deepEqual(stateAt(TRACK, 30_000), { lat: 0.5, lon: 0, speed: 30, track: 0, known: true, at: 0 });
    assert.deepEqual([stateAt(TRACK, 10 * MIN).lat, stateAt(TRACK, 10 * MIN).known], [2, false]);
    assert.equal(stateAt(TRACK, 15 * MIN).known, true);
    assert.equal(stateAt(TRACK, -5).known, false);
    assert.equal(stateAt(TRACK, 99 * MIN).known, false);
    assert.equal(stateAt({ ...TRACK, time: [], lat: [] }, 5), null);
    assert.equal(stateAt({ ...TRACK, simplified: true }, 10 * MIN).known, true);
    assert.equal(stateAt({ ...TRACK, simplified: true, hole: [6] }, 10 * MIN).known, false);
});

test('gaps, and stops that a gap ends', () => {
    assert.deepEqual(gapsOf(TRACK), [{ from: 5 * MIN, to: 15 * MIN }]);
    assert.deepEqual(stopsOf(TRACK), [{ from: 2 * MIN, to: 5 * MIN, lat: 2, lon: 0 }]);
    assert.deepEqual(stopsOf({ ...TRACK, speed: TRACK.speed.map(() => 0) }).map((s) => [s.from / MIN, s.to / MIN]), [[0, 5]]);
    assert.deepEqual(stopsOf({ ...TRACK, time: [], speed: [] }), []);
});

test('steps go from fix to fix, and not beyond', () => {
    assert.equal(stepFrom(TRACK, 30_000, 1), MIN);
    assert.equal(stepFrom(TRACK, 30_000, -1), 0);
    assert.equal(stepFrom(TRACK, MIN, -1), 0);
    assert.equal(stepFrom(TRACK, 0, -1), 0);
    assert.equal(stepFrom(TRACK, 16 * MIN, 1), 16 * MIN);
});

test('no line, segment or feature goes across a gap; names are escaped', () => {
    assert.deepEqual(wayUpTo(TRACK, 16 * MIN).map((line) => line.length), [6, 3]);
    assert.deepEqual(wayUpTo(TRACK, 30_000), [[[0, 0], [0, 0.5]]]);
    const gpx = toGpx(TRACK, '<鄂T & "1">');
    assert.equal(gpx.match(/<trkseg>/g).length, 2);
    assert.equal(gpx.match(/<trkpt /g).length, 8);
    assert.ok(gpx.includes('&lt;鄂T &amp; &quot;1&quot;&gt;') && gpx.includes('1970-01-01T00:15:00.000Z'));
    assert.deepEqual(JSON.parse(toGeoJson(TRACK, 'x')).features.map((f) => f.geometry.coordinates.length), [6, 2]);
});

test('many at once: at most 200 a question, each with the rev that was seen and a name of its own', () => {
    const alerts = Array.from({ length: 401 }, (_, i) => ({ id: `a${i}`, work: { state: i === 0 ? 'assigned' : 'open', rev: i } }));
    let n = 0;
    const lists = bulkBodies('shelve', alerts, { until: 5, why: ' x ' }, () => `r${n++}`);
    assert.deepEqual(lists.map((l) => l.length), [200, 200, 1]);
    assert.deepEqual(lists[2][0], { id: 'a400', action: 'shelve', rev: 400, request: 'r400', until: 5, why: 'x' });
    assert.equal(bulkFits('acknowledge', alerts, () => false).length, 400);
    assert.equal(bulkFits('shelve', alerts, (a) => a.id === 'a1').length, 400);
    assert.deepEqual(bulkSum([{ status: 200 }, { status: 409, detail: 'late' }]), { done: 1, refused: 1, first: 'late' });
});

test('a word of a sensor stands until the next one, and not across a gap', () => {
    const track = { ...TRACK, body: [[1, 'down'], [4, 'raised'], [7, 'down']], load: [] };
    assert.deepEqual(bandOf(track, 'body').map((s) => [s.from / MIN, s.to / MIN, s.word]), [[1, 4, 'down'], [4, 5, 'raised'], [15, 16, 'raised']]);
    assert.deepEqual(bandOf(track, 'load'), []);
    assert.deepEqual(bandOf(TRACK, 'cover'), []);
    assert.deepEqual([0, MIN, 4.5 * MIN, 10 * MIN, 15.5 * MIN, 16 * MIN, 99 * MIN].map((t) => wordAt(track, 'body', t)), [null, 'down', 'raised', null, 'raised', 'down', null]);
    assert.equal(wordAt({ ...track, time: [], lat: [] }, 'body', 5), null);
    assert.deepEqual(latePlaces({ ...TRACK, late: [6] }), [[0, 5]]);
});

test('marks are jumped to, both ways, and not beyond', () => {
    const alerts = [{ start: 5 }, { start: 9 }, { start: 2 }];
    assert.deepEqual([[0, 1], [2, 1], [9, 1], [9, -1], [2, -1], [1e9, -1]].map(([t, by]) => markFrom(alerts, t, by)), [2, 5, null, 5, null, 9]);
});

test('who else was there: each once, who came first first, as many as can be told apart; where each was then, and nothing of whom nothing is known', () => {
    const pass = (vehicle, entered, more = {}) => ({ vehicle, plate: '', company: '', entered, left: entered + 10, metres: 5, ...more });
    const { vehicles, more } = vehiclesOf([pass('b', 20), pass('self', 1), pass('a', 10, { plate: '鄂A 1' }), pass('b', 5)], 'self');
    assert.deepEqual(vehicles.map((v) => [v.id, v.name, v.passes.length]), [['b', 'b', 2], ['a', '鄂A 1', 1]]);
    assert.equal(more, 0);
    const crowd = vehiclesOf(Array.from({ length: 100 }, (_, i) => pass(`v${i}`, i)), 'self');
    assert.deepEqual([crowd.vehicles.length, crowd.more], [40, 60]);
    const inside = (t) => areaFeatures([{ ...vehicles[0], track: TRACK }, vehicles[1]], t).filter((f) => f.properties.what === 'other_now').map((f) => [f.properties.known, f.properties.inside]);
    assert.deepEqual([6, 25, 10 * MIN].map(inside), [[[true, true]], [[true, true]], [[false, false]]]);
    assert.deepEqual(areaFeatures([{ ...vehicles[0], track: TRACK }], 16 * MIN).filter((f) => f.properties.what === 'other').map((f) => f.geometry.coordinates.length), [6, 3]);
    const H = 3_600_000;
    assert.deepEqual([areaSpan({ from: 0, to: H }, 5, false), areaSpan({ from: 0, to: 4 * H }, 2 * H, true), areaSpan({ from: 0, to: 4 * H }, 2 * H, false), areaSpan({ from: 0, to: 4 * H }, 4 * H, false), areaSpan({ from: 0, to: 4 * H }, 0, false)],
        [{ from: 0, to: H }, { from: 0, to: 4 * H }, { from: 1.5 * H, to: 2.5 * H }, { from: 3 * H, to: 4 * H }, { from: 0, to: H }]);
});
