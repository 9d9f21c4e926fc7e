/*
 * sse: the text of a stream of events, piece by piece, as the standard says (HTML, "Server-sent events"). A piece may end anywhere.
 */
const LINE_MAX = 8 << 20;

/** `take(piece)` hands complete events `{event, data, id}` to `onEvent`; `id` is the last that was said, or null. */
export function sseReader(onEvent, lastId = null) {
    let rest = '', event = '', data = [], id = lastId;

    function line(text) {
        if (text === '') {
            if (data.length > 0)
                onEvent({ event: event || 'message', data: data.join('\n'), id });
            [event, data] = ['', []];
            return;
        }
        const colon = text.indexOf(':');
        const name = colon < 0 ? text : text.slice(0, colon);
        const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
        if (name === 'event')
            event = value;
        else if (name === 'data')
            data.push(value);
        else if (name === 'id' && !value.includes('\0'))
            id = value;
    }

    return {
        take(piece) {
            rest += piece;
            for (;;) {
                const end = rest.search(/[\r\n]/);
                /* A CR at the very end may be half of CRLF. */
                if (end < 0 || (rest[end] === '\r' && end === rest.length - 1))
                    break;
                const text = rest.slice(0, end);
                rest = rest.slice(end + (rest[end] === '\r' && rest[end + 1] === '\n' ? 2 : 1));
                line(text);
            }
            if (rest.length > LINE_MAX)
                throw new Error('a line of the stream is too long');
        },
        lastId: () => id,
    };
}
