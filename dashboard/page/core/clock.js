/*
 * clock: which time it is, three times over: that of this machine, that of the server (deadlines), and that which units tell (how long
 * something has gone on). Where a recorded day is played the last is another year; then it stands where the newest fix put it.
 */
const PLAYED_MS = 24 * 3_600_000;

/** `asked`, `answered`: this machine's time around a question; `told`: the server's in the answer. Whole milliseconds: what is reckoned from it is sent, and times are whole there. */
export const offsetOf = (asked, answered, told) => Math.round(told - (asked + answered) / 2);

const SET_MS = 1000;

/**
 * What events say of the server's time comes late, never early: of the last few the one that is farthest ahead is nearest to the truth. `drift`: this
 * machine's clock less one that only runs: where it steps, the clock was set (or the machine slept), and what was known of it is worth nothing.
 */
export function makeOffset(first = 0, kept = 6) {
    const samples = [first];
    let known = null;
    return {
        add(offset, drift = 0) {
            if (known !== null && Math.abs(drift - known) > SET_MS)
                samples.length = 0;
            known = drift;
            samples.push(offset);
            if (samples.length > kept)
                samples.shift();
        },
        value: () => Math.max(...samples),
    };
}

export const isPlayed = (serverNow, newest) => newest > 0 && Math.abs(serverNow - newest) > PLAYED_MS;

/** The time of units by now. */
export const dataNow = (serverNow, newest) => (isPlayed(serverNow, newest) ? newest : serverNow);
