/*
 * places: where an alert was, in words, from the gateway, for those that are looked at alone: two questions at a time, each place once. Until it
 * is known there are the district and the numbers.
 */
import { placeOf } from '../core/alert.js';

const AT_ONCE = 2, KEPT_MAX = 5000;

export function makePlaces(app) {
    const known = new Map(), waiting = [];
    let asking = 0;
    const keyOf = (p) => `${p.lat.toFixed(5)},${p.lon.toFixed(5)}`;

    async function next() {
        const place = asking < AT_ONCE ? waiting.shift() : undefined;
        if (place === undefined)
            return;
        asking++;
        const key = keyOf(place);
        try {
            const told = await app.api.get(`/api/v1/place?lat=${place.lat}&lon=${place.lon}`);
            known.set(key, { text: told.text, names: new Map(told.fences.map((f) => [f.id, f])) });
        } catch {
            known.delete(key); /* asked again when it is looked at again */
        }
        asking--;
        app.draw();
        next();
    }

    function want(alerts) {
        /* What is looked at now comes first; what was passed by is not asked for. */
        for (const place of waiting.splice(0))
            known.delete(keyOf(place));
        for (const a of alerts) {
            const place = placeOf(a);
            if (place === undefined || known.has(keyOf(place)))
                continue;
            if (known.size >= KEPT_MAX)
                known.clear();
            known.set(keyOf(place), null);
            waiting.push(place);
        }
        for (let i = asking; i < AT_ONCE; i++)
            next();
    }

    function of(a) {
        const { words } = app, place = placeOf(a);
        if (place === undefined)
            return a.jurisdiction || words.t('card.no_place');
        const told = known.get(keyOf(place)), fence = told?.names.get(a.fence);
        /* The fence that it is about says more than the innermost one there. */
        const name = (words.tracker === 'en' && fence?.name_en) || fence?.name;
        if (name)
            return words.t('card.fence', { name });
        return told?.text[words.tracker] || a.jurisdiction || words.t('map.places', { lat: place.lat.toFixed(5), lon: place.lon.toFixed(5) });
    }
    return { want, of };
}
