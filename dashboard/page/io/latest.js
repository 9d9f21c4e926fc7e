/*
 * latest: work that is asked for faster than it is done. One is in hand, one waits; what comes later takes the place of the one that waits. So a
 * queue never grows, and the last that was asked for is done.
 */
export function latest(work) {
    let busy = false, waiting = null;

    async function run(value) {
        busy = true;
        try {
            await work(value);
        } finally {
            busy = false;
            if (waiting !== null) {
                const next = waiting;
                waiting = null;
                run(next.value);
            }
        }
    }
    return (value) => {
        if (busy)
            waiting = { value };
        else
            run(value);
    };
}
