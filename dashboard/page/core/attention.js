/*
 * attention: what ought to sound. Untouched alerts that are to do call until somebody takes or shelves them: the worst decides which tone and
 * how often. Quiet hours and "not minor" silence all but critical ones.
 */
import { isToDo, isUntouched, weight } from './alert.js';

/** Pause between calls, in s. */
export const PAUSE_S = { critical: 2.4, major: 12, minor: 40 };

/* An hour span may go over midnight: [22, 6]. */
function isQuiet(hours, hour) {
    if (hours === null || hours[0] === hours[1])
        return false;
    return hours[0] < hours[1] ? hour >= hours[0] && hour < hours[1] : hour >= hours[0] || hour < hours[1];
}

/** The severity that sounds, or null. `settings`: `{least, quiet: [from, to] or null, hushedUntil}`; `hour`: of the city. */
export function callOf(alerts, settings, now, hour) {
    let worst = null;
    for (const a of alerts)
        if (isUntouched(a) && isToDo(a, now) && weight(a.severity) > weight(worst))
            worst = a.severity;
    if (worst === null || worst === 'critical')
        return worst;
    const silent = isQuiet(settings.quiet, hour) || weight(worst) < weight(settings.least) || now < settings.hushedUntil;
    return silent ? null : worst;
}
