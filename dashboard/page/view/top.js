/*
 * top: what must be seen at first glance, whatever is filtered and selected: untouched criticals, what is to do, whether the data is alive,
 * who has the watch.
 */
import { SEVERITIES } from '../core/alert.js';
import { dateTime } from '../core/zone.js';
import { el, mark, say, set, show } from './dom.js';

export function makeTop(root, app) {
    const { t } = app.words;
    const big = el('button.count.critical', { type: 'button', onclick: () => app.do.firstUntouched() }, mark('critical'), el('b'), el('span', {}, t('top.untouched_critical')));
    const severities = Object.fromEntries(SEVERITIES.map((severity) => [severity, el(`button.count.small.${severity}`, { type: 'button', onclick: () => app.do.onlySeverity(severity) }, mark(severity), el('span', {}, app.words.word('severity', severity)), ' ', el('b'))]));
    const toDo = el('span.figure', {}, el('span', {}, t('top.to_do')), el('b'));
    const untouched = el('span.figure', {}, el('span', {}, t('top.untouched')), el('b'));
    const overdue = el('span.figure.overdue', {}, el('span', {}, t('top.overdue')), el('b'));
    const online = el('span.online');
    const feed = el('span.feed', { role: 'status' }, el('i', { 'aria-hidden': 'true' }), el('span'));
    const clock = el('time.clock');
    const offset = el('span.offset');
    const watch = el('button.quiet', { type: 'button', 'aria-haspopup': 'dialog', onclick: () => app.do.watch() });
    const who = el('span.who');
    const papers = el('a.quiet', { href: 'paper.html', target: '_blank', rel: 'noopener' }, t('top.papers'));
    root.replaceChildren(
        el('h1', {}, t('app.title')), big, ...Object.values(severities), toDo, untouched, overdue,
        el('span.stretch'), feed, offset, online, clock, watch, who,
        papers,
        el('button.quiet', { type: 'button', 'aria-haspopup': 'dialog', onclick: () => app.do.sound() }, t('sound.label')),
        el('button.quiet', { type: 'button', 'aria-haspopup': 'dialog', onclick: () => app.do.keys() }, t('top.help')),
        el('button.quiet', { type: 'button', lang: app.words.language === 'en' ? 'zh-CN' : 'en', onclick: () => app.do.otherLanguage() }, t('top.other_language')),
        el('button.quiet', { type: 'button', onclick: () => app.do.signOut() }, t('top.sign_out')));

    function drawCounts(counts) {
        say(big.querySelector('b'), String(counts.untouchedCritical));
        set(big, 'data-any', counts.untouchedCritical > 0);
        for (const severity of SEVERITIES)
            say(severities[severity].querySelector('b'), String(counts.severity[severity]));
        say(toDo.querySelector('b'), String(counts.toDo));
        say(untouched.querySelector('b'), String(counts.untouched));
        say(overdue.querySelector('b'), String(counts.overdue));
        set(overdue, 'data-any', counts.overdue > 0);
        say(online, t('top.online', { n: counts.online, all: counts.vehicles }));
    }

    return function draw({ counts, feedState, feedText, now, zone, shift, session, offsetS }) {
        drawCounts(counts);
        set(feed, 'data-state', feedState);
        say(feed.querySelector('span'), feedText);
        say(clock, dateTime(now, zone));
        set(clock, 'title', zone);
        set(papers, 'href', `paper.html?at=${now - (now % 3_600_000)}`);
        show(offset, Math.abs(offsetS) > 2);
        say(offset, t('feed.offset', { seconds: Math.round(offsetS) }));
        say(watch, shift?.on ? `${t('top.watch')} ${shift.on}${shift.to ? ` → ${shift.to}` : ''}` : t('top.watch_none'));
        say(who, session?.user ?? '');
        set(who, 'title', session === null ? '' : app.words.word('role', session.role));
    };
}
