/* The browser's side of page.py for what was: a tipping played with its sensors, who else was there, the fences that were in force then, any vehicle in any span, a gap. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { barriers, open, run, shot, step, text, until, want } from './browser.mjs';

const when = (page) => text(page, '.replay .when');
const whenIs = (page, time) => until(page, (wanted) => document.querySelector('.replay .when')?.textContent.endsWith(wanted), time);

async function file(page, name) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`.replay .foot >> text="${name}"`)]);
    return fs.readFileSync(await download.path(), 'utf8');
}

async function aTipping(dan) {
    step('a tipping: its alert is a mark to jump to; the body is up, the load goes');
    await want('more');
    await dan.waitForSelector('.count.critical[data-any]');
    await dan.keyboard.press('u');
    await dan.waitForSelector('.detail h2 >> text=违规倾倒');

    step('its permits with what they lack, whether the driver was warned, the month of the truck; the permit\'s places on the map');
    await dan.waitForSelector('.permits li');
    assert.match(await text(dan, '.about_permits'), /P26-\d+/);
    await dan.waitForSelector('.warnings li >> text=违规提醒');
    await dan.waitForSelector('.month >> text=违规倾倒 1');
    await until(dan, () => globalThis.muckwatch.city.permitShown() > 0);

    step('why it was found, in the page\'s language; the sentence names the rule in it, too');
    await dan.click('.asked >> text=判定依据');
    await dan.waitForSelector('.asked pre >> text=认定 ');
    assert.doesNotMatch(await text(dan, '.asked pre'), /holds|opened|fixes/);
    assert.match(await text(dan, '.detail .sentence'), /适用规则“消纳场所外倾倒”/);
    await dan.keyboard.press('t');
    await dan.waitForSelector('.replay .strip');
    await dan.click('.replay .marks .chip >> text=违规倾倒');
    await whenIs(dan, '22:01:59');
    assert.match(await text(dan, '.replay .what'), /车厢 举升/);
    const bands = await dan.evaluate(() => globalThis.muckwatch.replay.bands.map(({ name, spans }) => [name, spans.length > 0]));
    assert.deepEqual(bands, [['body', true], ['load', true], ['cover', true], ['ignition', true]]);
    await dan.keyboard.press('.');
    await until(dan, () => document.querySelector('.replay .when').textContent > '2026-05-08 22:01:59');
    await dan.keyboard.press('<');
    await whenIs(dan, '22:01:59');

    step('by keyboard faster and slower; it runs by itself');
    await dan.keyboard.press(']');
    await until(dan, () => document.querySelector('.replay select').value === '60');
    await dan.keyboard.press('[');
    await dan.keyboard.press(' ');
    await until(dan, () => document.querySelector('.replay .when').textContent > '2026-05-08 22:02:20');
    await dan.keyboard.press(' ');
    await barriers(dan, 'replay');
    await shot(dan, 'replay');
}

async function filesOfIt(dan) {
    step('as GPX and GeoJSON');
    const points = await dan.evaluate(() => globalThis.muckwatch.replay.track.time.length);
    assert.equal((await file(dan, 'GPX')).match(/<trkpt /g).length, points);
    assert.ok(JSON.parse(await file(dan, 'GeoJSON')).features.length > 0);
}

async function whoWasThere(dan) {
    step('who else was there, in its depot before the shift: those that passed are played with it, and one of them is gone on with');
    await want('archived');
    await dan.evaluate(() => globalThis.muckwatch.do.replay.seekShare(0));
    await dan.selectOption('.replay .foot select', '2000');
    await dan.waitForSelector('.replay .others .chip');
    await until(dan, () => globalThis.muckwatch.replay.area.vehicles.some((vehicle) => vehicle.track !== undefined));
    await shot(dan, 'replay_area');
    const other = await dan.getAttribute('.replay .others .chip', 'data-vehicle');
    await dan.click('.replay .others .chip');
    await until(dan, (id) => globalThis.muckwatch.replay.vehicle === id, other);
}

async function anyVehicle(dan) {
    step('any vehicle, any span of the city\'s time; a gap is a gap; fences are asked for as they were then');
    const asked = [];
    dan.on('request', (request) => { if (request.url().includes('/fences?')) asked.push(new URL(request.url())); });
    await dan.click('.replay .foot >> text=其他车辆');
    await dan.fill('dialog [name=vehicle]', 'hy-02');
    await dan.fill('dialog [name=from]', '2026-05-08 20:30');
    await dan.fill('dialog [name=to]', '2026-05-08T20:00');
    await dan.click('dialog button[type=submit]');
    await dan.waitForSelector('dialog .said >> text=起止时间不对');
    await dan.fill('dialog [name=to]', '2026-05-08T22:10');
    await dan.click('dialog button[type=submit]');
    await until(dan, () => globalThis.muckwatch.replay?.vehicle === 'hy-02');
    await dan.click('.replay .marks .chip >> text=中断');
    await dan.keyboard.press(' ');
    await until(dan, () => document.querySelector('.replay .what').textContent.includes('无'));
    await dan.keyboard.press(' ');
    const { from, to } = await dan.evaluate(() => ({ from: globalThis.muckwatch.replay.from, to: globalThis.muckwatch.replay.to }));
    assert.equal(to - from, 100 * 60_000);
    assert.ok(asked.some((url) => Number(url.searchParams.get('at')) >= from && Number(url.searchParams.get('at')) <= to), asked.map(String).join('\n'));
}

async function lateOnes(dan) {
    step('a fix that came late is counted, and marked on the strip and on the map');
    assert.equal(await dan.locator('.replay .late_count').count(), 0);
    await want('late hy-02');
    await want('archived');
    await dan.click('.replay .foot >> text=其他车辆');
    await dan.fill('dialog [name=vehicle]', 'hy-02');
    await dan.fill('dialog [name=from]', '2026-05-08 20:29');
    await dan.fill('dialog [name=to]', '2026-05-08 22:10');
    await dan.click('dialog button[type=submit]');
    await dan.waitForSelector('.replay .late_count >> text=1');
    await until(dan, () => globalThis.muckwatch.replay.track.late.length === 1 && globalThis.muckwatch.city.map().raw.querySourceFeatures('replay').some((f) => f.properties.what === 'late'));
}

async function theEnd(dan) {
    await dan.keyboard.press('Escape');
    await dan.waitForSelector('.replay', { state: 'hidden' });
}

await run(async (browser) => {
    const dan = await open(browser, { user: 'dan', size: [1600, 900], acceptDownloads: true });
    await dan.waitForSelector('.maplibregl-canvas');
    await aTipping(dan);
    await filesOfIt(dan);
    await anyVehicle(dan);
    await whoWasThere(dan);
    await lateOnes(dan);
    await theEnd(dan);
});
