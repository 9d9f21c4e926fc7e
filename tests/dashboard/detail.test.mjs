/* What an alert does not say itself: what a permit lacks, which places it names, whether the driver was warned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fs from 'node:fs';
import { thresholdsOf } from '../../dashboard/page/core/rules.js';
import { wordsOf } from '../../dashboard/page/core/words.js';
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

const wordsIn = (language) => wordsOf(language, JSON.parse(fs.readFileSync(new URL(`../../dashboard/page/words/${language}.json`, import.meta.url), 'utf8')));
const rule = (more = {}) => ({ class: 'muck_truck', enabled: true, severity: 'minor', confirm_fixes: 4, confirm_s: 45, clear_fixes: 2, clear_s: 0, warn_s: 20, major: { at: 900, unit: 's' }, own: {}, gap_s: 300, pause_s: 300, moving_kmh: 5, stopped_kmh: 3, edge_m: 5, ...more });

test('a rule is told by its thresholds, in both languages; what is switched off by 0 is left out', () => {
    assert.deepEqual(thresholdsOf(rule(), wordsIn('en')), ['opened after 4 fixes and 45 s of it', 'severity at first: Minor; major once it lasts 15 min', 'over after 2 fixes without it', 'the cab is warned 20 s before', 'counted anew after 5 min without a fix']);
    assert.deepEqual(thresholdsOf(rule({ confirm_fixes: 0, confirm_s: 0, clear_fixes: 0, warn_s: 0, major: { at: 60, unit: '%' }, enabled: false }), wordsIn('en')),
        ['not judged for this class', 'opened at once', 'severity at first: Minor; major from 60 % over the limit', 'the cab is not warned before', 'counted anew after 5 min without a fix']);
    const zh = thresholdsOf(rule({ major: null, own: { over_kmh: 12.5, inferred: 0, frozen_s: 90, newer_m: 3 } }), wordsIn('zh-CN'));
    assert.equal(zh[0], '连续满 4 点且45秒即立案');
    assert.deepEqual(zh.slice(1, 4), ['车速高于 12.5 公里/小时才判定', `冻结：且满${wordsIn('zh-CN').span(90_000)}`, 'newer_m 3']);
    assert.equal(zh[4], '初始等级：一般');
});

test('each setting of a kind that the engine has is told in words', () => {
    const source = fs.readFileSync(new URL('../../tracker/world/kinds.c', import.meta.url), 'utf8');
    const own = new Set([...source.matchAll(/\{"([a-z_]+)", "[^"]+", [\d.]+, [\d.]+, [\d.]+,/g)].map((m) => m[1]));
    assert.ok(own.size >= 10);
    for (const language of ['zh-CN', 'en'])
        assert.deepEqual([...own].filter((name) => wordsIn(language).word('rule_own', name) === name), [], language);
});
