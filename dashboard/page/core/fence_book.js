/*
 * fence_book: the files of fences while somebody edits them. A book is a list of entries, one a fence, in the order of the files, and never
 * changes: an edit makes another list, so undoing is going back to the one before. What nobody touched is written as it was read.
 */
const PAST_MAX = 200;

const features = (root) => (root?.type === 'FeatureCollection' ? root.features ?? [] : root?.type === 'Feature' ? [root] : []);

/** `files`: [{name, root}], as they were read. A key is the page's own, since ids are edited too. */
export function openBook(files) {
    let key = 0;
    const list = files.flatMap(({ name, root }) => features(root).map((feature) => ({ key: ++key, file: name, feature })));
    return { files, first: list, list, past: [], future: [], nextKey: key + 1 };
}

function turn(book, list) {
    return { ...book, list, past: [...book.past.slice(1 - PAST_MAX), book.list], future: [] };
}

export const entryOf = (book, key) => book.list.find((entry) => entry.key === key);
export const canUndo = (book) => book.past.length > 0;
export const canRedo = (book) => book.future.length > 0;

export function undo(book) {
    return canUndo(book) ? { ...book, list: book.past[book.past.length - 1], past: book.past.slice(0, -1), future: [book.list, ...book.future] } : book;
}

export function redo(book) {
    return canRedo(book) ? { ...book, list: book.future[0], past: [...book.past, book.list], future: book.future.slice(1) } : book;
}

/** Another feature in the place of one. */
export function replace(book, key, feature) {
    return turn(book, book.list.map((entry) => (entry.key === key ? { ...entry, feature } : entry)));
}

/** One out, others in its place: what splitting and joining are. `gone`: keys; the new ones stand where the first of them stood. */
export function exchange(book, gone, fresh, file) {
    const at = book.list.findIndex((entry) => gone.includes(entry.key));
    const made = fresh.map((feature, i) => ({ key: book.nextKey + i, file, feature }));
    const rest = book.list.filter((entry) => !gone.includes(entry.key));
    const place = at < 0 ? rest.length : book.list.slice(0, at).filter((entry) => !gone.includes(entry.key)).length;
    return { ...turn(book, [...rest.slice(0, place), ...made, ...rest.slice(place)]), nextKey: book.nextKey + fresh.length };
}

export const add = (book, fresh, file) => exchange(book, [], fresh, file);
export const remove = (book, keys) => exchange(book, keys, [], '');

/** Keys by what became of them since the files were read. */
export function changesOf(book) {
    const before = new Map(book.first.map((entry) => [entry.key, entry])), now = new Map(book.list.map((entry) => [entry.key, entry]));
    return {
        added: book.list.filter((entry) => !before.has(entry.key)).map((entry) => entry.key),
        changed: book.list.filter((entry) => before.has(entry.key) && before.get(entry.key).feature !== entry.feature).map((entry) => entry.key),
        removed: book.first.filter((entry) => !now.has(entry.key)).map((entry) => entry.key),
    };
}

export function isChanged(book) {
    const { added, changed, removed } = changesOf(book);
    return added.length + changed.length + removed.length > 0;
}

/** The files that are others now, by name, whole. */
export function filesOf(book) {
    const out = {};
    for (const { name, root } of book.files) {
        const now = book.list.filter((entry) => entry.file === name), first = book.first.filter((entry) => entry.file === name);
        if (now.length === first.length && now.every((entry, i) => entry.feature === first[i].feature))
            continue;
        out[name] = { ...(root.type === 'Feature' ? { type: 'FeatureCollection' } : root), features: now.map((entry) => entry.feature) };
    }
    return out;
}

/** What is there now is what the files have. */
export const settle = (book) => ({ ...book, first: book.list, past: [], future: [] });

/** An id that nobody has: `KIND-N`. */
export function freeId(book, kind) {
    const taken = new Set(book.list.map((entry) => String(entry.feature.id)));
    let n = 1;
    while (taken.has(`${kind}-${n}`))
        n++;
    return `${kind}-${n}`;
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

/**
 * My changes on files that somebody else has changed meanwhile: fences are known by file and id. What only one of us touched is as that one left it;
 * where both did, mine is kept out and told in `lost`, for me to do again on what is there now.
 */
export function rebase(book, files) {
    const nameOf = (entry) => `${entry.file}\n${entry.feature.id}`;
    const { added, changed, removed } = changesOf(book), base = new Map(book.first.map((entry) => [entry.key, entry]));
    const lost = [];
    let next = openBook(files);
    const theirs = () => new Map(next.list.map((entry) => [nameOf(entry), entry]));
    for (const key of changed) {
        const was = base.get(key), now = theirs().get(nameOf(was));
        if (now !== undefined && same(now.feature, was.feature))
            next = replace(next, now.key, entryOf(book, key).feature);
        else if (now === undefined || !same(now.feature, entryOf(book, key).feature))
            lost.push(String(was.feature.id));
    }
    for (const key of removed) {
        const was = base.get(key), now = theirs().get(nameOf(was));
        if (now !== undefined && same(now.feature, was.feature))
            next = remove(next, [now.key]);
        else if (now !== undefined)
            lost.push(String(was.feature.id));
    }
    for (const key of added) {
        const mine = entryOf(book, key), now = theirs().get(nameOf(mine));
        if (now === undefined)
            next = add(next, [mine.feature], mine.file);
        else if (!same(now.feature, mine.feature))
            lost.push(String(mine.feature.id));
    }
    return { book: next, lost };
}

/** The fence that a finding of the engine's check names. */
export function entryOfFinding(book, finding) {
    return finding.feature === undefined ? undefined : book.list.find((entry) => String(entry.feature.id) === String(finding.feature));
}
