#include "sim_unit.h"

#include "fix_write.h"

static uint64_t left_out(const struct sim_unit *u, uint64_t k)
{
    for (uint32_t i = u->skip_count; i-- > 0;)
        if (u->skips[i].k <= k)
            return u->skips[i].total;
    return 0;
}

uint64_t sim_unit_seq(const struct sim_unit *u, uint64_t k)
{
    return k + 1 + left_out(u, k);
}

uint64_t sim_unit_k(const struct sim_unit *u, uint64_t seq)
{
    /* Between two skips seq and k go in step. */
    uint64_t from = 0, total = 0;
    for (uint32_t i = 0; i < u->skip_count; i++) {
        uint64_t k = seq > total ? seq - 1 - total : 0;
        if (k < u->skips[i].k)
            return k > from ? k : from;
        from = u->skips[i].k;
        total = u->skips[i].total;
    }
    uint64_t k = seq > total ? seq - 1 - total : 0;
    if (k < from)
        k = from;
    return k < u->made ? k : u->made;
}

struct fix sim_unit_fix(const struct sim_unit *u, uint64_t k, bool numbers)
{
    const struct sim_vehicle *v = u->vehicle;
    struct fix fix = u->trace->lines[v->lines[k % v->line_count]].fix;
    fix.time.ms += u->shift_ms + (int64_t)(k / v->line_count) * u->period_ms;
    for (uint32_t i = 0; i < u->error_count; i++)
        if (u->errors[i].k <= k && k < u->errors[i].until)
            fix.time.ms += u->errors[i].off_ms;
    if (numbers) {
        fix.has = (uint16_t)(fix.has | FIX_HAS_SEQ);
        fix.boot = (struct text){u->boot_bytes, 16};
        fix.seq = sim_unit_seq(u, k);
    }
    return fix;
}

static uint64_t used(const struct sim_unit *u)
{
    uint64_t total = u->skip_count > 0 ? u->skips[u->skip_count - 1].total : 0;
    return u->made + total;
}

void sim_unit_make(struct sim_unit *u)
{
    u->made++;
    uint64_t last = sim_unit_seq(u, u->made - 1);
    sender_journal(&u->sender, 1, last, used(u));
}

bool sim_unit_reboot(struct sim_unit *u, uint64_t left, const struct sender_options *options)
{
    if (u->skip_count == SIM_EPISODES_MAX)
        return false;
    uint64_t total = (u->skip_count > 0 ? u->skips[u->skip_count - 1].total : 0) + left;
    u->skips[u->skip_count++] = (struct sim_skip){u->made, total};
    struct sender before = u->sender;
    sender_init(&u->sender, options, before.acked);
    sender_journal(&u->sender, 1, before.last, used(u));
    u->sender.highest_sent = before.highest_sent;
    u->sender.stats = before.stats;
    return true;
}

void sim_unit_status(const struct sim_unit *u, struct buf *out)
{
    struct unit_range ranges[SIM_EPISODES_MAX];
    for (uint32_t i = 0; i < u->skip_count; i++) {
        uint64_t before = i > 0 ? u->skips[i - 1].total : 0;
        ranges[i] = (struct unit_range){u->skips[i].k + before + 1, u->skips[i].k + u->skips[i].total};
    }
    struct status_message status = {
        .online = true,
        .boot = {u->boot_bytes, 16},
        .first = 1,
        .skipped = ranges,
        .skipped_count = u->skip_count,
        .agent = TEXT("muckctl-simulate/" MW_VERSION),
    };
    unit_status_write(&status, out);
}

struct sim_payload sim_unit_payload(const struct sim_unit *u, const struct sender_action *action,
                                    bool numbers, struct buf *out)
{
    uint64_t k = sim_unit_k(u, action->from);
    struct sim_payload p = {0};
    size_t begin = out->len;
    bool many = action->fixes > 1 && k + 1 < u->made;
    if (many)
        buf_put_char(out, '[');
    while (k < u->made && p.fixes < action->fixes) {
        size_t before = out->len;
        if (p.fixes > 0)
            buf_put_char(out, ',');
        struct fix fix = sim_unit_fix(u, k, numbers);
        fix_write(&fix, out);
        if (p.fixes > 0 && out->len - begin >= action->bytes) {
            out->len = before;
            break;
        }
        p.to = sim_unit_seq(u, k);
        p.fixes++;
        k++;
    }
    if (many)
        buf_put_char(out, ']');
    return p;
}
