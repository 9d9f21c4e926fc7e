/* wall: what a screen that nobody sits at does by itself: when it loads itself anew, and which part of the city it shows. */
export const GROWN = 500 * 2 ** 20;
const ANEW = ['04:30', '04:45'];

/** Never while something is typed. `now`: the city's hour and minute. */
export function isDue({ other, heap, now, typing }) {
    const grown = heap > GROWN && now >= ANEW[0] && now < ANEW[1];
    return !typing && (other || grown);
}

/** Seconds between two parts of the city; 0: it stays. */
export function turnOf(search) {
    const said = Number(new URLSearchParams(search).get('rotate'));
    return Number.isFinite(said) && said > 0 ? Math.max(10, Math.min(3600, said)) : 0;
}

/** What comes next: the whole city (''), then each district in which something is to do, by name, and again. */
export function nextPart(districts, now) {
    const parts = ['', ...[...new Set(districts.filter(Boolean))].sort()];
    return parts[(parts.indexOf(now) + 1) % parts.length];
}
