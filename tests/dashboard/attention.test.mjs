/* What calls people who do not look, and what a wall does by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOf, isTold } from '../../dashboard/page/core/attention.js';
import { isDue, nextPart, turnOf } from '../../dashboard/page/core/wall.js';
import { makeTelling } from '../../dashboard/page/io/telling.js';

const alert = (more = {}) => ({ id: 'a', rev: 1, severity: 'major', condition: 'active', work: { state: 'open', rev: 0 }, ...more });
const SOUND = { least: 'major', quiet: [22, 6], hushedUntil: 0 };

test('quiet hours, "not minor" and hush keep all still but criticals', () => {
    const loud = (severity, settings, hour) => callOf([alert({ severity })], { ...SOUND, ...settings }, 1000, hour);
    assert.deepEqual([loud('major', {}, 12), loud('major', {}, 22), loud('major', {}, 5), loud('major', {}, 6), loud('minor', {}, 12), loud('major', { hushedUntil: 2000 }, 12)], ['major', null, null, 'major', null, null]);
    for (const hour of [0, 3, 22])
        assert.equal(loud('critical', { least: 'critical', hushedUntil: 2000 }, hour), 'critical');
});

test('told once: when it is new, or becomes worse; not what comes of before, nor what somebody has taken, nor what is kept still', () => {
    const told = (a, before, hour = 12) => isTold(a, before, SOUND, 1000, hour);
    assert.equal(told(alert(), undefined), true);
    assert.equal(told(alert({ rev: 2 }), undefined), false);
    assert.equal(told(alert(), alert()), false);
    assert.equal(told(alert({ rev: 2, severity: 'critical' }), alert()), true);
    assert.equal(told(alert({ work: { state: 'acknowledged', rev: 1 } }), undefined), false);
    assert.equal(told(alert({ condition: 'ended' }), undefined), false);
    assert.equal(told(alert({ severity: 'minor' }), undefined), false);
    assert.equal(told(alert({ severity: 'odd' }), undefined), false);
    assert.equal(told(alert(), undefined, 23), false);
    assert.equal(told(alert({ severity: 'critical' }), undefined, 23), true);
});

class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }

test('it speaks by a voice of the language, and is never minutes behind', () => {
    const said = [], synthesis = { getVoices: () => [{ lang: 'en_US' }, { lang: 'zh-CN' }], speak: (u) => said.push(u), cancel: () => said.splice(0) };
    const telling = makeTelling({ synthesis, Utterance, secure: false, page: undefined });
    assert.deepEqual(['zh-CN', 'en', 'fr'].map((language) => telling.can.speak(language)), [true, true, false]);
    assert.equal(telling.speak('bonjour', 'fr'), false);
    ['1', '2', '3', '4'].forEach((text) => telling.speak(text, 'zh-CN'));
    assert.deepEqual(said.map((u) => [u.text, u.lang]), [['4', 'zh-CN']]);
    said[0].dispatchEvent(new Event('end'));
    assert.equal(telling.waiting, 0);
    assert.equal(makeTelling({ synthesis: undefined, Utterance: undefined, secure: true, page: undefined }).can.speak('en'), false);
});

test('notifications and a screen that stays awake are for secure contexts alone', async () => {
    const shown = [], locks = [];
    class Notice extends EventTarget {
        static permission = 'default';
        static async requestPermission() { return Notice.permission = 'granted'; }
        constructor(title, more) { super(); shown.push([title, more.tag]); this.close = () => {}; }
    }
    const page = new EventTarget(), lock = { request: async () => { const held = new EventTarget(); held.release = async () => held.dispatchEvent(new Event('release')); locks.push(held); return held; } };
    page.visibilityState = 'visible';
    const plain = makeTelling({ Notice, lock, secure: false, page });
    assert.deepEqual([plain.can.notify(), plain.can.awake(), await plain.allowNotify(), plain.notify('t', 'b', 'a', () => {})], [false, false, false, false]);
    await plain.awake(true);
    assert.equal(locks.length, 0);
    const safe = makeTelling({ Notice, lock, secure: true, page });
    assert.equal(safe.notify('t', 'b', 'a', () => {}), false, 'not allowed yet');
    assert.equal(await safe.allowNotify(), true);
    assert.equal(safe.notify('t', 'b', 'a', () => {}), true);
    assert.deepEqual(shown, [['t', 'a']]);
    await safe.awake(true);
    assert.equal(safe.isAwake(), true);
    locks[0].dispatchEvent(new Event('release')); /* the browser lets go when the page is hidden */
    page.dispatchEvent(new Event('visibilitychange'));
    await new Promise((resolve) => { setTimeout(resolve); });
    assert.deepEqual([safe.isAwake(), locks.length], [true, 2]);
    await safe.awake(false);
    assert.equal(safe.isAwake(), false);
});

test('a wall loads itself anew for another version, or grown, in the small hours; never while something is typed', () => {
    const at = (more) => isDue({ other: false, heap: 0, now: '12:00', typing: false, ...more });
    const grown = 501 * 2 ** 20;
    assert.deepEqual([at({}), at({ other: true }), at({ other: true, typing: true }), at({ heap: grown }), at({ heap: grown, now: '04:29' }), at({ heap: grown, now: '04:30' }), at({ heap: grown, now: '04:44', typing: true }), at({ heap: grown, now: '04:45' })],
        [false, true, false, false, false, true, false, false]);
});

test('its turns: the whole city, then each district with something to do, by name', () => {
    assert.deepEqual(['?wall=1', '?rotate=abc', '?rotate=-5', '?rotate=1', '?rotate=30', '?rotate=99999'].map(turnOf), [0, 0, 0, 10, 30, 3600]);
    const walk = ['', 'a', 'b', 'gone'].map((now) => nextPart(['b', 'a', '', 'b'], now));
    assert.deepEqual(walk, ['a', 'b', '', '']);
    assert.equal(nextPart([], ''), '');
});
