/* The exposition: own and pushed families in the order of their names, streamed piece by piece from
 * one view of the store. A family of both sorts is one family: own help and type, own metrics
 * first. */
#include "delimited_writer.h"
#include "log.h"
#include "metric_wire.h"
#include "name_filter.h"
#include "negotiation.h"
#include "response.h"
#include "router.h"
#include "store.h"
#include "stream.h"
#include "telemetry.h"
#include "text_writer.h"

#include <stdlib.h>

enum {
    /* Metrics are written in parts of this size, so that a group of 500,000 takes several turns. */
    PART = 8 << 10,
    /* What a piece may cost, in bytes looked at: walking and measuring write nothing. */
    WORK = 256 << 10,
    WORK_OF_A_STEP = 64,
};

struct own_family {
    struct store_family family;
    struct slice metrics; /* as metric_wire.h */
};

enum phase {
    PHASE_FAMILY,  /* between two families */
    PHASE_MEASURE, /* adding up the size of the metrics, which protobuf wants before them */
    PHASE_METRICS,
};

struct scrape {
    struct exposition_choice choice;
    struct name_filter filter;
    struct store_view *view;
    struct arena arena;   /* lives as long as the scrape */
    struct arena scratch; /* emptied after each part */
    struct buffer escaped;

    struct own_family *own;
    size_t n_own, next_own;
    struct store_family pushed; /* the view's family, if it is still to be shown */
    bool has_pushed;

    enum phase phase;
    struct store_family family; /* the one being shown; its strings are in `strings` */
    struct buffer strings;
    struct slice own_metrics; /* its own ones */
    bool in_view;             /* it has pushed ones, too */
    bool own_passed, headed;
    struct slice rest; /* of the current block */
    bool rest_is_legacy;
    size_t size; /* of the family's metrics, as far as measured */
};

/* --- Walking -----------------------------------------------------------------------------------
 */

static void next_pushed(struct scrape *s)
{
    s->has_pushed = store_view_next_family(s->view, &s->pushed);
}

/* Keeps the family's strings beyond the steps of the view. */
static void show_family(struct scrape *s, const struct store_family *f)
{
    s->family = (struct store_family){0};
    buffer_clear(&s->strings);
    buffer_slice_append(&s->strings, f->name);
    buffer_slice_append(&s->strings, f->help);
    buffer_slice_append(&s->strings, f->unit);
    if (s->strings.failed)
        return;
    s->family = *f;
    s->family.name.p = s->strings.p;
    s->family.help.p = s->strings.p + f->name.len;
    s->family.unit.p = s->strings.p + f->name.len + f->help.len;
}

static void rewind_family(struct scrape *s)
{
    s->own_passed = false;
    s->rest = (struct slice){NULL, 0};
    if (s->in_view)
        store_view_rewind_family(s->view);
}

/* Steps to the next family by name; false at the end. */
static bool next_family(struct scrape *s)
{
    const struct own_family *own = s->next_own < s->n_own ? &s->own[s->next_own] : NULL;
    if (s->in_view) /* the last one shown; the first is fetched when the scrape begins */
        next_pushed(s);
    s->in_view = false;
    if (!own && !s->has_pushed)
        return false;
    int order = !own ? 1 : !s->has_pushed ? -1 : slice_compare(own->family.name, s->pushed.name);
    show_family(s, order <= 0 ? &own->family : &s->pushed);
    s->own_metrics = order <= 0 ? own->metrics : (struct slice){NULL, 0};
    s->next_own += order <= 0;
    s->in_view = order >= 0;
    s->own_passed = s->headed = false;
    s->rest = (struct slice){NULL, 0};
    s->size = 0;
    return true;
}

/* Steps to the next metrics of the family, own ones first; false at the end. */
static bool next_block(struct scrape *s)
{
    struct store_block block;

    if (!s->own_passed) {
        s->own_passed = true;
        s->rest = s->own_metrics;
        s->rest_is_legacy = true;
        return true;
    }
    if (!s->in_view || !store_view_next_block(s->view, &block))
        return false;
    s->rest = block.metrics;
    s->rest_is_legacy = block.legacy_names;
    return true;
}

/* Cuts whole metrics off the rest of the block. */
static struct slice take_part(struct scrape *s)
{
    struct slice part = s->rest;
    struct metric_wire metric;

    while (part.len - s->rest.len < PART && metric_wire_next(&s->rest, &metric))
        ;
    part.len -= s->rest.len;
    return part;
}

/* --- Writing -----------------------------------------------------------------------------------
 */

static bool is_copied(const struct scrape *s)
{
    return s->rest_is_legacy || s->choice.escaping == ESCAPING_NONE;
}

/* Adds to the size of the family's metrics what the block, or a part of it, will take. Returns what
 * the step cost. */
static size_t measure(struct scrape *s)
{
    if (s->rest.len == 0) {
        if (next_block(s))
            return WORK_OF_A_STEP;
        s->phase = s->size > 0 ? PHASE_METRICS : PHASE_FAMILY;
        if (s->size > 0)
            rewind_family(s);
        return WORK_OF_A_STEP;
    }
    if (is_copied(s)) {
        s->size += s->rest.len;
        s->rest.len = 0;
        return WORK_OF_A_STEP;
    }
    struct slice part = take_part(s);
    buffer_clear(&s->escaped);
    delimited_writer_escape_metrics(&s->escaped, part, s->choice.escaping);
    s->size += s->escaped.len;
    return part.len;
}

/* A family without metrics has no head either. */
static void write_head(struct scrape *s, struct buffer *out)
{
    const struct store_family *f = &s->family;
    if (s->headed)
        return;
    s->headed = true;
    if (s->choice.format == FORMAT_TEXT)
        text_writer_family(out, f->name, f->has_help, f->help, f->type, s->choice.escaping);
    else
        delimited_writer_family(out, f->name, f->has_help, f->help, f->type, f->unit, s->size,
                                s->choice.escaping);
}

static void write_part(struct scrape *s, struct buffer *out)
{
    if (s->choice.format == FORMAT_TEXT) {
        struct slice part = take_part(s);
        text_writer_metrics(out, s->family.name, s->family.type, part, s->choice.escaping,
                            &s->scratch);
        arena_reset(&s->scratch);
    } else if (is_copied(s)) {
        size_t n = s->rest.len < STREAM_PIECE ? s->rest.len : STREAM_PIECE;
        buffer_bytes(out, s->rest.p, n);
        s->rest.p += n;
        s->rest.len -= n;
    } else {
        delimited_writer_escape_metrics(out, take_part(s), s->choice.escaping);
    }
}

static void write_metrics(struct scrape *s, struct buffer *out)
{
    if (s->rest.len > 0) {
        write_head(s, out);
        write_part(s, out);
    } else if (!next_block(s)) {
        s->phase = PHASE_FAMILY;
    }
}

static enum stream_status produce(void *context, struct buffer *out)
{
    struct scrape *s = context;
    size_t work = 0;

    while (out->len < STREAM_PIECE && work < WORK) {
        if (out->failed || s->strings.failed || s->escaped.failed)
            return STREAM_FAILED;
        switch (s->phase) {
        case PHASE_FAMILY:
            if (!next_family(s))
                return STREAM_DONE;
            if (name_filter_passes(&s->filter, s->family.name))
                s->phase = s->choice.format == FORMAT_TEXT ? PHASE_METRICS : PHASE_MEASURE;
            work += WORK_OF_A_STEP;
            break;
        case PHASE_MEASURE:
            work += measure(s);
            break;
        case PHASE_METRICS:
            write_metrics(s, out);
            work += WORK_OF_A_STEP;
            break;
        }
    }
    return out->failed ? STREAM_FAILED : STREAM_MORE;
}

static void finish(void *context)
{
    struct scrape *s = context;
    if (s->view)
        store_view_close(s->view);
    buffer_free(&s->escaped);
    buffer_free(&s->strings);
    arena_free(&s->scratch);
    arena_free(&s->arena);
    free(s);
}

/* --- Beginning ---------------------------------------------------------------------------------
 */

static bool encode_metrics(const struct family *f, struct arena *a, struct slice *out)
{
    size_t size = 0;
    for (size_t i = 0; i < f->n_metrics; i++) {
        const struct metric *m = &f->metrics[i];
        size += metric_wire_size(m->labels, m->n_labels, m->payload);
    }
    char *to = arena_alloc(a, size);
    if (!to)
        return false;
    *out = (struct slice){to, size};
    for (size_t i = 0; i < f->n_metrics; i++) {
        const struct metric *m = &f->metrics[i];
        to = metric_wire_put(to, m->labels, m->n_labels, m->payload);
    }
    return true;
}

static bool collect_own(struct scrape *s, const struct server *server)
{
    struct family_list list;

    if (!telemetry_collect(server->telemetry, server, &s->arena, &list))
        return false;
    s->own = arena_alloc(&s->arena, list.count * sizeof(*s->own));
    if (!s->own)
        return false;
    s->n_own = list.count;
    for (size_t i = 0; i < list.count; i++) {
        const struct family *f = &list.families[i];
        s->own[i].family = (struct store_family){f->name, f->help, f->unit, f->has_help, f->type};
        if (!encode_metrics(f, &s->arena, &s->own[i].metrics))
            return false;
    }
    return true;
}

/* NULL when memory is out. */
static struct scrape *begin(const struct request *r)
{
    struct scrape *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->choice = negotiation_exposition(request_header(r, "Accept"));
    s->view = store_view_open(r->server->store);
    if (!s->view || !name_filter_parse(&s->filter, r->raw_query, &s->arena) ||
        !collect_own(s, r->server)) {
        finish(s);
        return NULL;
    }
    next_pushed(s);
    return s;
}

static void refuse(struct request *r, const char *reason)
{
    struct buffer message = {0};

    log_write(LOG_ERROR, "error gathering metrics", "err", reason, NULL);
    buffer_printf(&message, "An error has occurred while serving metrics:\n\n%s", reason);
    response_error(r, 500, message.failed ? reason : message.p);
    buffer_free(&message);
}

void scrape_handle(struct request *r)
{
    static const struct stream_source source = {produce, finish};
    char content_type[160];

    const char *reason = store_inconsistency(r->server->store);
    if (reason) {
        refuse(r, reason);
        return;
    }
    struct scrape *s = begin(r);
    if (!s) {
        error_no_memory(&r->error);
        response_failure(r, &r->error);
        return;
    }
    negotiation_content_type(s->choice, content_type, sizeof(content_type));
    enum coding coding = negotiation_coding(request_header_joined(r, "Accept-Encoding"));
    stream_reply(r, 200, content_type, coding, &source, s);
}
