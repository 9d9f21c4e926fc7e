/* The stream of events, what is done when it breaks, questions that are refused, and whether what is shown can be believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeOffset, offsetOf } from '../../dashboard/page/core/clock.js';
import { feedStatus, lagOf } from '../../dashboard/page/core/health.js';
import { sseReader } from '../../dashboard/page/core/sse.js';
import { Away, makeApi, Problem, queryOf } from '../../dashboard/page/io/api.js';
import { makeFeed, pauseOf } from '../../dashboard/page/io/feed.js';
import { latest } from '../../dashboard/page/io/latest.js';
import { keepSettings, readSettings } from '../../dashboard/page/io/settings.js';
import { makeTurn } from '../../dashboard/page/io/sound.js';

const TEXT = ': a comment\nevent: alert\nid: 1-0\ndata: {"a":\ndata: 1}\n\ndata: x\r\n\r\nevent: none\n\nid: 2-0\rdata:  y\r\rdata: unfinished';
function readIn(pieces) {
    const events = [], reader = sseReader((e) => events.push(e));
    pieces.forEach((piece) => reader.take(piece));
    return events;
}

test('a stream may be cut anywhere', () => {
    const whole = readIn([TEXT]);
    assert.deepEqual(whole, [{ event: 'alert', data: '{"a":\n1}', id: '1-0' }, { event: 'message', data: 'x', id: '1-0' }, { event: 'message', data: ' y', id: '2-0' }]);
    assert.deepEqual(readIn([...TEXT]), whole);
    for (let at = 1; at < TEXT.length; at++)
        assert.deepEqual(readIn([TEXT.slice(0, at), TEXT.slice(at)]), whole, String(at));
});

test('pauses grow, have jitter, and an end', () => {
    assert.deepEqual([0, 1, 2, 20].map((n) => pauseOf(n, () => 1)), [500, 1000, 2000, 15_000]);
    assert.equal(pauseOf(3, () => 0), 2000);
});

function answer(status, body, headers = {}) {
    return new Response(status === 204 ? null : typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

/* A gateway that says what it is told to, in order. */
function gatewayOf(script) {
    const asked = [];
    const fetch = async (path, options) => {
        asked.push({ path, ...options });
        const next = script.shift();
        if (next === undefined)
            return new Promise((resolve, reject) => options.signal?.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))));
        if (next instanceof Error)
            throw next;
        return next;
    };
    return { fetch, asked };
}
const quick = { setTimeout: (f, ms) => setTimeout(f, ms >= 20_000 ? 1e9 : 0), clearTimeout };

async function follow(script, until) {
    const gateway = gatewayOf(script), seen = [];
    const api = makeApi({ fetch: gateway.fetch, signIn: async () => { seen.push('signed in'); } });
    const feed = makeFeed({ api, timers: quick, onSnapshot: (s) => seen.push(`snapshot ${s.after}`), onEvent: (e, d) => seen.push(`${e} ${JSON.stringify(d)}`), onStatus: (s) => seen.push(s.live ? 'live' : 'not live') });
    const run = feed.run();
    for (let i = 0; i < 2000 && gateway.asked.length < until; i++)
        await new Promise((resolve) => { setTimeout(resolve, 1); });
    feed.stop();
    await run;
    return { seen, asked: gateway.asked };
}

test('goes on from the last id over breaks, 503 and a lost network; not from a place it was never told', async () => {
    const { seen, asked } = await follow([answer(200, { after: 'p0' }), answer(200, 'id: p1\nevent: alert\ndata: 1\n\n'), answer(503, ''), new TypeError('network'), answer(200, 'event: beat\ndata: 2\n\n')], 6);
    assert.deepEqual(asked.map((a) => a.headers['last-event-id']), [undefined, 'p0', 'p1', 'p1', 'p1', 'p1']);
    assert.deepEqual(seen.filter((s) => /alert|beat|snapshot/.test(s)), ['snapshot p0', 'alert 1', 'beat 2']);
});

test('`reset` begins anew from a snapshot, and so does a place that is refused', async () => {
    const { seen, asked } = await follow([answer(200, { after: 'p0' }), answer(200, 'id: p9\nevent: reset\ndata: {"why":"trimmed"}\n\n'), answer(200, { after: 'p2' }), answer(400, {}), answer(200, { after: 'p3' })], 6);
    assert.deepEqual(seen.filter((s) => /snapshot/.test(s)), ['snapshot p0', 'snapshot p2', 'snapshot p3']);
    assert.equal(asked[3].headers['last-event-id'], 'p2');
});

test('a session that ended is asked for in place, also by the stream', async () => {
    const { seen, asked } = await follow([answer(401, {}), answer(200, { after: 'p0' }), answer(401, {}), answer(200, 'event: beat\ndata: 2\n\n')], 5);
    assert.deepEqual(seen.filter((s) => /signed|beat|snapshot/.test(s)), ['signed in', 'snapshot p0', 'signed in', 'beat 2']);
    assert.equal(asked[4].headers['last-event-id'], 'p0');
});

test('questions: a problem is thrown with its body, being away apart; several that are refused sign in once', async () => {
    const asked = [], script = [answer(401, {}), answer(401, {}), answer(200, 1), answer(200, 2), answer(409, { detail: 'no', work: { rev: 2 } }), answer(429, {}, { 'retry-after': '7' })];
    let signIns = 0;
    const api = makeApi({ fetch: async (path, o) => { asked.push(o); return script.shift(); }, signIn: async () => { signIns++; } });
    assert.deepEqual(await Promise.all([api.get('/a'), api.get('/b')]), [1, 2]);
    assert.equal(signIns, 1);
    await assert.rejects(api.post('/c', { x: 1 }), (e) => e instanceof Problem && e.status === 409 && e.body.work.rev === 2 && e.message === 'no');
    assert.equal(asked[4].headers['content-type'], 'application/json');
    await assert.rejects(api.get('/d'), (e) => e instanceof Away && e.afterS === 7);
    assert.equal(queryOf({ a: ['x&', 'y'], b: '', c: undefined, d: 0 }), 'a=x%26&a=y&d=0');
});

test('what is refused after somebody signed in, and was sent before, asks nobody again', async () => {
    const late = Array.from({ length: 2 }, () => ({}));
    for (const one of late)
        one.answer = new Promise((resolve) => { one.refuse = () => resolve(answer(401, {})); });
    const script = { '/a': [answer(401, {}), answer(200, 1)], '/b': [late[0].answer, answer(200, 2)], '/s': [late[1].answer] };
    let signIns = 0;
    const api = makeApi({ fetch: async (path) => script[path].shift(), signIn: async () => { signIns++; } });
    const b = api.get('/b'), s = api.stream('/s', {});
    assert.equal(await api.get('/a'), 1);
    late.forEach((one) => one.refuse());
    assert.deepEqual([await b, (await s).status, signIns], [2, 401, 1]);
});

test('a wall has a token and nobody to sign in: what refuses it is told', async () => {
    const api = makeApi({ fetch: async () => answer(401, { detail: 'token' }), token: 't', signIn: () => assert.fail('nobody sits there') });
    await assert.rejects(api.get('/a'), (e) => e.status === 401);
    assert.equal((await api.stream('/s', {})).status, 401);
});

test('updates of a map: one in hand, the newest waits, none is queued', async () => {
    const done = [];
    let free;
    const put = latest((v) => new Promise((resolve) => { done.push(v); free = resolve; }));
    [1, 2, 3, 4].forEach(put);
    assert.deepEqual(done, [1]);
    free();
    await new Promise((resolve) => { setTimeout(resolve, 1); });
    assert.deepEqual(done, [1, 4]);
});

test('what is shown is believed: silent for 20 s, behind, store away, and a day that is played', () => {
    const words = { t: (key) => key, word: (family, value) => `${family}.${value}`, span: String };
    const status = (change, local = 100_000) => feedStatus({ feed: { live: true, heard: 99_000, ...change.feed }, beat: change.beat ?? null, state: { newest: change.newest ?? 99_000 } }, 100_000, local);
    assert.equal(status({}).state, 'live');
    assert.equal(status({ feed: { live: false } }).state, 'connecting');
    assert.equal(status({ feed: { live: false, heard: 79_000 } }).state, 'cut');
    assert.equal(status({ feed: { live: false, heard: 79_000 } }).cut(words, 'UTC', 100_000), 'feed.cut_bar');
    assert.equal(status({}).cut(words, 'UTC', 100_000), '');
    const late = status({ beat: { partitions: [{ lag: 5, connected: true }, { lag: 130_000, connected: true }] } });
    assert.equal(late.state, 'late');
    assert.equal(late.lag(words), 'feed.lag_bar');
    assert.equal(status({ beat: { partitions: [{ lag: null, connected: false }] } }).lag(words), 'feed.store_away');
    assert.equal(status({ newest: -9e9 + 1 }).state, 'live');
    assert.equal(feedStatus({ feed: { live: true, heard: 1 }, beat: null, state: { newest: 1 } }, 1e12, 1).state, 'played');
    assert.equal(lagOf({ partitions: [{ lag: 9e9 }, { lag: 3 }] }), 3);
    assert.equal(offsetOf(1000, 1200, 5100), 4000);
    assert.ok(Number.isInteger(offsetOf(1000, 1201, 5100)), 'a time that is sent is whole');
    const offset = makeOffset(0, 3);
    [-900, 100, -50].forEach(offset.add);
    assert.equal(offset.value(), 100);
    [-50, -60, -70].forEach(offset.add);
    assert.equal(offset.value(), -50);
    offset.add(-3_600_050, 3_600_000);
    assert.equal(offset.value(), -3_600_050, 'the clock was set an hour on: what was known before is worth nothing');
    offset.add(-3_600_020, 3_600_000);
    offset.add(-3_600_900, 3_600_000);
    assert.equal(offset.value(), -3_600_020);
});

test('settings that are no JSON, or forbidden, are those of the first day', () => {
    assert.equal(readSettings(() => ({ getItem: () => '{' })).sound.least, 'major');
    assert.equal(readSettings(() => { throw new Error('forbidden'); }).layers.fences, true);
    assert.equal(readSettings(() => ({ getItem: () => '{"sound":{"volume":0.1}}' })).sound.least, 'major');
    assert.doesNotThrow(() => keepSettings({}, () => ({ setItem() { throw new Error(); } })));
});

test('of several tabs the first that may sound does; when it goes, the next', () => {
    const channels = [];
    class Channel {
        constructor() { channels.push(this); }
        addEventListener(name, f) { this.f = f; }
        postMessage(data) { channels.filter((c) => c !== this).forEach((c) => c.f({ data })); }
        close() { channels.splice(channels.indexOf(this), 1); }
    }
    let time = 0;
    const turns = {}, make = (id, may) => makeTurn({ Channel, id, may, now: () => time, onTurn: (mine) => { turns[id] = mine; } });
    const a = make('1', () => true), b = make('2', () => true), c = make('0', () => false);
    [a, b, c].forEach((one) => one.tick());
    assert.deepEqual(turns, { 2: false, 0: false });
    a.end();
    b.tick();
    assert.equal(turns[2], true);
    time = 4000;
    b.tick();
    assert.equal(turns[2], true);
});
