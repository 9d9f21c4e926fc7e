/*
 * What a first visit loads: from index.html along scripts, styles and imports, and the files that code names with new URL('…', import.meta.url)
 * in the same words as here: workers, languages (of which it loads one; both are counted). The map is asked for with import('…') after the list, and is part of it;
 * what is asked for only when somebody wants it has a comment before its name in import(), which is none of it.
 */
import fs from 'node:fs';
import path from 'node:path';

const LOADS = [/(?:^|\n)\s*(?:import|export)\s[^'"();]*?from\s+'([^']+)'/g, /(?:^|\n)\s*import\s+'([^']+)'/g, /\bimport\('([^']+)'\)/g, /new URL\('([^']+)', import\.meta\.url\)/g];

function namesIn(name, text) {
    if (name.endsWith('.html'))
        return [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map((m) => m[1]);
    if (!/\.m?js$/.test(name) || name.startsWith('vendor/'))
        return [];
    return LOADS.flatMap((pattern) => [...text.matchAll(pattern)].map((m) => m[1]));
}

/** Names below `folder`, each once. */
export function loadedFirst(folder) {
    const seen = new Set(), todo = ['index.html'];
    while (todo.length > 0) {
        const name = todo.pop();
        if (seen.has(name))
            continue;
        seen.add(name);
        const text = fs.readFileSync(path.join(folder, name), 'utf8');
        for (const found of namesIn(name, text))
            todo.push(path.posix.normalize(found.startsWith('/') ? found.slice(1) : path.posix.join(path.posix.dirname(name), found)));
    }
    return [...seen].sort();
}
