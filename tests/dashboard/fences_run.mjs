/* The browser's side of fences.py: an admin draws, changes, splits, joins and takes over fences, and puts them in force. */
import assert from 'node:assert/strict';
import { barriers, run, screen, shot, signIn, step, text, until, want } from './browser.mjs';

const IN_FORCE_MS = 5000;

async function open(browser, more = {}) {
    const page = await screen(browser, { user: 'ada', ...more });
    await signIn(page, 'ada');
    await page.click('.map_tools >> text=/编辑围栏|Edit fences/');
    await page.waitForSelector('.editor .fences button');
    return page;
}

/* Positions on the map, as [lon, lat], as pixels of the page. */
async function pixels(page, places) {
    return page.evaluate((list) => {
        const map = globalThis.muckwatch.city.map(), { left, top } = map.raw.getCanvas().getBoundingClientRect();
        return list.map((p) => { const { x, y } = map.raw.project(map.shift.show(p)); return [x + left, y + top]; });
    }, places);
}
async function look(page, lon, lat, zoom) {
    await page.evaluate(([x, y, z]) => { const map = globalThis.muckwatch.city.map(); map.raw.jumpTo({ center: map.shift.show([x, y]), zoom: z }); }, [lon, lat, zoom]);
}
async function clicks(page, places, last = true) {
    const at = await pixels(page, places);
    for (const [x, y] of last ? [...at, at[at.length - 1]] : at) {
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.up();
    }
}
/* All that was asked of the map is on it. */
const drawn = (page) => page.evaluate(() => new Promise((resolve) => { const { raw } = globalThis.muckwatch.city.map(); raw.once('idle', resolve); raw.triggerRepaint(); }));
const counts = (page) => text(page, '.editor .head .small');
const world = (page) => page.evaluate(() => globalThis.muckwatch.state.world);
const files = (page) => page.evaluate(async () => (await fetch('/api/v1/world/files/fences.geojson')).json());
const named = (collection, name) => collection.features.find((f) => f.properties.name === name);

async function draws(page) {
    step('a fence is drawn, corner by corner, and told what it is');
    await look(page, 112.85, 30.55, 14);
    await page.click('[data-tool=ring]');
    const corners = [[112.845, 30.552], [112.852, 30.552], [112.852, 30.547], [112.845, 30.547]];
    await clicks(page, [...corners, corners[0]], false);
    await page.waitForSelector('.fence_form');
    await page.selectOption('.fence_form [name=kind]', 'no_tipping');
    await page.fill('.fence_form [name=name]', '试验禁倒区<img src=x>');
    await page.keyboard.press('Tab');
    await until(page, () => /新增 1/.test(document.querySelector('.editor .head .small').textContent));
    assert.equal(await page.evaluate(() => document.querySelectorAll('.editor img').length), 0);

    step('hours are told as windows while they are typed; what is wrong with them is said');
    await page.fill('.fence_form [name=hours]', '22:00-06:00');
    await until(page, () => document.querySelectorAll('.windows li').length === 10);
    await page.fill('.fence_form [name=hours]', '25:00-06:00x');
    await page.waitForSelector('.fence_form [name=hours][aria-invalid]');
    await page.fill('.fence_form [name=hours]', 'Mo-Fr 22:00-06:00');
    await page.waitForSelector('.fence_form [name=hours]:not([aria-invalid])');
    await page.keyboard.press('Tab');
    await shot(page, 'fence-drawn');
    await barriers(page, 'editor');

    step('undone, and done again');
    await page.click('.editor h2');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    await until(page, () => /未修改/.test(document.querySelector('.editor .head .small').textContent));
    for (let i = 0; i < 4; i++)
        await page.keyboard.press('Control+y');
    await until(page, () => /新增 1/.test(document.querySelector('.editor .head .small').textContent));
}

async function putsInForce(page) {
    step('what would change is said; then it is in force within 5 s, and on the map');
    const before = await world(page);
    await page.click('.editor >> text=检查影响');
    await page.waitForSelector('.editor .pane .changes li');
    assert.match(await text(page, '.editor .pane'), /会立即结束的告警：\d+/);
    await shot(page, 'fence-check');
    const began = Date.now();
    await page.click('.editor .pane >> text=生效 >> nth=-1');
    await until(page, (old) => globalThis.muckwatch.state.world !== old, before);
    await page.waitForSelector('.bar.note >> text=版已生效');
    const took = Date.now() - began;
    console.log(`    in force, and told to the page, after ${took} ms; the aim is ${IN_FORCE_MS}`);
    const fence = named(await files(page), '试验禁倒区<img src=x>');
    assert.deepEqual([fence.properties.kind, fence.properties.hours, fence.geometry.coordinates[0].length], ['no_tipping', 'Mo-Fr 22:00-06:00', 5]);
    /* The gateway reads the world a moment after the tracker has told of it. */
    await until(page, async () => (await (await fetch('/api/v1/place?lat=30.55&lon=112.848')).json()).fences.some((f) => f.name === '试验禁倒区<img src=x>'));
}

async function cutsAndJoins(page) {
    step('it is split by a line, and joined again');
    await page.click('[data-tool=cut]');
    await clicks(page, [[112.848, 30.554], [112.8485, 30.545]]);
    await until(page, () => /新增 2，修改 0，删除 1/.test(document.querySelector('.editor .head .small').textContent));
    await drawn(page);
    await shot(page, 'fence-split');
    await page.fill('.editor [type=search]', '试验');
    await until(page, () => document.querySelectorAll('.editor .fences button').length === 2);
    const [a, b] = await page.$$('.editor .fences button');
    await a.click();
    await (await page.$$('.editor .fences button'))[1].click({ modifiers: ['Shift'] });
    assert.ok(b !== undefined);
    await page.click('[data-tool=join]');
    await until(page, () => document.querySelectorAll('.editor .fences button').length === 1);
    await page.fill('.editor [type=search]', '');
    await page.click('.editor h2');
    while (!/未修改/.test(await counts(page)))
        await page.keyboard.press('Control+z');
}

async function errs(page) {
    step('an error of the engine\'s check stands at its fence and its point');
    await look(page, 112.86, 30.56, 14);
    await page.click('[data-tool=line]');
    await clicks(page, [[112.853, 30.561], [112.861, 30.563], [112.866, 30.559]]);
    await page.waitForSelector('.fence_form [name=buffer_m]');
    await page.fill('.fence_form [name=name]', '试验走廊');
    await page.fill('.fence_form [name=buffer_m]', '');
    await page.keyboard.press('Tab');
    await page.click('.editor >> text=检查影响');
    await page.waitForSelector('.editor .pane.bad .findings li');
    assert.match(await text(page, '.editor .findings'), /buffer_m is missing/);
    await shot(page, 'fence-error');
    await page.click('.editor .findings button');
    await page.click('.editor .pane >> text=返回修改');
    await page.fill('.fence_form [name=buffer_m]', '25');
    await page.keyboard.press('Tab');
}

async function crosses(page) {
    step('an outline that crosses itself is told at its point, and marked there');
    await page.click('[data-tool=ring]');
    await clicks(page, [[112.868, 30.556], [112.873, 30.552], [112.873, 30.556], [112.868, 30.552], [112.868, 30.556]], false);
    await until(page, () => /新增 2/.test(document.querySelector('.editor .head .small').textContent));
    await page.click('.editor >> text=检查影响');
    await page.waitForSelector('.editor .pane.bad .findings li >> text=/第 \\d+ 环，第 \\d+ 点/');
    await page.click('.editor .findings button');
    await until(page, () => globalThis.muckwatch.city.map().raw.querySourceFeatures('edit-marks').length > 0);
    await drawn(page);
    await shot(page, 'fence-crosses');
    await page.click('.editor .pane >> text=返回修改');
    await page.click('[data-tool=remove]');
    await until(page, () => /新增 1/.test(document.querySelector('.editor .head .small').textContent));
}

async function twoAdmins(page) {
    step('somebody else was faster: it is said by whom, and both changes are kept');
    await want('other');
    await page.waitForSelector('.editor .told >> text=ada');
    await page.click('.editor >> text=检查影响');
    await page.waitForSelector('.editor .told >> text=载入新版');
    await shot(page, 'fence-other');
    await page.click('.editor .told button');
    await page.waitForSelector('.editor .told', { state: 'hidden' });
    await page.click('.editor >> text=检查影响');
    await page.click('.editor .pane >> text=生效 >> nth=-1');
    await page.waitForSelector('.bar.note >> text=版已生效');
    const now = await files(page);
    assert.equal(named(now, '试验走廊').properties.buffer_m, 25);
    assert.equal(named(now, '骑楼步行街').properties.reason, '另一位管理员');
}

async function imports(page) {
    step('a file in GCJ-02 is dropped: both places are shown, and what is taken over is WGS-84');
    const kml = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>高德来的</name><Polygon><outerBoundaryIs><LinearRing><coordinates>112.90,30.40,0 112.91,30.40,0 112.91,30.41,0 112.90,30.40,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>';
    const drop = (name, body) => page.evaluate(([called, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([bytes], called));
        document.querySelector('.editor').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, [name, body]);
    for (const [name, body] of [['table.geojson', 'a,b\n1,2\n'], ['half.json', '{"type":"FeatureCollection"'], ['list.json', '[]']]) {
        await drop(name, body);
        await page.waitForSelector(`.bar >> text=/${name} 无法导入：不是 GeoJSON/`);
    }
    await drop('amap.kml', kml);
    await page.waitForSelector('.editor .pane >> text=amap.kml');
    assert.ok(await page.isDisabled('.editor .pane >> text=导入 >> nth=-1'), 'the system is asked for, not guessed');
    await page.click('.editor .pane input[value=gcj02]');
    await page.waitForSelector('.editor .pane >> text=/相距约 \\d+ 米/');
    await shot(page, 'fence-import');
    assert.ok(await page.isDisabled('.editor .pane .buttons .strong'), 'the kind is asked for too');
    await page.selectOption('[name=import_kind]', 'no_tipping');
    await page.click('.editor .pane .buttons .strong');
    await page.waitForSelector('.fence_form');
    await page.click('.editor >> text=检查影响');
    await page.click('.editor .pane >> text=生效 >> nth=-1');
    await page.waitForSelector('.bar.note >> text=第 5 版已生效');
    const got = named(await files(page), '高德来的');
    const told_ = await page.evaluate(async () => (await fetch('/api/v1/convert?crs=gcj02', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"positions":[[30.40,112.90]]}' })).json());
    const [lat, lon] = told_.positions[0], [first] = got.geometry.coordinates[0];
    assert.ok(Math.abs(first[0] - lon) < 1e-6 && Math.abs(first[1] - lat) < 1e-6 && Math.abs(first[0] - 112.9) > 0.001, String(first));
    assert.equal(got.properties.crs, undefined);
}

async function restores(page) {
    step('a version that there was: what would change by it, and it is in force again, as a version of its own; not with changes in hand');
    await look(page, 112.85, 30.55, 14);
    await page.click('[data-tool=circle]');
    await clicks(page, [[112.85, 30.55], [112.852, 30.55]], false);
    await page.waitForSelector('.fence_form [name=radius_m]');
    const radius = Number(await page.inputValue('.fence_form [name=radius_m]'));
    assert.ok(Math.abs(radius - 192) < 15, `a circle of ${radius} m`);
    await page.click('[data-tool=former]');
    await page.waitForSelector('.editor .told >> text=尚未生效');
    await page.click('.editor .told button');
    await page.click('[data-tool=remove]');
    await until(page, () => /未修改/.test(document.querySelector('.editor .head .small').textContent));
    await page.click('[data-tool=former]');
    await page.waitForSelector('.editor .former li >> text=使用中');
    assert.deepEqual(await page.$$eval('.editor .former li b', (all) => all.map((one) => Number(one.textContent.match(/\d+/)[0]))), [5, 4, 3, 2, 1]);
    await shot(page, 'fence-versions');
    await barriers(page, 'versions');
    const before = await world(page);
    await page.click('.editor .former [data-version="1"]');
    await page.waitForSelector('.editor .pane >> text=第 1 版');
    await page.waitForSelector('.editor .changes li');
    await page.click('.editor .pane .buttons .strong');
    await page.waitForSelector('.bar.note >> text=第 6 版已生效');
    await until(page, (then) => globalThis.muckwatch.state.world !== then, before);
    const now = await files(page);
    assert.equal(named(now, '高德来的'), undefined);
    assert.equal(named(now, '骑楼步行街').properties.reason === '另一位管理员', false);
    await until(page, () => /第 6 版/.test(document.querySelector('.editor .head .small').textContent));
    assert.ok(await page.isHidden('.editor .told'), 'nobody else did that');
}

/* A file of another program is dropped and told to be of a system. */
async function dropped(page, name, body, crs) {
    await page.evaluate(([called, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content], called));
        document.querySelector('.editor').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, [name, body]);
    await page.waitForSelector(`.editor .pane >> text=${name}`);
    await page.click(`.editor .pane input[value=${crs}]`);
    await page.waitForSelector('.editor .pane .places >> text=/绿色/');
}

async function gpxAndBaidu(page) {
    step('a way of GPX becomes a corridor; a file in BD-09 goes where Baidu showed it');
    await dropped(page, 'way.gpx', '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>巡线</name><trkseg><trkpt lat="30.55" lon="112.80"/><trkpt lat="30.55" lon="112.81"/></trkseg></trk></gpx>', 'wgs84');
    await page.selectOption('[name=import_kind]', 'route');
    await page.click('.editor .pane .buttons .strong');
    await page.waitForSelector('.fence_form [name=buffer_m]');
    await page.fill('.fence_form [name=buffer_m]', '30');
    await page.keyboard.press('Tab');
    const point = [112.9, 30.4];
    await dropped(page, 'baidu.geojson', JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties: { name: '百度来的', kind: 'no_tipping', radius_m: 80 }, geometry: { type: 'Point', coordinates: point } }] }), 'bd09');
    await page.click('.editor .pane .buttons .strong');
    await page.waitForSelector('.fence_form');
    await page.click('.editor >> text=检查影响');
    await page.click('.editor .pane >> text=生效 >> nth=-1');
    await page.waitForSelector('.bar.note >> text=第 7 版已生效');
    const now = await files(page), way = named(now, '巡线'), circle = named(now, '百度来的');
    assert.deepEqual([way.geometry.type, way.geometry.coordinates.length, way.properties.buffer_m], ['LineString', 2, 30]);
    const said = await page.evaluate(async () => (await fetch('/api/v1/convert?crs=bd09', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"positions":[[30.4,112.9]]}' })).json());
    const [lat, lon] = said.positions[0], [x, y] = circle.geometry.coordinates;
    assert.ok(Math.abs(x - lon) < 1e-6 && Math.abs(y - lat) < 1e-6 && Math.abs(x - point[0]) > 0.005, `${x} ${y}`);
}

async function inEnglish(browser) {
    step('in English at 1366: nothing is cut off; a fence is picked on the map');
    const page = await open(browser, { locale: 'en-GB', size: [1366, 768] });
    await look(page, 112.905, 30.4588, 13.5);
    const [[x, y]] = await pixels(page, [[112.8988351, 30.4588941]]);
    await until(page, () => globalThis.muckwatch.city.map().raw.queryRenderedFeatures({ layers: ['edit-line'] }).length > 0);
    await page.mouse.click(x, y);
    await page.waitForSelector('.fence_form');
    assert.equal(await page.inputValue('.fence_form [name=id]'), 'ban-arcade');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('.editor').scrollWidth <= document.querySelector('.editor').clientWidth + 1));
    await drawn(page);
    await shot(page, 'fences-en');
    await barriers(page, 'english');
    await page.context().close();
}

await run(async (browser) => {
    const page = await open(browser, { size: [1920, 1080] });
    await shot(page, 'fences');
    await draws(page);
    await putsInForce(page);
    await cutsAndJoins(page);
    await errs(page);
    await crosses(page);
    await twoAdmins(page);
    await imports(page);
    await restores(page);
    await gpxAndBaidu(page);
    step('closed: the map and the list are as before');
    await page.click('.editor >> text=退出');
    await page.waitForSelector('.editor', { state: 'detached' });
    await page.context().close();
    await inEnglish(browser);
});
