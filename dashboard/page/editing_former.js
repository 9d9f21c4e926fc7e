/*
 * editing_former: versions of the files that there were. One of them is looked at as a change is: what would be different, then it is put in force, as a
 * version of its own. All files of it come back, those of the fleet too.
 */
import * as book from './core/fence_book.js';
import { newsOf, readFences } from './io/fence_files.js';

export function formerDeeds(app, e, act, redraw) {
    const { t } = app.words;

    return {
        async versions() {
            if (book.isChanged(e.book)) {
                e.told = { text: t('edit.former_changed'), buttons: [['edit.understood', () => { e.told = null; redraw(); }]] };
                redraw();
                return;
            }
            e.pane = 'former';
            e.former = { busy: true };
            redraw();
            try {
                const world = await newsOf(app.api);
                e.former = { now: world.version, versions: [...world.versions].sort((a, b) => b.version - a.version) };
            } catch (error) {
                e.former = { why: error.message };
            }
            redraw();
        },
        async former(version) {
            const result = await app.do.edit.put(true, { version });
            if (result === null)
                return;
            e.checked = { result, touched: new Set(), version };
            redraw();
        },
        /* What is in force then is read anew: undoing back into another version would be no undoing. */
        async restore(version) {
            const result = await app.do.edit.put(false, { version });
            if (result === null)
                return;
            e.checked = { busy: 'save' };
            try {
                const files = await readFences(app.api);
                e.map.converts(files.converted);
                Object.assign(e, { etag: files.etag, version: files.version, selected: null, marked: new Set(), checked: null, told: null, pane: 'list' });
                act.take(book.openBook(files.files));
                app.say(t(result.result === 'in_force' ? 'edit.in_force' : 'edit.asked', { version: result.version ?? '' }));
            } catch (error) {
                e.checked = null;
                e.pane = 'list';
                app.say(error.message);
            }
            redraw();
        },
    };
}
