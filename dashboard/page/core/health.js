/*
 * health: whether what is shown can be believed: the stream is alive, the store is there, the tracker is not behind. Times are of this machine
 * but `now`, which is the server's.
 */
import { isPlayed } from './clock.js';
import { hourMinute } from './zone.js';

export const CUT_MS = 20_000, LAG_MS = 120_000, PLAYED_MS = 24 * 3_600_000;

/* How far the slowest tracker is behind, in ms. Of a recorded day that is played it says nothing. */
export function lagOf(beat) {
    const lags = (beat?.partitions ?? []).map((p) => p.lag).filter((lag) => lag !== null && lag < PLAYED_MS);
    return lags.length === 0 ? 0 : Math.max(0, ...lags);
}

export const storeAway = (beat) => (beat?.partitions ?? []).some((p) => p.connected === false);

/** `app`: {feed: {live, heard}, beat, state: {newest}}; `now`: the server's time; `local`: this machine's. */
export function feedStatus(app, now, local = Date.now()) {
    const { feed, beat } = app, lag = lagOf(beat);
    const silent = feed.heard > 0 && !feed.live && local - feed.heard > CUT_MS;
    const played = isPlayed(now, app.state.newest);
    const state = silent ? 'cut' : !feed.live ? 'connecting' : storeAway(beat) || lag > LAG_MS ? 'late' : played ? 'played' : 'live';
    const heard = now - (local - feed.heard);
    return {
        state,
        text: (words) => words.word('feed', state),
        cut: (words, zone, at) => (silent ? words.t('feed.cut_bar', { time: hourMinute(heard, zone), span: words.span(at - heard) }) : ''),
        lag(words) {
            if (feed.live && storeAway(beat))
                return words.t('feed.store_away');
            return feed.live && lag > LAG_MS ? words.t('feed.lag_bar', { span: words.span(lag) }) : '';
        },
    };
}
