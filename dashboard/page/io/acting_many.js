/* acting_many: one action on all that are marked. What was refused stays marked, and is said. */
import { isShelved } from '../core/alert.js';
import { bulkBodies, bulkFits, bulkSum } from '../core/bulk.js';
import { newRequest } from '../core/work.js';
import { Away } from './api.js';

const TRIES = 5, PAUSE_MS = 1500;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/* The same names each time. */
async function send(app, items) {
    for (let n = 1; ; n++) {
        try {
            return (await app.api.post('/api/v1/actions', { items })).items;
        } catch (error) {
            if (!(error instanceof Away) || n >= TRIES)
                throw error;
            await sleep(Math.max(error.afterS * 1000, n * PAUSE_MS));
        }
    }
}

/** Answers whether all was done. */
export async function actOnMany(app, action, values, tell) {
    const { t } = app.words, now = app.now();
    const marked = [...app.marked].map((id) => app.state.alerts.get(id)).filter(Boolean);
    const all = [];
    tell(t('act.sending'));
    try {
        for (const items of bulkBodies(action, bulkFits(action, marked, (a) => isShelved(a, now)), values, newRequest)) {
            const told = await send(app, items);
            all.push(...told);
            for (const one of told) {
                if (one.work !== undefined)
                    app.change({ type: 'answered', id: one.id, work: one.work });
                if (one.status === 200)
                    app.marked.delete(one.id);
            }
        }
    } catch (error) {
        tell(t('act.refused', { why: error.message }));
        return false;
    }
    const { done, refused, first } = bulkSum(all);
    tell(refused === 0 ? t('bulk.done', { n: done }) : t('bulk.partly', { n: done, refused, why: first }));
    app.draw();
    return refused === 0;
}
