/* What is asked of alerts, cards, filters and the store: docs/DISPATCH.md says the same of the gateway. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import * as alert from '../../dashboard/page/core/alert.js';
import { callOf } from '../../dashboard/page/core/attention.js';
import { cardsOf, hiddenBy, rowsOf } from '../../dashboard/page/core/cards.js';
import { emptyFilter, isEmpty, matcher, queryFor, readFilter, valuesOf, writeFilter } from '../../dashboard/page/core/filters.js';
import { ALERTS, apply, changesOf, countAll, emptyState, toDo, VEHICLES } from '../../dashboard/page/core/store.js';
import { watchSteps } from '../../dashboard/page/core/shift.js';
import { bodyOf, NEEDED, newRequest, offered } from '../../dashboard/page/core/work.js';

const NOW = 1_800_000_000_000;
let number = 0;
function an(change = {}) {
    const { work, ...rest } = change;
    return { id: `a${String(number++).padStart(3, '0')}`, rev: 1, kind: 'spill', severity: 'minor', vehicle: 'v1', plate: '鄂T 10003', start: NOW - 60_000, condition: 'active', work: { state: 'open', rev: 0, ...work }, ...rest };
}

test('to do: what ends stays, what was withdrawn untouched goes, what is shelved comes back by itself', () => {
    assert.ok(alert.isToDo(an({ condition: 'ended' }), NOW));
    assert.ok(!alert.isToDo(an({ condition: 'withdrawn' }), NOW));
    assert.ok(alert.isToDo(an({ condition: 'withdrawn', work: { state: 'assigned', rev: 2 } }), NOW));
    assert.ok(!alert.isToDo(an({ work: { state: 'closed', rev: 5 } }), NOW));
    const shelved = an({ work: { until: NOW + 1 } });
    assert.ok(!alert.isToDo(shelved, NOW) && alert.isToDo(shelved, NOW + 1));
    assert.ok(!alert.isOverdue(an({ work: { due: NOW } }), NOW) && alert.isOverdue(an({ work: { due: NOW } }), NOW + 1));
});

test('order: untouched first, then the worst, then the newest', () => {
    const touched = an({ severity: 'critical', work: { state: 'acknowledged', rev: 1 } });
    const old = an({ severity: 'major', start: 1 }), fresh = an({ severity: 'major', start: 2 }), minor = an(), critical = an({ severity: 'critical' });
    assert.deepEqual([touched, old, minor, fresh, critical].sort(alert.compare), [critical, fresh, old, minor, touched]);
});

test('a kind and a severity of a newer tracker are listed, last', () => {
    const strange = an({ kind: 'singing', severity: 'cosmic' }), minor = an();
    assert.deepEqual([strange, minor].sort(alert.compare), [minor, strange]);
    assert.equal(countAll(stateWith(strange), NOW).toDo, 1);
});

test('flags tell the worst that goes on', () => {
    assert.deepEqual([0, 1 << 11, 2 << 11, 3 << 11].map((f) => alert.severityOfFlags(f | 1)), ['', 'minor', 'major', 'critical']);
});

function stateWith(...alerts) {
    const state = emptyState();
    apply(state, { type: 'page', items: alerts, last: true });
    return state;
}

test('the later of two tellings stands, in whichever order they come', () => {
    const first = an({ rev: 1 }), second = { ...first, rev: 2, severity: 'critical' }, worked = { ...second, work: { state: 'acknowledged', rev: 1 } };
    for (const order of [[first, second, worked], [worked, first, second], [second, worked, first]]) {
        const state = emptyState();
        order.forEach((a) => apply(state, { type: 'alert', alert: a }));
        assert.deepEqual(state.alerts.get(first.id), worked);
    }
});

test('closed ones go, but for the one that is looked at', () => {
    const a = an(), state = stateWith(a), closed = { ...a, work: { state: 'closed', rev: 4 } };
    apply(state, { type: 'keep', id: a.id });
    apply(state, { type: 'alert', alert: closed });
    assert.equal(state.alerts.get(a.id).work.state, 'closed');
    apply(state, { type: 'keep', id: null });
    assert.equal(state.alerts.size, 0);
});

test('an action of before is not taken, one of an unknown alert neither', () => {
    const a = an({ work: { state: 'assigned', rev: 3 } }), state = stateWith(a);
    assert.equal(apply(state, { type: 'work', id: a.id, work: { state: 'open', rev: 2 } }), 0);
    assert.equal(apply(state, { type: 'work', id: 'none', work: { state: 'open', rev: 9 } }), 0);
    assert.equal(apply(state, { type: 'work', id: a.id, work: { state: 'handled', rev: 4 } }), ALERTS);
    assert.equal(state.alerts.get(a.id).work.state, 'handled');
});

test('an answer has state and rev alone: it does not take away what the event of the same action has told', () => {
    const a = an(), shelved = { state: 'open', rev: 1, until: NOW + 5 };
    for (const order of [['work', 'answered'], ['answered', 'work']]) {
        const state = stateWith(a);
        order.forEach((type) => apply(state, { type, id: a.id, work: type === 'work' ? shelved : { state: 'open', rev: 1 } }));
        assert.deepEqual(state.alerts.get(a.id).work, shelved);
    }
    const state = stateWith(a);
    apply(state, { type: 'answered', id: a.id, work: { state: 'acknowledged', rev: 1 } });
    assert.equal(state.alerts.get(a.id).work.state, 'acknowledged');
});

test('events become changes; those of a newer gateway nothing', () => {
    const state = stateWith(), a = an();
    changesOf('alert', a).forEach((c) => apply(state, c));
    changesOf('action', { id: a.id, action: {}, work: { state: 'acknowledged', rev: 1 } }).forEach((c) => apply(state, c));
    assert.equal(state.alerts.get(a.id).work.state, 'acknowledged');
    changesOf('alert', { id: a.id, gone: true }).forEach((c) => apply(state, c));
    assert.equal(state.alerts.size, 0);
    assert.deepEqual(changesOf('weather', {}), []);
    assert.equal(apply(state, { type: 'constructor' }), 0);
});

const row = (id, time, more = []) => [id, 30, 112, 10, 90, time, 3, ...more];

test('vehicles keep plate and class, which moves do not tell; who is not told of anew goes with the next beat but one', () => {
    const state = emptyState();
    apply(state, { type: 'snapshot', snapshot: { vehicles: { items: [row('v1', 5, ['鄂A', 'x', 'sweeper']), row('v2', 6, ['鄂B', 'x', 'muck_truck'])], truncated: false }, alerts: { items: [], truncated: false }, shift: null, world: null } });
    assert.equal(apply(state, { type: 'moves', moves: [row('v1', 9), row('v3', 9)], gone: [], whole: true }), VEHICLES);
    assert.equal(state.vehicles.get('v1').plate, '鄂A');
    assert.deepEqual([...state.unnamed], ['v3']);
    assert.equal(state.vehicles.size, 3);
    changesOf('beat', { now: 1 }).forEach((c) => apply(state, c));
    assert.deepEqual([...state.vehicles.keys()], ['v1', 'v3']);
    apply(state, { type: 'names', items: [row('v3', 9, ['鄂C', 'y', 'washer'])] });
    assert.equal(state.vehicles.get('v3').class, 'washer');
    apply(state, { type: 'moves', moves: [], gone: ['v3'], whole: false });
    assert.equal(state.vehicles.size, 1);
});

test('one unit whose clock is ahead does not move the time of the city', () => {
    const state = emptyState();
    apply(state, { type: 'moves', moves: [row('a', 100), row('b', 101), row('c', 99_999_999), row('d', 102), row('e', null)], gone: [], whole: false });
    assert.equal(state.newest, 101);
});

test('told anew, the alert that is looked at stays, unsure until it is told of as well', () => {
    const state = emptyState(), kept = an(), other = an(), snapshot = (...items) => ({ vehicles: { items: [], truncated: false }, alerts: { items, truncated: false }, shift: null, world: null });
    [kept, other].forEach((alert) => apply(state, { type: 'alert', alert }));
    apply(state, { type: 'keep', id: kept.id });
    apply(state, { type: 'snapshot', snapshot: snapshot() });
    assert.deepEqual([...state.alerts.keys()], [kept.id]);
    assert.equal(state.alerts.get(kept.id).unsure, true);
    apply(state, { type: 'page', items: [kept], last: true });
    assert.equal(state.alerts.get(kept.id).unsure, undefined);
});

test('counts are of everything', () => {
    const state = stateWith(an({ severity: 'critical' }), an({ severity: 'critical', work: { state: 'assigned', rev: 2, due: NOW - 1 } }), an({ work: { until: NOW + 5 } }));
    const counts = countAll(state, NOW);
    assert.deepEqual([counts.toDo, counts.untouched, counts.untouchedCritical, counts.overdue, counts.shelved, counts.severity.critical], [2, 1, 1, 1, 1, 2]);
    assert.equal(toDo(state, NOW)[0].severity, 'critical');
    const first = toDo(state, NOW)[0];
    apply(state, { type: 'alert', alert: { ...first, rev: first.rev + 1, severity: 'minor', work: { state: 'assigned', rev: 9 } } });
    assert.notEqual(toDo(state, NOW)[0].id, first.id, 'the order is made anew when one is told of');
    apply(state, { type: 'alert', alert: { ...first, rev: first.rev + 2, work: { state: 'open', rev: 10 } } });
    assert.equal(toDo(state, NOW)[0].id, first.id);
});

test('a truck\'s alerts of one haul are one card, led by the first in order; without a haul each is its own', () => {
    const lead = an({ severity: 'critical', trip: 't' }), other = an({ trip: 't' }), elsewhere = an({ trip: 't', vehicle: 'v2' }), alone = an(), alone2 = an();
    const cards = cardsOf([other, alone, lead, elsewhere, alone2]);
    assert.equal(cards.length, 4);
    assert.deepEqual([cards[0].lead, cards[0].others], [lead, [other]]);
    assert.deepEqual(rowsOf(cards, new Set([cards[0].key])).map((r) => r.level), [1, 2, 1, 1, 1]);
});

test('what a filter hides is counted, untouched criticals apart', () => {
    const alerts = [an({ severity: 'critical' }), an({ severity: 'critical', work: { state: 'assigned', rev: 1 } }), an()];
    assert.deepEqual(hiddenBy(alerts, (a) => a.severity === 'minor'), { all: 2, critical: 1 });
});

const context = { now: NOW, user: 'dan', vehicles: new Map([['v1', { class: 'sweeper' }]]) };
const fits = (filter, a) => matcher({ ...emptyFilter(), ...filter }, context)(a);

test('filters: plate parts whatever their writing, districts with what is below, mine, overdue, shelved', () => {
    assert.ok(fits({ plate: 't1000' }, an()) && fits({ plate: '鄂T·100-03' }, an()) && !fits({ plate: '9' }, an()));
    assert.ok(fits({ plate: 'V1' }, an({ plate: '' })));
    assert.ok(fits({ plate: 'kitchen7' }, an({ plate: undefined, vehicle: undefined, duty: 'Kitchen-7' })), 'of a duty that nobody did');
    assert.ok(fits({ jurisdiction: ['市'] }, an({ jurisdiction: '市/东' })) && !fits({ jurisdiction: ['市/东'] }, an({ jurisdiction: '市/东湖' })));
    assert.ok(fits({ mine: true }, an({ work: { assignee: 'dan' } })) && !fits({ mine: true }, an({ work: { assignee: 'eve' } })));
    assert.ok(fits({ overdue: true }, an({ work: { due: NOW - 1 } })) && !fits({ overdue: true }, an()));
    assert.ok(fits({ view: 'shelved' }, an({ work: { until: NOW + 1 } })) && !fits({ view: 'shelved' }, an()));
    assert.ok(fits({ view: 'active' }, an()) && !fits({ view: 'active' }, an({ condition: 'ended' })));
    assert.ok(fits({ class: ['sweeper'] }, an()) && !fits({ class: ['washer'] }, an()) && fits({ state: ['open'], kind: ['spill', 'x'] }, an()));
    assert.deepEqual(valuesOf([an(), an({ kind: 'x' }), an()], 'kind', context.vehicles), [['spill', 2], ['x', 1]]);
});

test('the address bar says the filter, keeps what is not its own, and is anybody\'s text', () => {
    const filter = { ...emptyFilter(), severity: ['critical', 'major'], company: ['A & B=1'], mine: true, plate: '鄂T', view: 'active' };
    const search = writeFilter(filter, 'lang=en&severity=minor');
    assert.deepEqual(readFilter(search), filter);
    assert.equal(new URLSearchParams(search).get('lang'), 'en');
    assert.ok(isEmpty(readFilter('severity=cosmic&view=x&mine=yes&kind=')));
    assert.ok(readFilter(`plate=${'x'.repeat(999)}&${'kind=a&'.repeat(9)}`).plate.length === 64);
});

test('a sheet has the filters of the list, by the names of the gateway', () => {
    const contract = fs.readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8');
    const part = contract.slice(contract.indexOf('operationId: export_violations_csv'), contract.indexOf('operationId: export_violations_xlsx'));
    const query = queryFor({ ...emptyFilter(), mine: true, overdue: true, view: 'active', class: ['x'], kind: ['spill'] }, 'dan');
    assert.deepEqual([query.assignee, query.overdue, query.condition, query.to_do, query.kind, query.class], ['dan', 'true', 'active', 'true', ['spill'], undefined]);
    for (const name of Object.keys({ ...query, ...queryFor({ ...emptyFilter(), view: 'shelved' }, 'dan') }))
        assert.ok(part.toLowerCase().replace(/_/g, '').includes(`parameters/${name.replace(/_/g, '')}"`), name);
});

/* By hand, from docs/PROTOCOL.md. */
const MAY = {
    open: { dispatcher: 'acknowledge note shelve duplicate', enforcer: 'acknowledge note shelve duplicate' },
    acknowledged: { dispatcher: 'assign handled note shelve duplicate', enforcer: 'assign handled reject note shelve duplicate' },
    assigned: { dispatcher: 'assign handled note shelve duplicate', enforcer: 'assign handled reject note shelve duplicate' },
    handled: { dispatcher: 'assign close note shelve duplicate', enforcer: 'assign approve reject close note shelve duplicate' },
    reviewed: { dispatcher: 'close note shelve duplicate reopen', enforcer: 'close note shelve duplicate reopen' },
    closed: { dispatcher: 'note reopen', enforcer: 'note reopen' },
};
test('what is offered is the protocol\'s table, by role and state', () => {
    for (const [state, roles] of Object.entries(MAY)) {
        for (const [role, names] of Object.entries(roles))
            assert.equal(offered(an({ work: { state } }), role, false).map((r) => r.action).join(' '), names, `${state} ${role}`);
        assert.deepEqual(offered(an({ work: { state } }), 'viewer', false), []);
        assert.deepEqual(offered(an({ work: { state } }), 'nobody known', false), []);
    }
    assert.ok(offered(an({ condition: 'withdrawn', work: { state: 'assigned' } }), 'dispatcher', false).some((r) => r.action === 'close'));
    assert.ok(offered(an(), 'dispatcher', true).some((r) => r.action === 'unshelve'));
});

test('what an action needs is what the gateway refuses it without', () => {
    const desk = fs.readFileSync(new URL('../../tracker/dispatch/desk/desk_request.c', import.meta.url), 'utf8');
    for (const [, action, bits] of desk.matchAll(/\[DESK_([A-Z]+)\] = \{[^,]*, ([A-Z()| ]+)\}/g)) {
        const wanted = [...bits.matchAll(/BIT\(([A-Z]+)\)/g)].map((m) => m[1].toLowerCase()).filter((name) => !['verdict', 'until'].includes(name));
        assert.deepEqual(NEEDED[action.toLowerCase()] ?? [], wanted, action);
    }
});

test('a body has what was typed, and no more', () => {
    const reject = offered(an({ work: { state: 'handled' } }), 'admin', false).find((r) => r.action === 'reject');
    assert.deepEqual(bodyOf(reject, 3, 'r', { reason: ' 重复 ', why: '', to: 'x' }), { action: 'review', verdict: 'reject', rev: 3, request: 'r', reason: '重复' });
    assert.match(newRequest(), /^[0-9a-f]{32}$/);
    assert.notEqual(newRequest(), newRequest());
});

test('the watch: who may take, offer, accept and take back', () => {
    const steps = (shift, user = 'dan', role = 'dispatcher') => watchSteps(shift, user, role).map((s) => s.event).join(' ');
    assert.equal(steps({ on: null }), 'take');
    assert.equal(steps({ on: 'dan' }), 'offer');
    assert.equal(steps({ on: 'dan', to: 'eve' }), 'cancel');
    assert.equal(steps({ on: 'eve', to: 'dan' }), 'accept');
    assert.deepEqual(watchSteps({ on: 'eve' }, 'dan', 'admin'), [{ event: 'take', asks: ['why'] }]);
    assert.equal(steps({ on: null }, 'vera', 'viewer') + steps(null), '');
});

test('what calls: untouched and to do, the worst; criticals always', () => {
    const settings = { least: 'major', quiet: [22, 6], hushedUntil: 0 };
    const major = an({ severity: 'major' }), critical = an({ severity: 'critical' });
    assert.equal(callOf([an(), major, critical], settings, NOW, 23), 'critical');
    assert.equal(callOf([an(), major], settings, NOW, 12), 'major');
    assert.equal(callOf([major], settings, NOW, 3), null);
    assert.equal(callOf([major], { ...settings, quiet: null, hushedUntil: NOW + 1 }, NOW, 12), null);
    assert.equal(callOf([an()], settings, NOW, 12), null);
    assert.equal(callOf([{ ...critical, work: { state: 'acknowledged', rev: 1 } }], settings, NOW, 12), null);
    assert.equal(callOf([{ ...critical, work: { ...critical.work, until: NOW + 1 } }], settings, NOW, 12), null);
});
