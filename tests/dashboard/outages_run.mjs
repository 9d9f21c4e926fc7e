/* The browser's side of outages.py: what the page says while something is away, and that afterwards it shows what there is. */
import assert from 'node:assert/strict';
import { expected, home, open, run, screen, shot, signIn, step, text, until, want } from './browser.mjs';

const CLOCK_OFF_MS = 42_000;

/* What the gateway says is not closed, and what the page has: the same alerts, as far on. */
async function isWhole(page) {
    await until(page, async () => {
        const states = ['open', 'acknowledged', 'assigned', 'handled', 'reviewed'].map((state) => `state=${state}`).join('&');
        const answer = await fetch(`/api/v1/violations?${states}&limit=500`);
        if (!answer.ok)
            return false;
        const mark = (a) => `${a.id} ${a.rev} ${a.work.rev}`;
        const there = (await answer.json()).items.map(mark).sort(), here = [...globalThis.muckwatch.state.alerts.values()].filter((a) => a.work.state !== 'closed').map(mark).sort();
        return there.length > 0 && there.join() === here.join();
    });
}
const isLive = (page) => until(page, () => globalThis.muckwatch.feed.live);

async function theStoreDies(page) {
    step('the store is killed: a red bar says so, the list stands; it comes back, and what happens then arrives');
    const rows = await page.evaluate(() => globalThis.muckwatch.state.alerts.size);
    await want('store away');
    await page.waitForSelector('.bar.bad >> text=平台存储中断');
    assert.equal(await page.evaluate(() => globalThis.muckwatch.state.alerts.size), rows);
    await page.keyboard.press('u');
    await page.waitForSelector('.detail h2');
    await shot(page, 'store-away');
    await want('store back');
    await until(page, () => [...document.querySelectorAll('.bar.bad')].every((bar) => bar.hidden));
    await want('more');
    await page.waitForSelector('.count.critical[data-any]');
    await isWhole(page);
}

async function theGatewayDies(page) {
    step('the gateway is killed, and its place in the streams is trimmed before it is back: signed in again, the page reads all anew');
    await page.evaluate(() => { globalThis.snapshots = 0; const { change } = globalThis.muckwatch; globalThis.muckwatch.change = (c) => { globalThis.snapshots += Number(c.type === 'snapshot'); change(c); }; });
    const kept = await page.evaluate(() => globalThis.muckwatch.state.keep);
    await want('gateway away');
    await until(page, () => !globalThis.muckwatch.feed.live);
    await page.waitForSelector('.bar.bad >> text=/数据中断/');
    await shot(page, 'gateway-away');
    await want('more');
    await want('trim');
    await want('gateway back');
    await signIn(page, 'dan');
    await isLive(page);
    await isWhole(page);
    assert.ok(await page.evaluate(() => globalThis.snapshots) > 0);
    assert.notEqual(kept, null);
    assert.equal(await page.evaluate((id) => globalThis.muckwatch.state.alerts.has(id), kept), false, 'what was looked at is gone with the rest');
}

async function theSessionEnds(page) {
    step('a session that ended is asked for in place, and the page goes on');
    await page.context().request.delete(`${home}/api/v1/session`, { headers: { 'content-type': 'application/json' } });
    await page.keyboard.press('u');
    await signIn(page, 'dan');
    await isLive(page);
    await isWhole(page);
}

async function theTabSleeps(page) {
    step('a tab that the browser froze has what happened meanwhile when it wakes');
    const cdp = await page.context().newCDPSession(page), id = await page.evaluate(() => [...globalThis.muckwatch.state.alerts.values()].find((a) => a.work.state === 'open').id);
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
    const done = await page.context().request.post(`${home}/api/v1/violations/${id}/actions`, { data: { action: 'acknowledge', rev: 0, request: 'while-asleep' } });
    assert.equal(done.status(), 200, await done.text());
    await cdp.send('Page.setWebLifecycleState', { state: 'active' });
    await until(page, (which) => globalThis.muckwatch.state.alerts.get(which)?.work.state === 'acknowledged', id);
    await isWhole(page);
}

async function theNetworkIsSlow(page) {
    step('over a slow network what is to do is there, and can be worked, before the map is');
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 100, downloadThroughput: 150_000, uploadThroughput: 150_000 });
    await page.reload({ waitUntil: 'commit' });
    await page.waitForSelector('.row');
    assert.equal(await page.locator('.maplibregl-canvas').count(), 0, 'the map comes after the list');
    await page.keyboard.press('j');
    await page.waitForSelector('.actions button');
    await isLive(page);
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await page.waitForSelector('.maplibregl-canvas');
}

async function theClockIsOff(browser) {
    step('a clock that is off is said, by how much, and deadlines go by the server\'s');
    const page = await screen(browser, { user: 'eve', before: `{ const now = Date.now; Date.now = () => now() + ${CLOCK_OFF_MS}; }` });
    await signIn(page, 'eve');
    await page.waitForSelector('.offset:not([hidden]) >> text=/-4[123] 秒/');
    const off = await page.evaluate((ms) => globalThis.muckwatch.now() - (Date.now() - ms), CLOCK_OFF_MS);
    assert.ok(Math.abs(off) < 2000, String(off));
    await shot(page, 'clock-off');
    await page.context().close();
}

expected.push(/status of 404 .*violations\/[a-z2-7]{26}$/); /* what was trimmed is asked for once more */
await run(async (browser) => {
    const page = await open(browser, { user: 'dan', size: [1366, 768] });
    await isLive(page);
    await theClockIsOff(browser);
    await theStoreDies(page);
    await theGatewayDies(page);
    await theSessionEnds(page);
    await theTabSleeps(page);
    await theNetworkIsSlow(page);
    assert.match(await text(page, '.feed'), /./);
});
