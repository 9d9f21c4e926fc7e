/* Texts: each key in both languages, none that is missing, none that nobody uses; and what a tracker may tell has words. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LANGUAGES, languageOf, wordsOf } from '../../dashboard/page/core/words.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const page = path.join(root, 'dashboard/page');
/* Those of a first view, and what parts that are loaded later bring: words/PART/LANGUAGE.json. */
const folders = ['', ...fs.readdirSync(path.join(page, 'words'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)];
const textsOf = (folder, name) => JSON.parse(fs.readFileSync(path.join(page, 'words', folder, `${name}.json`), 'utf8'));
const texts = Object.fromEntries(LANGUAGES.map((name) => [name, Object.assign({}, ...folders.map((folder) => textsOf(folder, name)))]));
const sources = fs.readdirSync(page, { recursive: true }).filter((name) => name.endsWith('.js')).map((name) => fs.readFileSync(path.join(page, name), 'utf8'));
const code = sources.join('\n');

/* Keys stand in code as whole texts, as `family.${…}`, or as word('family', …). */
const families = new Set([...code.matchAll(/`([a-z_]+)\.\$\{/g), ...code.matchAll(/word\('([a-z_]+)',/g)].map((m) => m[1]));
const named = new Set([...code.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map((m) => m[1]));

test('both languages have the same keys, and the same names in braces', () => {
    const [zh, en] = LANGUAGES.map((name) => texts[name]);
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
    const braces = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
    for (const key of Object.keys(zh))
        assert.deepEqual(braces(zh[key]), braces(en[key]), key);
});

test('each folder has both languages whole, and no key twice', () => {
    for (const folder of folders)
        assert.deepEqual(Object.keys(textsOf(folder, LANGUAGES[0])).sort(), Object.keys(textsOf(folder, LANGUAGES[1])).sort(), folder);
    for (const name of LANGUAGES)
        assert.equal(Object.keys(texts[name]).length, folders.reduce((sum, folder) => sum + Object.keys(textsOf(folder, name)).length, 0));
});

test('no key is missing', () => {
    const missing = [...code.matchAll(/\bt\('([^']+)'/g)].map((m) => m[1]).filter((key) => !(key in texts.en));
    assert.deepEqual(missing, []);
    const known = [...named].filter((key) => /^(detail|keys|filter|feed|bar|card|list|map|ask|act|signin|sound|top|view)\./.test(key) && !(key in texts.en));
    assert.deepEqual(known, []);
});

test('no key is unused', () => {
    const unused = Object.keys(texts.en).filter((key) => !named.has(key) && !families.has(key.split('.')[0]));
    assert.deepEqual(unused, []);
});

const has = (family, values) => values.filter((value) => LANGUAGES.some((name) => !(`${family}.${value}` in texts[name])));
const read = (name) => fs.readFileSync(path.join(root, name), 'utf8');

test('kinds, units, causes and reasons of the tracker have words', () => {
    const kinds = [...read('tracker/world/kinds.c').matchAll(/\.name = "([a-z_]+)"/g)].map((m) => m[1]);
    assert.ok(kinds.length >= 17);
    assert.deepEqual(has('kind', kinds), []);
    const protocol = read('docs/PROTOCOL.md');
    const listed = (pattern) => [...protocol.match(pattern)[1].matchAll(/`([a-z_/]+)`/g)].map((m) => m[1]);
    assert.deepEqual(has('cause', [...listed(/\| `cause` \|([^|]*)\|/)].filter((c) => c !== 'tamper' && c !== 'no_fix' && c !== 'reason')), []);
    assert.deepEqual(has('reason', listed(/`reason` when closed \(([^)]*)\)/)), []);
    assert.deepEqual(has('why', listed(/why none of the vehicle's permits covers the haul \(([^)]*)\)/)), []);
    const units = [...protocol.matchAll(/\| `(m|km\/h|kg|min|s|m\/s)` \|$/gm)].map((m) => m[1]);
    assert.ok(units.length >= 9);
    assert.deepEqual(has('unit', units), []);
});

test('classes of the sample fleet, states and roles of the contract have words', () => {
    const classes = [...read('fixtures/city/fleet.json').matchAll(/"class": "([a-z_]+)"/g)].map((m) => m[1]);
    assert.deepEqual(has('class', [...new Set(classes)]), []);
    const whole = read('docs/openapi.yaml'), contract = whole.slice(whole.indexOf('\ncomponents:')); /* an answer of its own has states of its own */
    const anEnum = (name) => contract.match(new RegExp(`${name}: \\{enum: \\[([a-z_, ]+)\\]`))[1].split(', ');
    assert.deepEqual(has('state', anEnum('state')), []);
    assert.deepEqual(has('condition', anEnum('condition')), []);
    assert.deepEqual(has('role', anEnum('role')), []);
    assert.deepEqual(has('did', anEnum('action')), []);
});

test('what has no words is shown as it is; braces are filled; spans have their two greatest units', () => {
    const words = wordsOf('en', texts.en);
    assert.equal(words.word('kind', 'singing'), 'singing');
    assert.equal(words.word('kind', 'constructor'), 'constructor');
    assert.equal(words.t('no.such'), 'no.such');
    assert.equal(words.t('bar.hidden', { n: 3 }), '3 to do are hidden by the filter');
    assert.equal(words.span(59_999), '59 s');
    assert.equal(words.span(125_000), '2 min 5 s');
    assert.equal(words.span(26 * 3_600_000), '1 d 2 h');
    assert.equal(words.measure({ value: 1993.8, limit: 40, unit: 'm' }), '1994, limit 40 m');
    assert.equal(words.measure({}), '');
    assert.equal(wordsOf('zh-CN', texts['zh-CN']).sentence({ text_zh: '甲', text_en: 'a', text: '甲 / a' }), '甲');
});

test('the language: what was chosen, else the browser\'s, else Chinese', () => {
    assert.equal(languageOf('en', ['zh']), 'en');
    assert.equal(languageOf('fr', ['fr', 'en-GB', 'zh']), 'en');
    assert.equal(languageOf(null, ['fr']), 'zh-CN');
    assert.equal(languageOf(null, undefined), 'zh-CN');
});
