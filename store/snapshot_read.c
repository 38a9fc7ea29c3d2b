#include "gob_reader.h"
#include "record_reader.h"
#include "snapshot.h"
#include "snapshot_format.h"
#include "snapshot_record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct loader {
    struct store *store;
    struct record_reader records;
    struct arena arena; /* of the record being read */
    struct snapshot_report *report;
    struct error refusal; /* the first */
};

/* --- Our format ----------------------------------------------------------------------------------
 */

static bool restore(struct loader *l, struct slice content, struct error *e)
{
    struct store_saved_group group;
    return snapshot_record_read(content, &l->arena, &group, e) &&
           store_restore(l->store, &group, &l->arena, e);
}

/* A group that the store refuses is left out; false when that is for want of memory. */
static bool load_group(struct loader *l, struct slice content, struct error *e)
{
    bool ok = restore(l, content, e);
    arena_reset(&l->arena);
    if (ok) {
        l->report->groups++;
        return true;
    }
    if (e->code == ERROR_NO_MEMORY)
        return false;
    if (l->report->refused++ == 0)
        l->refusal = *e;
    return true;
}

static enum snapshot_outcome load_groups(struct loader *l, struct error *e)
{
    struct slice content;

    for (;;) {
        switch (record_reader_next(&l->records, &content, e)) {
        case RECORD_FOUND:
            if (!load_group(l, content, e))
                return SNAPSHOT_FAILED;
            break;
        case RECORD_FAILED:
            return SNAPSHOT_FAILED;
        case RECORD_END:
            *e = l->records.damage.code != ERROR_NONE ? l->records.damage : l->refusal;
            return e->code == ERROR_NONE ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED;
        }
    }
}

static enum snapshot_outcome load_records(struct loader *l, int fd, uint64_t size, struct error *e)
{
    posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    record_reader_begin(&l->records, fd, size);
    enum snapshot_outcome outcome = load_groups(l, e);
    l->report->journal = l->records.journal;
    l->report->journal_unknown = !l->records.journal_known;
    record_reader_free(&l->records);
    arena_free(&l->arena);
    return outcome;
}

/* --- The Go Pushgateway's ------------------------------------------------------------------------
 */

static enum snapshot_outcome load_gob(struct loader *l, int fd, uint64_t size, struct error *e)
{
    void *mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) {
        error_set(e, ERROR_IO, "mmap: %s", strerror(errno));
        return SNAPSHOT_FAILED;
    }
    madvise(mapped, size, MADV_SEQUENTIAL);
    bool whole = gob_reader_load(l->store, (struct slice){mapped, size}, l->report, e);
    munmap(mapped, size);
    if (whole)
        return SNAPSHOT_LOADED;
    l->report->journal_unknown = true;
    return e->code == ERROR_NO_MEMORY ? SNAPSHOT_FAILED : SNAPSHOT_DAMAGED;
}

/* --- The file ------------------------------------------------------------------------------------
 */

static bool is_ours(int fd)
{
    char start[16];
    ssize_t n = pread(fd, start, sizeof(start), 0);
    return n > 0 && slice_has_prefix((struct slice){start, (size_t)n}, snapshot_magic);
}

/* What is of neither program may be ours with a damaged beginning. */
static enum snapshot_outcome load_any(struct loader *l, int fd, uint64_t size, struct error *e)
{
    if (size == 0 || is_ours(fd))
        return load_records(l, fd, size, e);
    enum snapshot_outcome outcome = load_gob(l, fd, size, e);
    if (outcome != SNAPSHOT_DAMAGED || l->report->groups > 0)
        return outcome;
    struct error as_gob = *e;
    *l->report = (struct snapshot_report){0};
    outcome = load_records(l, fd, size, e);
    if (outcome == SNAPSHOT_DAMAGED && l->report->groups == 0)
        *e = as_gob;
    return outcome;
}

static enum snapshot_outcome load_file(struct loader *l, int fd, struct error *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        error_set(e, ERROR_IO, "%s", strerror(errno));
    else if (!S_ISREG(st.st_mode))
        error_set(e, ERROR_IO, "not a regular file");
    else
        return load_any(l, fd, (uint64_t)st.st_size, e);
    return SNAPSHOT_FAILED;
}

enum snapshot_outcome snapshot_load(struct store *s, const char *path,
                                    struct snapshot_report *report, struct error *e)
{
    struct loader l = {.store = s, .report = report};
    enum snapshot_outcome outcome = SNAPSHOT_FAILED;

    *report = (struct snapshot_report){.journal = journal_beginning};
    *e = (struct error){0};
    /* A pipe in the place of the file must not hold up the start. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return SNAPSHOT_LOADED;
    if (fd < 0)
        error_set(e, ERROR_IO, "%s", strerror(errno));
    else
        outcome = load_file(&l, fd, e);
    if (fd >= 0)
        close(fd);
    if (outcome == SNAPSHOT_FAILED) {
        struct error why = *e;
        error_set(e, why.code, "%s cannot be read: %.1000s", path, why.message);
    }
    store_restored(s);
    return outcome;
}
