/* The browser's side of page.py for what is at the edges: strange alerts, what calls people, a wall by its token, configured reasons. */
import assert from 'node:assert/strict';
import { barriers, home, open, run, screen, shot, step, text, told, until, want } from './browser.mjs';

const LONG = `<img src=x onerror=alert(1)>\u202e${'长'.repeat(200)}`;
const work = { state: 'open', rev: 0 };
const STRANGE = [
    { id: 'strange-markup', head: 'singing', kind: 'singing', severity: 'critical', vehicle: LONG, plate: LONG, company: LONG, jurisdiction: LONG, permit: LONG, department: LONG, text: LONG, text_zh: LONG, value: 3, unit: LONG, cause: LONG, why: LONG, near_permit: LONG, start: 1_778_248_000_000, work: { ...work, assignee: LONG, acknowledged_by: LONG } },
    { id: 'strange-blanks', head: '抛洒', kind: 'spill', severity: 'major', vehicle: 'v 1', plate: '鄂A · 123 45', start: 1_778_248_000_000, lat: 30.4, lon: 112.9, text_zh: '有空格的车牌', work },
    { id: 'strange-no_plate', head: '超速', kind: 'speeding', severity: 'minor', vehicle: 'never-seen-17', start: 1_778_248_000_000, lat: 30.4, lon: 112.9, value: 80, limit: 60, unit: 'km/h', work },
    { id: 'strange-no_place', head: '失联', kind: 'offline', severity: 'major', vehicle: 'hy-02', plate: '鄂T00001', start: 1_778_248_000_000, work },
    { id: 'strange-no_vehicle', head: 'constructor', kind: 'constructor', severity: 'grave', work },
].map((a) => ({ rev: 1, told: 1, condition: 'active', overdue: false, shelved: false, ...a }));

async function strange(dan) {
    for (const a of STRANGE) {
        step(`strange: ${a.id}`);
        await dan.evaluate((alert) => globalThis.muckwatch.change({ type: 'alert', alert }), a);
        await dan.evaluate((id) => globalThis.muckwatch.do.select(id), a.id);
        await until(dan, (head) => document.querySelector('.detail h2')?.textContent.includes(head), a.head);
        assert.ok(await dan.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.detail, .side')].every((e) => e.scrollWidth <= e.clientWidth + 1)), `${a.id} keeps its place`);
        assert.equal(await dan.evaluate(() => document.querySelectorAll('img, script:not([src])').length), 0);
    }
    await shot(dan, 'strange');
    await dan.keyboard.press('m');
    await dan.waitForSelector('.bar.note >> text=没有位置');
    await barriers(dan, 'strange');
    await dan.evaluate((ids) => ids.forEach((id) => globalThis.muckwatch.change({ type: 'alert', alert: { id, gone: true } })), STRANGE.map((a) => a.id));
    await dan.keyboard.press('Escape');
}

async function attention(dan) {
    step('what the browser can do to call is offered, what it cannot is said; an alert that comes is told on the desktop');
    await dan.context().grantPermissions(['notifications'], { origin: home });
    await dan.evaluate(() => {
        globalThis.notices = [];
        globalThis.muckwatch.telling.notify = (...said) => { globalThis.notices.push(said[0]); return true; };
    });
    await dan.click('.top >> text=声音');
    await dan.check('dialog [name=notify]');
    assert.equal(await dan.isDisabled('dialog [name=speak]'), !(await dan.evaluate(() => globalThis.muckwatch.telling.can.speak('zh-CN'))));
    await barriers(dan, 'sound');
    await shot(dan, 'sound');
    await dan.keyboard.press('Escape');
    await dan.waitForSelector('dialog', { state: 'detached' });
    await want('more');
    await until(dan, () => globalThis.notices.some((said) => said.includes('紧急') && said.includes('违规倾倒')));
}

const BARE = `for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
delete window.BroadcastChannel; delete window.Notification; delete window.speechSynthesis; delete Navigator.prototype.wakeLock;`;

/* Nobody is barred from what it shows, all of it can be come to, and the page does not grow sideways. */
async function dialog(page, where) {
    await page.waitForSelector('dialog[open]');
    await barriers(page, where, 'dialog');
    assert.ok(await page.evaluate(() => {
        const box = document.querySelector('dialog'), last = [...box.querySelectorAll('button')].pop(), { innerWidth: w, innerHeight: h } = globalThis;
        last.scrollIntoView();
        const { left, right, top, bottom } = last.getBoundingClientRect();
        return document.documentElement.scrollWidth <= w && left >= 0 && right <= w && top >= 0 && bottom <= h;
    }), where);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
}

async function everyDialog(page, language) {
    step(`each dialog and each question of an alert, ${language}`);
    for (const what of ['keys', 'sound', 'watch', 'askReplay']) {
        await page.evaluate((which) => globalThis.muckwatch.do[which](), what);
        await dialog(page, `${what}, ${language}`);
    }
    await page.keyboard.press('j');
    await page.waitForSelector('.history li');
    for (const action of ['note', 'shelve', 'duplicate']) {
        await page.click(`.actions button[data-action=${action}]`);
        await page.waitForSelector('.ask [name]');
        await barriers(page, `${action}, ${language}`, '.actions');
    }
    await page.keyboard.press('Escape');
    await barriers(page, `detail, ${language}`, '.detail');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('.detail').scrollWidth <= document.querySelector('.detail').clientWidth));
    await page.keyboard.press('Escape');
    await page.click('.side summary');
    await page.click('.chips >> text=/批量|Several/');
    await barriers(page, `filters, ${language}`, '.side');
    await page.click('.chips >> text=/批量|Several/');
    await page.click('.side summary');
}

async function reasons(eve) {
    step('a review rejects for the reasons that are configured');
    await eve.waitForSelector('.count.critical[data-any]');
    await eve.keyboard.press('u');
    await eve.waitForSelector('.detail h2 >> text=Illegal tipping');
    await eve.keyboard.press('a');
    await eve.click('.actions button[data-action=reject]');
    await eve.waitForSelector('.ask [name=reason] option >> text=定位漂移', { state: 'attached' });
    await eve.selectOption('.ask [name=reason]', '定位漂移');
    await eve.click('.ask button[type=submit]');
    await eve.waitForSelector('.detail .work[data-state=reviewed]');
    await eve.waitForSelector('.history >> text=定位漂移');
}

async function aGrownWall(wall) {
    step('grown over 500 MB it loads itself anew at half past four of the city, not before, and never while something is typed');
    const looks = (hour) => wall.evaluate(async (at) => {
        const now = Date.parse(`2026-05-09T${at}:00+08:00`), { now: real } = Date;
        Object.defineProperty(performance, 'memory', { value: { usedJSHeapSize: 600 * 2 ** 20 }, configurable: true });
        Date.now = () => now;
        const done = globalThis.muckwatch.lookForVersion();
        await done.finally(() => { Date.now = real; });
    }, hour);
    await wall.evaluate(async () => { globalThis.sameAsBefore = true; await globalThis.muckwatch.lookForVersion(); });
    await looks('04:29');
    await wall.evaluate(() => {
        const form = document.createElement('form'), field = document.createElement('textarea');
        form.append(field);
        field.value = '写了一半';
        document.body.append(form);
    });
    await looks('04:31');
    assert.equal(await wall.evaluate(() => globalThis.sameAsBefore), true, 'it stayed');
    await wall.evaluate(() => document.querySelector('body > form').remove());
    await Promise.all([wall.waitForEvent('load'), looks('04:31').catch(() => {})]);
    await wall.waitForSelector('.row');
    assert.equal(await wall.evaluate(() => globalThis.sameAsBefore), undefined);
}

async function aWallPutOut(wall) {
    step('its token is taken back: it says so, in words, and asks nobody for a password');
    await want('other-token');
    await until(wall, () => /令牌/.test([...document.querySelectorAll('.bar:not([hidden])')].map((bar) => bar.textContent).join()));
    assert.equal(await wall.evaluate(() => document.querySelectorAll('dialog').length), 0);
    await shot(wall, 'wall-put-out');
    await wall.reload();
    await until(wall, () => /令牌/.test([...document.querySelectorAll('.bar:not([hidden])')].map((bar) => bar.textContent).join()));
}

async function aWall(browser) {
    step('a wall: by a token, without a form, which leaves the address; counts of the watch; no pointer; a district at a time, and the city while a critical one waits');
    const wall = await screen(browser, { user: 'wall', at: `/?wall=1&rotate=3000#token=${told.wall}`, size: [1920, 1080] });
    await wall.waitForSelector('.row');
    assert.equal(await wall.evaluate(() => document.querySelectorAll('dialog').length), 0);
    assert.doesNotMatch(wall.url(), /token/);
    assert.equal(await wall.evaluate(() => getComputedStyle(document.querySelector('.row')).cursor), 'none');
    assert.ok((await wall.$$('.row')).length <= 10);
    await wall.waitForSelector('.of_watch b');
    await until(wall, () => globalThis.muckwatch.turn !== undefined && globalThis.muckwatch.state.alerts.size > 0);
    await wall.evaluate(() => globalThis.muckwatch.turn());
    await until(wall, () => document.querySelector('.part').textContent !== '全市');
    await until(wall, () => globalThis.muckwatch.filter.jurisdiction.length === 1);
    await shot(wall, 'wall');
    await wall.evaluate((a) => globalThis.muckwatch.change({ type: 'alert', alert: a }), { ...STRANGE[1], id: 'strange-called', severity: 'critical' });
    await wall.evaluate(() => globalThis.muckwatch.turn());
    await until(wall, () => document.querySelector('.part').textContent === '全市');

    step('it loads itself anew when the server has another page');
    await wall.reload();
    await wall.waitForSelector('.row');
    await wall.route('**/version.txt', (route) => route.fulfill({ body: 'another\n' }));
    await Promise.all([wall.waitForEvent('load'), wall.evaluate(() => globalThis.muckwatch.lookForVersion())]);
    await wall.waitForSelector('.row');
    await wall.unroute('**/version.txt');
    await wall.reload();
    await wall.waitForSelector('.row');
    await aGrownWall(wall);
    await aWallPutOut(wall);
    await wall.context().close();
}

await run(async (browser) => {
    const dan = await open(browser, { user: 'dan' });
    /* A screen of 1366 by 768 at 200 %, in a browser that forbids to keep anything and has no more than it must. */
    const eve = await open(browser, { user: 'eve', before: BARE, at: '/?lang=en', locale: 'en', size: [683, 384], deviceScaleFactor: 2 });
    await everyDialog(dan, 'zh-CN');
    await everyDialog(eve, 'en');
    await strange(dan);
    await attention(dan);
    await reasons(eve);
    await aWall(browser);
});
