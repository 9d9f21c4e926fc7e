/*
 * The browser's side of page.py: a dispatcher and an enforcer at their screens, and what must be true of what they see. Each step says its name.
 * Nothing here waits for a time; what has to come is waited for.
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
const told = JSON.parse(process.argv[2]);
const home = `http://127.0.0.1:${told.port}`;
const PATIENCE = Number(process.env.MW_PATIENCE_MS ?? 120_000);
const FLAGS = ['--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function want(word) {
    console.log(`want: ${word}`);
    await answers.next();
}
const step = (name) => console.log(`  ${name}`);

const faults = [];
/* A browser notes each answer of 400 and above; that nobody is signed in yet, and a refused action, are such, and no fault of the page. */
const EXPECTED = /status of (401|409)|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/;

async function open(browser, { user, locale = 'zh-CN', size = [1366, 768] }) {
    const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, locale, timezoneId: 'America/New_York' });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (m) => { if (m.type() === 'error' && !EXPECTED.test(`${m.text()} ${m.location().url}`)) faults.push(`${user}: ${m.text()} ${m.location().url}`); });
    page.on('pageerror', (e) => faults.push(`${user}: ${e.stack}`));
    page.on('request', (r) => { if (!r.url().startsWith(home) && !/^(data|blob):/.test(r.url())) faults.push(`${user} asked ${r.url()}`); });
    await page.goto(`${home}/`);
    await signIn(page, user);
    await page.waitForSelector('.row');
    return page;
}

async function signIn(page, user) {
    await page.waitForSelector('dialog input[name=password]');
    await page.fill('dialog input[name=user]', user);
    await page.fill('dialog input[name=password]', `password of ${user}`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog', { state: 'detached' });
}

const text = (page, selector) => page.textContent(selector);
const until = (page, f, arg) => page.waitForFunction(f, arg, { polling: 100 });
const stateIs = (page, state) => page.waitForSelector(`.detail .states .work[data-state=${state}]`);

async function shot(page, name) {
    if (told.shots !== '')
        await page.screenshot({ path: path.join(told.shots, `${name}.png`) });
}

async function barriers(page, where) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
    assert.deepEqual(found.violations.map((v) => `${where}: ${v.id}: ${v.nodes[0].html}: ${v.nodes[0].failureSummary}`), []);
}

async function anAlertArrives(dan, eve) {
    step('what is to do is listed, the worst first, in the city\'s time');
    assert.equal(await text(dan, '.count.critical b'), '0');
    assert.match(await text(dan, '.clock'), /^2026-05-08 21:5/);
    const before = Number(await text(dan, '.figure b'));
    assert.ok(before > 3, String(before));
    await shot(dan, 'list');

    step('untouched ones call');
    await until(dan, () => globalThis.muckwatch.sound.level() > 0.01);

    step('a critical one arrives on both screens, and calls otherwise');
    await want('more');
    for (const page of [dan, eve])
        await page.waitForSelector('.count.critical[data-any]');
    await until(dan, () => globalThis.muckwatch.sound.sounding() === 'critical');
    assert.match(await dan.title(), /^\(\d+\) /);
}

async function itIsWorked(dan, eve) {
    step('by keyboard: the first untouched is chosen and acknowledged; the other screen sees who has it');
    await dan.keyboard.press('u');
    await dan.waitForSelector('.detail h2 >> text=违规倾倒');
    assert.match(await text(dan, '.detail .sentence'), /澜江两岸禁倒带/);
    await shot(dan, 'detail');
    await eve.keyboard.press('u');
    await eve.waitForSelector('.detail h2 >> text=违规倾倒');
    await dan.keyboard.press('a');
    await stateIs(dan, 'acknowledged');
    await stateIs(eve, 'acknowledged');
    await eve.waitForSelector('.row.critical >> text=dan');
    await until(dan, () => globalThis.muckwatch.sound.sounding() !== 'critical');

    step('it is assigned; what was typed stays over a session that ended');
    await dan.keyboard.press('s');
    await dan.fill('.ask [name=to]', '城管一中队');
    await dan.context().request.delete(`${home}/api/v1/session`, { headers: { 'content-type': 'application/json' } });
    await dan.keyboard.press('Enter');
    await signIn(dan, 'dan');
    await stateIs(dan, 'assigned');
    await eve.waitForSelector('.detail dd >> text=城管一中队');

    step('who is slower is told who was faster, and how it stands; nothing is overwritten');
    await eve.evaluate(() => globalThis.muckwatch.feedLink.stop());
    await dan.keyboard.press('h');
    await dan.fill('.ask [name=found]', '<img src=x onerror=alert(1)>已清运 ‮abc');
    await dan.click('.ask button[type=submit]');
    await stateIs(dan, 'handled');
    await eve.click('.actions button[data-action=reject]');
    await eve.fill('.ask [name=reason]', '重复');
    await eve.click('.ask button[type=submit]');
    await eve.waitForSelector('.actions .said >> text=dan');
    await stateIs(eve, 'handled');

    step('reviewed by the enforcer, closed, and gone from the list; its history tells all of it, as text');
    await eve.keyboard.press('Escape');
    await eve.click('.actions button[data-action=approve]');
    await eve.click('.ask button[type=submit]');
    await stateIs(eve, 'reviewed');
    await stateIs(dan, 'reviewed');
    await dan.keyboard.press('c');
    await dan.click('.ask button[type=submit]');
    await stateIs(dan, 'closed');
    await dan.waitForSelector('.history >> text=onerror=alert');
    assert.equal(await dan.evaluate(() => document.querySelectorAll('.history img').length), 0);
    assert.equal(await dan.evaluate(() => document.querySelectorAll('.row.critical').length), 0);
    await shot(dan, 'closed');
}

async function filters(dan) {
    step('a filter says what it hides, is in the address, and is taken back');
    await dan.keyboard.press('Escape');
    await dan.keyboard.press('/');
    await dan.keyboard.type('no such plate');
    await dan.waitForSelector('.bar.note >> text=筛选隐藏了');
    assert.match(dan.url(), /plate=no/);
    assert.notEqual(await text(dan, '.figure b'), '0');
    await dan.click('.bar.note button:visible');
    await dan.waitForSelector('.row');
    assert.doesNotMatch(dan.url(), /plate/);
}

async function shelf(dan) {
    step('shelved for a while, it is off the list and on the shelf, and comes back when it is taken off');
    await dan.keyboard.press('j');
    const id = await dan.getAttribute('.row[aria-selected=true]', 'data-id');
    await dan.keyboard.press('z');
    await dan.fill('.ask [name=why]', '等候核实');
    await dan.click('.ask button[type=submit]');
    await dan.waitForSelector(`.row[data-id="${id}"]`, { state: 'detached' });
    await dan.click('.chip >> text=已搁置');
    await dan.waitForSelector(`.row[data-id="${id}"]`);
    await dan.click(`.row[data-id="${id}"]`);
    await dan.click('.actions button[data-action=unshelve]');
    await dan.click('.ask button[type=submit]');
    await dan.waitForSelector('.ask [aria-invalid]');
    await dan.fill('.ask [name=why]', '已核实');
    await dan.click('.ask button[type=submit]');
    await dan.waitForSelector(`.row[data-id="${id}"]`, { state: 'detached' });
    await dan.click('.chip >> text=待办');
    await dan.waitForSelector(`.row[data-id="${id}"]`);
}

async function english(dan) {
    step('in English, with the same alert data');
    await dan.click('.top button[lang=en]');
    await dan.waitForSelector('.row .kind');
    await dan.waitForSelector('text=Muck truck watch', { state: 'attached' });
    assert.equal(await dan.getAttribute('html', 'lang'), 'en');
    await dan.keyboard.press('u');
    await dan.waitForSelector('.detail h2');
    await shot(dan, 'english');
}

async function theGatewayDies(dan) {
    step('the gateway is killed and comes back: the page asks to sign in, and goes on');
    await want('kill');
    await signIn(dan, 'dan');
    await until(dan, () => globalThis.muckwatch.feed.live);
    const before = await dan.evaluate(() => globalThis.muckwatch.state.newest);
    await want('more');
    await until(dan, (time) => globalThis.muckwatch.feed.live && globalThis.muckwatch.state.newest > time, before);
    await shot(dan, 'after');
}

const browser = await chromium.launch({ executablePath: told.browser, args: FLAGS });
try {
    const dan = await open(browser, { user: 'dan' }), eve = await open(browser, { user: 'eve', size: [1920, 1080] });
    step('nothing bars anybody: WCAG 2.1 A and AA');
    await dan.waitForSelector('.maplibregl-canvas');
    await barriers(dan, 'list');
    await anAlertArrives(dan, eve);
    await itIsWorked(dan, eve);
    await barriers(dan, 'detail');
    await filters(dan);
    await shelf(dan);
    await english(dan);
    await barriers(dan, 'english');
    await theGatewayDies(dan);
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
