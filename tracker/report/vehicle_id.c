#include "vehicle_id.h"

bool vehicle_id_valid(struct text id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-')
            return false;
    }
    return id.len >= 1 && id.len <= VEHICLE_ID_MAX;
}
