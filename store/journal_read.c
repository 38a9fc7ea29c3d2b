#include "crc32c.h"
#include "delimited_reader.h"
#include "journal.h"
#include "journal.pb-c.h"
#include "journal_format.h"
#include "metric_value.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 20 };

/* How the records of a segment end. */
enum ending {
    ENDING_CLEAN,   /* with the file */
    ENDING_CUT,     /* in the middle of a write: what a crash leaves */
    ENDING_DAMAGED, /* otherwise: *e says how */
    ENDING_FAILED,  /* the file could not be read, or memory ran out */
};

struct replay {
    struct store *store;
    struct arena arena; /* of the record being replayed */
    uint32_t chain;
    struct journal_report *report;
    struct error refusal; /* of the first record that the store would not have */

    int fd; /* the segment being read, a window at a time */
    struct buffer window;
    size_t at;
    bool at_end;       /* the window reaches to the end of the file */
    uint64_t verified; /* bytes of the segment */
};

/* --- Bytes ---------------------------------------------------------------------------------------
 */

static struct slice in_view(const struct replay *r)
{
    return (struct slice){r->window.p + r->at, r->window.len - r->at};
}

static bool read_more(struct replay *r, size_t wanted, struct error *e)
{
    size_t size = wanted > READ_SIZE ? wanted : READ_SIZE;
    char *to = buffer_reserve(&r->window, size);
    ssize_t n;
    if (!to)
        return error_no_memory(e);
    while ((n = read(r->fd, to, size)) < 0 && errno == EINTR)
        ;
    if (n < 0)
        return error_set(e, ERROR_IO, "read: %s", strerror(errno));
    r->at_end = n == 0;
    r->window.len += (size_t)n;
    return true;
}

/* Brings n bytes into view, or all there are. */
static bool look_at(struct replay *r, size_t n, struct error *e)
{
    if (r->window.len - r->at < n && r->at > 0) {
        memmove(r->window.p, r->window.p + r->at, r->window.len - r->at);
        r->window.len -= r->at;
        r->at = 0;
    }
    while (!r->at_end && r->window.len < n)
        if (!read_more(r, n - r->window.len, e))
            return false;
    return true;
}

static uint32_t get_u32(const char *from)
{
    uint32_t v;
    memcpy(&v, from, sizeof(v));
    return le32toh(v);
}

static bool head_verifies(const char *head, size_t checked)
{
    return get_u32(head + checked) == crc32c((struct slice){head, checked});
}

/* --- A record ------------------------------------------------------------------------------------
 */

static struct slice slice_of_binary(ProtobufCBinaryData data)
{
    return (struct slice){(const char *)data.data, data.len};
}

static bool take_key(const Pushgateway__Journal__Record *record, struct arena *a,
                     struct group_key *key)
{
    struct label *labels = arena_alloc(a, record->n_label * sizeof(*labels));
    if (!labels)
        return false;
    for (size_t i = 0; i < record->n_label; i++)
        labels[i] = (struct label){slice_of_binary(record->label[i]->name),
                                   slice_of_binary(record->label[i]->value)};
    *key = (struct group_key){labels, record->n_label};
    return true;
}

static bool push_again(struct replay *r, const Pushgateway__Journal__Record *record,
                       struct group_key key, struct error *e)
{
    bool replace = record->kind == PUSHGATEWAY__JOURNAL__RECORD__KIND__REPLACE;
    struct family_list families;
    if (!delimited_reader_read(slice_of_binary(record->families), &r->arena, &families, e))
        return false;
    return store_push(r->store, key, &families, replace ? STORE_REPLACE : STORE_MERGE,
                      record->time_ns, &r->arena, e) == STORE_APPLIED;
}

/* False when the store would not have it: *e says why. */
static bool do_again(struct replay *r, const Pushgateway__Journal__Record *record, struct error *e)
{
    struct group_key key;
    bool deleted;
    if (!take_key(record, &r->arena, &key))
        return error_no_memory(e);
    switch (record->kind) {
    case PUSHGATEWAY__JOURNAL__RECORD__KIND__REPLACE:
    case PUSHGATEWAY__JOURNAL__RECORD__KIND__MERGE:
        return push_again(r, record, key, e);
    case PUSHGATEWAY__JOURNAL__RECORD__KIND__REFUSE:
        return store_note_refusal(r->store, key, record->time_ns, &r->arena) ||
               error_set(e, ERROR_INVALID, "the group of a refused push cannot be");
    case PUSHGATEWAY__JOURNAL__RECORD__KIND__DELETE:
        return store_delete(r->store, key, &r->arena, &deleted) || error_no_memory(e);
    case PUSHGATEWAY__JOURNAL__RECORD__KIND__WIPE:
        if (!store_wipe(r->store))
            return error_no_memory(e);
        while (store_reclaim(r->store)) /* there may be many, and no loop runs yet */
            ;
        return true;
    default:
        return error_set(e, ERROR_INVALID, "a change of unknown kind");
    }
}

static enum ending replay_record(struct replay *r, struct slice content, struct error *e)
{
    ProtobufCAllocator allocator = metric_value_allocator(&r->arena);
    struct error why = {0};
    Pushgateway__Journal__Record *record =
        pushgateway__journal__record__unpack(&allocator, content.len, (const uint8_t *)content.p);
    if (!record) {
        error_set(e, ERROR_INVALID, "cannot be decoded");
        return ENDING_DAMAGED;
    }
    bool done = do_again(r, record, &why);
    arena_reset(&r->arena);
    r->report->records++;
    if (!done && why.code == ERROR_NO_MEMORY) {
        *e = why;
        return ENDING_FAILED;
    }
    if (!done && r->report->refused++ == 0)
        r->refusal = why;
    return ENDING_CLEAN;
}

/* --- A segment -----------------------------------------------------------------------------------
 */

/* Whether nothing but zeroes follows: blocks that a file system had given but not filled. */
static bool only_zeroes_follow(struct replay *r, struct error *e, bool *failed)
{
    for (;;) {
        struct slice rest = in_view(r);
        for (size_t i = 0; i < rest.len; i++)
            if (rest.p[i] != '\0')
                return false;
        r->at = r->window.len;
        if (r->at_end)
            return true;
        *failed = !look_at(r, 1, e);
        if (*failed)
            return false;
    }
}

static enum ending judge(struct replay *r, const char *what, struct error *e)
{
    bool failed = false;
    if (only_zeroes_follow(r, e, &failed))
        return ENDING_CUT;
    if (failed)
        return ENDING_FAILED;
    error_set(e, ERROR_INVALID, "%s", what);
    return ENDING_DAMAGED;
}

/* Replays the next record. ENDING_CLEAN: there may be more, unless *over. */
static enum ending next_record(struct replay *r, bool *over, struct error *e)
{
    if (!look_at(r, JOURNAL_RECORD_HEAD_SIZE, e))
        return ENDING_FAILED;
    struct slice rest = in_view(r);
    *over = rest.len == 0;
    if (rest.len < JOURNAL_RECORD_HEAD_SIZE)
        return *over ? ENDING_CLEAN : ENDING_CUT;
    if (!head_verifies(rest.p, JOURNAL_RECORD_HEAD_CHECKED))
        return judge(r, "checksum of a length is wrong", e);
    size_t size = JOURNAL_RECORD_HEAD_SIZE + (size_t)get_u32(rest.p);
    if (!look_at(r, size + 1, e)) /* and one more, to know whether it is the last */
        return ENDING_FAILED;
    rest = in_view(r);
    if (rest.len < size)
        return ENDING_CUT;
    struct slice content = {rest.p + JOURNAL_RECORD_HEAD_SIZE, size - JOURNAL_RECORD_HEAD_SIZE};
    uint32_t chain = crc32c_extend(r->chain, content);
    if (chain != get_u32(rest.p + 4)) {
        if (rest.len == size)
            return ENDING_CUT;
        error_set(e, ERROR_INVALID, "checksum is wrong");
        return ENDING_DAMAGED;
    }
    enum ending ending = replay_record(r, content, e);
    if (ending == ENDING_CLEAN) {
        r->chain = chain;
        r->at += size;
        r->verified += size;
    }
    return ending;
}

static enum ending replay_records(struct replay *r, struct error *e)
{
    struct error why = {0};
    bool over = false;
    size_t n = 0;
    enum ending ending = ENDING_CLEAN;
    for (; ending == ENDING_CLEAN && !over; n++)
        ending = next_record(r, &over, &why);
    if (ending == ENDING_DAMAGED)
        error_set(e, ERROR_INVALID, "record %zu: %.1900s", n, why.message);
    else if (ending == ENDING_FAILED)
        *e = why;
    return ending;
}

/* ENDING_CUT: there is no header yet. */
static enum ending read_header(struct replay *r, uint64_t number, uint32_t *chain, struct error *e)
{
    if (!look_at(r, JOURNAL_HEADER_SIZE, e))
        return ENDING_FAILED;
    struct slice head = in_view(r);
    if (head.len < JOURNAL_HEADER_SIZE)
        return ENDING_CUT;
    if (!slice_has_prefix(head, journal_magic))
        return judge(r, "not a journal of this program", e);
    if (!head_verifies(head.p, JOURNAL_HEADER_CHECKED))
        return judge(r, "checksum of the header is wrong", e);
    uint64_t found;
    memcpy(&found, head.p + journal_magic.len, sizeof(found));
    if (le64toh(found) != number) {
        error_set(e, ERROR_INVALID, "it is segment %llu by its header",
                  (unsigned long long)le64toh(found));
        return ENDING_DAMAGED;
    }
    *chain = get_u32(head.p + journal_magic.len + sizeof(found));
    r->at += JOURNAL_HEADER_SIZE;
    r->verified = JOURNAL_HEADER_SIZE;
    return ENDING_CLEAN;
}

/* --- All segments --------------------------------------------------------------------------------
 */

/* The last segment replayed, and how it ended. That end is as its successor's author found it when
 * the chains agree. */
struct last {
    uint64_t number;
    enum ending ending;
    struct error why;
};

static void tell(uint64_t number, const char *why, struct error *e)
{
    error_set(e, ERROR_INVALID, "segment %llu: %.1900s", (unsigned long long)number, why);
}

static enum journal_outcome damaged(struct replay *r, uint64_t number, bool in_part,
                                    const char *why, struct error *e)
{
    r->report->damaged = number;
    r->report->damaged_in_part = in_part;
    tell(number, why, e);
    return JOURNAL_DAMAGED;
}

/* The header of segment `number` is what it should be, or why it is not. */
static enum journal_outcome begin_segment(struct replay *r, uint64_t number, bool any,
                                          const struct last *last, bool *skip, struct error *e)
{
    struct error why = {0};
    uint32_t chain = 0;
    enum ending ending = read_header(r, number, &chain, &why);
    *skip = ending == ENDING_CUT;
    if (ending == ENDING_CUT)
        return JOURNAL_REPLAYED;
    if (ending == ENDING_FAILED) {
        *e = why;
        return JOURNAL_FAILED;
    }
    bool follows = any || chain == r->chain;
    if (ending == ENDING_CLEAN && follows) {
        r->chain = chain;
        return JOURNAL_REPLAYED;
    }
    if (last->ending == ENDING_CUT)
        return damaged(r, last->number, true, "cut, but it was not the last", e);
    if (last->ending == ENDING_DAMAGED)
        return damaged(r, last->number, true, last->why.message, e);
    const char *odd = "it does not follow what is before it";
    return damaged(r, number, false, ending == ENDING_DAMAGED ? why.message : odd, e);
}

static enum journal_outcome replay_segment(struct replay *r, uint64_t number, bool any,
                                           struct last *last, struct error *e)
{
    bool skip;
    enum journal_outcome outcome = begin_segment(r, number, any, last, &skip, e);
    if (outcome != JOURNAL_REPLAYED || skip)
        return outcome;
    r->report->segments++;
    *last = (struct last){.number = number};
    last->ending = replay_records(r, &last->why);
    r->report->cut_bytes =
        last->ending == ENDING_CUT ? (uint64_t)lseek(r->fd, 0, SEEK_END) - r->verified : 0;
    if (last->ending != ENDING_FAILED)
        return JOURNAL_REPLAYED;
    *e = last->why;
    return JOURNAL_FAILED;
}

static enum journal_outcome open_and_replay(struct replay *r, const char *path, uint64_t number,
                                            bool any, struct last *last, struct error *e)
{
    char *name = journal_segment_name(path, number);
    enum journal_outcome outcome = JOURNAL_FAILED;
    r->fd = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (!name)
        error_no_memory(e);
    else if (r->fd < 0)
        error_set(e, ERROR_IO, "%s cannot be read: %s", name, strerror(errno));
    else
        outcome = replay_segment(r, number, any, last, e);
    if (r->fd >= 0)
        close(r->fd);
    free(name);
    buffer_clear(&r->window);
    r->at = 0;
    r->at_end = false;
    return outcome;
}

static enum journal_outcome replay_all(struct replay *r, const char *path,
                                       const struct journal_segments *all,
                                       const struct journal_position *from, struct error *e)
{
    struct last last = {0};
    bool any = !from;
    for (size_t i = 0; i < all->count; i++) {
        uint64_t number = all->numbers[i];
        if (from && number < from->number)
            continue;
        r->report->end.number = number;
        size_t segments = r->report->segments;
        enum journal_outcome outcome = open_and_replay(r, path, number, any, &last, e);
        if (outcome != JOURNAL_REPLAYED)
            return outcome;
        any = any && segments == r->report->segments;
    }
    if (last.ending == ENDING_DAMAGED)
        return damaged(r, last.number, true, last.why.message, e);
    *e = r->refusal;
    return JOURNAL_REPLAYED;
}

enum journal_outcome journal_replay(struct store *s, const char *path,
                                    const struct journal_position *from,
                                    struct journal_report *report, struct error *e)
{
    struct replay r = {.store = s, .report = report, .fd = -1};
    struct journal_segments all;

    *e = (struct error){0};
    *report = (struct journal_report){.end = from ? *from : journal_beginning};
    r.chain = report->end.chain;
    if (!journal_list(path, &all, e))
        return JOURNAL_FAILED;
    enum journal_outcome outcome = replay_all(&r, path, &all, from, e);
    if (all.count > 0 && all.numbers[all.count - 1] >= report->end.number)
        report->end.number = all.numbers[all.count - 1] + 1;
    report->end.chain = r.chain;
    free(all.numbers);
    arena_free(&r.arena);
    buffer_free(&r.window);
    return outcome;
}
