/* learning: what is asked for when an alert is looked at: its history, its vehicle, that vehicle's month. Each comes when it comes. */
import { placeOf } from '../core/alert.js';
import { queryOf } from './api.js';

const MONTH_MS = 30 * 86_400_000, WARNED_MS = 3000;

async function into(app, id, name, question) {
    let told;
    try {
        told = { value: await question };
    } catch (error) {
        told = { why: error.message };
    }
    if (app.selected !== id)
        return; /* something else is looked at by now */
    app.more[name] = told;
    app.draw();
}

function monthOf(app, vehicle) {
    const from = Math.max(0, app.dataNow() - MONTH_MS);
    return app.api.get(`/api/v1/stats?${queryOf({ by: 'kind', vehicle, from })}`)
        .then(({ counts, items }) => ({ n: counts.total, critical: counts.severity.critical ?? 0, major: counts.severity.major ?? 0, kinds: items }));
}

const NEAR_M = 150, NEAR_MS = 15 * 60_000;

function questionOf(app, name, alert) {
    if (name === 'explain')
        return app.api.get(`/api/v1/violations/${encodeURIComponent(alert.id)}/explain?purpose=alert&lang=${app.words.tracker}`);
    const place = placeOf(alert), from = Math.max(0, alert.start - NEAR_MS), to = (alert.end ?? alert.start) + NEAR_MS;
    return app.api.get(`/api/v1/near?${queryOf({ lat: place.lat, lon: place.lon, radius: NEAR_M, from, to: Math.min(to, from + 3_600_000), purpose: 'alert' })}`);
}

/** What somebody has asked for by a button: `more.asked` is {name}, then with `value` or `why`. */
export async function learnAsked(app, id, name) {
    const alert = app.state.alerts.get(id);
    if (alert === undefined || (name === 'near' && (placeOf(alert) === undefined || alert.start === undefined)))
        return;
    const mine = app.more.asked = { name };
    app.draw();
    let told;
    try {
        told = { name, value: await questionOf(app, name, alert) };
    } catch (error) {
        told = { name, why: error.message };
    }
    if (app.more.asked === mine) {
        app.more.asked = told;
        app.draw();
    }
}

const learnAbout = (app, id) => into(app, id, 'about', app.api.get(`/api/v1/violations/${encodeURIComponent(id)}/about`));

/** What happened: also asked for when something happens to the one that is looked at. */
export function learnHistory(app, id) {
    into(app, id, 'history', app.api.get(`/api/v1/violations/${encodeURIComponent(id)}`));
}

/** The tracker told something of it: what became of the warning to its cab is written a moment later. */
export function learnAgain(app, id) {
    learnHistory(app, id);
    setTimeout(() => { if (app.selected === id) learnAbout(app, id); }, WARNED_MS);
}

export function learnMore(app, id) {
    const alert = app.state.alerts.get(id);
    learnHistory(app, id);
    if (!alert?.vehicle)
        return;
    into(app, id, 'vehicle', app.api.get(`/api/v1/vehicles/${encodeURIComponent(alert.vehicle)}?purpose=alert`));
    learnAbout(app, id);
    into(app, id, 'month', monthOf(app, alert.vehicle));
}
