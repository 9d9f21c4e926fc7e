/*
 * verify.html in a browser, opened from disk: each package that it is told of is chosen with its key, and what the page says is printed, a line a package.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(here, '../../dashboard/package.json'));
const { chromium } = require('playwright-core');
const told = JSON.parse(process.argv[2]);

const browser = await chromium.launch({ executablePath: told.browser, args: ['--headless', '--no-sandbox', '--no-first-run', '--disable-background-networking'] });
const page = await (await browser.newContext({ timezoneId: 'America/New_York' })).newPage();
page.setDefaultTimeout(120_000);
const asked = [];
page.on('request', (r) => { if (!r.url().startsWith('file:')) asked.push(r.url()); });
page.on('console', (m) => { if (m.type() === 'error') asked.push(m.text()); });
for (const { name, files } of told.packages) {
    await page.goto(pathToFileURL(path.join(here, '../../tracker/evidence/bag/verify.html')).href);
    for (const [id, file] of Object.entries(files))
        await page.setInputFiles(`#${id}`, file);
    await page.click('#check');
    await page.waitForFunction(() => !['', '…'].includes(document.getElementById('whole').textContent));
    const rows = await page.$$eval('#steps tr', (trs) => trs.map((tr) => [...tr.cells].map((c) => c.textContent)));
    console.log(JSON.stringify({ name, whole: await page.textContent('#whole'), rows }));
}
if (told.shot)
    await page.screenshot({ path: told.shot });
await browser.close();
console.log(JSON.stringify({ asked }));
