/*
 * editing_import: files of other programs taken over. Coordinates say nothing of the system they are in, so it is asked, and both places are shown: as
 * they were read, dashed, and as they would be, green.
 */
import { fromXml } from './vendor/editor.mjs';
import * as book from './core/fence_book.js';
import { boxOf, distance } from './core/geo.js';
import { kindOfFile, readGeoJson, toFences } from './core/fence_import.js';
import { positionsOf, shownGeometry, withPositions } from './core/fence_shape.js';
import { convert } from './io/fence_files.js';

const MIB_MAX = 20, WIDTHS = { buffer_m: 40, radius_m: 50 };

/* What is no GeoJSON, KML or GPX: null. */
function foundIn(name, text) {
    const kind = kindOfFile(name, text);
    try {
        return readGeoJson(kind === 'geojson' ? JSON.parse(text) : fromXml(kind, text));
    } catch {
        return null;
    }
}

async function read(file, { t }) {
    if (file.size > MIB_MAX << 20)
        throw new Error(t('edit.import_too_large', { n: MIB_MAX }));
    const found = foundIn(file.name, await file.text());
    if (found === null)
        throw new Error(t('edit.import_unreadable'));
    return found;
}

export function importDeeds(app, e, act, redraw) {
    const { t } = app.words;
    let asked = 0;

    function shown(geometries, place) {
        return geometries.map((geometry) => ({ type: 'Feature', geometry: shownGeometry({ geometry, properties: WIDTHS }), properties: { place } }));
    }
    async function place() {
        const { taking } = e, mine = ++asked, raw = taking.items.map((item) => item.geometry);
        taking.ready = false;
        if (taking.crs === '')
            return e.map.putImport(shown(raw, 'as_read'));
        const positions = raw.flatMap(positionsOf);
        const real = taking.crs === 'wgs84' ? positions : await convert(app.api, positions, taking.crs);
        if (mine !== asked || e.taking === null)
            return undefined;
        let at = 0;
        taking.real = raw.map((geometry) => { const n = positionsOf(geometry).length; return withPositions(geometry, real.slice(at, at += n)); });
        const moved = positions.length === 0 ? 0 : distance({ lon: positions[0][0], lat: positions[0][1] }, { lon: real[0][0], lat: real[0][1] });
        e.taking = { ...e.taking, ready: true, moved_m: Math.round(moved) };
        e.map.showBox(boxOf([...positions, ...real].map(([lon, lat]) => ({ lon, lat }))));
        e.map.putImport([...(taking.crs === 'wgs84' ? [] : shown(raw, 'as_read')), ...shown(taking.real, 'meant')]);
        return redraw();
    }
    function fail(error) {
        if (e.taking !== null)
            e.taking = { ...e.taking, why: error.message };
        redraw();
    }
    function drop() {
        asked++;
        e.taking = null;
        e.pane = 'list';
        e.map.putImport([]);
    }
    return {
        async importFile(file) {
            if (file === undefined)
                return;
            try {
                const found = await read(file, app.words);
                if (found.items.length === 0)
                    throw new Error(t('edit.import_empty'));
                act.select(null);
                e.taking = { name: file.name, ...found, kind: '', moved_m: 0, ready: false };
                e.pane = 'import';
                const box = boxOf(found.items.flatMap((item) => positionsOf(item.geometry)).map(([lon, lat]) => ({ lon, lat })));
                e.map.showBox(box);
                redraw();
                await place();
            } catch (error) {
                app.say(t('edit.import_fails', { name: file.name, why: error.message }));
            }
        },
        importAs(part) {
            Object.assign(e.taking, part);
            e.taking = { ...e.taking, why: undefined };
            redraw();
            if ('crs' in part)
                place().catch(fail);
        },
        importTake() {
            const { taking } = e, taken = new Set(e.book.list.map((entry) => String(entry.feature.id)));
            const items = taking.items.map((item, i) => ({ ...item, geometry: taking.real[i] }));
            let n = 1;
            function idOf(kind) {
                while (taken.has(`${kind}-${n}`))
                    n++;
                return `${kind}-${n++}`;
            }
            const fences = toFences(items, taking.kind, WIDTHS, (id) => !taken.has(id), idOf);
            const key = e.book.nextKey;
            drop();
            act.take(book.add(e.book, fences, e.book.files[0].name));
            act.select(key);
            app.say(t('edit.import_done', { n: fences.length }));
        },
        importDrop() {
            drop();
            redraw();
        },
    };
}
