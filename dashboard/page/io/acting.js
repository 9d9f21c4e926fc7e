/*
 * acting: one action on one alert. It has a name of its own, so it may be asked again after a lost connection or a 503 and is done once. Who was
 * faster, and what it is by now, is told when the gateway refuses; nothing is overwritten.
 */
import { bodyOf, newRequest } from '../core/work.js';
import { Away, Problem } from './api.js';
import { learnMore } from './learning.js';

const TRIES = 8, PAUSE_MS = 1000;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function send(app, id, body, tell) {
    for (let n = 0; ; n++) {
        try {
            return await app.api.post(`/api/v1/violations/${id}/actions`, body);
        } catch (error) {
            if (!(error instanceof Away) || n >= TRIES)
                throw error;
            tell(app.words.t('act.again'));
            await sleep(Math.max(error.afterS * 1000, PAUSE_MS * (n + 1)));
        }
    }
}

/* The last who did something is whoever was faster. */
async function fasterOf(app, id) {
    try {
        const { actions } = await app.api.get(`/api/v1/violations/${id}`);
        return actions[actions.length - 1]?.who ?? app.words.t('act.somebody');
    } catch {
        return app.words.t('act.somebody');
    }
}

async function refused(app, alert, error, tell) {
    const { t, word } = app.words, work = error.body?.work;
    if (error instanceof Problem && error.status === 409 && work !== undefined && work.rev !== alert.work.rev) {
        app.change({ type: 'answered', id: alert.id, work });
        tell(t('act.faster', { who: await fasterOf(app, alert.id), state: word('state', work.state) }));
    } else
        tell(t('act.refused', { why: error.message }));
    learnMore(app, alert.id);
}

/** Answers whether it was done. `tell(text)` says how it goes. */
export async function act(app, alert, row, values, tell) {
    const { t } = app.words;
    tell(t('act.sending'));
    try {
        const done = await send(app, alert.id, bodyOf(row, alert.work.rev, newRequest(), values), tell);
        app.change({ type: 'answered', id: alert.id, work: done.work });
        tell(t('act.done', { action: t(`action.${row.action}`) }));
        learnMore(app, alert.id);
        return true;
    } catch (error) {
        await refused(app, alert, error, tell);
        return false;
    }
}
