/* about: how it is judged, by the thresholds of then; which permits the vehicle had, and what each lacked for this; whether its driver was warned. */
import { inOrder, lacksOf, warningsOf } from '../core/permits.js';
import { thresholdsOf } from '../core/rules.js';
import { dateTime, hourMinute } from '../core/zone.js';
import { el, show } from './dom.js';

const PERMITS_MAX = 8;

function permitLine(permit, a, app) {
    const { t, word } = app.words, day = (ms) => dateTime(ms, app.zone).slice(0, 10), name = (fence) => (app.words.tracker === 'en' && fence.name_en) || fence.name || fence.id;
    const lacks = lacksOf(permit, a), dates = permit.valid_from === null && permit.valid_to === null ? '' : `${permit.valid_from === null ? '' : day(permit.valid_from)} – ${permit.valid_to === null ? '' : day(permit.valid_to - 1)}`;
    const way = [permit.sites, permit.routes, permit.disposals].filter((list) => list.length > 0).map((list) => list.slice(0, 3).map(name).join(t('about.and')) + (list.length > 3 ? ` +${list.length - 3}` : '')).join(' → ');
    return el('li', { 'data-lacks': lacks.length > 0 ? 'true' : null }, el('b', {}, permit.id), el('span', {}, lacks.length === 0 ? t('about.fits') : lacks.map((one) => word('lacks', one)).join(' · ')), el('small', {}, [way, dates].filter(Boolean).join(' · ')));
}

function warningLine({ event, at, sent }, app) {
    const { t, word } = app.words, when = (ms) => hourMinute(ms, app.zone);
    return el('li', {}, el('time', {}, when(at)), el('span', {}, word('warning', event)), el('b', {}, sent === null ? t('about.not_sent') : t('about.sent', { time: when(sent) })));
}

function rulePart({ world, rule }, words) {
    if (rule === null)
        return [];
    const { t, word } = words;
    return [
        el('h3', {}, t(world.then ? 'about.rule_then' : 'about.rule_now')), world.then ? null : el('p.not_kept', {}, t('about.not_kept')),
        el('ul.plain.rule', {}, ...thresholdsOf(rule, words).map((text) => el('li', {}, text)), rule.class === '' ? null : el('li', {}, el('small', {}, t('about.rule_class', { class: word('class', rule.class) })))),
    ];
}

/** `told`: {value: {world, rule, permits, warnings}}, {why}, or undefined. */
export function aboutOf(root, told, a, app, haul) {
    const { t } = app.words;
    show(root, told !== undefined);
    const key = told === undefined ? '' : `${a.id} ${a.rev} ${haul?.permit} ${JSON.stringify(told)}`;
    if (told === undefined || root.dataset.key === key)
        return;
    root.dataset.key = key;
    if (told.why !== undefined) {
        root.replaceChildren(el('h3', {}, t('about.permits')), el('p.empty', {}, t('detail.unreachable', { why: told.why })));
        return;
    }
    const permits = inOrder(told.value.permits, a, haul), warnings = warningsOf(told.value.warnings);
    root.replaceChildren(
        ...rulePart(told.value, app.words).filter(Boolean),
        el('h3', {}, t(told.value.world?.then ? 'about.permits_then' : 'about.permits')), permits.length === 0 ? el('p', {}, t('about.no_permits')) : el('ul.plain.permits', {}, ...permits.slice(0, PERMITS_MAX).map((permit) => permitLine(permit, a, app)), permits.length > PERMITS_MAX ? el('li', {}, t('shift.more', { n: permits.length - PERMITS_MAX })) : null),
        el('h3', {}, t('about.warnings')), warnings.length === 0 ? el('p', {}, t('about.no_warnings')) : el('ul.plain.warnings', {}, ...warnings.map((one) => warningLine(one, app))));
}
