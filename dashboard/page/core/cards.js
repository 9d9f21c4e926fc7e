/*
 * cards: the list as it is shown. A truck's alerts of one haul are one card, led by the one that comes first; the card unfolds to the
 * others. Cards stand in the order of their leaders. A filter leaves out alerts, not cards: what it hides is told.
 */
import { compare, isUntouched } from './alert.js';

const keyOf = (a) => (a.trip ? `${a.vehicle}\0${a.trip}` : a.id);

/** `alerts` in any order; cards `{key, lead, others}` in theirs. */
export function cardsOf(alerts) {
    const groups = new Map();
    for (const a of [...alerts].sort(compare)) {
        const key = keyOf(a), card = groups.get(key);
        if (card === undefined)
            groups.set(key, { key, lead: a, others: [] });
        else
            card.others.push(a);
    }
    return [...groups.values()];
}

/** Rows of the list: cards, and below those that are unfolded their other alerts. */
export function rowsOf(cards, unfolded) {
    return cards.flatMap((card) => {
        const lead = { id: card.lead.id, alert: card.lead, card, level: 1 };
        return unfolded.has(card.key) && card.others.length > 0 ? [lead, ...card.others.map((alert) => ({ id: alert.id, alert, card, level: 2 }))] : [lead];
    });
}

/** What a filter hides of what is to do. */
export function hiddenBy(alerts, matches) {
    const hidden = alerts.filter((a) => !matches(a));
    return { all: hidden.length, critical: hidden.filter((a) => a.severity === 'critical' && isUntouched(a)).length };
}
