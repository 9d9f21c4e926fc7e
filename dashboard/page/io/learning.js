/* learning: what is asked for when an alert is looked at: its history, its vehicle, that vehicle's month. Each comes when it comes. */
import { queryOf } from './api.js';

const MONTH_MS = 30 * 86_400_000;

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
    return app.api.get(`/api/v1/violations?${queryOf({ vehicle, from, limit: 1 })}`)
        .then(({ counts }) => ({ n: counts.total, critical: counts.severity.critical ?? 0, major: counts.severity.major ?? 0 }));
}

export function learnMore(app, id) {
    const alert = app.state.alerts.get(id);
    into(app, id, 'history', app.api.get(`/api/v1/violations/${encodeURIComponent(id)}`));
    if (!alert?.vehicle)
        return;
    into(app, id, 'vehicle', app.api.get(`/api/v1/vehicles/${encodeURIComponent(alert.vehicle)}?purpose=alert`));
    into(app, id, 'month', monthOf(app, alert.vehicle));
}
