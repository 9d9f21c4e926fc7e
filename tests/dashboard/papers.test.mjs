/* What is read and printed: days of the city, files of a table, and tables of what is counted. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { toCsv, toXlsx } from '../../dashboard/page/core/sheet.js';
import { addDays, boundsOf, dayOf, daysIn, daysOf, dayStart, isDay, momentOf, readSpan } from '../../dashboard/page/core/spans.js';
import { byHour, byPerson, byReason, byValue, falseAlarms, onTime, shareOf, topVehicles } from '../../dashboard/page/core/statistics.js';

const WORDS = { t: (key) => key, word: (family, value) => `${family}.${value}` };

test('a day begins at its midnight in the city, also where clocks change, and where they leave midnight out', () => {
    assert.equal(dayStart('2026-05-08', 'Asia/Shanghai'), Date.UTC(2026, 4, 7, 16));
    assert.equal(dayStart('2026-03-29', 'Europe/Berlin'), Date.UTC(2026, 2, 28, 23));
    assert.equal(dayStart('2026-03-30', 'Europe/Berlin'), Date.UTC(2026, 2, 29, 22));
    assert.equal(dayStart('2026-10-26', 'Europe/Berlin'), Date.UTC(2026, 9, 25, 23));
    for (const zone of ['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Asia/Beirut', 'Pacific/Apia'])
        for (let day = '2026-01-01'; day < '2027-01-01'; day = addDays(day, 1)) {
            const start = dayStart(day, zone);
            assert.ok(dayOf(start, zone) === day && dayOf(start - 1, zone) < day, `${zone} ${day}`);
        }
});

test('spans: by name, by days, turned where they stand the wrong way round, and the usual one where it is none', () => {
    assert.deepEqual(daysOf('week', '2026-03-03'), { first: '2026-02-25', last: '2026-03-03' });
    assert.deepEqual(daysOf('last_month', '2026-03-03'), { first: '2026-02-01', last: '2026-02-28' });
    assert.deepEqual(daysOf('this_month', '2026-01-31'), { first: '2026-01-01', last: '2026-01-31' });
    assert.deepEqual(readSpan('?first=2026-05-08&last=2026-05-01', '2026-06-01'), { first: '2026-05-01', last: '2026-05-08' });
    assert.deepEqual(readSpan('?first=2026-02-30&last=2026-05-01', '2026-06-01', 'today'), { first: '2026-06-01', last: '2026-06-01' });
    assert.ok(isDay('2024-02-29') && !isDay('2026-02-29') && !isDay('') && !isDay(null) && !isDay('2026-13-01'));
    assert.equal(daysIn({ first: '2026-02-28', last: '2026-03-01' }), 2);
    const { from, to } = boundsOf({ first: '2026-10-25', last: '2026-10-25' }, 'Europe/Berlin');
    assert.equal(to - from, 25 * 3_600_000);
});

const TABLE = { columns: [{ title: 'a "b"', kind: 'text' }, { title: 'n', kind: 'number' }, { title: 's', kind: 'share' }], rows: [['=1+1', 3, 0.25], ['<鄂A & "x">\u0001\u202e', null, null], ['a,\r\nb', -4, 0]] };

test('CSV: a byte order mark, quotation marks, no formula', () => {
    assert.equal(toCsv(TABLE), '\ufeff"a ""b""","n","s"\r\n"\'=1+1","3","0.25"\r\n"<鄂A & ""x"">\u0001\u202e","",""\r\n"a,\r\nb","-4","0"\r\n');
});

test('a workbook is read by others as it was made: texts as texts, numbers as numbers', () => {
    const reader = `
import io, sys, zipfile, xml.etree.ElementTree as xml
z = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert z.testzip() is None
[xml.fromstring(z.read(name)) for name in z.namelist()]
n = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
assert xml.fromstring(z.read("xl/workbook.xml")).find(f"{n}sheets/{n}sheet").get("name") == "各 类 型"
for row in xml.fromstring(z.read("xl/worksheets/sheet1.xml")).iter(n + "row"):
    print([(c.get("r"), c.get("t"), c.findtext(f"{n}v") or c.findtext(f"{n}is/{n}t")) for c in row])`;
    const told = execFileSync('python3', ['-c', reader], { input: toXlsx(TABLE, '各/类:型'), encoding: 'utf8', env: { ...process.env, PYTHONIOENCODING: 'utf-8' } });
    assert.deepEqual(told.trim().split('\n'), [
        "[('A1', 'inlineStr', 'a \"b\"'), ('B1', 'inlineStr', 'n'), ('C1', 'inlineStr', 's')]", "[('A2', 'inlineStr', '=1+1'), ('B2', None, '3'), ('C2', None, '0.25')]",
        "[('A3', 'inlineStr', '<鄂A & \"x\">\ufffd\\u202e')]", "[('A4', 'inlineStr', 'a,\\nb'), ('B4', None, '-4'), ('C4', None, '0')]",
    ]);
    assert.deepEqual(toXlsx(TABLE, 'x'), toXlsx(TABLE, 'x'));
    const wide = { columns: Array.from({ length: 28 }, (_, i) => ({ title: `c${i}`, kind: 'text' })), rows: [] };
    assert.ok(new TextDecoder().decode(toXlsx(wide, '')).includes('r="AB1"'));
});

test('tables: all hours, shares of all, nothing of nothing, names beside numbers', () => {
    assert.equal(shareOf(0, 0), null);
    const told = { items: [{ value: '22', alerts: 3 }], counts: { total: 3 } };
    assert.deepEqual(byHour(told, WORDS).rows.filter(([, n]) => n > 0), [['22:00', 3]]);
    assert.equal(byHour(told, WORDS).rows.length, 24);
    assert.deepEqual(byValue('kind', { items: [{ value: 'spill', alerts: 3 }, { value: '', alerts: 1 }], counts: { total: 4 } }, WORDS, (v) => v.toUpperCase()).rows, [['SPILL', 3, 0.75], ['stats.without', 1, 0.25]]);
    const step = { in_time: 3, late: 1, pending: 2 }, none = { in_time: 0, late: 0, pending: 0 };
    assert.deepEqual(onTime([['all', { on_time: { acknowledge: step, handle: none, close: none } }], ['old', {}]], WORDS).rows, [['all', 'stats.acknowledge', 3, 1, 2, 0.75], ['all', 'stats.handle', 0, 0, 0, null], ['all', 'stats.close', 0, 0, 0, null]]);
    const many = { items: [{ value: '', alerts: 99 }, ...Array.from({ length: 12 }, (_, i) => ({ value: `v${i}`, alerts: 12 - i }))] };
    assert.deepEqual(topVehicles(many, WORDS, new Map([['v0', { plate: 'P' }]])).rows.map((row) => row[2]), Array.from({ length: 10 }, (_, i) => `v${i}`));
});

test('false alarms: of what was reviewed, the most first; what nobody reviewed is not there', () => {
    const told = { items: [{ value: 'a', alerts: 10, approved: 1, rejected: 1 }, { value: 'b', alerts: 9, approved: 0, rejected: 3 }, { value: 'c', alerts: 8, approved: 0, rejected: 0 }, { value: '', alerts: 7, approved: 0, rejected: 1 }, { value: 'old', alerts: 7 }] };
    assert.deepEqual(falseAlarms('fence', told, WORDS, (v) => v.toUpperCase()).rows, [['B', 9, 3, 3, 1], ['stats.without', 7, 1, 1, 1], ['A', 10, 2, 1, 0.5]]);
    assert.deepEqual(byReason({ items: [{ value: '', alerts: 9 }, { value: '重复', alerts: 2 }] }, WORDS).rows, [['重复', 2]]);
    assert.deepEqual(byPerson({ items: [{ value: 'dan', alerts: 10, hours: 3, most: 7 }, { value: '', alerts: 1 }] }, WORDS).rows, [['dan', 10, 3, 3.3, 7]]);
});

test('a moment that clocks of the city show; of an hour that comes twice the first', () => {
    assert.equal(momentOf('2026-05-08T22:01:59', 'Asia/Shanghai'), 1778248919000);
    assert.equal(momentOf('2026-05-08 22:01:59', 'Asia/Shanghai'), 1778248919000);
    assert.equal(momentOf('2026-10-25T02:30', 'Europe/Berlin'), Date.UTC(2026, 9, 25, 0, 30));
    assert.equal(momentOf('2026-07-01T00:00', 'Europe/Berlin'), Date.UTC(2026, 5, 30, 22));
    assert.deepEqual(['', null, '2026-02-30T01:00', '2026-05-08T24:00', '2026-05-08x22:01'].map((text) => momentOf(text, 'Asia/Shanghai')), [null, null, null, null, null]);
});
