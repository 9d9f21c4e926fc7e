/* A map with many vehicles: all of them up to 2,000 in view, above that discs that leave nobody out and hide nothing bad. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLUSTERS_ABOVE, inView } from '../../dashboard/page/core/clusters.js';

const box = [[112, 30], [113, 31]];
const vehicles = (n, worst = () => '') => ({ type: 'FeatureCollection', features: Array.from({ length: n }, (_, i) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [112 + ((i * 0.6180339) % 1), 30 + ((i * 0.7548776) % 1)] }, properties: { id: String(i), worst: worst(i) } })) });
const count = ({ features }) => features.reduce((sum, f) => sum + (f.properties.n ?? 1), 0);

test('up to the bound each is drawn, and what is far out of view is not', () => {
    const few = vehicles(CLUSTERS_ABOVE);
    assert.equal(inView(few, box, 9).features.length, CLUSTERS_ABOVE);
    few.features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: [120, 30] }, properties: { worst: '' } });
    assert.equal(inView(few, box, 9).features.length, CLUSTERS_ABOVE);
});

test('above it they are discs: nobody is left out, the worst shows, and fewer as one looks from farther', () => {
    const many = vehicles(10_000, (i) => (i === 77 ? 'critical' : i % 50 === 0 ? 'minor' : ''));
    const far = inView(many, box, 8), near = inView(many, box, 10);
    assert.equal(count(far), 10_000);
    assert.equal(count(near), 10_000);
    assert.ok(far.features.length < near.features.length && near.features.length < 2_000, `${far.features.length} ${near.features.length}`);
    assert.equal(far.features.filter((f) => f.properties.worst === 'critical').length, 1);
    assert.ok(far.features.every((f) => f.properties.n === undefined || (f.geometry.coordinates[0] >= 112 && f.geometry.coordinates[0] <= 113)));
});

test('cells stand still while the map is moved a little', () => {
    const many = vehicles(10_000), shifted = [[112.001, 30.001], [113.001, 31.001]];
    const keys = (collection) => new Set(collection.features.filter((f) => f.properties.n > 1).map((f) => f.geometry.coordinates.join()));
    const a = keys(inView(many, box, 9)), b = keys(inView(many, shifted, 9));
    assert.ok([...a].filter((key) => b.has(key)).length > a.size * 0.9);
});
