/*
 * paper_frame: what every paper has: which there are, what is chosen, a heading that says what it is, of which span, in which time zone, and the
 * button to print. On paper the heading stands on the first page, title, zone and page numbers on each (style_paper.css; `--title` and `--zone` are theirs).
 */
import { dateTime } from '../core/zone.js';
import { el, say, set, show } from './dom.js';

/* A text as CSS wants it between quotation marks. */
const inQuotes = (text) => `"${text.replace(/["\\]/g, '\\$&').replace(/[\n\r\f]/g, ' ')}"`;

function linkTo(paper, app, current) {
    const at = app.address.get('at');
    return el('a', { href: `?of=${paper}${at === null ? '' : `&at=${at}`}`, 'aria-current': paper === current ? 'page' : null }, app.words.t(`paper.${paper}`));
}

export function makePaperFrame(root, app, papers, current) {
    const { t } = app.words;
    const controls = el('div.controls'), about = el('p.about_span'), scope = el('p.small'), body = el('main.sheets'), said = el('p.said', { role: 'alert', hidden: true });
    const heading = el('h1', {}, t(`paper.${current}`));
    root.replaceChildren(
        el('header.paper_top', {}, el('a.home', { href: './' }, t('app.title')), el('nav', { 'aria-label': t('paper.label') }, ...papers.map((paper) => linkTo(paper, app, current))), el('span.stretch'),
            el('button.strong', { type: 'button', onclick: () => globalThis.print() }, t('paper.print')),
            el('button.quiet', { type: 'button', lang: app.words.language === 'en' ? 'zh-CN' : 'en', onclick: () => app.do.otherLanguage() }, t('top.other_language'))),
        el('div.paper_about', {}, heading, about, scope, controls, said), body);

    return {
        controls,
        body,
        /* What this is of, in words; it stands on each page that is printed. */
        about(span) {
            const districts = app.session.jurisdictions, companies = app.session.companies;
            say(about, t('paper.about', { span, zone: app.zone }));
            say(scope, t('paper.made', { who: app.session.user, role: app.words.word('role', app.session.role), time: dateTime(app.now(), app.zone), scope: [...districts, ...companies].join(', ') || t('paper.all') }));
            document.title = `${t(`paper.${current}`)} ${span}`;
            document.documentElement.style.setProperty('--title', inQuotes(`${t(`paper.${current}`)} · ${span}`));
            document.documentElement.style.setProperty('--zone', inQuotes(t('paper.zone', { zone: app.zone })));
            document.documentElement.style.setProperty('--of', inQuotes(' / '));
        },
        tell(text) {
            say(said, text);
            show(said, text !== '');
        },
        busy: (on) => set(body, 'aria-busy', String(on)),
    };
}
