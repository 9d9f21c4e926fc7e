/*
 * api: questions to the gateway. Answers are JSON; what is refused is thrown as a Problem, with what RFC 9457 says of it. A sign-in that
 * ran out is asked for in place: the question waits, and is asked again when somebody is signed in; nothing that was typed is lost.
 */
export class Problem extends Error {
    constructor(status, body) {
        super(body.detail ?? body.title ?? `HTTP ${status}`);
        this.status = status;
        this.body = body;
    }
}

/** The gateway could not be reached, or has no answer now: the same may be asked again. */
export class Away extends Error {
    constructor(words, afterS = 0) {
        super(words);
        this.afterS = afterS;
    }
}

const AWAY = [429, 502, 503, 504];

export function makeApi({ fetch = globalThis.fetch.bind(globalThis), signIn, token = null, onPutOut = () => {} }) {
    let asking = null, signIns = 0;

    /* Questions that are refused ask for one sign-in, also one that is refused late: what was sent before somebody signed in is asked again. */
    function signedIn(signInsWhenSent) {
        if (signIns !== signInsWhenSent)
            return Promise.resolve();
        asking ??= Promise.resolve(signIn()).then(() => { signIns++; }).finally(() => { asking = null; });
        return asking;
    }

    function headersOf(body, more) {
        const headers = { accept: 'application/json', ...more };
        if (token !== null)
            headers.authorization = `Bearer ${token}`;
        if (body !== undefined)
            headers['content-type'] = 'application/json';
        return headers;
    }

    async function send(method, path, { body, signal, headers }) {
        try {
            return await fetch(path, { method, headers: headersOf(body, headers), body: body === undefined ? undefined : JSON.stringify(body), signal, cache: 'no-store', credentials: 'same-origin' });
        } catch (error) {
            if (error.name === 'AbortError')
                throw error;
            throw new Away(error.message);
        }
    }

    /* Nobody is there to sign in again for a token; that it is no good any more is told, and so is that it is good again. */
    function noteToken(status) {
        if (token !== null && status !== 503)
            onPutOut(status === 401);
    }

    async function bodyOf(answer) {
        try {
            return await answer.json();
        } catch {
            return {};
        }
    }

    async function ask(method, path, { patient = true, ...more } = {}) {
        for (;;) {
            const when = signIns, answer = await send(method, path, more);
            noteToken(answer.status);
            if (answer.status === 401 && patient && token === null) {
                await signedIn(when);
                continue;
            }
            if (AWAY.includes(answer.status))
                throw new Away(`HTTP ${answer.status}`, Number(answer.headers.get('retry-after')) || 0);
            if (answer.status === 204)
                return null;
            const said = await bodyOf(answer);
            if (!answer.ok)
                throw new Problem(answer.status, said);
            return said;
        }
    }

    /* Who has to sign in first is asked to, and the answer is the 401 still: a stream is begun from where its reader stands by then. */
    async function stream(path, { signal, lastId }) {
        const when = signIns;
        const answer = await fetch(path, { headers: { ...headersOf(), accept: 'text/event-stream', ...(lastId ? { 'last-event-id': lastId } : {}) }, signal, cache: 'no-store', credentials: 'same-origin' });
        noteToken(answer.status);
        if (answer.status === 401 && token === null)
            await signedIn(when);
        return answer;
    }

    return {
        get: (path, more) => ask('GET', path, more),
        post: (path, body, more) => ask('POST', path, { ...more, body }),
        put: (path, body, more) => ask('PUT', path, { ...more, body }),
        /* A change has a type, also without a body. */
        drop: (path) => ask('DELETE', path, { body: {}, patient: false }),
        stream,
    };
}

/** Members of a query; a list is a parameter that is repeated. */
export function queryOf(values) {
    const out = new URLSearchParams();
    for (const [name, value] of Object.entries(values))
        for (const one of Array.isArray(value) ? value : [value])
            if (one !== undefined && one !== null && one !== '')
                out.append(name, one);
    return out.toString();
}
