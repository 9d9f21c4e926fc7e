/*
 * work: what may be done about an alert, by whom, in which state. The table is that of docs/PROTOCOL.md; the gateway decides, this only
 * spares people buttons that it would refuse. In the order in which it is commonly done.
 */
const ROLES = { viewer: 0, dispatcher: 1, enforcer: 2, admin: 3 };
const UNDER_WAY = ['acknowledged', 'assigned', 'handled'];
const NOT_CLOSED = ['open', ...UNDER_WAY, 'reviewed'];

const TABLE = [
    { action: 'acknowledge', key: 'a', from: ['open'] },
    { action: 'assign', key: 's', from: UNDER_WAY, asks: ['to', 'why'] },
    { action: 'handled', key: 'h', from: ['acknowledged', 'assigned'], asks: ['found', 'media', 'why'] },
    { action: 'approve', key: 'p', from: ['handled'], role: 'enforcer', sends: { action: 'review', verdict: 'approve' }, asks: ['why'] },
    { action: 'reject', key: 'x', from: UNDER_WAY, role: 'enforcer', sends: { action: 'review', verdict: 'reject' }, asks: ['reason', 'why'] },
    { action: 'close', key: 'c', from: ['handled', 'reviewed'], asks: ['why'] },
    { action: 'note', key: 'n', from: [...NOT_CLOSED, 'closed'], asks: ['why'] },
    { action: 'shelve', key: 'z', from: NOT_CLOSED, asks: ['until', 'why'] },
    { action: 'unshelve', key: 'z', from: NOT_CLOSED, sends: { action: 'shelve', until: 0 }, asks: ['why'] },
    { action: 'duplicate', key: 'd', from: NOT_CLOSED, asks: ['of', 'why'] },
    { action: 'reopen', key: 'r', from: ['reviewed', 'closed'], asks: ['why'] },
];

function fits(row, a, role, shelved) {
    if ((ROLES[role] ?? 0) < ROLES[row.role ?? 'dispatcher'])
        return false;
    if (row.action === 'unshelve' || row.action === 'shelve')
        return row.from.includes(a.work.state) && shelved === (row.action === 'unshelve');
    /* What was withdrawn, or is another's duplicate, may be closed from anywhere. */
    const freely = row.action === 'close' && a.work.state !== 'closed' && (a.condition === 'withdrawn' || a.work.duplicate_of !== undefined);
    return freely || row.from.includes(a.work.state);
}

/** Letters of actions, each with the action that it is most often: [letter, action]. */
export const ACTION_KEYS = TABLE.filter((row, i) => TABLE.findIndex((one) => one.key === row.key) === i).map((row) => [row.key, row.action]);

/** What the gateway refuses an action without, of what is asked for. */
export const NEEDED = { note: ['why'], assign: ['to'], handled: ['found'], reject: ['reason'], duplicate: ['of'], shelve: ['why'], unshelve: ['why'], reopen: ['why'] };

/** Rows of what may be done, in order. */
export const offered = (a, role, shelved) => TABLE.filter((row) => fits(row, a, role, shelved));

/** The body of the question. `values`: what was typed, by the names in `asks`. */
export function bodyOf(row, rev, request, values) {
    const body = { action: row.action, rev, request, ...row.sends };
    for (const name of row.asks ?? []) {
        const value = typeof values[name] === 'string' ? values[name].trim() : values[name];
        if (value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0))
            body[name] = value;
    }
    return body;
}

/** 128 random bits in hex. */
export function newRequest(random = (bytes) => crypto.getRandomValues(bytes)) {
    return [...random(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
