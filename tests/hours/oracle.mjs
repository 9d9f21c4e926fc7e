/*
 * Compares our evaluation of random expressions with opening_hours.js and with a brute-force evaluator.
 *
 *   node oracle.mjs HOURS_EDGES NODE_MODULES_DIR SEED ORACLE_COUNT BRUTE_COUNT
 *
 * An expression is made as a tree and written twice. The oracle's text has explicit dates for PH, PH -1 day, SH and WD, which
 * come from a made-up calendar, and for the few forms of date range that it does not read. Ours has now and then full-width
 * forms, dashes and blanks of all kinds, colons after selectors, and years left out where one holds on. Over two years, with
 * a week 53 in them, every edge is compared, and the state at minutes drawn at random.
 *
 * Where spans run over midnight and a rule overrides or takes away, the oracle cuts at midnight and we do not: there the
 * brute force below decides. It follows the contract's words with an array of minutes for each day: "A span belongs whole
 * to the day it starts on: an override or `off` for a day replaces the spans that start on that day and touches no other."
 *
 * Left out: 29 February, and yearly ranges that end on the eve of their beginning ("Jun 01-May 31"): the oracle never matches
 * either. Nor "Feb 13-28", so it is given "Feb 13-Feb 28". Of shifts it misses days beside dates or weeks ("Jan Mo[1] -3 days",
 * 2 January 2026) and where they leave the month ("Sa[1,-1] +3 days", 2 September 2025), and it shifts a fifth that is not
 * ("We[-5] +5 days", 4 August 2025), so there it is given explicit ones.
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
const school = new Set();
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
for (let day = FIRST_DAY - 40; day < LAST_DAY + 40; day += 20 + below(120))
    for (let length = 1 + below(50); length > 0; length--)
        school.add(day++);
const isWorking = day => worked.has(day) || (weekdayOf(day) < 5 && !off.has(day));
const calendarKinds = { PH: day => off.has(day), 'PH -1 day': day => off.has(day + 1), SH: day => school.has(day), WD: isWorking };
const HOLIDAYS = ['PH', 'PH -1 day', 'SH'];

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
    // A year that is named holds on, so a date of every year cannot stand behind it.
    return list.filter(d => !d.year).concat(list.filter(d => d.year));
}

/* "week 1-24/7" is no 24/7; the oracle takes it, and 7/7, for one. */
function randomStep(to) {
    const step = 2 + below(25);
    return step === 7 && (to === 7 || to === 24) ? 8 : step;
}

function randomWeeks() {
    const list = [];
    for (let n = 1 + (chance(0.4) ? 1 + below(3) : 0); n > 0; n--) {
        const a = 1 + below(53), b = 1 + below(53);
        if (chance(0.4))
            list.push({ from: a, to: a, step: 1 });
        else if (chance(0.2))
            list.push({ from: 1 + below(3), to: 53, step: 2 });
        else
            list.push({ from: Math.min(a, b), to: Math.max(a, b), step: a !== b && chance(0.5) ? randomStep(Math.max(a, b)) : 1 });
    }
    return list;
}

function randomNth() {
    const list = [];
    for (let n = 1 + (chance(0.4) ? 1 + below(2) : 0); n > 0; n--) {
        const a = 1 + below(5), b = 1 + below(5);
        if (chance(0.35))
            list.push({ from: -a, to: -a });
        else
            list.push(chance(0.3) ? { from: Math.min(a, b), to: Math.max(a, b) } : { from: a, to: a });
    }
    return { nth: list, weekday: below(7), shift: chance(0.12) ? pick([-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6]) : 0 };
}

function randomDays(withCalendar) {
    const list = [];
    for (let n = 1 + below(3); n > 0; n--) {
        if (withCalendar && chance(0.3))
            list.push({ kind: pick(Object.keys(calendarKinds)) });
        else if (chance(0.3))
            list.push(randomNth());
        else
            list.push({ from: below(7), to: below(7), single: chance(0.5) });
    }
    return list;
}

/* Holidays that weekdays behind them narrow. */
function randomHolidays() {
    const list = [pick(HOLIDAYS)];
    if (chance(0.3))
        list.push(pick(HOLIDAYS));
    return list;
}

const randomMinute = limit => chance(0.7) ? 30 * below(limit / 30) : below(limit);

function randomSpans(spill) {
    const list = [];
    for (let n = 1 + (chance(0.35) ? 1 + below(2) : 0); n > 0; n--) {
        const from = randomMinute(DAY_MIN);
        const wish = spill && chance(0.6) ? from + 1 + randomMinute(DAY_MIN) : from + 1 + randomMinute(DAY_MIN - from);
        const round = spill && chance(0.06) ? from + DAY_MIN : 0; // 06:00-06:00
        const to = round || (chance(0.05) ? DAY_MIN : Math.min(wish, spill ? 2 * DAY_MIN : DAY_MIN));
        list.push({ from, to: to > from ? to : from + 1, extended: chance(0.3) });
    }
    return list;
}

/* `free`: any rule may override and take away. Otherwise rules only add. */
function randomExpression(spill, free, calendarShare) {
    const rules = [];
    const withCalendar = chance(calendarShare);
    for (let n = 1 + below(3) + (chance(0.15) ? 2 : 0), i = 0; i < n; i++) {
        const rule = { dates: [], weeks: [], holidays: [], days: [], spans: [], off: free && chance(0.25), open: false,
            always: chance(0.03), separator: '' };
        if (!rule.always) {
            if (chance(0.35))
                rule.dates = randomDates();
            if (chance(0.2))
                rule.weeks = randomWeeks();
            if (chance(0.65))
                rule.days = randomDays(withCalendar);
            if (withCalendar && chance(0.2) && rule.days.length > 0 && rule.days.every(d => !HOLIDAYS.includes(d.kind)))
                rule.holidays = randomHolidays();
            if (chance(rule.off ? 0.5 : 0.9))
                rule.spans = randomSpans(spill);
        }
        rule.open = !rule.off && (chance(0.1) || (!rule.always && !selects(rule) && rule.spans.length === 0));
        const before = rules[i - 1];
        if (before) {
            // After a selector alone a comma would go on with its list.
            const ends = before.off || before.open || before.always || before.spans.length > 0;
            // "10:00-12:00, 13:00-14:00" is one rule with two spans.
            const begins = rule.always || selects(rule) || rule.spans.length === 0 || before.off || before.open;
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

const selects = rule => rule.dates.length + rule.weeks.length + rule.days.length > 0;

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

/* A year is left out now and then where the one before holds on. */
function writeDateList(list) {
    let holds = 0;
    return list.map(d => {
        const text = writeDates(d, false);
        const short = d.year && d.year === holds && chance(0.6) ? text.replace(/^\d+ /, '') : text;
        holds = d.toYear;
        return short;
    }).join(',');
}

const writeWeek = w => w.from + (w.to !== w.from ? '-' + w.to : '') + (w.step > 1 ? '/' + w.step : '');
const writeWeeks = weeks => weeks.length > 0 ? 'week ' + weeks.map(writeWeek).join(',') : '';

function writeNth(d) {
    const shift = d.shift === 0 ? '' : ` ${d.shift > 0 ? '+' : '-'}${Math.abs(d.shift)} day${Math.abs(d.shift) > 1 ? 's' : ''}`;
    return WEEK[d.weekday] + '[' + d.nth.map(n => n.from + (n.to !== n.from ? '-' + n.to : '')).join(',') + ']' + shift;
}

function writeWeekdays(w) {
    if (w.nth)
        return writeNth(w);
    return w.single ? WEEK[w.from] : WEEK[w.from] + '-' + WEEK[w.to];
}

const clock = minute => two(Math.floor(minute / 60)) + ':' + two(minute % 60);

function writeSpan(s) {
    const wraps = s.to > DAY_MIN && s.to - DAY_MIN <= s.from && !s.extended;
    return clock(s.from) + '-' + clock(wraps ? s.to - DAY_MIN : s.to);
}

function writeRule(rule, selectors) {
    const parts = rule.always ? ['24/7'] : selectors.filter(part => part !== '');
    if (rule.spans.length > 0)
        parts.push(rule.spans.map(writeSpan).join(','));
    if (rule.off || rule.open)
        parts.push(rule.off ? pick(['off', 'closed']) : 'open');
    return parts.join(' ');
}

/* A colon behind some selectors, where anything follows. */
function setOff(rule, selectors) {
    const last = rule.spans.length === 0 && !rule.off && !rule.open ? selectors.findLastIndex(part => part !== '') : -1;
    return selectors.map((part, i) => part !== '' && i !== last && chance(0.15) ? part + pick([':', ' : ', ': ']) : part);
}

const WIDE = { ':': '：∶', ',': '，、', ';': '；', '-': '－～~–—−〜', ' ': '\u3000\u00a0\u2009', '[': '［', ']': '］', '/': '／', '+': '＋' };

function widen(text, share) {
    return [...text].map(c => {
        if (!chance(share))
            return c;
        return WIDE[c] ? pick([...WIDE[c]]) : /[0-9A-Za-z]/.test(c) ? String.fromCharCode(c.charCodeAt(0) + 0xfee0) : c;
    }).join('');
}

function writeOurs(rules) {
    const text = rules.map(rule => {
        const weeks = writeWeeks(rule.weeks), dates = writeDateList(rule.dates);
        const days = rule.holidays.join(',') + (rule.holidays.length > 0 ? ' ' : '') + rule.days.map(d => d.kind || writeWeekdays(d)).join(',');
        return rule.separator + writeRule(rule, setOff(rule, chance(0.5) ? [dates, weeks, days] : [weeks, dates, days]));
    }).join('');
    return chance(0.2) ? widen(text, random() * 0.5) : text;
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

/* Shifts that stay in the month in any month; one with four of a weekday has no fifth, but the oracle shifts it all the same. */
function mayLeaveMonth(d) {
    const stays = n => d.shift > 0 ? (n > 0 ? n <= 3 : n <= -2 && n > -5) : (n > 0 ? n >= 2 && n < 5 : n >= -3);
    return !d.nth.every(n => stays(n.from) && stays(n.to));
}

/* A rule that names days which the oracle is given as dates becomes two: one with the weekdays, one with explicit dates. */
function writeOracle(rules) {
    let text = '';
    for (const rule of rules) {
        const narrow = rule.dates.length + rule.weeks.length > 0;
        const isExplicit = d => d.kind || (d.shift && (narrow || mayLeaveMonth(d))) || rule.holidays.length > 0;
        const weekdays = rule.days.filter(d => !isExplicit(d)).map(writeWeekdays).join(',');
        const explicit = rule.days.filter(isExplicit);
        const variants = [];
        if (explicit.length === 0 || weekdays !== '')
            variants.push([rule.dates.map(d => writeDates(d, true)).join(','), writeWeeks(rule.weeks), weekdays]);
        if (explicit.length > 0)
            variants.push([explicitDates(day => applies({ ...rule, days: explicit }, day)), '', '']);
        // A rule without times could not be followed by a comma.
        const whole = explicit.length > 0 && !rule.off && rule.spans.length === 0;
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

/* Found by going to the week's Thursday and counting the Thursdays of its year so far. */
function isoWeek(day) {
    const thursday = day - weekdayOf(day) + 3;
    const year = dateOf(thursday).getUTCFullYear();
    let week = 1;
    for (let earlier = thursday - 7; dateOf(earlier).getUTCFullYear() === year; earlier -= 7)
        week++;
    return week;
}

const inWeeks = (rule, day) => rule.weeks.length === 0 || rule.weeks.some(w => {
    const week = isoWeek(day);
    return week >= w.from && week <= w.to && (week - w.from) % w.step === 0;
});

/* Found by listing such weekdays of the month. */
function isNth(d, day) {
    const date = dateOf(day - d.shift);
    const year = date.getUTCFullYear(), month = date.getUTCMonth() + 1;
    const days = [];
    for (let i = dayNumber(year, month, 1); i < dayNumber(year, month + 1, 1); i++)
        if (weekdayOf(i) === d.weekday)
            days.push(i);
    return d.nth.some(n => {
        for (let i = n.from; i <= n.to; i++)
            if (days.at(i < 0 ? i : i - 1) === day - d.shift)
                return i > 0 || -i <= days.length;
        return false;
    });
}

function inDays(rule, day) {
    if (rule.days.length === 0)
        return true;
    const weekday = weekdayOf(day);
    return rule.days.some(d => {
        if (d.kind)
            return calendarKinds[d.kind](day);
        if (d.nth)
            return isNth(d, day);
        const to = d.single ? d.from : d.to;
        return d.from <= to ? weekday >= d.from && weekday <= to : weekday >= d.from || weekday <= to;
    });
}

const inHolidays = (rule, day) => rule.holidays.length === 0 || rule.holidays.some(kind => calendarKinds[kind](day));
const applies = (rule, day) => inDates(rule, day) && inWeeks(rule, day) && inHolidays(rule, day) && inDays(rule, day);

function bruteForce(rules, first = FIRST_DAY, last = LAST_DAY) {
    const timeline = new Uint8Array((last - first + 4) * DAY_MIN);
    const own = new Uint8Array(2 * DAY_MIN);
    for (let day = first - 1; day < last; day++) {
        own.fill(0);
        rules.forEach((rule, i) => {
            if (!applies(rule, day))
                return;
            const spans = rule.spans.length > 0 ? rule.spans : [{ from: 0, to: rule.off ? 2 * DAY_MIN : DAY_MIN }];
            // `;` overrides; but as in the oracle a rule for all days adds to one for certain days right before it.
            if (!rule.off && rule.separator !== ', ' && (selects(rule) || (i > 0 && !selects(rules[i - 1]))))
                own.fill(0);
            for (const s of spans)
                own.fill(rule.off ? 0 : 1, s.from, s.to);
        });
        const base = (day - first + 1) * DAY_MIN;
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
    const atFirst = state;
    for (;;) {
        at = timeline.indexOf(1 - state, at);
        const minute = at - DAY_MIN + first * DAY_MIN;
        if (at < 0 || minute >= last * DAY_MIN)
            return [atFirst, ...edges];
        edges.push(minute);
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

function askOurs(texts, first, last) {
    const years = [2024, 2025, 2026, 2027, 2028].map(year => 'year ' + year);
    const lines = (set, word) => [...set].map(day => word + ' ' + iso(day));
    const days = [...lines(off, 'off'), ...lines(worked, 'work'), ...lines(school, 'school')];
    const input = [...years, ...days, `range ${first * DAY_MIN} ${last * DAY_MIN}`, ...texts.map(text => 'expr ' + text)].join('\n') + '\n';
    const run = spawnSync(edgesProgram, { input: Buffer.from(input), maxBuffer: 1 << 30, encoding: 'utf8' });
    if (run.status !== 0)
        fail(`hours_edges: ${run.stderr}`);
    return run.stdout.trimEnd().split('\n');
}

function compare(trees, texts, expectedOf, name, first, last) {
    const answers = askOurs(texts, first, last);
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

function runBatches(count, make, expectedOf, name, first = FIRST_DAY, last = LAST_DAY) {
    for (let done = 0; done < count;) {
        const trees = [], texts = [];
        for (; trees.length < 500 && done < count; done++) {
            let tree, text;
            do {
                tree = make();
                text = writeOurs(tree);
            } while (Buffer.byteLength(text) > 1024);
            trees.push(tree);
            texts.push(text);
        }
        compare(trees, texts, expectedOf, name, first, last);
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

// Over sixty years rules that seldom apply: the search for the next change leaves out days, and must not leave out one with a change.
const rareText = bruteText / 30;
const RARE_FIRST = dayNumber(2070, 1, 1), RARE_LAST = dayNumber(2130, 1, 1); // 2100 has no leap day
const isRare = rule => rule.dates.every(d => !d.year) && !rule.always && rule.spans.length > 0 &&
    (rule.dates.length > 0) + (rule.weeks.length > 0) + rule.days.some(d => d.nth) >= 2;
runBatches(rareText, () => {
    for (;;) {
        const rules = randomExpression(true, true, 0);
        if (rules.every(isRare))
            return rules;
    }
}, tree => ({ edges: bruteForce(tree, RARE_FIRST, RARE_LAST), probes: [] }), 'brute force', RARE_FIRST, RARE_LAST);

process.stdout.write(`seed ${seedText}: ${oracleText} expressions against opening_hours (${overMidnight} over midnight) in ` +
    `${middle - started} ms, ${bruteText} and ${rareText} over sixty years against brute force in ${Date.now() - middle} ms\n`);
