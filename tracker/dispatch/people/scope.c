#include "scope.h"

bool scope_is_within(struct text jurisdiction, struct text above)
{
    return jurisdiction.len >= above.len && memcmp(jurisdiction.data, above.data, above.len) == 0 &&
           (jurisdiction.len == above.len || jurisdiction.data[above.len] == '/');
}

bool scope_is_whole(const struct scope *scope)
{
    return scope->jurisdictions.count == 0 && scope->companies.count == 0;
}

bool scope_covers(const struct scope *scope, struct text jurisdiction, struct text company)
{
    bool place = scope->jurisdictions.count == 0, owner = scope->companies.count == 0;
    for (size_t i = 0; i < scope->jurisdictions.count && !place; i++)
        place = jurisdiction.len > 0 && scope_is_within(jurisdiction, scope->jurisdictions.items[i]);
    for (size_t i = 0; i < scope->companies.count && !owner; i++)
        owner = text_equal(company, scope->companies.items[i]);
    return place && owner;
}
