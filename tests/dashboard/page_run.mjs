/*
 * The browser's side of page.py: a dispatcher and an enforcer at their screens, and what must be true of what they see. Each step says its name.
 * Nothing here waits for a time; what has to come is waited for.
 */
import assert from 'node:assert/strict';
import { barriers, home, open, run, shot, signIn, stateIs, step, text, until, want } from './browser.mjs';

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

    step('to who hears the page: the new critical is said once, the list is a tree whose rows have their words');
    assert.match(await text(dan, '#live'), /消纳场所外倾倒/);
    const heard = await dan.locator('.side').ariaSnapshot();
    assert.match(heard, /tree "告警列表"/);
    assert.match(heard, /treeitem "紧急 违规倾倒 .*鄂T10003.* 待确认/);
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
    await dan.keyboard.insertText('城管一中队');
    await dan.context().request.delete(`${home}/api/v1/session`, { headers: { 'content-type': 'application/json' } });
    await dan.keyboard.press('Enter');
    await signIn(dan, 'dan');
    await stateIs(dan, 'assigned');
    await eve.waitForSelector('.detail dd >> text=城管一中队');
    await eve.waitForSelector('.history >> text=派给 城管一中队');

    step('who is slower is told who was faster, and how it stands; nothing is overwritten');
    await eve.evaluate(() => globalThis.muckwatch.feedLink.stop());
    await dan.keyboard.press('h');
    await dan.keyboard.insertText('<img src=x onerror=alert(1)>已清运 ‮abc');
    await dan.keyboard.press('Control+Enter');
    await stateIs(dan, 'handled');
    await eve.click('.actions button[data-action=reject]');
    await eve.waitForSelector('.ask [name=reason] option >> text=重复', { state: 'attached' });
    await eve.selectOption('.ask [name=reason]', '重复');
    await eve.click('.ask button[type=submit]');
    await eve.waitForSelector('.actions .said >> text=dan');
    await stateIs(eve, 'handled');

    step('reviewed by the enforcer, closed, and gone from the list; its history tells all of it, as text');
    await eve.keyboard.press('Escape');
    await eve.keyboard.press('p');
    await eve.keyboard.press('Tab');
    await eve.keyboard.press('Enter');
    await stateIs(eve, 'reviewed');
    await stateIs(dan, 'reviewed');
    await dan.keyboard.press('c');
    await dan.keyboard.press('Control+Enter');
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
    await dan.focus('.ask [name=why]');
    await dan.keyboard.press('Escape');
    await dan.waitForSelector('.ask', { state: 'hidden' });
    assert.equal(await dan.getAttribute('.row[aria-selected=true]', 'data-id'), id, 'Escape closes the question, not the alert');
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

async function theWatch(dan) {
    step('the watch is taken, and offered with what is handed over');
    await dan.click('.top >> text=无人值班');
    await dan.waitForSelector('dialog .parts summary >> text=待确认');
    await dan.click('dialog .buttons button >> text=接班');
    await dan.click('.top >> text=值班 dan');
    await dan.fill('dialog [name=to]', 'eve');
    await dan.click('dialog >> text="交班"');
    await dan.waitForSelector('.top >> text=值班 dan → eve');
}

async function thePast(dan) {
    step('a vehicle\'s past is played, fix by fix and by itself');
    await dan.keyboard.press('u');
    await dan.keyboard.press('t');
    await dan.waitForSelector('.replay .strip');
    const time = () => text(dan, '.replay .when'), first = await time();
    await dan.keyboard.press('.');
    await until(dan, (before) => document.querySelector('.replay .when').textContent > before, first);
    const second = await time();
    await dan.keyboard.press(' ');
    await until(dan, (before) => document.querySelector('.replay .when').textContent > before, second);
    await shot(dan, 'replay');
    await dan.keyboard.press('Escape');
    await dan.waitForSelector('.replay', { state: 'hidden' });
}

async function several(dan) {
    step('several at once: all that are listed are acknowledged');
    await dan.click('.chip >> text=批量');
    await dan.click('.bulk >> text=全选所列');
    await dan.click('.bulk >> text=确认');
    await dan.waitForSelector('.bulk .said >> text=已完成');
    await until(dan, () => document.querySelectorAll('.row.untouched').length === 0);
    await dan.click('.bulk >> text=取消');
}

async function strange(dan) {
    step('an alert of a newer tracker, without place or vehicle, with markup, right-to-left marks and long names, is text like any other');
    const long = `<img src=x onerror=alert(1)>\u202e${'长'.repeat(200)}`;
    await dan.evaluate((name) => globalThis.muckwatch.change({ type: 'alert', alert: { id: 'strange', rev: 1, kind: 'singing', severity: 'critical', vehicle: name, plate: name, company: name, jurisdiction: name, text: name, value: 3, unit: name, condition: 'active', told: 1, work: { state: 'open', rev: 0, assignee: name }, overdue: false, shelved: false } }), long);
    await dan.waitForSelector('.row[data-id=strange]');
    await dan.keyboard.press('u');
    await dan.waitForSelector('.detail h2 >> text=singing');
    assert.ok((await text(dan, '.row[data-id=strange] .plate')) === long);
    assert.equal(await dan.evaluate(() => document.querySelectorAll('img').length), 0);
    assert.ok(await dan.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.detail, .side')].every((e) => e.scrollWidth <= e.clientWidth + 1)));
    await shot(dan, 'strange');
    await dan.evaluate(() => globalThis.muckwatch.change({ type: 'alert', alert: { id: 'strange', gone: true } }));
    await dan.keyboard.press('Escape');
}

async function english(dan) {
    step('in English, with the same alert data');
    await dan.click('.top button[lang=en]');
    await dan.waitForSelector('.row .kind');
    await dan.waitForSelector('text=Muck truck watch', { state: 'attached' });
    assert.equal(await dan.getAttribute('html', 'lang'), 'en');
    await dan.keyboard.press('j');
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

await run(async (browser) => {
    const dan = await open(browser, { user: 'dan' }), eve = await open(browser, { user: 'eve', size: [1920, 1080] });
    step('nothing bars anybody: WCAG 2.1 A and AA');
    await dan.waitForSelector('.maplibregl-canvas');
    await barriers(dan, 'list');
    await anAlertArrives(dan, eve);
    await itIsWorked(dan, eve);
    await barriers(dan, 'detail');
    await filters(dan);
    await shelf(dan);
    await theWatch(dan);
    await thePast(dan);
    await strange(dan);
    await several(dan);
    await english(dan);
    await barriers(dan, 'english');
    await theGatewayDies(dan);
});
