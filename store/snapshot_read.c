#include "gob_reader.h"
#include "snapshot.h"
#include "snapshot_format.h"
#include "snapshot_record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct reader {
    struct store *store;
    struct slice rest;  /* of the file */
    struct arena arena; /* of the record being read */
    uint64_t records;
    struct snapshot_report *report;
};

static bool take_u32(struct slice *in, uint32_t *out)
{
    if (in->len < sizeof(*out))
        return false;
    memcpy(out, in->p, sizeof(*out));
    *out = le32toh(*out);
    in->p += sizeof(*out);
    in->len -= sizeof(*out);
    return true;
}

static void refuse(struct reader *r, const struct error *why, struct error *e)
{
    if (r->report->refused++ == 0)
        *e = *why;
}

static bool restore(struct reader *r, struct slice content, struct error *e)
{
    struct store_saved_group group;
    return snapshot_record_read(content, &r->arena, &group, e) &&
           store_restore(r->store, &group, &r->arena, e);
}

/* --- The file ------------------------------------------------------------------------------------
 */

static bool check_trailer(struct reader *r, struct error *e)
{
    uint64_t records;
    uint32_t crc;
    struct slice counted = {r->rest.p, sizeof(records)};

    if (r->rest.len < sizeof(records))
        return error_set(e, ERROR_INVALID, "cut in the trailer");
    memcpy(&records, r->rest.p, sizeof(records));
    r->rest.p += sizeof(records);
    r->rest.len -= sizeof(records);
    if (!take_u32(&r->rest, &crc))
        return error_set(e, ERROR_INVALID, "cut in the trailer");
    if (crc != crc32c(counted))
        return error_set(e, ERROR_INVALID, "checksum of the trailer is wrong");
    if (le64toh(records) != r->records)
        return error_set(e, ERROR_INVALID, "%llu records where there should be %llu",
                         (unsigned long long)r->records, (unsigned long long)le64toh(records));
    if (r->rest.len > 0)
        return error_set(e, ERROR_INVALID, "%zu bytes after the trailer", r->rest.len);
    return true;
}

static bool load_record(struct reader *r, uint32_t length, struct error *e)
{
    struct error why;
    uint32_t crc;

    if (!take_u32(&r->rest, &crc) || r->rest.len < length)
        return error_set(e, ERROR_INVALID, "cut in record %llu",
                         (unsigned long long)r->records + 1);
    struct slice content = {r->rest.p, length};
    r->rest.p += length;
    r->rest.len -= length;
    r->records++;
    if (crc != crc32c(content))
        return error_set(e, ERROR_INVALID, "checksum of record %llu is wrong",
                         (unsigned long long)r->records);
    if (restore(r, content, &why))
        r->report->groups++;
    else
        refuse(r, &why, e);
    arena_reset(&r->arena);
    return true;
}

/* Loads records until the end. Behind a record with a wrong checksum the others are still read: its
 * length may be right, and if it is not, theirs will not verify. */
static bool load_all(struct reader *r, struct error *e)
{
    bool whole = true;
    uint32_t length;
    struct error later;

    bool known;
    if (!snapshot_take_header(&r->rest, &r->report->journal, &known)) {
        r->report->journal_unknown = true;
        return error_set(e, ERROR_INVALID, "not a persistence file of this program");
    }
    if (!known) {
        r->report->journal_unknown = true;
        whole = error_set(e, ERROR_INVALID, "checksum of the header is wrong");
    }
    while (take_u32(&r->rest, &length)) {
        if (length == SNAPSHOT_TRAILER_MARK)
            return check_trailer(r, whole ? e : &later) && whole;
        if (!load_record(r, length, whole ? e : &later))
            whole = false;
    }
    return whole ? error_set(e, ERROR_INVALID, "cut after record %llu",
                             (unsigned long long)r->records)
                 : false;
}

static bool map_file(int fd, struct slice *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    *out = (struct slice){"", 0};
    if (st.st_size == 0)
        return true;
    void *mapped = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED)
        return false;
    madvise(mapped, (size_t)st.st_size, MADV_SEQUENTIAL);
    *out = (struct slice){mapped, (size_t)st.st_size};
    return true;
}

enum snapshot_outcome snapshot_load(struct store *s, const char *path,
                                    struct snapshot_report *report, struct error *e)
{
    struct reader r = {.store = s, .report = report};
    struct slice file = {0};

    *report = (struct snapshot_report){.journal = journal_beginning};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return SNAPSHOT_LOADED;
    if (fd < 0 || !map_file(fd, &file)) {
        error_set(e, ERROR_IO, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return SNAPSHOT_FAILED;
    }
    close(fd);
    r.rest = file;
    bool ours = slice_has_prefix(file, snapshot_magic);
    bool whole = ours ? load_all(&r, e) : gob_reader_load(s, file, report, e);
    report->journal_unknown |=
        !ours && !whole; /* one of ours, maybe, whose first bytes are damaged */
    if (file.len > 0)
        munmap((void *)(uintptr_t)file.p, file.len);
    arena_free(&r.arena);
    if (!ours && !whole && e->code == ERROR_NO_MEMORY)
        return SNAPSHOT_FAILED;
    return whole ? SNAPSHOT_LOADED : SNAPSHOT_DAMAGED;
}
