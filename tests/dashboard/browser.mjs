/*
 * What the browser's sides of the tests share: people at their screens, each in a browser context of its own; what they may ask of the servers' side; and what
 * no page may do: note an error, or ask another host. Nothing here waits for a time; what has to come is waited for.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const room = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../dashboard');
const require = createRequire(path.join(room, 'package.json'));
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const told = JSON.parse(process.argv[2]);
export const home = `http://127.0.0.1:${told.port}`;
const PATIENCE = Number(process.env.MW_PATIENCE_MS ?? 120_000);
const FLAGS = ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
export async function want(word) {
    console.log(`want: ${word}`);
    await answers.next();
}
/* With the seconds since the browser's side began, so that a log says what takes its time. */
export const step = (name) => console.log(`  ${performance.now() / 1000 | 0} s: ${name}`);

const faults = [];
/* A browser notes each answer of 400 and above; that nobody is signed in yet, a refused action, a store that is away, files that are wrong or others by now, and hours half typed are such, and no fault of the page. */
const EXPECTED = /status of (401|409|503)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 40[04] .*(violations\/strange|vehicles\/(%3C|v%201|never-seen)|vehicle=%3C|archived=true|hours\?expr=|\/near\?)|status of 4[12]2 .*api\/v1\/world/;

/* What else is no fault in a run of its own: a pattern of what the browser notes. */
export const expected = [EXPECTED];

/* Who looks at what they are told; `at` is what is asked for behind the address of the gateway. */
export async function screen(browser, { user, at = '/', locale = 'zh-CN', size = [1366, 768], before = '', ...more }) {
    const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, locale, timezoneId: 'America/New_York', ...more });
    const page = await context.newPage();
    if (before !== '')
        await page.addInitScript(before);
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (m) => { if (m.type() === 'error' && !expected.some((pattern) => pattern.test(`${m.text()} ${m.location().url}`))) faults.push(`${user}: ${m.text()} ${m.location().url}`); });
    page.on('pageerror', (e) => faults.push(`${user}: ${e.stack}`));
    page.on('request', (r) => { if (!r.url().startsWith(home) && !/^(data|blob):/.test(r.url()) && !r.url().startsWith(told.pictures ?? home)) faults.push(`${user} asked ${r.url()}`); });
    await page.goto(`${home}${at}`);
    return page;
}

export async function open(browser, who) {
    const page = await screen(browser, who);
    await signIn(page, who.user);
    await page.waitForSelector('.row');
    return page;
}

export async function signIn(page, user) {
    await page.waitForSelector('dialog input[name=password]');
    await page.fill('dialog input[name=user]', user);
    await page.fill('dialog input[name=password]', `password of ${user}`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
}

export const text = (page, selector) => page.textContent(selector);
/* What a predicate looks at may not be there yet, or be gone for a moment: then it does not hold. It is asked again until patience ends. */
export async function until(page, f, arg) {
    const end = Date.now() + PATIENCE;
    for (;;)
        try {
            return await page.waitForFunction(f, arg, { polling: 100, timeout: Math.max(1, end - Date.now()) });
        } catch (error) {
            if (Date.now() >= end || !/Cannot read properties of (undefined|null)|is not a function/.test(error.message))
                throw error;
            await new Promise((resolve) => { setTimeout(resolve, 100); });
        }
}
export const stateIs = (page, state) => page.waitForSelector(`.detail .states .work[data-state=${state}]`);

export async function shot(page, name) {
    if (told.shots !== '')
        await page.screenshot({ path: path.join(told.shots, `${name}.png`) });
}

/* axe-core over the page, or over a part of it alone, which takes a fraction of the time. */
export async function barriers(page, where, within = null) {
    if (await page.evaluate(() => globalThis.axe === undefined))
        await page.evaluate(axe);
    const found = await page.evaluate((part) => globalThis.axe.run(part ?? document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }), within);
    assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes[0].html}: ${v.nodes[0].failureSummary}`), []);
}

/** Runs what is to be seen, and ends the process; what fails is told with what stands on the screens. */
export async function run(steps) {
    const browser = await chromium.launch({ executablePath: told.browser, args: FLAGS });
    try {
        await steps(browser);
        assert.deepEqual(faults, []);
    } catch (error) {
        console.log(`failed: ${error.message}`);
        for (const [i, page] of browser.contexts().flatMap((context) => context.pages()).entries()) {
            console.log(`screen ${i}: ${await page.evaluate(() => [...document.querySelectorAll('.bar:not([hidden]), .said:not([hidden]), .detail .states')].map((e) => e.textContent).join(' | '))}`);
            await shot(page, `failed-${i}`);
        }
        console.log(faults.join('\n'));
        throw error;
    } finally {
        await browser.close();
    }
    process.exit(0);
}
