#include "clock_telling.h"

#include <muckwatch/contract.h>

#include <stdio.h>

void clock_telling_run(struct clock_telling *c, struct shared *s, uint32_t partition, int64_t batch,
                       const struct clock_sync *sync)
{
    char key[MW_KEY_MAX], kept[16], received[24], offset[24], error[24], last[24];
    if (!sync->known || (c->told && s->now.mono.ms - c->told_ms < CLOCK_TELLING_EVERY_MS))
        return;
    c->told = true;
    c->told_ms = s->now.mono.ms;
    snprintf(key, sizeof key, MW_KEY_CLOCK, (unsigned)partition);
    snprintf(kept, sizeof kept, "%d", CLOCK_TELLING_KEPT);
    snprintf(received, sizeof received, "%lld", (long long)s->now.wall.ms);
    snprintf(offset, sizeof offset, "%lld", (long long)sync->offset_us);
    snprintf(error, sizeof error, "%lld", (long long)sync->error_us);
    snprintf(last, sizeof last, "%lld", (long long)batch);
    const struct text command[] = {TEXT("XADD"),         text_of(key),
                                   TEXT("MAXLEN"),       TEXT("~"),
                                   text_of(kept),        TEXT("*"),
                                   TEXT("received"),     text_of(received),
                                   TEXT("synchronised"), sync->synchronised ? TEXT("1") : TEXT("0"),
                                   TEXT("offset"),       text_of(offset),
                                   TEXT("error"),        text_of(error),
                                   TEXT("batch"),        text_of(last)};
    actions_send(&s->actions, (struct sending){.ask = ASK_NOTHING}, sizeof command / sizeof *command,
                 command);
}
