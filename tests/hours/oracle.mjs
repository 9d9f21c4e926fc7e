/*
 * Compares our evaluation of random expressions with opening_hours.js and with a brute-force evaluator.
 *
 *   node oracle.mjs HOURS_EDGES NODE_MODULES_DIR SEED ORACLE_COUNT BRUTE_COUNT
 *
 * An expression is made as a tree and written twice. The oracle's text has explicit dates for PH, PH -1 day and WD, which
 * come from a made-up calendar, and for the few forms of date range that it does not read. Over two years every
 * edge is compared, and the state at minutes drawn at random.
 *
 * Where spans run over midnight and a rule overrides or takes away, the oracle cuts at midnight and we do not: there the
 * brute force below decides. It follows the contract's words with an array of minutes for each day: "A span belongs whole
 * to the day it starts on: an override or `off` for a day replaces the spans that start on that day and touches no other."
 *
 * Left out: 29 February, and yearly ranges that end on the eve of their beginning ("Jun 01-May 31"): the oracle never matches
 * either. Nor "Feb 13-28", so it is given "Feb 13-Feb 28".
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

process.env.TZ = 'UTC';
console.warn = console.error = () => {}; // the oracle comments on expressions that it accepts
const [edgesProgram, modules, seedText, oracleText, bruteText] = process.argv.slice(2);
const OpeningHours = createRequire(modules + '/')('opening_hours');

const DAY_MIN = 1440;
const FROM = Date.UTC(2025, 6, 1) / 60000;
const TO = Date.UTC(2027, 6, 1) / 60000;
const FIRST_DAY = FROM / DAY_MIN;
const LAST_DAY = TO / DAY_MIN;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEK = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];

let randomState = Number(seedText) >>> 0;
function random() { // mulberry32
    randomState = (randomState + 0x6d2b79f5) >>> 0;
    let t = randomState;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = n => Math.floor(random() * n);
const chance = p => random() < p;
const pick = list => list[below(list.length)];
const two = n => String(n).padStart(2, '0');

function fail(message) {
    process.stdout.write(message + '\n');
    process.exit(1);
}

// ---- the made-up calendar ----

const dateOf = day => new Date(day * 86400000);
const weekdayOf = day => (((day + 3) % 7) + 7) % 7;
const dayNumber = (year, month, day) => Date.UTC(year, month - 1, day) / 86400000;
const iso = day => dateOf(day).toISOString().slice(0, 10);

const off = new Set();
const worked = new Set();
for (let day = FIRST_DAY - 40; day < LAST_DAY + 40; day++) {
    if (chance(1 / 45)) {
        for (let length = 1 + below(8), i = 0; i < length; i++)
            off.add(day + i);
        day += 12;
    } else if (weekdayOf(day) >= 5 && chance(1 / 12)) {
        worked.add(day);
    }
}
for (const day of off)
    worked.delete(day);
const isWorking = day => worked.has(day) || (weekdayOf(day) < 5 && !off.has(day));
const calendarKinds = { PH: day => off.has(day), 'PH -1 day': day => off.has(day + 1), WD: isWorking };

// ---- random trees ----

const randomDay = month => 1 + below(month === 2 ? 28 : new Date(Date.UTC(2025, month, 0)).getUTCDate());

function randomDates() {
    const list = [];
    for (let n = 1 + (chance(0.4) ? 1 + below(2) : 0); n > 0; n--) {
        const year = chance(0.5) ? 2025 + below(3) : 0;
        const a = 1 + below(12), b = 1 + below(12);
        if (chance(0.35)) {
            const single = chance(0.4);
            let toYear = year;
            if (year && !single && b < a)
                toYear = year + 1;
            list.push({ year, month: a, day: 0, toYear, toMonth: single ? a : b, toDay: 0 });
        } else {
            const day = randomDay(a);
            const kind = below(3);
            if (kind === 0) {
                list.push({ year, month: a, day, toYear: year, toMonth: a, toDay: day });
            } else if (kind === 1) {
                const other = randomDay(a);
                list.push({ year, month: a, day: Math.min(day, other), toYear: year, toMonth: a, toDay: Math.max(day, other) });
            } else {
                const toDay = randomDay(b);
                const before = b * 32 + toDay < a * 32 + day;
                list.push({ year, month: a, day, toYear: year && before ? year + 1 : year, toMonth: b, toDay });
            }
        }
    }
    return list;
}

function randomDays(withCalendar) {
    const list = [];
    for (let n = 1 + below(3); n > 0; n--) {
        if (withCalendar && chance(0.3))
            list.push({ kind: pick(Object.keys(calendarKinds)) });
        else
            list.push({ from: below(7), to: below(7), single: chance(0.5) });
    }
    return list;
}

const randomMinute = limit => chance(0.7) ? 30 * below(limit / 30) : below(limit);

function randomSpans(spill) {
    const list = [];
    for (let n = 1 + (chance(0.35) ? 1 + below(2) : 0); n > 0; n--) {
        const from = randomMinute(DAY_MIN);
        const wish = spill && chance(0.6) ? from + 1 + randomMinute(DAY_MIN) : from + 1 + randomMinute(DAY_MIN - from);
        const to = chance(0.05) ? DAY_MIN : Math.min(wish, spill ? 2 * DAY_MIN : DAY_MIN);
        list.push({ from, to: to > from ? to : from + 1, extended: chance(0.3) });
    }
    return list;
}

/* `free`: any rule may override and take away. Otherwise rules only add. */
function randomExpression(spill, free, calendarShare) {
    const rules = [];
    const withCalendar = chance(calendarShare);
    for (let n = 1 + below(3) + (chance(0.15) ? 2 : 0), i = 0; i < n; i++) {
        const rule = { dates: [], days: [], spans: [], off: free && chance(0.25), always: chance(0.03), separator: '' };
        if (!rule.always) {
            if (chance(0.4))
                rule.dates = randomDates();
            if (chance(0.65))
                rule.days = randomDays(withCalendar);
            if (chance(rule.off ? 0.5 : 0.9) || (!rule.off && rule.dates.length + rule.days.length === 0))
                rule.spans = randomSpans(spill);
        }
        const before = rules[i - 1];
        if (before) {
            // After a selector alone a comma would go on with its list.
            const ends = before.off || before.always || before.spans.length > 0;
            // "10:00-12:00, 13:00-14:00" is one rule with two spans.
            const begins = rule.always || rule.dates.length + rule.days.length > 0 || rule.spans.length === 0 || before.off;
            const mayAdd = ends && begins && !rule.always && !before.always;
            if (!free && !mayAdd)
                break;
            rule.separator = mayAdd && (!free || chance(0.35)) ? ', ' : '; ';
        }
        rules.push(rule);
    }
    return rules;
}

// ---- writing them ----

const plainDate = (year, month, day) => (year ? year + ' ' : '') + MONTHS[month - 1] + (day ? ' ' + two(day) : '');

function writeDates(d, forOracle) {
    const single = d.year === d.toYear && d.month === d.toMonth && d.day === d.toDay;
    const from = plainDate(d.year, d.month, d.day);
    if (forOracle && (d.year || !d.day)) { // in lists it wants whole dates; the range has no leap year
        const last = d.toDay || new Date(Date.UTC(d.toYear || 2025, d.toMonth, 0)).getUTCDate();
        if (!d.year && dayNumber(2025, d.toMonth, last) + 1 === dayNumber(2025, d.month, 1))
            return 'Jan 01-Dec 31';
        return plainDate(d.year, d.month, d.day || 1) + '-' + plainDate(d.toYear, d.toMonth, last);
    }
    if (single)
        return from;
    if (forOracle && !d.year && dayNumber(2025, d.toMonth, d.toDay) + 1 === dayNumber(2025, d.month, d.day))
        return 'Jan 01-Dec 31';
    const inMonth = d.day && d.year === d.toYear && d.month === d.toMonth && d.toDay >= d.day;
    if (inMonth && !(forOracle && d.month === 2))
        return from + '-' + two(d.toDay);
    return from + '-' + plainDate(d.toYear !== d.year ? d.toYear : 0, d.toMonth, d.toDay);
}

const writeWeekdays = w => w.single ? WEEK[w.from] : WEEK[w.from] + '-' + WEEK[w.to];
const clock = minute => two(Math.floor(minute / 60)) + ':' + two(minute % 60);

function writeSpan(s) {
    const wraps = s.to > DAY_MIN && s.to - DAY_MIN <= s.from && !s.extended;
    return clock(s.from) + '-' + clock(wraps ? s.to - DAY_MIN : s.to);
}

function writeRule(rule, selectors) {
    if (rule.always)
        return '24/7' + (rule.off ? ' off' : '');
    const parts = selectors.filter(part => part !== '');
    if (rule.spans.length > 0)
        parts.push(rule.spans.map(writeSpan).join(','));
    if (rule.off)
        parts.push('off');
    return parts.join(' ');
}

function writeOurs(rules) {
    return rules.map(rule => rule.separator + writeRule(rule, [
        rule.dates.map(d => writeDates(d, false)).join(','),
        rule.days.map(d => d.kind || writeWeekdays(d)).join(','),
    ])).join('');
}

function explicitDates(matches) {
    const ranges = [];
    for (let day = FIRST_DAY - 3; day < LAST_DAY + 3; day++) {
        if (!matches(day))
            continue;
        const from = day;
        while (matches(day + 1) && day + 1 < LAST_DAY + 3)
            day++;
        const a = dateOf(from), b = dateOf(day);
        ranges.push(plainDate(a.getUTCFullYear(), a.getUTCMonth() + 1, a.getUTCDate()) + (from === day ? '' : '-' +
            plainDate(b.getUTCFullYear(), b.getUTCMonth() + 1, b.getUTCDate())));
    }
    return ranges.length > 0 ? ranges.join(',') : '1990 Jan 01';
}

/* A rule that names calendar days becomes two: one with the weekdays, one with explicit dates. */
function writeOracle(rules) {
    let text = '';
    for (const rule of rules) {
        const weekdays = rule.days.filter(d => !d.kind).map(writeWeekdays).join(',');
        const kinds = rule.days.filter(d => d.kind);
        const variants = [];
        if (kinds.length === 0 || weekdays !== '')
            variants.push([rule.dates.map(d => writeDates(d, true)).join(','), weekdays]);
        if (kinds.length > 0)
            variants.push([explicitDates(day => kinds.some(d => calendarKinds[d.kind](day)) && inDates(rule, day)), '']);
        // A rule without times could not be followed by a comma.
        const whole = kinds.length > 0 && !rule.off && rule.spans.length === 0;
        const written = whole ? { ...rule, spans: [{ from: 0, to: DAY_MIN }] } : rule;
        for (const [i, selectors] of variants.entries())
            text += (i === 0 ? rule.separator : rule.separator || ', ') + writeRule(written, selectors);
    }
    return text;
}

// ---- brute force ----

function inDates(rule, day) {
    if (rule.dates.length === 0)
        return true;
    const date = dateOf(day), key = (date.getUTCMonth() + 1) * 32 + date.getUTCDate();
    return rule.dates.some(d => {
        const toDay = d.toDay || 31;
        if (d.year) {
            const last = d.toDay || new Date(Date.UTC(d.toYear, d.toMonth, 0)).getUTCDate();
            return day >= dayNumber(d.year, d.month, d.day || 1) && day <= dayNumber(d.toYear, d.toMonth, last);
        }
        const from = d.month * 32 + (d.day || 1), to = d.toMonth * 32 + toDay;
        return from <= to ? key >= from && key <= to : key >= from || key <= to;
    });
}

function inDays(rule, day) {
    if (rule.days.length === 0)
        return true;
    const weekday = weekdayOf(day);
    return rule.days.some(d => {
        if (d.kind)
            return calendarKinds[d.kind](day);
        const to = d.single ? d.from : d.to;
        return d.from <= to ? weekday >= d.from && weekday <= to : weekday >= d.from || weekday <= to;
    });
}

function bruteForce(rules) {
    const timeline = new Uint8Array(TO - FROM + 4 * DAY_MIN);
    const own = new Uint8Array(2 * DAY_MIN);
    for (let day = FIRST_DAY - 1; day < LAST_DAY; day++) {
        own.fill(0);
        rules.forEach((rule, i) => {
            if (!inDates(rule, day) || !inDays(rule, day))
                return;
            const selects = r => r.dates.length + r.days.length > 0;
            const spans = rule.spans.length > 0 ? rule.spans : [{ from: 0, to: rule.off ? 2 * DAY_MIN : DAY_MIN }];
            // `;` overrides; but as in the oracle a rule for all days adds to one for certain days right before it.
            if (!rule.off && rule.separator !== ', ' && (selects(rule) || (i > 0 && !selects(rules[i - 1]))))
                own.fill(0);
            for (const s of spans)
                own.fill(rule.off ? 0 : 1, s.from, s.to);
        });
        const base = (day - FIRST_DAY + 1) * DAY_MIN;
        for (let open = own.indexOf(1); open >= 0;) {
            let shut = own.indexOf(0, open);
            if (shut < 0)
                shut = own.length;
            timeline.fill(1, base + open, base + shut);
            open = own.indexOf(1, shut);
        }
    }
    const edges = [];
    let at = DAY_MIN, state = timeline[at];
    const first = state;
    for (;;) {
        at = timeline.indexOf(1 - state, at);
        if (at < 0 || at - DAY_MIN + FROM >= TO)
            return [first, ...edges];
        edges.push(at - DAY_MIN + FROM);
        state = 1 - state;
    }
}

// ---- the oracle ----

function askOracle(text) {
    let hours;
    try {
        hours = new OpeningHours(text, null, { mode: 0 });
    } catch (error) {
        fail(`the oracle does not read '${text.slice(0, 1000)}': ${error}`.slice(0, 2000));
    }
    const edges = [];
    let first = 0, end = -1;
    for (const [from, to] of hours.getOpenIntervals(new Date(FROM * 60000), new Date(TO * 60000))) {
        const a = from.getTime() / 60000, b = to.getTime() / 60000;
        if (a === end)
            edges.pop();
        else if (a === FROM)
            first = 1;
        else
            edges.push(a);
        edges.push(b);
        end = b;
    }
    if (end === TO)
        edges.pop();
    const probes = [];
    for (let i = 0; i < 10; i++) {
        const minute = FROM + below(TO - FROM);
        probes.push([minute, hours.getState(new Date(minute * 60000)) ? 1 : 0]);
    }
    return { edges: [first, ...edges], probes };
}

function stateAt(edges, minute) {
    let low = 1, high = edges.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (edges[middle] <= minute)
            low = middle + 1;
        else
            high = middle;
    }
    return edges[0] ^ ((low - 1) & 1);
}

// ---- comparing ----

function askOurs(texts) {
    const years = [2024, 2025, 2026, 2027, 2028].map(year => 'year ' + year);
    const days = [...off].map(day => 'off ' + iso(day)).concat([...worked].map(day => 'work ' + iso(day)));
    const input = [...years, ...days, `range ${FROM} ${TO}`, ...texts.map(text => 'expr ' + text)].join('\n') + '\n';
    const run = spawnSync(edgesProgram, { input, maxBuffer: 1 << 30, encoding: 'latin1' });
    if (run.status !== 0)
        fail(`hours_edges: ${run.stderr}`);
    return run.stdout.trimEnd().split('\n');
}

function compare(trees, expectedOf, name) {
    const texts = trees.map(writeOurs);
    const answers = askOurs(texts);
    trees.forEach((tree, i) => {
        if (answers[i].startsWith('error'))
            fail(`'${texts[i]}': ${answers[i]}`);
        const ours = answers[i].split(' ').map(Number);
        const { edges, probes } = expectedOf(tree);
        const where = edges.findIndex((edge, k) => edge !== ours[k]);
        if (edges.length !== ours.length || where >= 0) {
            const at = n => n === undefined ? 'no edge' : n < 2 ? n : new Date(n * 60000).toISOString();
            const k = where >= 0 ? where : edges.length;
            fail(`'${texts[i]}' (for the oracle '${writeOracle(tree).slice(0, 300)}'): ${name} has ${at(edges[k])}, we have ${at(ours[k])}`);
        }
        for (const [minute, state] of probes)
            if (stateAt(ours, minute) !== state)
                fail(`'${texts[i]}' at ${new Date(minute * 60000).toISOString()}: ${name} says ${state}`);
    });
}

function runBatches(count, make, expectedOf, name) {
    for (let done = 0; done < count;) {
        const trees = [];
        for (; trees.length < 500 && done < count; done++) {
            let tree;
            do
                tree = make();
            while (writeOurs(tree).length > 1024);
            trees.push(tree);
        }
        compare(trees, expectedOf, name);
    }
}

const started = Date.now();
let overMidnight = 0;
runBatches(Number(oracleText), () => {
    const spill = chance(0.35);
    overMidnight += spill ? 1 : 0;
    return randomExpression(spill, !spill, 0.05); // explicit dates make the oracle slow
}, tree => askOracle(writeOracle(tree)), 'the oracle');
const middle = Date.now();
runBatches(Number(bruteText), () => randomExpression(true, true, 0.3), tree => ({ edges: bruteForce(tree), probes: [] }), 'brute force');
process.stdout.write(`seed ${seedText}: ${oracleText} expressions against opening_hours (${overMidnight} over midnight) in ` +
    `${middle - started} ms, ${bruteText} against brute force in ${Date.now() - middle} ms\n`);
