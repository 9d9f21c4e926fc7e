/*
 * drawing: terra-draw behind a few verbs. It knows positions as the map draws them; what comes in and goes out is WGS-84 by `shift`. Of the fence in
 * hand each ring, line or circle is one thing of terra-draw's own, so holes and fences of several parts are drawn like any other.
 */
import { TerraDraw, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawMapLibreGLAdapter, TerraDrawModeUndoRedo, TerraDrawPolygonMode, TerraDrawSelectMode } from '../vendor/editor.mjs';

const MODE = { ring: 'polygon', line: 'linestring', circle: 'circle' };
const DIGITS = 9;
const COLOUR = '#ffd666', DARK = '#0b1016';

function stylesOf() {
    const line = { lineStringColor: COLOUR, lineStringWidth: 3 };
    const ring = { fillColor: COLOUR, fillOpacity: 0.12, outlineColor: COLOUR, outlineWidth: 3 };
    const chosen = { selectedPolygonColor: COLOUR, selectedPolygonFillOpacity: 0.16, selectedPolygonOutlineColor: COLOUR, selectedPolygonOutlineWidth: 3, selectedLineStringColor: COLOUR, selectedLineStringWidth: 3,
        selectionPointColor: '#ffffff', selectionPointOutlineColor: DARK, selectionPointWidth: 5, selectionPointOutlineWidth: 2, midPointColor: COLOUR, midPointOutlineColor: DARK, midPointWidth: 3.5, midPointOutlineWidth: 1 };
    return { line, ring, chosen };
}

/** `snapTo([lon, lat], map)`: a place to be drawn to, or null. `onPart(at, positions)`: one was moved; `onDrawn(what, positions)`. */
export function makeDrawing(map, shift, { snapTo, onPart, onDrawn }) {
    let next = 0, parts = new Map(), purpose = null;
    const styles = stylesOf(), round = (n) => Number(n.toFixed(DIGITS));
    const show = (positions) => positions.map(shift.show).map(([lon, lat]) => [round(lon), round(lat)]);
    const real = (positions) => positions.map(shift.real);
    const snapping = { toCustom(event) {
        const place = snapTo(shift.real([event.lng, event.lat]), map.getZoom());
        return place === null ? undefined : show([place])[0];
    } };
    const corners = { midpoints: true, draggable: true, deletable: true, snappable: snapping };
    const draw = new TerraDraw({
        adapter: new TerraDrawMapLibreGLAdapter({ map, coordinatePrecision: DIGITS, prefixId: 'edit' }),
        idStrategy: { isValidId: (id) => typeof id === 'number', getId: () => ++next },
        undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
        modes: [
            new TerraDrawPolygonMode({ styles: styles.ring, snapping }), new TerraDrawLineStringMode({ styles: styles.line, snapping }), new TerraDrawCircleMode({ styles: styles.ring, drawInteraction: 'click-move-or-drag' }),
            new TerraDrawSelectMode({ styles: styles.chosen, keyEvents: null, allowManualDeselection: false, flags: {
                polygon: { feature: { draggable: true, coordinates: corners } }, linestring: { feature: { draggable: true, coordinates: corners } }, circle: { feature: { draggable: true, coordinates: { resizable: 'center-fixed' } } },
            } }),
        ],
    });
    draw.start();
    draw.setMode('select');

    const positionsOf = (feature) => (feature.geometry.type === 'LineString' ? feature.geometry.coordinates : feature.geometry.coordinates[0]);
    draw.on('finish', (id, { action }) => {
        const feature = draw.getSnapshotFeature(id);
        if (feature === undefined)
            return;
        const positions = real(positionsOf(feature));
        if (action === 'draw') {
            const what = purpose;
            draw.removeFeatures([id]);
            stand();
            onDrawn(what, positions);
        } else if (parts.has(id))
            onPart(parts.get(id), positions);
    });

    function stand() {
        purpose = null;
        draw.setMode('select');
    }
    function clear() {
        stand();
        draw.clear();
        parts = new Map();
    }

    return {
        clear,
        /* Answers the parts that cannot be drawn. */
        edit(list) {
            clear();
            const features = list.map((part) => {
                const id = ++next, positions = show(part.positions);
                parts.set(id, part.at);
                return { id, type: 'Feature', properties: { mode: MODE[part.what] }, geometry: part.what === 'line' ? { type: 'LineString', coordinates: positions } : { type: 'Polygon', coordinates: [positions] } };
            });
            const refused = draw.addFeatures(features).filter((one) => one.valid === false);
            const first = features.find((one) => draw.hasFeature(one.id));
            if (first !== undefined)
                draw.selectFeature(first.id);
            return refused.length;
        },
        /* `what`: ring, line or circle; `cut`: a line that is none of a fence. */
        begin(what) {
            clear();
            purpose = what;
            draw.setMode(MODE[what] ?? 'linestring');
        },
        drawing: () => purpose,
        stand,
        /* The last corner of what is being drawn; answers whether there was one. */
        undo: () => purpose !== null && draw.canUndo() && draw.undo(),
        end() { draw.stop(); },
    };
}
