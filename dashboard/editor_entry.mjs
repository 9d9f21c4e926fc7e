/* What the editor of fences takes of other people's work, bundled once into vendor/editor.mjs; loaded when somebody edits. */
import { gpx, kml } from '@tmcw/togeojson';

export { difference, intersection, union } from 'polyclip-ts';
export { TerraDraw, TerraDrawCircleMode, TerraDrawLineStringMode, TerraDrawModeUndoRedo, TerraDrawPolygonMode, TerraDrawSelectMode } from 'terra-draw';
export { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter';

/** KML or GPX as GeoJSON; null where the text is no XML. Nothing in it is run, and nothing of it is put into the page. */
export function fromXml(kind, text) {
    const tree = new DOMParser().parseFromString(text, 'application/xml');
    if (tree.querySelector('parsererror') !== null)
        return null;
    return kind === 'kml' ? kml(tree) : gpx(tree);
}
