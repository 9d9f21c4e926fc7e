/*
 * register_cursor: where a page ended, as text for the one who asked.
 *
 * It says the place in the order and not a number of entries, so what comes or goes meanwhile moves no page. It is signed: a cursor that was
 * made up is told apart from one that is good. It carries no rights: whoever brings it sees, from that place on, what
 * their own scope covers.
 */
#include "register_state.h"

enum { VERSION = 1, BODY = 3 + 8 + DESK_ID_LENGTH, SIGNED = BODY + 8 };
_Static_assert(2 * SIGNED < REGISTER_CURSOR_MAX, "a cursor and its zero have room");

struct alert_key register_key(const struct register_book *r, uint32_t number, enum register_order order)
{
    const struct alert_row *row = &r->rows[number];
    uint8_t worked = row->work == WORK_OPEN ? 0 : ALERT_SEVERITY_COUNT;
    uint8_t rank = order == ORDER_TO_DO ? (uint8_t)(worked + SEVERITY_CRITICAL_ALERT - row->severity) : 0;
    return (struct alert_key){rank, row->start_ms, r->mores[number].id};
}

bool alert_key_before(struct alert_key a, struct alert_key b)
{
    if (a.rank != b.rank)
        return a.rank < b.rank;
    if (a.start_ms != b.start_ms)
        return a.start_ms > b.start_ms;
    return memcmp(a.id, b.id, DESK_ID_LENGTH) < 0;
}

static uint64_t signature_of(const struct register_book *r, const uint8_t *bytes)
{
    /* Another key than that of the tables. */
    const struct hash_key key = {r->settings.key.k1, ~r->settings.key.k0};
    return hash_bytes(key, bytes, BODY);
}

static void put_u64(uint8_t *at, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_u64(const uint8_t *at)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

void register_cursor_write(const struct register_book *r, enum register_order order, struct alert_key key,
                           char out[REGISTER_CURSOR_MAX])
{
    uint8_t bytes[SIGNED] = {VERSION, (uint8_t)order, key.rank};
    put_u64(bytes + 3, (uint64_t)key.start_ms);
    memcpy(bytes + 11, key.id, DESK_ID_LENGTH);
    put_u64(bytes + BODY, signature_of(r, bytes));
    for (size_t i = 0; i < SIGNED; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    out[2 * SIGNED] = '\0';
}

static bool digit_of(char c, uint8_t *out)
{
    if (c >= '0' && c <= '9')
        *out = (uint8_t)(c - '0');
    else if (c >= 'a' && c <= 'f')
        *out = (uint8_t)(c - 'a' + 10);
    else
        return false;
    return true;
}

bool register_cursor_read(const struct register_book *r, enum register_order order, struct text cursor,
                          char id[DESK_ID_LENGTH], struct alert_key *key)
{
    uint8_t bytes[SIGNED];
    if (cursor.len != 2 * SIGNED)
        return false;
    for (size_t i = 0; i < SIGNED; i++) {
        uint8_t high, low;
        if (!digit_of(cursor.data[2 * i], &high) || !digit_of(cursor.data[2 * i + 1], &low))
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    if (bytes[0] != VERSION || bytes[1] != order || get_u64(bytes + BODY) != signature_of(r, bytes))
        return false;
    memcpy(id, bytes + 11, DESK_ID_LENGTH);
    *key = (struct alert_key){bytes[2], (int64_t)get_u64(bytes + 3), id};
    return true;
}
