/*
 * hand_over: the watch as it goes from one to the next: what is handed over, to be read, amended by remarks, and signed. Who hands over signs by offering it,
 * who takes over by accepting; the document that the gateway wrote down at the offer is what both have signed. Those of former watches can be read again.
 */
import { watchSteps } from '../core/shift.js';
import { newRequest } from '../core/work.js';
import { dateTime } from '../core/zone.js';
import { el } from '../view/dom.js';
import { documentView } from '../view/hand_over_view.js';
import { signForm } from '../view/sign_form.js';

/* Plates by vehicle; a document has ids alone. */
async function readPlates(app) {
    const plates = new Map();
    for (let cursor = ''; ;) {
        const page = await app.api.get(`/api/v1/vehicles?limit=500${cursor}`);
        page.items.forEach((row) => plates.set(row[0], row[7]));
        if (page.next === null)
            return plates;
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
}

const documentOf = (entry) => (typeof entry?.document === 'string' ? JSON.parse(entry.document) : entry?.document);

/* What is shown: a former watch's that was asked for, the offer that waits to be accepted, else as it stands now. */
async function choose(app, told) {
    const asked = told.items.find((entry) => entry.entry === app.address.get('entry'));
    const waiting = told.now.to ? told.items.find((entry) => entry.event === 'offer') : undefined;
    const offer = asked ?? waiting;
    if (offer !== undefined && documentOf(offer) !== undefined)
        return { offer, document: documentOf(offer), former: asked !== undefined && asked !== waiting };
    return { offer, document: await app.api.get('/api/v1/shifts/hand-over'), former: false };
}

/* Who accepted an offer: the entry that stands on it. */
const answerTo = (offer, items) => items.find((entry) => Number(entry.rev) === Number(offer?.rev) + 1 && entry.event === 'accept');

function formerOnes(app, told) {
    const { t } = app.words, offers = told.items.filter((entry) => entry.event === 'offer');
    const pick = el('select', { onchange: () => { app.address.put({ entry: pick.value === '' ? null : pick.value }); location.reload(); } }, el('option', { value: '' }, t('hand.now')),
        ...offers.map((entry) => el('option', { value: entry.entry, selected: entry.entry === app.address.get('entry') }, `${dateTime(Number(entry.entry.split('-')[0]), app.zone)} ${entry.who ?? entry.on ?? ''} → ${entry.to ?? ''}`)));
    return el('label', {}, t('hand.which'), pick);
}

export async function makeHandOver(app, frame) {
    const { t } = app.words;
    async function step(event, values) {
        const said = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ''));
        try {
            await app.api.post('/api/v1/shifts', { event, rev: app.shift.rev, request: newRequest(), ...said });
            app.address.put({ entry: null });
            await show();
        } catch (error) {
            frame.tell(t('act.refused', { why: error.message }));
        }
    }
    async function show() {
        frame.busy(true);
        frame.tell('');
        try {
            const told = await app.api.get('/api/v1/shifts?limit=100'), plates = await readPlates(app), chosen = await choose(app, told);
            app.shift = told.now;
            frame.about(dateTime(chosen.document.at, app.zone));
            frame.controls.replaceChildren(formerOnes(app, told));
            const steps = chosen.former ? [] : watchSteps(told.now, app.session.user, app.session.role);
            frame.body.replaceChildren(...documentView({ ...chosen, shift: told.now, answer: answerTo(chosen.offer, told.items), plates }, app), signForm(steps, app.words, step));
        } catch (error) {
            frame.tell(t('detail.unreachable', { why: error.message }));
        }
        frame.busy(false);
    }
    await show();
}
