/* place_menu: a place that was asked for with the right button, to be copied. Over plain http a page may not copy, so it stands there to be marked. */
import { el, show } from './dom.js';

export function showPlaceMenu(box, app, [lon, lat], { x, y }) {
    const { t } = app.words, text = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
    const close = () => show(box, false);
    const copy = el('button.strong', { type: 'button' }, t('map.copy')), field = el('input', { type: 'text', value: text, 'aria-label': t('map.copy') });
    field.readOnly = true;
    copy.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(text);
        } catch {
            field.select();
            document.execCommand('copy');
        }
        app.say(t('detail.copied'));
        close();
    });
    box.replaceChildren(field, copy, el('button', { type: 'button', onclick: close }, t('keys.done')));
    box.style.left = `${x}px`;
    box.style.top = `${y}px`;
    show(box, true);
    field.select();
}
