/* editing_drawn: what drawing leads to: new fences, fences cut, holes, fences joined, and taken away. */
import { difference, intersection, union } from './vendor/editor.mjs';
import * as book from './core/fence_book.js';
import { circleOf, newFeature, rounded, shapeOfGeometry, withPositions, positionsOf } from './core/fence_shape.js';
import { join, split } from './core/fence_cut.js';

const CLIP = { difference, intersection, union };
const tidy = (geometry) => withPositions(geometry, rounded(positionsOf(geometry)));

export function drawingDeeds(app, e, act, redraw) {
    const { t } = app.words;
    /* New fences are of the kind that was made or looked at last. */
    const kindNow = (shape) => act.now()?.feature.properties?.kind ?? { line: 'route', ring: 'banned', circle: 'wash' }[shape];
    const fileNow = () => act.now()?.file ?? e.book.files[0].name;
    const shifted = (feature) => ({ ...e.map.real(feature) });

    function made(what, positions) {
        const circle = what === 'circle' ? circleOf(positions) : null, kind = kindNow(what);
        const geometry = what === 'line' ? { type: 'LineString', coordinates: rounded(positions) } : circle !== null ? { type: 'Point', coordinates: [circle.lon, circle.lat] } : { type: 'Polygon', coordinates: [rounded(positions)] };
        const key = e.book.nextKey;
        act.take(book.add(e.book, [newFeature(book.freeId(e.book, kind), kind, geometry, circle?.radius)], fileNow()));
        act.select(key, false);
    }
    function exchangeWith(geometries, why) {
        const entry = act.now();
        if (geometries === null || geometries.length === 0) {
            app.say(t(why));
            act.inHand();
            redraw();
            return;
        }
        const from = shifted(entry.feature), fresh = [];
        let next = e.book;
        for (const [i, geometry] of geometries.entries()) {
            const id = i === 0 ? from.id : book.freeId({ list: [...next.list, ...fresh.map((feature) => ({ feature }))] }, String(from.id));
            fresh.push({ ...from, id, geometry: tidy(geometry) });
        }
        const key = e.book.nextKey;
        act.take(book.exchange(next, [entry.key], fresh, entry.file));
        act.select(key, false);
    }
    function hole(positions) {
        const { geometry } = shifted(act.now().feature);
        const before = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
        const after = difference(before, [[positions]]);
        exchangeWith(after.length === 0 ? null : [after.length === 1 ? { type: 'Polygon', coordinates: after[0] } : { type: 'MultiPolygon', coordinates: after }], 'edit.hole_misses');
    }
    return {
        begin(what) {
            const shape = shapeOfGeometry(act.now()?.feature.geometry);
            if ((what === 'cut' && (shape === null || shape === 'circle')) || (what === 'hole' && shape !== 'polygon')) {
                app.say(t(what === 'cut' ? 'edit.cut_what' : 'edit.hole_what'));
                return;
            }
            e.map.hide(null);
            e.drawing.begin(what === 'hole' ? 'ring' : what);
            e.purpose = what;
            redraw();
        },
        drawn(_, positions) {
            const what = e.purpose;
            e.purpose = null;
            if (what === 'cut')
                exchangeWith(split(shifted(act.now().feature).geometry, positions, CLIP), 'edit.cut_misses');
            else if (what === 'hole')
                hole(positions);
            else
                made(what, positions);
        },
        join() {
            const entries = e.book.list.filter((entry) => e.marked.has(entry.key)), geometry = join(entries.map((entry) => shifted(entry.feature).geometry), CLIP);
            if (geometry === null) {
                app.say(t('edit.join_what'));
                return;
            }
            const key = e.book.nextKey;
            act.take(book.exchange(e.book, entries.map((entry) => entry.key), [{ ...shifted(entries[0].feature), geometry: tidy(geometry) }], entries[0].file));
            act.select(key, false);
        },
        remove() {
            if (e.marked.size > 0) {
                const keys = [...e.marked];
                act.select(null);
                act.take(book.remove(e.book, keys));
            }
        },
    };
}
