/* The browser's side of page.py for what is read and printed: statistics with their files, the hand-over that is read, amended and signed, the duty log; each printed to a PDF. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { barriers, home, open, run, screen, shot, signIn, step, text, told, until } from './browser.mjs';

const DAY = '2026-05-08', AT = Date.UTC(2026, 4, 8, 14);

async function paper(browser, of, user, more = {}) {
    const page = await screen(browser, { user, at: `/paper.html?of=${of}&at=${AT}`, acceptDownloads: true, ...more });
    await signIn(page, user);
    await page.waitForSelector('.sheets[aria-busy=false]');
    return page;
}

const cells = (page, table) => page.$$eval(`[data-table=${table}] tbody tr`, (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

async function file(page, table, kind) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`[data-table=${table}] .files >> text=${kind.toUpperCase()}`)]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
}

/* What a PDF says of itself, without a reader of PDFs: how many pages there are, and how large. */
async function print(page, name) {
    const bytes = await page.pdf({ preferCSSPageSize: true });
    if (told.shots !== '')
        fs.writeFileSync(path.join(told.shots, `${name}.pdf`), bytes);
    const raw = bytes.toString('latin1'), box = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(raw);
    assert.deepEqual([Math.round(Number(box[1])), Math.round(Number(box[2]))], [595, 842], 'A4');
    return raw.match(/\/Type \/Page\b(?!s)/g).length;
}

async function statistics(browser) {
    step('statistics of a day: the same numbers in the list, in the tables, and in their files');
    const page = await paper(browser, 'statistics', 'vera');
    await page.click('[data-choice=today]');
    await until(page, (day) => document.querySelector('.about_span').textContent.startsWith(`${day} ·`) && document.querySelector('.sheets').getAttribute('aria-busy') === 'false', DAY);
    assert.match(page.url(), /first=2026-05-08&last=2026-05-08/);
    const all = Number(await text(page, '.figures b')), hours = await cells(page, 'hour'), kinds = await cells(page, 'kind');
    assert.equal(hours.length, 24);
    const sum = (rows) => rows.reduce((total, row) => total + Number(row[1]), 0);
    assert.ok(all > 3 && sum(hours) === all && sum(kinds) === all, `${all} ${sum(hours)} ${sum(kinds)}`);
    for (const table of ['company', 'jurisdiction', 'fence', 'top', 'on_time'])
        assert.ok((await cells(page, table)).length > 0, table);
    assert.ok((await cells(page, 'top')).length <= 10 && (await cells(page, 'top'))[0][0] !== '');
    const csv = await file(page, 'kind', 'csv');
    assert.equal(csv.name, 'kind-2026-05-08-2026-05-08.csv');
    const lines = csv.bytes.toString('utf8').trimEnd().split('\r\n');
    assert.ok(lines[0].startsWith('\ufeff"') && lines.length === kinds.length + 1 && lines[1].includes(`"${kinds[0][0]}"`));
    const book = await file(page, 'kind', 'xlsx');
    assert.ok(book.bytes.subarray(0, 2).toString() === 'PK' && book.bytes.includes(`>${kinds[0][0]}</t>`));
    await barriers(page, 'statistics');
    await shot(page, 'statistics');

    step('a span without alerts says so; days the wrong way round are turned');
    await page.goto(`${home}/paper.html?of=statistics&at=${AT}&first=2026-04-30&last=2026-04-28`);
    await page.waitForSelector('[data-table=kind] .empty');
    assert.match(await text(page, '.about_span'), /^2026-04-28 – 2026-04-30/);

    step('a day is typed and read as 2026-04-28, whatever the browser\'s language; arrows go to the next, and what is none is marked');
    const days = () => page.$$eval('.controls .day_field > input[type=text]', (fields) => fields.map((field) => field.value));
    assert.deepEqual(await days(), ['2026-04-28', '2026-04-30']);
    await page.fill('.controls label:last-child input[type=text]', '2026-02-30');
    await page.press('.controls label:last-child input[type=text]', 'Tab');
    await page.waitForSelector('.controls label:last-child [aria-invalid]');
    assert.match(await text(page, '.about_span'), /^2026-04-28 – 2026-04-30/);
    await page.fill('.controls label:last-child input[type=text]', '2026-04-30');
    await page.press('.controls label:last-child input[type=text]', 'ArrowUp');
    await until(page, () => /^2026-04-28 – 2026-05-01/.test(document.querySelector('.about_span').textContent));
    assert.deepEqual(await days(), ['2026-04-28', '2026-05-01']);

    step('printed on A4');
    await page.goto(`${home}/paper.html?of=statistics&at=${AT}&first=${DAY}&last=${DAY}`);
    await page.waitForSelector('[data-table=top] tbody tr');
    assert.match(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--title')), /2026-05-08/);
    assert.ok(await print(page, 'statistics') >= 1);
    await page.context().close();
}

async function handOver(browser) {
    step('the watch is taken, read, amended and signed; who takes over reads the same and signs');
    const dan = await paper(browser, 'hand_over', 'dan'), eve = await paper(browser, 'hand_over', 'eve', { locale: 'en' });
    assert.ok((await dan.$$('[data-table=open] tbody tr')).length > 0);
    await dan.click('[data-step=take]');
    await dan.waitForSelector('.sign .said >> text=请先确认已阅读');
    await dan.check('[name=read]');
    await dan.click('[data-step=take]');
    await dan.waitForSelector('[data-step=offer]');
    await dan.fill('[name=to]', 'eve');
    await dan.fill('[name=why]', '<b>三号门</b>摄像头已报修');
    await dan.check('[name=read]');
    await dan.click('[data-step=offer]');
    await dan.waitForSelector('[data-step=cancel]');
    await eve.reload();
    await eve.waitForSelector('[data-step=accept]');
    assert.equal(await text(eve, '.paper_text'), '<b>三号门</b>摄像头已报修');
    await barriers(eve, 'hand-over');
    await shot(eve, 'hand_over');
    await eve.check('[name=read]');
    await eve.click('[data-step=accept]');
    await eve.waitForSelector('.controls select');
    await eve.waitForSelector('[data-step=offer]');

    step('a former hand-over can be read again, with both names, and printed');
    await eve.selectOption('.controls select', { index: 1 });
    await eve.waitForSelector('text=Accepted by eve');
    assert.ok(await print(eve, 'hand_over') >= 1);
    await dan.context().close();
    await eve.context().close();
}

async function dutyLog(browser) {
    step('the duty log has each step, and is printed');
    const page = await paper(browser, 'duty_log', 'ada');
    await page.waitForSelector('[data-table=duty_log] tbody tr');
    const rows = await cells(page, 'duty_log');
    assert.deepEqual(rows.slice(-3).map((row) => [row[1], row[2]]), [['dan', '接班'], ['dan', '交班 → eve'], ['eve', '接受交班']]);
    assert.ok(await print(page, 'duty_log') >= 1);
    await shot(page, 'duty_log');
    await page.context().close();
}

async function theWatch(browser) {
    step('the watch itself is printed, too: the alert that is chosen');
    const page = await open(browser, { user: 'vera' });
    await page.keyboard.press('u');
    await page.waitForSelector('.detail .facts dd');
    assert.ok(await print(page, 'alert') >= 1);
    await page.context().close();
}

await run(async (browser) => {
    await statistics(browser);
    await handOver(browser);
    await dutyLog(browser);
    await theWatch(browser);
});
