/*
 * telling: what reaches people who do not look: the browser's own voice, a notification of the desktop, and a screen that does not sleep. The latter two
 * a browser gives to secure contexts alone (https, or this very machine), and the first only where it has a voice: `can` says what there is.
 */
const WAITING_MAX = 3;

export function makeTelling({ synthesis = globalThis.speechSynthesis, Utterance = globalThis.SpeechSynthesisUtterance, Notice = globalThis.Notification, lock = globalThis.navigator?.wakeLock, secure = globalThis.isSecureContext === true, page = globalThis.document } = {}) {
    let held = null, wanted = false;

    const voiceOf = (language) => (synthesis?.getVoices() ?? []).find((voice) => voice.lang.toLowerCase().replace('_', '-').startsWith(language.slice(0, 2).toLowerCase()));

    async function hold() {
        if (!wanted || held !== null || page.visibilityState !== 'visible')
            return;
        try {
            held = await lock.request('screen');
            held.addEventListener('release', () => { held = null; });
        } catch {
            held = null; /* the battery is low, or it may not: asked again when the page is seen again */
        }
    }
    page?.addEventListener('visibilitychange', () => { if (secure && lock !== undefined) hold(); });

    return {
        can: {
            speak: (language) => Utterance !== undefined && voiceOf(language) !== undefined,
            notify: () => secure && Notice !== undefined,
            awake: () => secure && lock !== undefined,
        },
        /* Of many at once the newest are said; a voice that is minutes behind helps nobody. */
        waiting: 0,
        speak(text, language) {
            const voice = voiceOf(language);
            if (voice === undefined)
                return false;
            if (this.waiting >= WAITING_MAX) {
                synthesis.cancel();
                this.waiting = 0;
            }
            const utterance = Object.assign(new Utterance(text), { voice, lang: voice.lang });
            const done = () => { this.waiting = Math.max(0, this.waiting - 1); };
            utterance.addEventListener('end', done);
            utterance.addEventListener('error', done);
            this.waiting++;
            synthesis.speak(utterance);
            return true;
        },
        /* Out of a press. Resolves to whether it may. */
        allowNotify: async () => secure && Notice !== undefined && (Notice.permission === 'granted' || await Notice.requestPermission() === 'granted'),
        /* One an alert, whatever is told of it again. */
        notify(title, body, tag, onChoose) {
            if (!secure || Notice === undefined || Notice.permission !== 'granted')
                return false;
            const notice = new Notice(title, { body, tag });
            notice.addEventListener('click', () => { globalThis.focus?.(); notice.close(); onChoose(); });
            return true;
        },
        async awake(on) {
            wanted = on && secure && lock !== undefined;
            if (wanted)
                await hold();
            else
                await held?.release();
        },
        isAwake: () => held !== null,
    };
}
