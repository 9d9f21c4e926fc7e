/* shift: what may be done about the watch, by whom: as docs/DISPATCH.md and tracker/dispatch/desk/shift.h have it. The gateway decides. */

/** Steps, in order: {event, asks}. `shift`: as told, or null. */
export function watchSteps(shift, user, role) {
    if (shift === null || role === undefined || role === 'viewer')
        return [];
    if (!shift.on)
        return [{ event: 'take', asks: [] }];
    const steps = [];
    if (shift.to === user)
        steps.push({ event: 'accept', asks: [] });
    if (shift.on === user)
        steps.push(shift.to ? { event: 'cancel', asks: [] } : { event: 'offer', asks: ['to', 'why'] });
    else if (shift.to !== user)
        steps.push({ event: 'take', asks: ['why'] }); /* it was left without a hand-over */
    return steps;
}

/** The day of the city before or at a time, as the duty log wants it. */
export const dayOf = (dateTime) => dateTime.slice(0, 10);
