#include "unit_journal.h"

#include "journal_folder.h"
#include "journal_record.h"
#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum { REOPEN_MS = 30000, SEGMENT_BYTES = 512 << 10 };

static bool draw_boot(char *out)
{
    uint8_t random[JOURNAL_BOOT_LEN / 2];
    static const char digits[] = "0123456789abcdef";
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    for (size_t i = 0; i < sizeof random; i++) {
        out[2 * i] = digits[random[i] >> 4];
        out[2 * i + 1] = digits[random[i] & 15];
    }
    return true;
}

enum journal_status unit_journal_open(struct unit_journal *j, const struct onboard_config *config,
                                      struct cab *cab, struct mono now)
{
    struct journal_options options = {
        .max_bytes = (uint64_t)config->journal.max_mb << 20,
        .max_age_ms = config->journal.max_age_ms,
        .fsync_ms = config->journal.fsync_ms,
        .segment_bytes = SEGMENT_BYTES,
        .memory_bytes = config->journal.memory_kb << 10,
    };
    struct journal_disk disk;
    char boot[JOURNAL_BOOT_LEN];
    j->tried = now;
    int error = draw_boot(boot) ? journal_folder_open(config->journal.dir.data, &disk) : -EIO;
    enum journal_status status =
        error == 0 ? journal_open(&disk, &options, boot, clock_wall(), &j->journal) : JOURNAL_IO;
    if (status != JOURNAL_OK) {
        log_error("journal_not_opened", LOG_TEXT("dir", config->journal.dir),
                  LOG_STR("reason", status == JOURNAL_BUSY ? "another process has it"
                                    : error != 0           ? strerror(-error)
                                                           : "the disk refuses"));
        return status;
    }
    cab_use_journal(cab, j->journal, now);
    const struct journal_range *skips;
    log_info("journal_opened", LOG_TEXT("boot", journal_boot(j->journal)),
             LOG_INT("first", journal_first(j->journal)), LOG_INT("last", journal_last(j->journal)),
             LOG_INT("acked", journal_acked(j->journal)),
             LOG_INT("skips", journal_skips(j->journal, &skips)));
    return JOURNAL_OK;
}

void unit_journal_watch(struct unit_journal *j, const struct onboard_config *config, struct cab *cab,
                        struct mono now)
{
    bool failing = j->journal == NULL || journal_error(j->journal) != 0;
    if (failing && !j->failing && j->journal != NULL)
        log_error("journal_failing", LOG_STR("reason", strerror(journal_error(j->journal))),
                  LOG_STR("effect", "fixes wait in memory"));
    else if (!failing && j->failing)
        log_info("journal_works");
    j->failing = failing;
    if (j->journal == NULL && now.ms - j->tried.ms >= REOPEN_MS)
        unit_journal_open(j, config, cab, now);
}
