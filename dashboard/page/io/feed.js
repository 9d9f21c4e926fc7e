/*
 * feed: the stream of events, read by fetch, for as long as the page is open. It is begun from a place (`after` of a snapshot), gone on with
 * by `Last-Event-ID`, and begun anew from a snapshot where the gateway says `reset`, or knows the place no more.
 *
 *     snapshot ──► streaming ──► (ends, refused, silent for SILENT_MS) ──► pause with jitter ──► streaming from the last id
 *                     └── reset ──────────────────────────────────────────────────────────────► snapshot
 */
import { sseReader } from '../core/sse.js';
import { Away, Problem } from './api.js';

export const SILENT_MS = 20_000;
const FIRST_PAUSE_MS = 500, PAUSE_MAX_MS = 15_000;

/** Doubles from try to try, and a random part of half of it, so that a thousand pages do not come back at once. */
export function pauseOf(tries, random = Math.random) {
    const whole = Math.min(PAUSE_MAX_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10));
    return whole / 2 + (whole / 2) * random();
}

/**
 * `onSnapshot(state)`, `onEvent(event, data)`, `onStatus({live, heard, why})`. `timers`: setTimeout, clearTimeout; `now`: of this machine.
 */
export function makeFeed({ api, pos = 1, onSnapshot, onEvent, onStatus, timers = globalThis, now = Date.now, random = Math.random }) {
    let stopped = false, hurry = null, abort = null, tries = 0, place = null;
    const status = { live: false, heard: 0, why: '' };

    function say(change) {
        Object.assign(status, change);
        onStatus({ ...status });
    }

    function pause(ms) {
        return new Promise((resolve) => {
            const timer = timers.setTimeout(resolve, ms);
            hurry = () => { timers.clearTimeout(timer); resolve(); };
        });
    }

    async function begin() {
        const state = await api.get('/api/v1/state');
        place = state.after;
        say({ heard: now() });
        await onSnapshot(state);
    }

    /* A stream that says nothing is no better than none. */
    function watch() {
        let timer;
        const again = () => {
            timers.clearTimeout(timer);
            timer = timers.setTimeout(() => abort?.abort(), SILENT_MS);
        };
        again();
        return { again, end: () => timers.clearTimeout(timer) };
    }

    /* Answers true if all has to be begun anew. */
    async function read(answer, dog) {
        const text = new TextDecoder(), reader = answer.body.getReader();
        let anew = false;
        const lines = sseReader(({ event, data, id }) => {
            anew ||= event === 'reset';
            if (id !== null)
                place = id;
            if (event !== 'reset')
                onEvent(event, JSON.parse(data));
        }, place);
        for (;;) {
            const { done, value } = await reader.read();
            if (done || anew)
                return anew;
            dog.again();
            tries = 0;
            say({ live: true, heard: now(), why: '' });
            lines.take(text.decode(value, { stream: true }));
        }
    }

    async function stream() {
        abort = new AbortController();
        const dog = watch();
        try {
            const answer = await api.stream(`/api/v1/events?pos=${pos}`, { signal: abort.signal, lastId: place });
            if (answer.status === 401)
                return false;
            if (answer.status === 400 || answer.status === 404)
                throw new Problem(answer.status, {});
            if (!answer.ok)
                throw new Away(`HTTP ${answer.status}`, Number(answer.headers.get('retry-after')) || 0);
            return await read(answer, dog);
        } finally {
            dog.end();
            abort.abort();
        }
    }

    async function run() {
        let anew = true;
        while (!stopped) {
            let least = 0;
            try {
                if (anew)
                    await begin();
                anew = false;
                anew = await stream();
                say({ live: false, why: anew ? 'reset' : 'ended' });
            } catch (error) {
                if (stopped)
                    return;
                /* A place that the gateway does not take is none to go on from. */
                anew ||= error instanceof Problem && error.status < 500;
                least = error instanceof Away ? error.afterS * 1000 : 0;
                say({ live: false, why: error.message });
            }
            await pause(Math.max(least, pauseOf(tries++, random)));
        }
    }

    return {
        run,
        /* It may be back: the machine woke, the network says so. */
        hurry: () => hurry?.(),
        stop: () => { stopped = true; abort?.abort(); hurry?.(); },
    };
}
