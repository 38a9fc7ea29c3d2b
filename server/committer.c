#include "committer.h"

#include "held_reply.h"
#include "journal_writer.h"
#include "log.h"
#include "response.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WAITING_MAX = 64 << 20,  /* bytes of records that wait for the disk */
    JOURNAL_MAX = 128 << 20, /* bytes to replay: a save comes early when there are more */
    KEPT_CAPACITY = 1 << 20, /* of the buffer of a batch that is used again */
    RETRY_SECONDS = 1,
};

/* What is written and synced at once. */
struct batch {
    TAILQ_ENTRY(batch) link;
    uint64_t segment;
    char *name; /* of the segment, which begins with this batch; NULL: it is there */
    struct buffer bytes;
    uint64_t records;
    struct held_replies replies;
    struct journal_write write;
};
TAILQ_HEAD(batches, batch);

/* The first batch is at the writer when `writing`; records are added to the last one, which never
 * is. */
struct committer {
    struct server *server;
    const char *path;
    void (*save_soon)(struct persister *p);
    struct journal_writer *writer;
    struct batches batches;
    struct batch *spare;
    bool writing, failing, finished;
    struct event *submit; /* made active by the first record: it runs when all that have come in the
                           * same turn of the loop are recorded */
    struct event *retry;

    struct journal_position
        at;              /* of the next record: the segment it goes to, the chain before it */
    uint64_t in_segment; /* records */
    uint64_t covered;    /* the segment where the file's picture ends */
    uint64_t before_cut, since_cut; /* bytes of segments before that of `at`, and of that */
    size_t waiting;                 /* bytes in batches */
    struct committer_figures figures;
};

/* --- Batches -------------------------------------------------------------------------------------
 */

static void batch_free(struct batch *b)
{
    if (!b)
        return;
    free(b->name);
    buffer_free(&b->bytes);
    free(b);
}

static struct batch *batch_new(struct committer *c)
{
    struct batch *b = c->spare;
    c->spare = NULL;
    if (!b && !(b = calloc(1, sizeof(*b))))
        return NULL;
    b->segment = c->at.number;
    TAILQ_INIT(&b->replies);
    return b;
}

static struct batch *last_batch(const struct committer *c)
{
    return TAILQ_LAST(&c->batches, batches);
}

/* The batch that takes records now; NULL when memory is out. */
static struct batch *filling(struct committer *c)
{
    struct batch *b = last_batch(c);
    if (b && !(c->writing && b == TAILQ_FIRST(&c->batches)))
        return b;
    b = batch_new(c);
    if (b)
        TAILQ_INSERT_TAIL(&c->batches, b, link);
    return b;
}

static void take_off(struct committer *c, struct batch *b)
{
    TAILQ_REMOVE(&c->batches, b, link);
    c->waiting -= b->bytes.len;
}

/* Sends the replies of a batch that is taken off. */
static void settle(struct committer *c, struct batch *b)
{
    response_send_held(&b->replies);
    free(b->name);
    b->name = NULL;
    b->records = 0;
    buffer_clear(&b->bytes);
    if (c->spare || b->bytes.capacity > KEPT_CAPACITY)
        batch_free(b);
    else
        c->spare = b;
}

/* --- Writing -------------------------------------------------------------------------------------
 */

/* Whether the first batch is done with unwritten: the file covers it, or nothing has come of what
 * it was begun for, and others wait behind it. */
static bool needs_no_writing(const struct committer *c, const struct batch *first)
{
    return first->segment < c->covered ||
           (first->bytes.len == 0 && TAILQ_NEXT(first, link) != NULL);
}

/* Gives the first batch to the writer. */
static void write_next(struct committer *c)
{
    struct batch *b;
    if (c->writing)
        return;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): those freed are taken off the list */
    while ((b = TAILQ_FIRST(&c->batches)) != NULL && needs_no_writing(c, b)) {
        take_off(c, b);
        settle(c, b);
    }
    if (!b || b->bytes.len == 0)
        return;
    c->writing = true;
    b->write = (struct journal_write){
        .segment = b->segment, .name = b->name, .bytes = buffer_slice(&b->bytes)};
    journal_writer_begin(c->writer, &b->write);
}

static void note_success(struct committer *c, const struct batch *b)
{
    if (c->failing)
        log_write(LOG_INFO, "the journal works again; pushes are taken", "file", c->path, NULL);
    c->failing = false;
    c->figures.syncs++;
    c->figures.records += b->records;
    c->figures.bytes += b->bytes.len;
    if (c->before_cut + c->since_cut > JOURNAL_MAX)
        c->save_soon(c->server->persister);
}

static void note_failure(struct committer *c, const struct error *why)
{
    static const struct timeval pause = {.tv_sec = RETRY_SECONDS};
    struct batch *b;
    char message[ERROR_MESSAGE_MAX];

    if (!c->failing)
        log_write(LOG_ERROR,
                  "error writing the journal; pushes are answered with 503 until it works", "file",
                  c->path, "err", why->message, NULL);
    c->failing = true;
    c->figures.failures++;
    snprintf(message, sizeof(message),
             "the journal cannot be written: %.1900s; whether this is kept is not known",
             why->message);
    for (b = TAILQ_FIRST(&c->batches); b; b = TAILQ_NEXT(b, link))
        response_fail_held(&b->replies, message);
    if (!c->finished) {
        evtimer_add(c->retry, &pause);
        c->save_soon(c->server->persister);
    }
}

/* The writer is done with the first batch. */
static void take_result(struct committer *c)
{
    struct batch *b = TAILQ_FIRST(&c->batches);
    c->writing = false;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the one being written is in the list */
    if (b->write.error.code != ERROR_NONE && b->segment >= c->covered) {
        note_failure(c, &b->write.error);
        return;
    }
    if (b->write.error.code == ERROR_NONE)
        note_success(c, b);
    take_off(c, b);
    if (!c->finished)
        write_next(c); /* the disk first: it is what others wait for */
    settle(c, b);
}

static void on_written(void *context)
{
    take_result(context);
}

static void on_submit(evutil_socket_t fd, short what, void *context)
{
    struct committer *c = context;
    (void)fd;
    (void)what;
    if (!c->failing)
        write_next(c);
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    write_next(context);
}

/* --- Recording -----------------------------------------------------------------------------------
 */

/* What a record was put into, to take it back. */
struct mark {
    struct batch *batch;
    size_t length;
    uint32_t chain;
};

/* Whether something may be changed now. */
static bool begin(struct committer *c, struct mark *m, struct error *e)
{
    if (c->failing)
        return error_set(e, ERROR_IO, "the journal cannot be written at present: nothing is taken");
    if (c->waiting >= WAITING_MAX)
        return error_set(e, ERROR_IO, "too much is waiting to be written to the journal");
    m->batch = filling(c);
    if (!m->batch)
        return error_no_memory(e);
    m->length = m->batch->bytes.len;
    m->chain = c->at.chain;
    return true;
}

static void take_back(struct committer *c, const struct mark *m)
{
    m->batch->bytes.len = m->length; /* NOLINT(clang-analyzer-core.NullDereference): it was set */
    c->at.chain = m->chain;
}

static void keep(struct committer *c, const struct mark *m)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it was set */
    size_t added = m->batch->bytes.len - m->length;
    m->batch->records++;
    c->waiting += added;
    c->since_cut += added;
    c->in_segment++;
    if (!c->writing)
        event_active(c->submit, EV_TIMEOUT, 0);
}

enum store_outcome committer_push(struct committer *c, struct group_key key,
                                  struct family_list *families, enum store_mode mode,
                                  int64_t now_ns, struct arena *scratch, struct error *e)
{
    struct mark m = {0};
    struct error ignored;
    if (!begin(c, &m, e) ||
        !journal_put_push(&m.batch->bytes, &c->at.chain, key, families, mode, now_ns, scratch, e))
        return STORE_UNTOUCHED;
    enum store_outcome outcome =
        store_push(c->server->store, key, families, mode, now_ns, scratch, e);
    if (outcome != STORE_APPLIED)
        take_back(c, &m);
    /* There is room where the longer record was. */
    if (outcome == STORE_REFUSED &&
        !journal_put_refusal(&m.batch->bytes, &c->at.chain, key, now_ns, scratch, &ignored))
        return outcome; /* want of memory loses a time of failure */
    if (outcome != STORE_UNTOUCHED)
        keep(c, &m);
    return outcome;
}

bool committer_delete(struct committer *c, struct group_key key, struct arena *scratch,
                      bool *deleted, struct error *e)
{
    struct mark m = {0};
    if (!begin(c, &m, e) || !journal_put_deletion(&m.batch->bytes, &c->at.chain, key, scratch, e))
        return false;
    bool ok = store_delete(c->server->store, key, scratch, deleted);
    if (*deleted)
        keep(c, &m);
    else
        take_back(c, &m);
    return ok || error_no_memory(e);
}

bool committer_wipe(struct committer *c, struct error *e)
{
    struct mark m = {0};
    if (!begin(c, &m, e) || !journal_put_wipe(&m.batch->bytes, &c->at.chain, e))
        return false;
    if (!store_wipe(c->server->store)) {
        take_back(c, &m);
        return error_no_memory(e);
    }
    keep(c, &m);
    return true;
}

struct held_replies *committer_pending(struct committer *c)
{
    struct batch *b = last_batch(c);
    while (b && b->bytes.len == 0)
        b = TAILQ_PREV(b, batches, link);
    return b ? &b->replies : NULL;
}

/* --- Segments ------------------------------------------------------------------------------------
 */

/* A batch that begins the segment of c->at. */
static bool open_segment(struct committer *c)
{
    struct batch *b = batch_new(c);
    if (!b)
        return false;
    b->name = journal_segment_name(c->path, c->at.number);
    if (!b->name || !journal_put_header(&b->bytes, c->at)) {
        batch_free(b);
        return false;
    }
    c->in_segment = 0;
    c->since_cut = b->bytes.len;
    c->waiting += b->bytes.len;
    TAILQ_INSERT_TAIL(&c->batches, b, link);
    return true;
}

bool committer_cut(struct committer *c, struct journal_position *at)
{
    uint64_t since_cut = c->since_cut;
    bool ok = true;
    if (c->in_segment > 0) {
        c->at.number++;
        ok = c->finished || open_segment(c);
        if (ok)
            c->before_cut += since_cut;
        else
            c->at.number--;
        event_active(c->submit, EV_TIMEOUT, 0);
    }
    *at = c->at;
    return ok;
}

void committer_covered(struct committer *c, uint64_t number)
{
    c->covered = number;
    if (number == c->at.number)
        c->before_cut = 0;
    if (!c->finished)
        write_next(c);
}

bool committer_finish(struct committer *c)
{
    if (!c)
        return true;
    c->finished = true;
    evtimer_del(c->retry);
    write_next(c);
    while (c->writing) {
        journal_writer_await(c->writer);
        take_result(c);
        if (c->failing)
            return false;
        write_next(c);
    }
    return true;
}

struct committer_figures committer_figures(const struct committer *c)
{
    struct committer_figures f = c->figures;
    f.size = c->before_cut + c->since_cut;
    return f;
}

/* --- Life ----------------------------------------------------------------------------------------
 */

static bool begin_first_segment(struct committer *c, struct error *e)
{
    if (!open_segment(c))
        return error_no_memory(e);
    write_next(c);
    journal_writer_await(c->writer);
    c->writing = false;
    struct batch *b = TAILQ_FIRST(&c->batches);
    *e = b->write.error;
    take_off(c, b);
    settle(c, b);
    return e->code == ERROR_NONE;
}

bool committer_new(struct server *s, const char *path, struct journal_position at,
                   void (*save_soon)(struct persister *p), struct committer **out, struct error *e)
{
    struct committer *c = calloc(1, sizeof(*c));
    *out = NULL;
    if (!c)
        return error_no_memory(e);
    c->server = s;
    c->path = path;
    c->save_soon = save_soon;
    c->at = at;
    TAILQ_INIT(&c->batches);
    c->submit = event_new(s->base, -1, 0, on_submit, c);
    c->retry = evtimer_new(s->base, on_retry, c);
    bool ok = (c->submit && c->retry) || error_no_memory(e);
    if (!ok || !journal_writer_new(s->base, path, on_written, c, &c->writer, e) ||
        !begin_first_segment(c, e)) {
        committer_free(c);
        return false;
    }
    *out = c;
    return true;
}

void committer_free(struct committer *c)
{
    struct batch *b;
    if (!c)
        return;
    journal_writer_free(c->writer);
    while ((b = TAILQ_FIRST(&c->batches)) != NULL) {
        TAILQ_REMOVE(&c->batches, b, link);
        batch_free(b);
    }
    batch_free(c->spare);
    if (c->submit)
        event_free(c->submit);
    if (c->retry)
        event_free(c->retry);
    free(c);
}
