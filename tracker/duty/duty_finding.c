#include "duty_finding.h"

static void tell(const struct duty_listener *listener, const struct duty_telling *about,
                 enum duty_event event, struct said_violation *said, struct said_violation now)
{
    struct duty_telling t = *about;
    now.rev = said->rev + 1;
    *said = now;
    t.type = DUTY_TELLS_FINDING;
    t.event = event;
    t.finding = now;
    listener->tell(listener->context, &t);
}

static bool same(const struct said_violation *a, const struct said_violation *b)
{
    return a->standing == b->standing && a->cleared == b->cleared && a->no_data == b->no_data &&
           a->end_ms == b->end_ms && a->permille == b->permille;
}

void duty_finding_settle(const struct duty_listener *listener, const struct duty_telling *about,
                         struct said_violation *said, const struct said_violation *now)
{
    bool was = said->standing == VIOLATION_OPEN || said->standing == VIOLATION_CLOSED;
    bool is = now->standing == VIOLATION_OPEN || now->standing == VIOLATION_CLOSED;
    if (!is) {
        struct said_violation withdrawn = *said;
        withdrawn.standing = VIOLATION_WITHDRAWN;
        if (was)
            tell(listener, about, DUTY_WITHDRAWN, said, withdrawn);
        return;
    }
    if (said->rev == 0) {
        struct said_violation opened = *now;
        opened.standing = VIOLATION_OPEN;
        opened.cleared = 0;
        opened.end_ms = 0;
        tell(listener, about, DUTY_OPENED, said, opened);
    }
    if (same(said, now))
        return;
    bool closes = said->standing == VIOLATION_OPEN && now->standing == VIOLATION_CLOSED;
    tell(listener, about, closes ? DUTY_CLOSED : DUTY_UPDATED, said, *now);
}
