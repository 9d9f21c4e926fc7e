/*
 * permits: what the files let a vehicle do, held against an alert of it (docs/openapi.yaml, about): what each permit lacks, and which places it names.
 */

/* By kind: what even a permit in force does not allow. */
const BROKEN = { off_route: 'off_route', wrong_hours: 'out_of_hours', wrong_site: 'other_disposal', illegal_dumping: 'other_disposal', illegal_loading: 'other_site' };

/** What a permit lacks, as words of the family `lacks`; none: nothing that is known of it stands against this. */
export function lacksOf(permit, alert) {
    const lacks = [];
    if (permit.status !== 'active')
        lacks.push(permit.status);
    if (!permit.valid)
        lacks.push(permit.valid_to !== null && alert.start >= permit.valid_to ? 'expired' : 'not_yet');
    if (!permit.within_hours)
        lacks.push('out_of_hours');
    const broken = BROKEN[alert.kind];
    if (broken !== undefined && alert.permit === permit.id && !lacks.includes(broken))
        lacks.push(broken);
    if (alert.near_permit === permit.id && alert.why !== undefined && !lacks.includes(alert.why))
        lacks.push(alert.why);
    return lacks;
}

/** Those that an alert is about come first: the one it names, the one that comes nearest, that of the haul it is of. */
export function inOrder(permits, alert, haul = null) {
    const first = [alert.permit, alert.near_permit, haul !== null && haul.trip === alert.trip ? haul.permit : undefined].filter(Boolean);
    const rank = (permit) => (first.includes(permit.id) ? first.indexOf(permit.id) : first.length);
    return [...permits].sort((a, b) => rank(a) - rank(b) || Number(b.valid) - Number(a.valid) || (a.id < b.id ? -1 : 1));
}

/** Fences by id with what they are to the permit: those of the first ones alone that an alert names; of none that it names those of all in force. */
export function placesOf(permits, alert, haul = null) {
    const ordered = inOrder(permits, alert, haul), named = [alert.permit, alert.near_permit, haul?.trip === alert.trip ? haul?.permit : undefined];
    const of = ordered.filter((permit) => named.includes(permit.id)), chosen = of.length > 0 ? of.slice(0, 1) : ordered.filter((permit) => permit.valid && permit.status === 'active');
    const places = new Map();
    for (const permit of chosen)
        for (const [list, what] of [['sites', 'site'], ['disposals', 'disposal'], ['routes', 'route']])
            permit[list].forEach((fence) => places.set(fence.id, what));
    return places;
}

/** Of each warning to the cab what became of it: `{event, at, sent}`; sent is a time, or null: it was not. */
export const warningsOf = (entries) => entries.map((entry) => ({ event: entry.event, at: Number(entry.at), sent: /^\d+$/.test(entry.sent ?? '') ? Number(entry.sent) : null }));
