/* The browser's side of basemaps.py: each kind of base map is drawn; one in GCJ-02 shifts what is drawn and pointed at, never the data. */
import assert from 'node:assert/strict';
import { barriers, run, screen, shot, signIn, step, text, until, want } from './browser.mjs';

const TOWN = [112.93, 30.45];

async function open(browser, more = {}) {
    const page = await screen(browser, { user: 'ada', ...more });
    await signIn(page, 'ada');
    await until(page, () => globalThis.muckwatch.city.map()?.raw.getSource('base') !== undefined);
    /* The first vehicles that are drawn are looked at. */
    await until(page, () => globalThis.muckwatch.city.map().raw.querySourceFeatures('vehicles').length > 0);
    await page.evaluate(([lon, lat]) => globalThis.muckwatch.city.map().raw.jumpTo({ center: globalThis.muckwatch.city.map().shift.show([lon, lat]), zoom: 13.4 }), TOWN);
    return page;
}
const drawn = (page, layer) => until(page, (id) => globalThis.muckwatch.city.map().raw.queryRenderedFeatures({ layers: [id] }).length > 0, layer);

async function vectors(browser, kind, more) {
    step(`${kind}: streets, water and names, below what is ours; it can be put away`);
    await want(kind);
    const page = await open(browser, more);
    for (const layer of ['base-road-primary', 'base-area-4', 'base-place-large', 'base-road-name'])
        await drawn(page, layer);
    const order = await page.evaluate(() => globalThis.muckwatch.city.map().raw.getStyle().layers.map((layer) => layer.id));
    assert.ok(order.indexOf('base-place-large') < order.indexOf('fence-fill') && order.indexOf('fence-fill') < order.indexOf('vehicle'));
    await shot(page, `basemap-${kind}`);
    await page.click('.layers summary');
    await page.click('[data-layer=base] input');
    await until(page, () => globalThis.muckwatch.city.map().raw.queryRenderedFeatures({ layers: ['base-road-primary'] }).length === 0);
    await page.click('[data-layer=base] input');
    await drawn(page, 'base-road-primary');
    await page.click('.layers summary');
    return page;
}

async function measures(page) {
    step('measured: a distance, then an area; a place is copied');
    await page.click('.map_tools >> text=/测量|Measure/');
    await page.waitForSelector('.ruler');
    const box = await page.locator('.canvas').boundingBox(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.click(x - 100, y);
    await page.mouse.click(x + 100, y);
    await page.mouse.move(x + 100, y + 1);
    await until(page, () => /m( ·|$)/.test(document.querySelector('.ruler').textContent));
    await page.mouse.dblclick(x, y + 120);
    await until(page, () => /km?² *$|m² *$/.test(document.querySelector('.ruler').textContent));
    await shot(page, 'ruler');
    await page.click('.map_tools >> text=/测量|Measure/');
    await page.waitForSelector('.ruler', { state: 'detached' });
    await page.mouse.click(x, y, { button: 'right' });
    await page.waitForSelector('.place_menu input');
    assert.match(await page.inputValue('.place_menu input'), /^30\.4\d{5}, 112\.9\d{5}$/);
    await page.click('.place_menu .strong');
    await page.waitForSelector('.place_menu', { state: 'hidden' });
}

async function shifted(browser) {
    step('pictures in GCJ-02: what is drawn and pointed at is shifted, coordinates and fences are not; the status line says so');
    await want('raster');
    const page = await open(browser, { size: [1920, 1080] });
    await until(page, () => globalThis.muckwatch.city.map().raw.isSourceLoaded('base'));
    assert.match(await text(page, '.map_status .base'), /GCJ-02/);
    await until(page, () => globalThis.muckwatch.city.map().raw.querySourceFeatures('vehicles').length > 0);
    const [lon, lat] = await page.evaluate(() => globalThis.muckwatch.city.map().raw.querySourceFeatures('vehicles')[0].geometry.coordinates);
    const off = Math.hypot((lon - TOWN[0]) * 96_000, (lat - TOWN[1]) * 111_195);
    assert.ok(off > 300 && off < 1000, String(off));
    const at = await page.evaluate((p) => { const { raw, shift } = globalThis.muckwatch.city.map(), { x, y } = raw.project(shift.show(p)), box = raw.getCanvas().getBoundingClientRect(); return [x + box.left, y + box.top]; }, TOWN);
    await page.mouse.move(...at);
    await until(page, () => /^30\.4(4[89]|50)\d*, 112\.9(29|30)/.test(document.querySelector('.map_status span').textContent));

    await page.click('.map_tools >> text=编辑围栏');
    await page.waitForSelector('.editor .fences button');
    await page.click('[data-tool=ring]');
    const corners = [[112.925, 30.453], [112.931, 30.453], [112.931, 30.449], [112.925, 30.453]];
    const places = await page.evaluate((list) => list.map((p) => { const { raw, shift } = globalThis.muckwatch.city.map(), { x, y } = raw.project(shift.show(p)), box = raw.getCanvas().getBoundingClientRect(); return [x + box.left, y + box.top]; }), corners);
    for (const [x, y] of places) {
        await page.mouse.move(x, y);
        await page.mouse.down();
        await page.mouse.up();
    }
    await page.waitForSelector('.fence_form');
    assert.equal(await page.inputValue('.fence_form [name=id]'), 'banned-1', 'the click that ended it chose nothing else');
    const [sent] = await Promise.all([page.waitForRequest((r) => r.url().includes('dry_run=true')), page.click('.editor >> text=检查影响')]);
    const made = JSON.parse(sent.postData()).files['fences.geojson'].features.slice(-1)[0].geometry.coordinates[0];
    for (const [x, y] of corners)
        assert.ok(made.some((p) => Math.abs(p[0] - x) < 2e-5 && Math.abs(p[1] - y) < 2e-5), `${[x, y]} is not in ${made.join(' ')}`);
    await shot(page, 'basemap-gcj02');
    await barriers(page, 'gcj02');
}

await run(async (browser) => {
    const page = await vectors(browser, 'tiles', { locale: 'en-GB' });
    await measures(page);
    await page.context().close();
    const other = await vectors(browser, 'pmtiles', { size: [1920, 1080] });
    await other.context().close();
    await shifted(browser);
});
