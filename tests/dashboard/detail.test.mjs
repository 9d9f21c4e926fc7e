/* What an alert does not say itself: what a permit lacks, which places it names, whether the driver was warned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder, lacksOf, placesOf, warningsOf } from '../../dashboard/page/core/permits.js';

const permit = (id, more = {}) => ({ id, status: 'active', valid: true, within_hours: true, valid_from: null, valid_to: null, material: '', sites: [], disposals: [], routes: [], ...more });
const fence = (id) => ({ id, name: id, name_en: '' });

test('what a permit lacks: its dates, its hours, its state, and what the alert says of the one it names', () => {
    const alert = { kind: 'off_route', permit: 'a', start: 100 };
    assert.deepEqual(lacksOf(permit('b'), alert), []);
    assert.deepEqual(lacksOf(permit('a'), alert), ['off_route']);
    assert.deepEqual(lacksOf(permit('b', { valid: false, valid_to: 100 }), alert), ['expired']);
    assert.deepEqual(lacksOf(permit('b', { valid: false, valid_from: 101, valid_to: 200 }), alert), ['not_yet']);
    assert.deepEqual(lacksOf(permit('b', { status: 'revoked', within_hours: false }), alert), ['revoked', 'out_of_hours']);
    assert.deepEqual(lacksOf(permit('a', { within_hours: false }), { ...alert, kind: 'wrong_hours' }), ['out_of_hours']);
    assert.deepEqual(lacksOf(permit('a'), { kind: 'no_permit', near_permit: 'a', why: 'other_site', start: 1 }), ['other_site']);
    assert.deepEqual(lacksOf(permit('a'), { kind: 'singing', permit: 'a', start: 1 }), []);
});

test('the permit that an alert names comes first, and its places alone are shown; else those of all in force', () => {
    const permits = [permit('a', { routes: [fence('r1')], sites: [fence('s1')] }), permit('b', { routes: [fence('r2')], disposals: [fence('d2')] }), permit('c', { valid: false, routes: [fence('r3')] })];
    assert.deepEqual(inOrder(permits, { permit: 'c' }).map((p) => p.id), ['c', 'a', 'b']);
    assert.deepEqual([...placesOf(permits, { permit: 'b' })], [['d2', 'disposal'], ['r2', 'route']]);
    assert.deepEqual([...placesOf(permits, {}).keys()], ['s1', 'r1', 'd2', 'r2']);
    assert.deepEqual([...placesOf(permits, { trip: 't' }, { trip: 't', permit: 'a' }).keys()], ['s1', 'r1']);
    assert.deepEqual([...placesOf(permits, { trip: 'other' }, { trip: 't', permit: 'a' }).keys()], ['s1', 'r1', 'd2', 'r2']);
    assert.deepEqual([...placesOf([], { permit: 'b' })], []);
});

test('a warning was sent at a time, or was not', () => {
    assert.deepEqual(warningsOf([{ event: 'opened', at: '5', sent: '7' }, { event: 'warning', at: '3', sent: 'expired' }, { event: 'closed', at: '9' }]), [{ event: 'opened', at: 5, sent: 7 }, { event: 'warning', at: 3, sent: null }, { event: 'closed', at: 9, sent: null }]);
});
