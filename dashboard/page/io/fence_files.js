/*
 * fence_files: the files of fences from the gateway, and what it says of others in their place. It deals with one question about files at a time and
 * says so; such a question is asked again.
 */
import { Away } from './api.js';
import { positionsOf, withPositions } from '../core/fence_shape.js';

const TRIES = 30, AGAIN_MS = 1000, AT_ONCE = 5000;

export async function patiently(question) {
    for (let i = 1; ; i++) {
        try {
            return await question();
        } catch (error) {
            if (!(error instanceof Away) || i === TRIES)
                throw error;
            await new Promise((resolve) => { setTimeout(resolve, error.afterS * 1000 || AGAIN_MS); });
        }
    }
}

/** [[lon, lat], …] of another system as WGS-84, or the other way round. */
export async function convert(api, positions, crs, to = 'wgs84') {
    const out = [];
    for (let at = 0; at < positions.length; at += AT_ONCE) {
        const some = positions.slice(at, at + AT_ONCE).map(([lon, lat]) => [lat, lon]);
        const told = await patiently(() => api.post(`/api/v1/convert?crs=${crs}&to=${to}`, { positions: some }));
        out.push(...told.positions.map(([lat, lon]) => [lon, lat]));
    }
    return out;
}

/* Features that say another system of themselves, as they are in WGS-84: what is drawn, and what is written once one is moved. */
async function convertedOf(api, files) {
    const converted = new WeakMap();
    for (const crs of ['gcj02', 'bd09']) {
        const those = files.flatMap(({ root }) => root.features ?? [root]).filter((f) => f?.properties?.crs === crs);
        const positions = those.map((f) => positionsOf(f.geometry)), real = await convert(api, positions.flat(), crs);
        let at = 0;
        those.forEach((f, i) => {
            const { crs: _, ...properties } = f.properties;
            converted.set(f, { ...f, properties, geometry: withPositions(f.geometry, real.slice(at, at += positions[i].length)) });
        });
    }
    return converted;
}

/** {files: [{name, root}], etag, version, writable, converted} */
export async function readFences(api) {
    const world = await patiently(() => api.get('/api/v1/world'));
    const named = world.files.filter((file) => file.kind === 'fences' && file.name !== null), files = [];
    for (const { name } of named)
        files.push({ name, root: await patiently(() => api.get(`/api/v1/world/files/${encodeURIComponent(name)}`)) });
    return { files, etag: world.etag, version: world.version, writable: world.version !== null && files.length > 0, converted: await convertedOf(api, files) };
}

export const newsOf = (api) => patiently(() => api.get('/api/v1/world'));

/** `what`: {files} or {version}; `dry`: only what it would change. */
export const putFences = (api, what, etag, dry) => patiently(() => api.put(`/api/v1/world?dry_run=${dry}`, what, { headers: { 'if-match': etag } }));
