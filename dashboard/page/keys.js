/*
 * keys: the page by keyboard. Single letters act only where nobody is typing; what may be done to the chosen alert has the letter on its button.
 */
export const KEYS = [['J K ↑ ↓', 'keys.move'], ['← →', 'keys.fold'], ['␣', 'keys.mark'], ['U', 'keys.first'], ['M', 'keys.map'], ['T', 'keys.replay'], [', .', 'keys.step'], ['< >', 'keys.replay_mark'], ['[ ]', 'keys.replay_rate'], ['/', 'keys.search'], ['Esc', 'keys.close'], ['Ctrl ↵', 'keys.send'], ['?', 'keys.title']];

const types = (element) => ['INPUT', 'TEXTAREA', 'SELECT'].includes(element?.tagName) || element?.isContentEditable === true;

function step(app, by) {
    const items = app.views.list.items(), at = items.findIndex((item) => item.id === app.selected);
    const item = items[Math.max(0, Math.min(items.length - 1, at < 0 ? 0 : at + by))];
    if (item !== undefined)
        app.do.select(item.id);
}

export function listenToKeys(app) {
    const played = (act) => () => { if (app.replay !== null) act(app.do.replay); };
    const keys = {
        ' ': played((replay) => replay.toggle()), ',': played((replay) => replay.step(-1)), '.': played((replay) => replay.step(1)),
        '<': played((replay) => replay.mark(-1)), '>': played((replay) => replay.mark(1)), '[': played((replay) => replay.faster(-1)), ']': played((replay) => replay.faster(1)),
        t: () => (app.state.alerts.get(app.selected)?.vehicle ? app.do.replay.ofAlert(app.state.alerts.get(app.selected)) : app.do.askReplay()),
        j: () => step(app, 1), k: () => step(app, -1), u: () => app.do.firstUntouched(), m: () => app.do.showPlace(), '/': () => app.views.filters.focusPlate(), '?': () => app.do.keys(),
    };
    addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector('dialog[open]') !== null)
            return;
        if (event.key === 'Escape') {
            if (app.views.actions.escape()) /* one thing at a time: what was opened last */
                return;
            if (types(document.activeElement))
                document.activeElement.blur();
            else if (app.replay !== null)
                app.do.replay.close();
            else if (app.selected !== null)
                app.do.select(null);
            return;
        }
        if (types(event.target))
            return;
        const key = event.key.toLowerCase();
        if (Object.hasOwn(keys, key))
            keys[key]();
        else if (!app.views.actions.key(key))
            return;
        event.preventDefault();
    });
}
