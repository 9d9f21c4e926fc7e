/*
 * Makes the folder that the gateway serves (`dashboard.dir`): the page as it stands in page/, what others wrote in vendor/, each text with
 * a twin packed by gzip, and NOTICE with the licences. Own code is not bundled; a browser reads the files that stand here.
 *
 *     node build.mjs FOLDER        FOLDER is made anew, and put in place whole
 *
 * It fails if what a first visit loads is more than FIRST_VIEW_MAX bytes, packed.
 */
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { loadedFirst } from './first_view.mjs';

const FIRST_VIEW_MAX = 550_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, 'node_modules');

function walk(folder, below = '') {
    return fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
        const name = path.posix.join(below, entry.name);
        return entry.isDirectory() ? walk(folder, name) : [name];
    });
}

/* MapLibre comes packed, as modules that find each other by name; only the pointer to its map of sources is taken off. */
function copyMapLibre(vendor) {
    for (const name of ['maplibre-gl.mjs', 'maplibre-gl-worker.mjs']) {
        const text = fs.readFileSync(path.join(modules, 'maplibre-gl/dist', name), 'utf8');
        fs.writeFileSync(path.join(vendor, name), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
    }
    fs.copyFileSync(path.join(modules, 'maplibre-gl/dist/maplibre-gl.css'), path.join(vendor, 'maplibre-gl.css'));
}

/* Bare imports cannot be used under the page's policy: an import map would have to stand in the page. */
async function bundle(vendor) {
    await build({
        entryPoints: { pmtiles: path.join(modules, 'pmtiles/dist/esm/index.js'), editor: path.join(here, 'editor_entry.mjs') },
        bundle: true, minify: true, format: 'esm', target: 'es2021', outdir: vendor, outExtension: { '.js': '.mjs' }, logLevel: 'warning',
    });
}

function writeNotice(target) {
    const parts = ['What is in vendor/, and under which licence.'];
    for (const name of ['maplibre-gl', 'pmtiles', 'fflate', 'terra-draw', 'terra-draw-maplibre-gl-adapter', 'polyclip-ts', 'bignumber.js', 'splaytree-ts', '@tmcw/togeojson']) {
        const folder = path.join(modules, name);
        const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
        const licence = fs.readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
        parts.push(`${'-'.repeat(72)}\n${about.name} ${about.version}, ${about.license}\n`
                   + (licence ? `\n${fs.readFileSync(path.join(folder, licence), 'utf8').trim()}\n` : ''));
    }
    fs.writeFileSync(path.join(target, 'NOTICE.txt'), `${parts.join('\n')}\n`);
}

function packAll(target) {
    for (const name of walk(target)) {
        if (!/\.(html|css|js|mjs|json|svg|txt)$/.test(name))
            continue;
        const bytes = fs.readFileSync(path.join(target, name));
        fs.writeFileSync(path.join(target, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    }
}

const target = path.resolve(process.argv[2] ?? path.join(here, '../build/dashboard'));
const fresh = `${target}.new-${process.pid}`, former = `${target}.old-${process.pid}`;
fs.mkdirSync(path.join(fresh, 'vendor'), { recursive: true });
fs.cpSync(path.join(here, 'page'), fresh, { recursive: true });
copyMapLibre(path.join(fresh, 'vendor'));
await bundle(path.join(fresh, 'vendor'));
writeNotice(fresh);
/* What a page that is open compares itself with. */
const sum256 = createHash('sha256');
walk(fresh).sort().forEach((name) => sum256.update(name).update(fs.readFileSync(path.join(fresh, name))));
fs.writeFileSync(path.join(fresh, 'version.txt'), `${sum256.digest('hex')}\n`);
packAll(fresh);

const sizes = loadedFirst(fresh).map((name) => [name, fs.statSync(path.join(fresh, `${name}.gz`)).size]);
const sum = sizes.reduce((total, [, size]) => total + size, 0);
console.log(`first view: ${sum} bytes in ${sizes.length} files, packed; at most ${FIRST_VIEW_MAX}`);
if (sum > FIRST_VIEW_MAX) {
    fs.rmSync(fresh, { recursive: true });
    console.error(sizes.sort((a, b) => b[1] - a[1]).slice(0, 10).map(([name, size]) => `${size} ${name}`).join('\n'));
    process.exit(1);
}
if (fs.existsSync(target))
    fs.renameSync(target, former);
fs.renameSync(fresh, target);
fs.rmSync(former, { recursive: true, force: true });
console.log(target);
