/* doing: what people may ask of the page, one function each. Views know these names and nothing else of the page. */
import { isUntouched, placeOf } from './core/alert.js';
import { emptyFilter, writeFilter } from './core/filters.js';
import { ACTION_KEYS, newRequest } from './core/work.js';
import { keepSettings } from './io/settings.js';
import { act } from './io/acting.js';
import { actOnMany } from './io/acting_many.js';
import { learnAsked, learnMore } from './io/learning.js';
import { KEYS } from './keys.js';
import { showKeys } from './view/over.js';

const SAID_MS = 6000, HUSH_MS = 5 * 60_000;

function choosing(app) {
    function select(id) {
        app.selected = id;
        app.more = {};
        app.change({ type: 'keep', id });
        if (id !== null) {
            learnMore(app, id);
            app.views.list.reveal(id);
        }
    }
    return {
        select,
        fold(id) {
            const item = app.views.list.items().find((one) => one.id === id);
            if (item === undefined || item.card.others.length === 0)
                return;
            if (!app.unfolded.delete(item.card.key))
                app.unfolded.add(item.card.key);
            app.draw();
        },
        firstUntouched() {
            const item = app.views.list.items().find((one) => isUntouched(one.alert));
            if (item !== undefined) {
                select(item.id);
                app.views.list.focus();
            }
        },
        selectVehicle(id) {
            const alert = app.city.alertOf(id);
            if (alert !== undefined)
                select(alert.id);
            else
                app.do.filter({ plate: app.state.vehicles.get(id)?.plate || id });
        },
        ask: (name) => learnAsked(app, app.selected, name),
        inView: (alerts) => app.places.want([...alerts, ...[app.state.alerts.get(app.selected)].filter(Boolean)]),
    };
}

/* Marking many for one action. A card that is folded stands for all of its alerts. */
function markingMany(app) {
    function mark(ids, on) {
        ids.forEach((id) => (on ? app.marked.add(id) : app.marked.delete(id)));
        app.draw();
    }
    const idsOf = (item) => (item.level === 1 && !item.unfolded ? [item.alert, ...item.card.others] : [item.alert]).map((a) => a.id);
    return {
        marking() {
            app.marked = app.marked === null ? new Set() : null;
            app.draw();
        },
        mark(id) {
            const item = app.views.list.items().find((one) => one.id === id);
            if (item !== undefined)
                mark(idsOf(item), !app.marked.has(id));
        },
        markListed: () => mark(app.views.list.items().flatMap(idsOf), true),
        actOnMany: (...question) => actOnMany(app, ...question),
    };
}

function filtering(app) {
    function filter(part) {
        Object.assign(app.filter, part);
        const search = writeFilter(app.filter, location.search.slice(1));
        history.replaceState(null, '', search === '' ? location.pathname : `?${search}`);
        app.settings.filter = writeFilter(app.filter, '');
        keepSettings(app.settings);
        app.draw();
    }
    return {
        filter,
        toggle(name, value) {
            const now = app.filter[name];
            filter({ [name]: now.includes(value) ? now.filter((one) => one !== value) : [...now, value] });
        },
        onlySeverity: (severity) => filter({ ...emptyFilter(), severity: [severity] }),
        showAll: () => filter(emptyFilter()),
    };
}

function mapping(app) {
    return {
        fitCity: () => app.city.fit(),
        follow: () => app.city.follow(),
        /* Any vehicle, any span: first that of what is played, or of what is chosen, or the last half hour. */
        async askReplay() {
            const { askReplay } = await import(/* later */ './view/replay_ask.js'), to = Math.round(app.dataNow());
            const first = app.replay ?? { vehicle: app.state.alerts.get(app.selected)?.vehicle, from: to - 30 * 60_000, to };
            askReplay(document.getElementById('over'), app, first, (...span) => app.do.replay.ofVehicle(...span));
        },
        editFences: () => app.city.editFences(),
        ruler: () => app.city.ruler(),
        fullScreen: () => app.city.fullScreen(),
        layer(name, on) {
            app.settings.layers[name] = on;
            keepSettings(app.settings);
            app.city.layers();
        },
        showPlace() {
            const alert = app.state.alerts.get(app.selected), place = alert === undefined ? undefined : placeOf(alert);
            if (place === undefined)
                app.say(app.words.t('map.no_place'));
            else
                app.city.goTo(place);
        },
        async copyPlace(button) {
            const alert = app.state.alerts.get(app.selected), place = alert === undefined ? undefined : placeOf(alert);
            if (place === undefined)
                return;
            const text = `${place.lat.toFixed(6)}, ${place.lon.toFixed(6)}`;
            try {
                await navigator.clipboard.writeText(text);
                button.textContent = app.words.t('detail.copied');
                setTimeout(() => { button.textContent = app.words.t('detail.copy'); }, 2000);
            } catch {
                app.say(text); /* over plain http a page may not copy: it can be marked by hand */
            }
        },
    };
}

function sounding(app) {
    return {
        async sound() {
            const { showSound } = await import(/* later */ './view/sound_box.js');
            showSound(document.getElementById('over'), app);
        },
        allowSound: () => app.sound.allow(),
        setSound(part) {
            Object.assign(app.settings.sound, part);
            keepSettings(app.settings);
            app.sound.setVolume(app.settings.sound.volume);
            app.draw();
        },
        hush() {
            app.hushedUntil = app.now() + HUSH_MS;
            app.draw();
            return app.hushedUntil;
        },
    };
}

function belonging(app) {
    return {
        keys: () => showKeys(document.getElementById('over'), app, [...KEYS.map(([key, name]) => [key, app.words.t(name)]), ...ACTION_KEYS.map(([key, action]) => [key.toUpperCase(), app.words.t(`action.${action}`)])]),
        otherLanguage() {
            app.settings.language = app.words.language === 'en' ? 'zh-CN' : 'en';
            keepSettings(app.settings);
            const search = new URLSearchParams(location.search);
            search.delete('lang');
            location.search = search.toString();
            location.reload();
        },
        async signOut() {
            await app.api.drop('/api/v1/session').catch(() => {});
            location.reload();
        },
        async watch() {
            const { showShift } = await import(/* later */ './view/shift.js');
            showShift(document.getElementById('over'), app);
        },
        /* For which a review may reject; asked once. */
        reasons: () => {
            app.reasons ??= app.api.get('/api/v1/reasons').then(({ items }) => items).catch((error) => { app.reasons = null; throw error; });
            return app.reasons;
        },
        handOver: () => app.api.get('/api/v1/shifts/hand-over'),
        /* Answers whether it was done. */
        async stepWatch(event, values, tell) {
            try {
                const said = Object.fromEntries(Object.entries(values).filter(([, text]) => text !== ''));
                await app.api.post('/api/v1/shifts', { event, rev: app.state.shift?.rev ?? 0, request: newRequest(), ...said });
                app.change({ type: 'shift', shift: (await app.api.get('/api/v1/shifts?limit=1')).now });
                return true;
            } catch (error) {
                tell(app.words.t('act.refused', { why: error.message }));
                return false;
            }
        },
    };
}

export function makeDoing(app) {
    let timers = {};
    function sayFor(name, text, ms) {
        clearTimeout(timers[name]);
        app[name] = text;
        timers[name] = setTimeout(() => { app[name] = ''; app.draw(); }, ms);
        app.draw();
    }
    app.say = (text) => sayFor('said', text, SAID_MS);
    app.sayBack = (n) => sayFor('back', app.words.t('feed.caught_up', { n }), SAID_MS);
    return { ...choosing(app), ...markingMany(app), ...filtering(app), ...mapping(app), ...sounding(app), ...belonging(app), act: (...question) => act(app, ...question) };
}
