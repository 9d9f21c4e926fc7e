/*
 * clusters: what a map shows of many vehicles. Up to CLUSTERS_ABOVE in view each is drawn; above, those that would lie within one cell of the screen are one
 * disc with their number and the worst among them, so nothing bad is hidden by what lies over it.
 */
import { weight } from './alert.js';

export const CLUSTERS_ABOVE = 2000;
const CELL_PX = 56, MARGIN = 0.25;

const mercatorY = (lat) => { const s = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180); return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI); };

function merged(cell) {
    if (cell.length === 1)
        return cell[0];
    const n = cell.length, worst = cell.reduce((a, f) => (weight(f.properties.worst) > weight(a) ? f.properties.worst : a), '');
    const mean = (axis) => cell.reduce((sum, f) => sum + f.geometry.coordinates[axis], 0) / n;
    return { type: 'Feature', geometry: { type: 'Point', coordinates: [mean(0), mean(1)] }, properties: { n, worst, order: weight(worst) } };
}

/** Of a collection of vehicles what lies in a box, with a margin for what moves in; as discs where there are many. Cells stand still while a map is moved. */
export function inView(collection, [[west, south], [east, north]], zoom) {
    const dx = (east - west) * MARGIN, dy = (north - south) * MARGIN;
    const isIn = ({ geometry: { coordinates: [lon, lat] } }, x, y) => lon >= west - x && lon <= east + x && lat >= south - y && lat <= north + y;
    const near = collection.features.filter((f) => isIn(f, dx, dy));
    if (near.length <= CLUSTERS_ABOVE || near.filter((f) => isIn(f, 0, 0)).length <= CLUSTERS_ABOVE)
        return { type: 'FeatureCollection', features: near };
    const scale = (512 * 2 ** Math.floor(zoom)) / CELL_PX, cells = new Map();
    for (const f of near) {
        const [lon, lat] = f.geometry.coordinates, key = `${Math.floor(((lon + 180) / 360) * scale)},${Math.floor(mercatorY(lat) * scale)}`;
        const cell = cells.get(key);
        if (cell === undefined)
            cells.set(key, [f]);
        else
            cell.push(f);
    }
    return { type: 'FeatureCollection', features: [...cells.values()].map(merged) };
}
