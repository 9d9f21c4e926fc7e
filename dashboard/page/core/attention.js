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

/* Whether one of a severity is kept still now; a critical one never is. */
function isStill(severity, settings, now, hour) {
    return severity !== 'critical' && (isQuiet(settings.quiet, hour) || weight(severity) < weight(settings.least) || now < settings.hushedUntil);
}

/** The severity that sounds, or null. `settings`: `{least, quiet: [from, to] or null, hushedUntil}`; `hour`: of the city. */
export function callOf(alerts, settings, now, hour) {
    let worst = null;
    for (const a of alerts)
        if (isUntouched(a) && isToDo(a, now) && weight(a.severity) > weight(worst))
            worst = a.severity;
    return worst === null || isStill(worst, settings, now, hour) ? null : worst;
}

/** Whether an alert that has just come is spoken, and shown on the desktop: one that is new, or has become worse, and that would sound. `before`: as it was known, or undefined. */
export function isTold(a, before, settings, now, hour) {
    const fresh = before === undefined ? a.rev === 1 : weight(a.severity) > weight(before.severity);
    return fresh && a.condition === 'active' && isUntouched(a) && isToDo(a, now) && weight(a.severity) > 0 && !isStill(a.severity, settings, now, hour);
}
