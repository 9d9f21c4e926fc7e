/*
 * later: what a first view does without. Modules are asked for with import() that has a comment in it, which first_view.mjs does not count; here are
 * their styles and texts.
 */
export function addStyle(name) {
    const href = new URL(`../${name}`, import.meta.url).href;
    if ([...document.styleSheets].some((sheet) => sheet.href === href))
        return Promise.resolve();
    return new Promise((resolve) => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        link.addEventListener('load', resolve);
        link.addEventListener('error', resolve); /* it is usable without */
        document.head.append(link);
    });
}

/** Texts of `words/FAMILY/LANGUAGE.json`. */
export async function addWords(app, family) {
    app.words.add(await (await fetch(new URL(`../words/${family}/${app.words.language}.json`, import.meta.url))).json());
}
