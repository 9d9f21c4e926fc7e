/*
 * sound: two pleasant tones, one pair a severity, in a loop with its pause, until told otherwise. The loop is a buffer that the browser
 * plays by itself, so that a tab in the background, whose timers sleep, goes on sounding. A browser is silent until somebody has touched the page.
 */
import { PAUSE_S } from '../core/attention.js';

/* Hz of the two tones: a falling fourth, a falling third, one tone twice. */
const TONES = { critical: [880, 659.26], major: [659.26, 523.25], minor: [523.25, 523.25] };
const TONE_S = 0.22, GAP_S = 0.06, FADE_S = 0.03;

function fill(samples, rate, from, frequency, repeats) {
    for (let i = 0; i < TONE_S * rate; i++) {
        const t = i / rate, fade = Math.min(1, t / FADE_S, (TONE_S - t) / FADE_S);
        samples[Math.floor(from * rate) + i] = 0.7 * fade * (Math.sin(2 * Math.PI * frequency * t) + 0.25 * Math.sin(4 * Math.PI * frequency * t)) / repeats;
    }
}

export function makeSound({ Context = globalThis.AudioContext, onAllowed }) {
    let context = null, gain = null, analyser = null, playing = null, wanted = null, volume = 0.6;
    const buffers = {};

    function bufferOf(severity) {
        if (buffers[severity] !== undefined)
            return buffers[severity];
        const rate = context.sampleRate, pairs = severity === 'critical' ? 2 : 1, pair = 2 * (TONE_S + GAP_S);
        const buffer = context.createBuffer(1, Math.ceil((pairs * pair + PAUSE_S[severity]) * rate), rate), samples = buffer.getChannelData(0);
        for (let p = 0; p < pairs; p++)
            TONES[severity].forEach((frequency, i) => fill(samples, rate, p * pair + i * (TONE_S + GAP_S), frequency, 1.25));
        buffers[severity] = buffer;
        return buffer;
    }

    function make() {
        context = new Context();
        gain = context.createGain();
        analyser = context.createAnalyser();
        gain.connect(analyser).connect(context.destination);
        context.addEventListener('statechange', () => { onAllowed(allowed()); play(); });
    }

    const allowed = () => context !== null && context.state === 'running';

    function play() {
        if (context === null || playing?.severity === wanted)
            return;
        playing?.source.stop();
        playing = null;
        if (wanted === null || !allowed())
            return;
        const source = context.createBufferSource();
        source.buffer = bufferOf(wanted);
        source.loop = true;
        source.connect(gain);
        gain.gain.value = volume * volume;
        source.start();
        playing = { severity: wanted, source };
    }

    return {
        /* Called out of a touch or a key. */
        async allow() {
            if (Context === undefined)
                return;
            if (context === null)
                make();
            if (context.state !== 'running')
                await context.resume();
            onAllowed(allowed());
            play();
        },
        allowed,
        call(severity) { wanted = severity; play(); },
        sounding: () => playing?.severity ?? null,
        setVolume(v) { volume = v; if (gain !== null) gain.gain.value = v * v; },
        /* Loudest sample now: what a test hears. */
        level() {
            if (analyser === null)
                return 0;
            const samples = new Float32Array(analyser.fftSize);
            analyser.getFloatTimeDomainData(samples);
            return samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
        },
    };
}

/**
 * One tab of several sounds: the one that opened first, of those that may. Each says each second that it is there; one that has been silent
 * for three is forgotten. Without BroadcastChannel each sounds.
 */
export function makeTurn({ Channel = globalThis.BroadcastChannel, now = Date.now, id, may, onTurn }) {
    const others = new Map();
    const channel = Channel === undefined ? null : new Channel('muckwatch-sound');
    let mine = true;

    function decide() {
        for (const [other, seen] of others)
            if (now() - seen > 3500)
                others.delete(other);
        const turn = may() && [...others.keys()].every((other) => id < other);
        if (turn !== mine)
            onTurn(mine = turn);
    }
    channel?.addEventListener('message', ({ data }) => {
        if (data.may)
            others.set(data.id, now());
        else
            others.delete(data.id);
        decide();
    });
    return {
        tick() { channel?.postMessage({ id, may: may() }); decide(); },
        end() { channel?.postMessage({ id, may: false }); channel?.close(); },
    };
}
