/*
 * detail: one alert, on the right: what, who, where, since when, by how much, against what; then what this person may do about it now; then how
 * the vehicle is, what else it has, and what happened. Parts that are drawn anew do not touch what is being typed.
 */
import { isOverdue, isShelved, lasted, nameOf, placeOf } from '../core/alert.js';
import { dateTime } from '../core/zone.js';
import { aboutOf } from './about.js';
import { makeAsked } from './asked.js';
import { el, mark, say, set, show } from './dom.js';
import { historyOf } from './history.js';
import { vehicleNow } from './vehicle_now.js';

/* What the engine asks of a kind, without its thresholds (about.js has them); of a kind of a newer tracker nothing. */
function ruleOf(a, words) {
    const rule = words.word('rule', a.kind);
    return rule === a.kind ? '' : rule;
}

/* Rows of what is known; those without a text are left out. */
function factsOf(a, c, words) {
    const { t, word } = words, place = placeOf(a);
    const due = a.work.due === undefined || a.work.state === 'closed' ? '' : `${dateTime(a.work.due, c.zone)} · ${isOverdue(a, c.now) ? t('detail.due_past', { span: words.span(c.now - a.work.due) }) : t('detail.due_left', { span: words.span(a.work.due - c.now) })}`;
    return [
        ['detail.where', c.placeOf(a)],
        ['detail.jurisdiction', a.jurisdiction],
        ['detail.since', a.start === undefined ? '' : dateTime(a.start, c.zone)],
        ['detail.ended', a.end === undefined ? '' : `${dateTime(a.end, c.zone)}${a.reason ? ` · ${word('reason', a.reason)}` : ''}`],
        ['detail.lasts', a.start === undefined ? '' : `${words.span(lasted(a, c.dataNow))} · ${word('condition', a.condition)}`],
        ['detail.value', words.measure(a)],
        ['detail.rule', ruleOf(a, words)],
        ['detail.company', a.company],
        ['detail.cause', a.cause ? word('cause', a.cause) : ''],
        ['detail.permit', a.permit],
        ['detail.permit_why', a.why ? word('why', a.why) : ''],
        ['detail.permit_near', a.near_permit],
        ['detail.department', a.department],
        ['detail.event_code', a.event_code],
        ['detail.repeat', a.repeat === undefined ? '' : t('detail.repeat_n', { n: a.repeat })],
        ['detail.error', a.error === undefined ? '' : `${a.error} ${word('unit', 'm')}`],
        ['detail.assignee', a.work.assignee],
        ['detail.acknowledged_by', a.work.acknowledged_by],
        ['detail.duplicate_of', a.work.duplicate_of],
        ['detail.due', due],
        ['detail.place_numbers', place === undefined ? '' : `${place.lat.toFixed(6)}, ${place.lon.toFixed(6)}`],
    ].filter(([, text]) => text !== undefined && text !== '');
}

function drawFacts(list, facts, words) {
    const key = JSON.stringify(facts);
    if (list.dataset.key === key)
        return;
    list.dataset.key = key;
    list.replaceChildren(...facts.flatMap(([name, text]) => [el('dt', {}, words.t(name)), el('dd', {}, text)]));
}

function drawOthers(root, others, app, c) {
    const { words } = app, key = others.map((a) => `${a.id}${a.rev}${a.work.rev}`).join();
    if (root.dataset.key === key)
        return;
    root.dataset.key = key;
    show(root, others.length > 0);
    root.replaceChildren(el('h3', {}, words.t('detail.others')), el('ul.plain', {}, ...others.slice(0, 20).map((a) => el('li', {},
        el('button.link', { type: 'button', onclick: () => app.do.select(a.id) }, mark(a.severity, words.word('severity', a.severity)), ` ${words.word('kind', a.kind)} · ${a.start === undefined ? '' : dateTime(a.start, c.zone)} · ${words.word('state', a.work.state)}`)))));
}

/* What a phone's own maps take. */
function drawWay(link, place) {
    set(link, 'href', place === undefined ? null : `geo:${place.lat.toFixed(6)},${place.lon.toFixed(6)}?q=${place.lat.toFixed(6)},${place.lon.toFixed(6)}`);
    show(link, place !== undefined);
}

export function makeDetail(root, app, actions) {
    const { words } = app, { t } = words;
    const none = el('p.empty', {}, t('detail.none'));
    /* Marks that turn text end where the name does. */
    const name = el('bdi'), kind = el('span'), heading = el('h2', { tabIndex: -1 }, name, kind), badge = el('span.badge'), state = el('span.work'), sentence = el('p.sentence');
    const facts = el('dl.facts'), about = el('section.about_permits'), vehicle = el('section.now'), others = el('section.others'), month = el('p.month'), history = el('section.history');
    const title = el('div.title');
    const asked = makeAsked(app), way = el('a.quiet', {}, t('detail.way'));
    const body = el('div.about', { hidden: true },
        el('div.head', {}, title, el('button.close', { type: 'button', 'aria-label': t('detail.close'), title: t('detail.close'), onclick: () => app.do.select(null) }, '×')),
        el('div.states', {}, badge, state), sentence, actions.root,
        el('div.tools', {},
            el('button.quiet.needs_map', { type: 'button', onclick: () => app.do.showPlace() }, t('detail.show')),
            way,
            el('button.quiet.needs_map', { type: 'button', onclick: () => app.do.replay.ofAlert(app.state.alerts.get(app.selected)) }, t('replay.open'), el('kbd', { 'aria-hidden': 'true' }, 'T')),
            el('button.quiet', { type: 'button', onclick: (event) => app.do.copyPlace(event.target) }, t('detail.copy'))),
        asked.root, facts, about, vehicle, others, month, history);
    let shape = '';
    title.append(el('span.shape'), heading);
    root.setAttribute('aria-label', t('detail.label'));
    root.replaceChildren(none, body);

    return {
        focus: () => heading.focus(),
        /* `more`: what was asked for about it: {history, vehicle, month}, each {value} or {why}. */
        draw({ alert: a, c, more, others: rest, session }) {
            show(none, a === undefined);
            show(body, a !== undefined);
            if (a === undefined)
                return;
            if (shape !== a.severity)
                title.firstChild.replaceChildren(mark(a.severity));
            shape = a.severity;
            say(name, nameOf(a));
            say(kind, ` · ${words.word('kind', a.kind)}`);
            say(badge, words.word('severity', a.severity));
            badge.className = `badge ${a.severity}`;
            say(state, `${words.word('state', a.work.state)}${isShelved(a, c.now) ? ` · ${t('card.until', { time: dateTime(a.work.until, c.zone) })}` : ''}`);
            set(state, 'data-state', a.work.state);
            say(sentence, words.sentence(a));
            drawWay(way, placeOf(a));
            actions.draw({ alert: a, c, session });
            drawFacts(facts, factsOf(a, c, words), words);
            asked.draw(more.asked);
            aboutOf(about, more.about, a, app, more.vehicle?.value?.haul ?? null);
            vehicleNow(vehicle, more.vehicle, app, c);
            drawOthers(others, rest, app, c);
            say(month, more.month?.value === undefined ? '' : `${t('detail.month')}: ${t('detail.month_n', more.month.value)}${more.month.value.kinds.slice(0, 6).map((one) => ` · ${words.word('kind', one.value)} ${one.alerts}`).join('')}`);
            historyOf(history, more.history, app, c);
        },
    };
}
