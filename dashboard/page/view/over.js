/*
 * over: what lies over the page: signing in, keys. One at a time; the page behind it goes on, and has the keyboard back afterwards.
 */
import { Away } from '../io/api.js';
import { el, say, show } from './dom.js';

export function openOver(root, label, content, { onClose, keep = false }) {
    const before = document.activeElement;
    const box = el('dialog.over', { 'aria-label': label }, content);
    box.addEventListener('cancel', (event) => { if (keep) event.preventDefault(); });
    box.addEventListener('close', () => { box.remove(); before?.focus?.(); onClose?.(); });
    root.append(box);
    box.showModal();
    return box;
}

/** Resolves when somebody is signed in, with what the gateway says of them. */
export function askSignIn(root, app, again) {
    const { t } = app.words;
    return new Promise((resolve) => {
        const user = el('input', { name: 'user', type: 'text', autocomplete: 'username', required: true, maxLength: 64 });
        const password = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true, maxLength: 256 });
        const go = el('button.strong', { type: 'submit' }, t('signin.go')), said = el('p.said', { role: 'alert', hidden: true });
        const language = el('button.quiet', { type: 'button', onclick: () => app.do.otherLanguage() }, t('top.other_language'));
        const form = el('form.signin', {}, el('h2', {}, t('signin.title')), el('p', {}, again ? t('signin.again') : t('app.title')),
            el('label', {}, el('span', {}, t('signin.user')), user), el('label', {}, el('span', {}, t('signin.password')), password), said, go,
            globalThis.isSecureContext ? null : el('p.small', {}, t('signin.plain')), again ? null : language);
        const box = openOver(root, t('signin.title'), form, { keep: true });
        if (app.session !== null)
            user.value = app.session.user;
        (user.value === '' ? user : password).focus();

        form.addEventListener('submit', async (event) => {
            event.preventDefault();
            go.disabled = true;
            try {
                const session = await app.api.post('/api/v1/session', { user: user.value, password: password.value }, { patient: false });
                box.close();
                resolve(session);
            } catch (error) {
                const text = error.status === 401 ? t('signin.wrong') : error.status === 429 || (error instanceof Away && error.message.includes('429')) ? t('signin.locked') : t('signin.away', { why: error.message });
                say(said, text);
                show(said, true);
                password.value = '';
                password.focus();
            } finally {
                go.disabled = false;
            }
        });
    });
}

/** `keys`: [keys, what they do] each. */
export function showKeys(root, app, keys) {
    const { t } = app.words;
    const box = openOver(root, t('keys.title'), el('div', {}, el('h2', {}, t('keys.title')),
        el('dl.keys', {}, ...keys.map(([key, text]) => el('div', {}, el('dt', {}, el('kbd', {}, key)), el('dd', {}, text)))),
        el('button.strong', { type: 'button', onclick: () => box.close() }, t('keys.done'))), {});
    box.classList.add('keyboard');
}
