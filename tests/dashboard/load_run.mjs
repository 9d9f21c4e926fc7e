/* The browser's side of load.py: how soon the list can be used, what holds the page up, how often it is drawn, and what it keeps. */
import { run, screen, shot, signIn, told } from './browser.mjs';

/*
 * What tasks of the page's thread took of a processor, from the browser's own trace: on a machine that does other things too, time on the clock says little.
 * A task is the map's own where most of it is spent in functions of MapLibre, or in none of ours.
 */
async function traced(cdp, work) {
    const events = [];
    cdp.on('Tracing.dataCollected', ({ value }) => events.push(...value));
    const done = new Promise((resolve) => { cdp.once('Tracing.tracingComplete', resolve); });
    await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', '__metadata'], excludedCategories: ['*'] } });
    await work();
    await cdp.send('Tracing.end');
    await done;
    const mains = events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}.${e.tid}`);
    const own = events.filter((e) => e.ph === 'X' && e.tdur !== undefined && mains.includes(`${e.pid}.${e.tid}`));
    const calls = own.filter((e) => ['FunctionCall', 'EvaluateScript', 'v8.callFunction', 'TimerFire', 'FireAnimationFrame', 'RunMicrotasks'].includes(e.name) && e.args?.data?.url);
    const tasks = own.filter((e) => e.name === 'RunTask' || e.name === 'ThreadControllerImpl::RunTask').map((task) => {
        const inside = calls.filter((c) => c.pid === task.pid && c.tid === task.tid && c.ts >= task.ts && c.ts + c.dur <= task.ts + task.dur);
        const by = new Map();
        for (const call of inside.filter((c) => !inside.some((o) => o !== c && o.ts <= c.ts && o.ts + o.dur >= c.ts + c.dur))) {
            const of = call.args.data.url.replace(/^.*:\d+/, '');
            by.set(of, (by.get(of) ?? 0) + call.tdur / 1000);
        }
        return { ms: task.tdur / 1000, by: [...by].sort((x, y) => y[1] - x[1]) };
    });
    return tasks.sort((x, y) => y.ms - x.ms);
}
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function cpuOf(cdp) {
    const { metrics } = await cdp.send('Performance.getMetrics');
    const of = (name) => metrics.find((m) => m.name === name).value;
    return { script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration'), task: of('TaskDuration') };
}

async function much(page, cdp) {
    const atStart = await cpuOf(cdp);
    await page.reload();
    await page.waitForFunction(() => document.querySelectorAll('.row').length > 5, undefined, { polling: 50, timeout: 600_000 });
    const first = await page.evaluate(() => performance.now()), atRows = await cpuOf(cdp);
    await page.waitForFunction((n) => globalThis.muckwatch?.state.alerts.size >= n, told.alerts, { polling: 50, timeout: 600_000 });
    const all = await page.evaluate(() => performance.now());
    await page.waitForFunction(() => globalThis.muckwatch.city.map()?.raw.querySourceFeatures('vehicles').length > 0, undefined, { polling: 100, timeout: 600_000 });
    console.log(`list: first rows after ${first.toFixed(0)} ms on the clock (${(1000 * (atRows.task < atStart.task ? atRows.task : atRows.task - atStart.task)).toFixed(0)} ms of the page's thread), all ${told.alerts} after ${all.toFixed(0)} ms; map's first picture with vehicles after ${(await page.evaluate(() => performance.now())).toFixed(0)} ms`);
    await shot(page, 'load');
    await page.evaluate(() => {
        const { raw } = globalThis.muckwatch.city.map(), source = raw.getSource('vehicles'), put = source.setData.bind(source);
        globalThis.load = { puts: 0, inHand: 0, most: 0, features: 0 };
        source.setData = async (data) => {
            const { load } = globalThis;
            load.puts++;
            load.features = data.features.length;
            load.most = Math.max(load.most, ++load.inHand);
            await put(data);
            load.inHand--;
        };
    });
    const before = await cpuOf(cdp), begun = Date.now();
    /* Somebody works: scrolls, chooses, moves the map. */
    const tasks = await traced(cdp, async () => { while (Date.now() - begun < told.seconds * 1000) {
        await page.evaluate((y) => { document.querySelector('.side [role=listbox], .side .list, .rows')?.scrollTo(0, y); }, ((Date.now() - begun) * 7) % 60_000);
        await page.keyboard.press('j');
        await wait(2000);
    } });
    const seconds = (Date.now() - begun) / 1000, after = await cpuOf(cdp), got = await page.evaluate(() => globalThis.load);
    console.log(`${seconds.toFixed(0)} s: the page's thread ${(100 * (after.task - before.task) / seconds).toFixed(0)} % of a processor, of it scripts ${(100 * (after.script - before.script) / seconds).toFixed(0)} %, layout ${(100 * (after.layout - before.layout) / seconds).toFixed(1)} %`);
    console.log(`vehicles put ${(got.puts / seconds).toFixed(2)} times a second, ${got.features} features the last time, at most ${got.most} in hand`);
    const isMap = ({ ms, by }) => by.filter(([of]) => !of.includes('maplibre')).reduce((sum, [, t]) => sum + t, 0) < ms / 2, ours = tasks.filter((task) => !isMap(task)), say = (list) => `${list.length}, over 50 ms ${list.filter((task) => task.ms > 50).length}, over 200 ms ${list.filter((task) => task.ms > 200).length}, worst ${(list[0]?.ms ?? 0).toFixed(0)} ms`;
    console.log(`tasks by their time of a processor: all ${say(tasks)}; ours ${say(ours)}`);
    for (const task of [...tasks.slice(0, 4), ...ours.slice(0, 6)])
        console.log(`  ${task.ms.toFixed(0)} ms: ${task.by.slice(0, 4).map(([of, ms]) => `${of} ${ms.toFixed(0)}`).join(', ') || 'drawing'}`);
}

async function long(page, cdp) {
    async function heap() {
        await cdp.send('HeapProfiler.collectGarbage');
        await cdp.send('HeapProfiler.collectGarbage');
        return (await cdp.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
    }
    await page.waitForFunction(() => globalThis.muckwatch?.city?.map() !== null, undefined, { timeout: 600_000 });
    await wait(60_000);
    const begun = Date.now(), first = await heap();
    console.log(`at the beginning ${first.toFixed(1)} MiB`);
    while (Date.now() - begun < told.seconds * 1000) {
        await wait(Math.min(120_000, told.seconds * 1000 - (Date.now() - begun) + 1));
        const now = await heap();
        console.log(`after ${((Date.now() - begun) / 60_000).toFixed(1)} min ${now.toFixed(1)} MiB, ${now - first >= 0 ? '+' : ''}${(now - first).toFixed(1)}; alerts ${await page.evaluate(() => globalThis.muckwatch.state.alerts.size)}, vehicles ${await page.evaluate(() => globalThis.muckwatch.state.vehicles.size)}, feed ${await page.evaluate(() => globalThis.muckwatch.feed.live)}`);
    }
}

await run(async (browser) => {
    const page = await screen(browser, { user: 'dan', size: [1920, 1080] });
    page.setDefaultTimeout(600_000);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable');
    await signIn(page, 'dan');
    await (told.what === 'much' ? much : long)(page, cdp);
});
