#include "record_reader.h"

#include "snapshot_format.h"

#include <errno.h>
#include <unistd.h>

enum {
    WINDOW_STEP = 256 << 10,
    RECORD_HEAD = 8,   /* length and checksum */
    TRAILER_SIZE = 16, /* mark, number of records, checksum */
    /* A search sums up candidates that are none; in this many times the file it gives up. */
    SEARCHES = 64,
};

/* A candidate of a search must begin like every group: with its first label. */
static const char group_first_byte = 0x0a;

void record_reader_begin(struct record_reader *r, int fd, uint64_t file_size)
{
    *r = (struct record_reader){
        .fd = fd, .unread = file_size, .search_limit = (file_size + WINDOW_STEP) * SEARCHES};
}

void record_reader_free(struct record_reader *r)
{
    buffer_free(&r->window);
}

/* --- The window ----------------------------------------------------------------------------------
 */

static uint64_t rest(const struct record_reader *r)
{
    return r->window.len - r->at + r->unread;
}

static bool read_more(struct record_reader *r, size_t wanted, struct error *e)
{
    size_t kept = r->window.len - r->at;
    if (r->at > 0)
        memmove(r->window.p, r->window.p + r->at, kept);
    r->window.len = kept;
    r->at = 0;
    size_t room = wanted - kept > WINDOW_STEP ? wanted - kept : WINDOW_STEP;
    if (!buffer_reserve(&r->window, room))
        return error_no_memory(e);
    ssize_t n;
    while ((n = read(r->fd, r->window.p + kept, room)) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return error_set(e, ERROR_IO, "read: %s", strerror(errno));
    r->window.len += (size_t)n;
    /* A file that has become shorter just ends; one that grows is not ours any more. */
    r->unread = n == 0 || (uint64_t)n > r->unread ? 0 : r->unread - (uint64_t)n;
    return true;
}

/* Whether n bytes follow; *e has a code when that could not be found out. */
static bool fill(struct record_reader *r, uint64_t n, struct error *e)
{
    while (r->window.len - r->at < n) {
        if (n > rest(r) || !read_more(r, n, e))
            return false;
    }
    return true;
}

static void consume(struct record_reader *r, size_t n)
{
    r->at += n;
    r->position += n;
}

static uint32_t u32_at(const struct record_reader *r, size_t offset)
{
    uint32_t number;
    memcpy(&number, r->window.p + r->at + offset, sizeof(number));
    return le32toh(number);
}

/* --- What comes next -----------------------------------------------------------------------------
 */

static void note_damage(struct record_reader *r, const char *what)
{
    if (r->damage.code == ERROR_NONE)
        error_set(&r->damage, ERROR_INVALID, "%s (at byte %llu, after %llu whole records)", what,
                  (unsigned long long)r->position, (unsigned long long)r->records);
}

static bool is_candidate(struct record_reader *r, uint32_t length)
{
    if (r->damage.code == ERROR_NONE)
        return true;
    if (r->window.p[r->at + RECORD_HEAD] != group_first_byte || r->searched > r->search_limit)
        return false;
    r->searched += length;
    return true;
}

/* Whether a whole record comes next. */
static bool take_record(struct record_reader *r, struct slice *content, struct error *e)
{
    uint32_t length = u32_at(r, 0);
    if (length == 0 || length + UINT64_C(8) > rest(r)) {
        note_damage(r, "a record is cut, or its length is wrong");
        return false;
    }
    if (!fill(r, RECORD_HEAD + 1, e) || !is_candidate(r, length) ||
        !fill(r, (uint64_t)RECORD_HEAD + length, e))
        return false;
    *content = (struct slice){r->window.p + r->at + RECORD_HEAD, length};
    if (crc32c(*content) != u32_at(r, sizeof(length))) {
        note_damage(r, "the checksum of a record is wrong");
        return false;
    }
    consume(r, RECORD_HEAD + (size_t)length);
    r->records++;
    return true;
}

/* Whether the trailer comes next. */
static bool take_trailer(struct record_reader *r, struct error *e)
{
    uint64_t records;
    if (!fill(r, TRAILER_SIZE, e)) {
        note_damage(r, "the trailer is cut");
        return false;
    }
    memcpy(&records, r->window.p + r->at + sizeof(uint32_t), sizeof(records));
    if (crc32c((struct slice){(const char *)&records, sizeof(records)}) != u32_at(r, 12)) {
        note_damage(r, "the checksum of the trailer is wrong");
        return false;
    }
    if (le64toh(records) != r->records)
        note_damage(r, "the trailer counts other records");
    consume(r, TRAILER_SIZE);
    if (rest(r) > 0)
        note_damage(r, "something stands behind the trailer");
    return true;
}

static void take_header(struct record_reader *r)
{
    struct slice start = {r->window.p + r->at, r->window.len - r->at};
    size_t before = start.len;
    if (!snapshot_take_header(&start, &r->journal, &r->journal_known))
        note_damage(r, "it does not begin as a persistence file of this version");
    else if (!r->journal_known)
        note_damage(r, "the checksum of the header is wrong");
    consume(r, before - start.len);
}

enum record_outcome record_reader_next(struct record_reader *r, struct slice *content,
                                       struct error *e)
{
    e->code = ERROR_NONE;
    uint64_t header = rest(r) < SNAPSHOT_HEADER_SIZE ? rest(r) : SNAPSHOT_HEADER_SIZE;
    if (r->position == 0 && fill(r, header, e))
        take_header(r);
    while (e->code == ERROR_NONE && fill(r, sizeof(uint32_t), e)) {
        if (u32_at(r, 0) == SNAPSHOT_TRAILER_MARK) {
            if (take_trailer(r, e))
                return RECORD_END;
        } else if (take_record(r, content, e)) {
            return RECORD_FOUND;
        }
        consume(r, 1);
    }
    if (e->code != ERROR_NONE)
        return RECORD_FAILED;
    note_damage(r, "it is cut");
    return RECORD_END;
}
