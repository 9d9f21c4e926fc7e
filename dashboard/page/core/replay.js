/*
 * replay: a vehicle's past out of the columns of its track (docs/openapi.yaml, track): where it was at a time, where it stood, and where nothing
 * is known. Between two fixes it is on the line between them; across a gap it is where it was last.
 */
export const GAP_MS = 180_000;
const STANDS_KMH = 3, STOP_MS = 120_000;

/** The last fix at or before a time; -1: none. */
export function indexAt(times, t) {
    let low = -1, high = times.length - 1;
    while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (times[middle] <= t)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Whether nothing is known between fix i - 1 and fix i. Times of a simplified track say nothing of it. */
export function isGap(track, i, holes = new Set(track.hole)) {
    return holes.has(i) || (!track.simplified && track.time[i] - track.time[i - 1] > GAP_MS);
}

/** `{lat, lon, speed, track, known, at}`; `known` is false in a gap, and before and behind all fixes. Null of an empty track. */
export function stateAt(track, t) {
    const n = track.time.length;
    if (n === 0)
        return null;
    const i = Math.max(0, indexAt(track.time, t));
    const here = { lat: track.lat[i], lon: track.lon[i], speed: track.speed[i], track: track.track[i], known: t >= track.time[0] && t <= track.time[n - 1], at: i };
    if (i + 1 >= n || t <= track.time[i])
        return here;
    if (isGap(track, i + 1))
        return { ...here, known: false };
    const share = (t - track.time[i]) / (track.time[i + 1] - track.time[i]);
    const between = (a, b) => a + (b - a) * share;
    return { ...here, lat: between(track.lat[i], track.lat[i + 1]), lon: between(track.lon[i], track.lon[i + 1]) };
}

/** Spans of which nothing is known, `{from, to}`. */
export function gapsOf(track) {
    const holes = new Set(track.hole), gaps = [];
    for (let i = 1; i < track.time.length; i++)
        if (isGap(track, i, holes))
            gaps.push({ from: track.time[i - 1], to: track.time[i] });
    return gaps;
}

/** Where it stood for STOP_MS or longer, `{from, to, lat, lon}`; a gap ends a stop. */
export function stopsOf(track) {
    const holes = new Set(track.hole), stops = [];
    let begin = -1;
    const end = (i) => {
        if (begin >= 0 && track.time[i] - track.time[begin] >= STOP_MS)
            stops.push({ from: track.time[begin], to: track.time[i], lat: track.lat[begin], lon: track.lon[begin] });
        begin = -1;
    };
    for (let i = 0; i < track.time.length; i++) {
        const stands = track.speed[i] !== null && track.speed[i] < STANDS_KMH;
        if (i > 0 && isGap(track, i, holes))
            end(i - 1);
        if (stands && begin < 0)
            begin = i;
        if (!stands)
            end(i);
    }
    end(track.time.length - 1);
    return stops;
}

/* What stands beside the speed, in this order; columns of the track of that name have the places where a word changes, [[place, word], …]. */
export const BANDS = ['body', 'load', 'cover', 'ignition'];

/** Spans of one word of a sensor, `{from, to, word}`; a word stands until the next one, and not across a gap. */
export function bandOf(track, name) {
    const changes = track[name] ?? [], n = track.time.length, gaps = gapsOf(track), spans = [];
    changes.forEach(([place, word], i) => {
        const end = track.time[changes[i + 1]?.[0] ?? n - 1];
        let from = track.time[place];
        for (const gap of gaps.filter((one) => one.from >= from && one.from < end)) {
            if (gap.from > from)
                spans.push({ from, to: gap.from, word });
            from = Math.min(gap.to, end);
        }
        if (end > from)
            spans.push({ from, to: end, word });
    });
    return spans;
}

/** What a sensor said last by a time, or null: before its first word, and where nothing is known. */
export function wordAt(track, name, t) {
    const now = stateAt(track, t);
    if (now === null || !now.known)
        return null;
    let said = null;
    for (const [place, word] of track[name] ?? [])
        if (place <= now.at)
            said = word;
    return said;
}

/** Where the next mark is from a time on (by > 0), or the one before: of alerts, each by its begin. Null: there is none. */
export function markFrom(alerts, t, by) {
    const times = alerts.map((a) => a.start).sort((a, b) => a - b);
    return (by > 0 ? times.find((time) => time > t) : times.reverse().find((time) => time < t)) ?? null;
}

/** The next fix from a time on, or the one before: where a step leads. */
export function stepFrom(track, t, by) {
    const i = indexAt(track.time, t);
    const to = by > 0 ? i + 1 : track.time[i] < t ? i : i - 1;
    return track.time[Math.max(0, Math.min(track.time.length - 1, to))] ?? t;
}

/** Lines of the way up to a time, in pieces between gaps: [[lon, lat], …] each. */
export function wayUpTo(track, t) {
    const holes = new Set(track.hole), lines = [[]], end = indexAt(track.time, t);
    for (let i = 0; i <= end; i++) {
        if (i > 0 && isGap(track, i, holes))
            lines.push([]);
        lines[lines.length - 1].push([track.lon[i], track.lat[i]]);
    }
    const now = stateAt(track, t);
    if (now?.known && end >= 0)
        lines[lines.length - 1].push([now.lon, now.lat]);
    return lines.filter((line) => line.length > 1);
}

const escaped = (text) => text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c]);

/** Places of fixes that came late: [lon, lat] each. */
export const latePlaces = (track) => track.late.map((i) => [track.lon[i], track.lat[i]]);

/** GPX 1.1; a gap begins a new segment. */
export function toGpx(track, name) {
    const holes = new Set(track.hole), parts = [];
    track.time.forEach((time, i) => {
        if (i > 0 && isGap(track, i, holes))
            parts.push('</trkseg><trkseg>');
        parts.push(`<trkpt lat="${track.lat[i].toFixed(7)}" lon="${track.lon[i].toFixed(7)}"><time>${new Date(time).toISOString()}</time></trkpt>`);
    });
    return `<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Muckwatch" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>${escaped(name)}</name><trkseg>\n${parts.join('\n')}\n</trkseg></trk></gpx>\n`;
}

/** A line for each piece between gaps, with the times of its points. */
export function toGeoJson(track, name) {
    const holes = new Set(track.hole), features = [];
    let coordinates = [], times = [];
    const end = () => {
        if (coordinates.length > 1)
            features.push({ type: 'Feature', properties: { name, times }, geometry: { type: 'LineString', coordinates } });
        [coordinates, times] = [[], []];
    };
    track.time.forEach((time, i) => {
        if (i > 0 && isGap(track, i, holes))
            end();
        coordinates.push([track.lon[i], track.lat[i]]);
        times.push(new Date(time).toISOString());
    });
    end();
    return JSON.stringify({ type: 'FeatureCollection', features });
}
