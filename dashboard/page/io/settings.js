/* settings: what a user of this browser has chosen; of no use to others. A browser that keeps nothing, or forbids to look, begins anew each time. */
const KEY = 'muckwatch';
const FIRST = { language: null, sound: { volume: 0.6, least: 'major', quiet: null, speak: false, notify: false, awake: false }, layers: { fences: true, labels: true, vehicles: true, base: true, grid: true }, filter: '' };

export function readSettings(storage = () => globalThis.localStorage) {
    try {
        const kept = JSON.parse(storage().getItem(KEY) ?? '{}');
        return { ...FIRST, ...kept, sound: { ...FIRST.sound, ...kept.sound }, layers: { ...FIRST.layers, ...kept.layers } };
    } catch {
        return { ...FIRST, sound: { ...FIRST.sound }, layers: { ...FIRST.layers } };
    }
}

export function keepSettings(settings, storage = () => globalThis.localStorage) {
    try {
        storage().setItem(KEY, JSON.stringify(settings));
    } catch {
        /* Full, or forbidden: chosen again next time. */
    }
}
