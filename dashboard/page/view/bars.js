/* bars: what must not be overlooked, across the page: no data, no sound, a filter that hides something. Each is there while it holds. */
import { el, say, show } from './dom.js';

export function makeBars(root, app) {
    const { t } = app.words;
    const cut = el('div.bar.bad', { role: 'alert', hidden: true });
    const lag = el('div.bar.bad', { role: 'alert', hidden: true });
    const sound = el('div.bar.ask', { hidden: true }, el('span', {}, t('bar.sound')), el('button.strong', { type: 'button', onclick: () => app.do.allowSound() }, t('bar.sound_allow')));
    const hiddenText = el('span');
    const hidden = el('div.bar.note', { hidden: true }, hiddenText, el('button', { type: 'button', onclick: () => app.do.showAll() }, t('bar.show_all')));
    const truncated = el('div.bar.note', { hidden: true }, t('bar.truncated'));
    const back = el('div.bar.good', { role: 'status', hidden: true });
    const said = el('div.bar.note', { role: 'status', hidden: true });
    root.replaceChildren(cut, lag, sound, hidden, truncated, back, said);

    return function draw(state) {
        for (const [bar, text] of [[cut, state.cut], [lag, state.lag], [back, state.back], [said, state.said]]) {
            say(bar, text ?? '');
            show(bar, Boolean(text));
        }
        show(sound, state.soundAsks);
        say(hiddenText, state.hidden.critical > 0 ? t('bar.hidden_critical', { n: state.hidden.all, critical: state.hidden.critical }) : t('bar.hidden', { n: state.hidden.all }));
        show(hidden, state.hidden.all > 0);
        hidden.classList.toggle('bad', state.hidden.critical > 0);
        show(truncated, state.truncated);
    };
}
