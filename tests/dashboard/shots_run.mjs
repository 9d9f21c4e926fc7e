/*
 * Pictures of every state of the page, to be looked at: page.py BINARIES shots_run.mjs with MW_SHOTS=FOLDER. Both languages, four sizes; papers as they print.
 * No test: it fails only where a state cannot be reached. MW_SHOTS_ONLY=en-390,zh-1366 makes those alone.
 */
import fs from 'node:fs';
import path from 'node:path';
import { run, screen, shot, signIn, step, told, until, want } from './browser.mjs';

const SIZES = { 390: [390, 844], 1366: [1366, 768], 1920: [1920, 1080], 3840: [3840, 2160] };
const LANGUAGES = { zh: 'zh-CN', en: 'en' };
const AT = Date.UTC(2026, 4, 8, 14);

const press = (page, key) => page.keyboard.press(key);

/* Vehicles and fences are on the map; a phone has none. */
async function mapDrawn(page) {
    if (page.viewportSize().width > 900)
        await until(page, () => ['vehicle', 'fence-line'].every((id) => globalThis.muckwatch.city.map()?.raw.queryRenderedFeatures({ layers: [id] }).length > 0));
}

/* What a key opens, a picture of it, and closed again. */
async function opened(page, key, selector, name) {
    await press(page, key);
    await page.waitForSelector(selector);
    await shot(page, name);
    await press(page, 'Escape');
}

async function watching(page, name) {
    await page.waitForSelector('.row');
    await mapDrawn(page);
    await shot(page, `${name}-list`);
    await opened(page, '?', 'dialog', `${name}-keys`);
    for (const what of ['sound', 'watch']) {
        await page.evaluate((which) => globalThis.muckwatch.do[which](), what);
        await page.waitForSelector('dialog[open]');
        await shot(page, `${name}-${what}`);
        await press(page, 'Escape');
    }
    await page.click('.side summary');
    await shot(page, `${name}-filters`);
    await page.click('.side summary');
}

async function working(page, name) {
    await press(page, 'u');
    await page.waitForSelector('.detail h2');
    await page.waitForSelector('.rule li');
    await page.waitForSelector('.history li');
    await shot(page, `${name}-detail`);
    await page.locator('.rule').scrollIntoViewIfNeeded();
    await shot(page, `${name}-rule`);
    await page.locator('.history').scrollIntoViewIfNeeded();
    await shot(page, `${name}-history`);
    for (const action of ['assign', 'note', 'shelve', 'duplicate'])
        if (await page.locator(`.actions button[data-action=${action}]:visible`).count() > 0) {
            await page.click(`.actions button[data-action=${action}]`);
            await page.waitForSelector('.actions form.ask:not([hidden])');
            await shot(page, `${name}-${action}`);
            await press(page, 'Escape');
        }
}

async function replaying(page, name) {
    await press(page, 't');
    await page.waitForSelector('.replay .strip');
    await page.waitForSelector('.replay .marks .chip');
    await shot(page, `${name}-replay`);
    await press(page, 'Escape');
    await press(page, 'Escape');
}

async function nothing(page, name) {
    await page.goto(`${page.url().split('?')[0]}?lang=${name.startsWith('zh') ? 'zh-CN' : 'en'}&plate=nothing+like+this`);
    await page.waitForSelector('.bar.note');
    await shot(page, `${name}-nothing`);
}

async function papers(browser, language, size, name) {
    for (const of of ['statistics', 'hand_over', 'duty_log']) {
        const page = await screen(browser, { user: 'vera', at: `/paper.html?of=${of}&at=${AT}&lang=${LANGUAGES[language]}&first=2026-05-08&last=2026-05-08`, locale: LANGUAGES[language], size });
        await signIn(page, 'vera');
        await page.waitForSelector('.sheets[aria-busy=false]');
        await shot(page, `${name}-${of}`);
        if (size[0] === 1366)
            fs.writeFileSync(path.join(told.shots, `${name}-${of}.pdf`), await page.pdf({ preferCSSPageSize: true }));
        await page.context().close();
    }
}

async function wall(browser, language, size, name) {
    const page = await screen(browser, { user: 'wall', at: `/?wall=1&lang=${LANGUAGES[language]}#token=${told.wall}`, locale: LANGUAGES[language], size });
    await page.waitForSelector('.row');
    await page.waitForSelector('.of_watch b:not(:empty)');
    await mapDrawn(page);
    await shot(page, `${name}-wall`);
    await page.context().close();
}

await run(async (browser) => {
    await want('more');
    for (const [language, locale] of Object.entries(LANGUAGES))
        for (const [width, size] of Object.entries(SIZES)) {
            const name = `${language}-${width}`;
            if (process.env.MW_SHOTS_ONLY !== undefined && !process.env.MW_SHOTS_ONLY.split(',').includes(name))
                continue;
            step(name);
            const page = await screen(browser, { user: 'dan', at: `/?lang=${locale}`, locale, size });
            await page.waitForSelector('dialog input[name=password]');
            await shot(page, `${name}-sign-in`);
            await signIn(page, 'dan');
            await page.waitForSelector('.count.critical[data-any]');
            await watching(page, name);
            await working(page, name);
            if (size[0] > 900) /* a phone has no map, and no replay */
                await replaying(page, name);
            await nothing(page, name);
            await page.context().close();
            await papers(browser, language, size, name);
            if (size[0] >= 1920)
                await wall(browser, language, size, name);
        }
});
