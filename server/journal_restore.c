#include "journal_restore.h"

#include "journal_segment.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void log_number(enum log_level level, const char *message, const char *path,
                       const char *name, uint64_t number, const char *err)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    if (err)
        log_write(level, message, "file", path, name, text, "err", err, NULL);
    else
        log_write(level, message, "file", path, name, text, NULL);
}

bool journal_restore_is_in_use(const char *path, struct error *e)
{
    struct journal_segments all;
    if (!journal_list(path, &all, e))
        return false; /* whoever reads them will find that, too */
    bool in_use = false;
    for (size_t i = 0; i < all.count && !in_use; i++) {
        char *name = journal_segment_name(path, all.numbers[i]);
        in_use = name && journal_segment_is_in_use(name);
        if (in_use)
            error_set(e, ERROR_IO, "%s is in use by another process", name);
        free(name);
    }
    free(all.numbers);
    return in_use;
}

static bool set_aside(const char *path, const struct journal_report *report,
                      const struct error *why, struct error *e)
{
    char suffix[48];
    time_t now = time(NULL);
    struct tm utc;

    strftime(suffix, sizeof(suffix), "damaged-%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    if (!journal_set_aside(path, report->damaged, report->damaged_in_part, suffix, e))
        return false;
    log_write(
        LOG_ERROR,
        "journal is damaged; it was set aside from there on and what stands before the damage "
        "is served",
        "file", path, "kept_with", suffix, "err", why->message, NULL);
    return true;
}

bool journal_restore(struct store *s, const char *path, const struct journal_position *from,
                     enum damage_policy policy, struct journal_position *end, bool *damaged,
                     struct error *e)
{
    struct journal_report report;
    struct error why;

    if (journal_restore_is_in_use(path, e))
        return false;
    enum journal_outcome outcome = journal_replay(s, path, from, &report, &why);
    *end = report.end;
    if (outcome == JOURNAL_FAILED)
        return error_set(e, why.code, "the journal cannot be read: %.1900s", why.message);
    *damaged = outcome == JOURNAL_DAMAGED;
    if (*damaged && policy == DAMAGE_FAIL)
        return error_set(e, ERROR_INVALID,
                         "the journal of %s is damaged: %.1000s; it was left as it is", path,
                         why.message);
    if (*damaged && !set_aside(path, &report, &why, e))
        return false;
    if (report.refused > 0 && policy == DAMAGE_FAIL)
        return error_set(e, ERROR_INVALID,
                         "changes in the journal of %s do not agree with what is stored any more: "
                         "%.1000s; it was left as it is",
                         path, why.message);
    if (report.refused > 0)
        log_number(LOG_ERROR, "changes in the journal do not agree with what is stored any more",
                   path, "changes", report.refused,
                   outcome == JOURNAL_REPLAYED ? why.message : NULL);
    if (report.cut_bytes > 0)
        log_number(LOG_WARN, "the last write to the journal was cut off; its rest is dropped", path,
                   "bytes", report.cut_bytes, NULL);
    if (report.records > 0)
        log_number(LOG_INFO, "replayed the journal", path, "changes", report.records, NULL);
    return true;
}
