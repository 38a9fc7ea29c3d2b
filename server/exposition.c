#include "exposition.h"

#include "delimited_writer.h"
#include "exposition_output.h"
#include "metric_value.h"
#include "metric_wire.h"
#include "name_filter.h"
#include "names.h"
#include "own_metrics.h"
#include "store.h"
#include "text_writer.h"

#include <stdlib.h>

enum {
    /* Metrics are written in parts of this size, so that a group of 500,000 takes several turns. */
    PART = 8 << 10,
    /* What a piece may cost, in bytes looked at: walking and measuring write nothing, and what is
     * compressed is no longer seen by its size. */
    WORK = 256 << 10,
    WORK_OF_A_STEP = 64,
    /* How far a piece may grow so that the run at its end is whole and can be kept. */
    RUN_OVERHANG = 16 << 10,
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

/* Prometheus takes all histograms of a family for native ones once it has met one, and drops the
 * scrape over a classic one behind it. Where groups disagree, these are written first. */
enum histograms {
    HISTOGRAMS_ANY,
    HISTOGRAMS_CLASSIC,
    HISTOGRAMS_NATIVE,
};

struct exposition {
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
    size_t size;                  /* of the family's metrics, as far as measured */
    bool has_native, has_classic; /* ... and which histograms there are */
    enum histograms wanted;       /* are being written */

    struct exposition_output output;
    bool keeps_runs;              /* the family's text is the same under every escaping */
    const struct rendering *kept; /* of the run being made, in another form */
};

/* --- Walking -----------------------------------------------------------------------------------
 */

static void next_pushed(struct exposition *x)
{
    x->has_pushed = store_view_next_family(x->view, &x->pushed);
}

/* Keeps the family's strings beyond the steps of the view. */
static void show_family(struct exposition *x, const struct store_family *f)
{
    x->family = (struct store_family){0};
    buffer_clear(&x->strings);
    buffer_slice_append(&x->strings, f->name);
    buffer_slice_append(&x->strings, f->help);
    buffer_slice_append(&x->strings, f->unit);
    if (x->strings.failed)
        return;
    x->family = *f;
    x->family.name.p = x->strings.p;
    x->family.help.p = x->strings.p + f->name.len;
    x->family.unit.p = x->strings.p + f->name.len + f->help.len;
}

static void rewind_family(struct exposition *x)
{
    x->own_passed = false;
    x->rest = (struct slice){NULL, 0};
    if (x->in_view)
        store_view_rewind_family(x->view);
}

/* Steps to the next family by name; false at the end. */
static bool next_family(struct exposition *x)
{
    const struct own_family *own = x->next_own < x->n_own ? &x->own[x->next_own] : NULL;
    if (x->in_view) /* the last one shown; the first is fetched when the scrape begins */
        next_pushed(x);
    x->in_view = false;
    if (!own && !x->has_pushed)
        return false;
    int order = !own ? 1 : !x->has_pushed ? -1 : slice_compare(own->family.name, x->pushed.name);
    show_family(x, order <= 0 ? &own->family : &x->pushed);
    x->own_metrics = order <= 0 ? own->metrics : (struct slice){NULL, 0};
    x->next_own += order <= 0;
    x->in_view = order >= 0;
    x->own_passed = x->headed = false;
    x->rest = (struct slice){NULL, 0};
    x->size = 0;
    x->has_native = x->has_classic = false;
    x->wanted = HISTOGRAMS_ANY;
    x->keeps_runs =
        x->in_view && x->choice.format == FORMAT_TEXT && names_is_legacy_metric(x->family.name);
    return true;
}

/* Steps to the next metrics of the family, own ones first; false at the end. */
static bool next_block(struct exposition *x)
{
    struct store_block block;

    if (!x->own_passed) {
        x->own_passed = true;
        x->rest = x->own_metrics;
        x->rest_is_legacy = true;
        return true;
    }
    if (!x->in_view || !store_view_next_block(x->view, &block))
        return false;
    x->rest = block.metrics;
    x->rest_is_legacy = block.legacy_names;
    x->has_native = x->has_native || block.has_native;
    x->has_classic = x->has_classic || block.has_classic;
    return true;
}

/* Cuts whole metrics off the rest of the block. */
static struct slice take_part(struct exposition *x)
{
    struct slice part = x->rest;
    struct metric_wire metric;

    while (part.len - x->rest.len < PART && metric_wire_next(&x->rest, &metric))
        ;
    part.len -= x->rest.len;
    return part;
}

/* --- Writing -----------------------------------------------------------------------------------
 */

static bool is_copied(const struct exposition *x)
{
    return x->rest_is_legacy || x->choice.escaping == ESCAPING_NONE;
}

/* Adds to the size of the family's metrics what the block, or a part of it, will take. Returns what
 * the step cost. */
static size_t measure(struct exposition *x)
{
    if (x->rest.len == 0) {
        if (next_block(x))
            return WORK_OF_A_STEP;
        x->phase = x->size > 0 ? PHASE_METRICS : PHASE_FAMILY;
        if (x->has_native && x->has_classic)
            x->wanted = HISTOGRAMS_CLASSIC;
        if (x->size > 0)
            rewind_family(x);
        return WORK_OF_A_STEP;
    }
    if (is_copied(x)) {
        x->size += x->rest.len;
        x->rest.len = 0;
        return WORK_OF_A_STEP;
    }
    struct slice part = take_part(x);
    buffer_clear(&x->escaped);
    delimited_writer_escape_metrics(&x->escaped, part, x->choice.escaping);
    x->size += x->escaped.len;
    return part.len;
}

/* A family without metrics has no head either. */
static void write_head(struct exposition *x, struct buffer *out)
{
    const struct store_family *f = &x->family;
    if (x->headed)
        return;
    x->headed = true;
    if (x->choice.format == FORMAT_TEXT)
        text_writer_family(out, f->name, f->has_help, f->help, f->type, x->choice.escaping);
    else
        delimited_writer_family(out, f->name, f->has_help, f->help, f->type, f->unit, x->size,
                                x->choice.escaping);
}

/* Of a part those metrics that are wanted now. Returns what it cost. */
static size_t write_wanted(struct exposition *x, struct buffer *out)
{
    struct slice part = take_part(x), rest = part;
    struct metric_wire m;
    for (struct slice at = rest; metric_wire_next(&rest, &m); at = rest) {
        struct slice metric = {at.p, (size_t)(rest.p - at.p)};
        if (metric_value_is_native(m.payload) != (x->wanted == HISTOGRAMS_NATIVE))
            continue;
        if (is_copied(x))
            buffer_slice_append(out, metric);
        else
            delimited_writer_escape_metrics(out, metric, x->choice.escaping);
    }
    return part.len;
}

/* Returns what it cost besides what it has written. */
static size_t write_part(struct exposition *x, struct buffer *out)
{
    if (x->wanted != HISTOGRAMS_ANY)
        return write_wanted(x, out);
    if (x->choice.format == FORMAT_TEXT) {
        struct slice part = take_part(x);
        text_writer_metrics(out, x->family.name, x->family.type, part, x->choice.escaping,
                            &x->scratch);
        arena_reset(&x->scratch);
    } else if (is_copied(x)) {
        size_t n = x->rest.len < STREAM_PIECE ? x->rest.len : STREAM_PIECE;
        buffer_bytes(out, x->rest.p, n);
        x->rest.p += n;
        x->rest.len -= n;
    } else {
        delimited_writer_escape_metrics(out, take_part(x), x->choice.escaping);
    }
    return 0;
}

/* --- Runs --------------------------------------------------------------------------------------
 */

static void end_run(struct exposition *x)
{
    struct rendering *made = exposition_output_end_run(&x->output, x->kept);
    if (made)
        store_view_keep(x->view, made);
}

/* At the start of a run: takes it as it was kept and returns true, or begins to make it. */
static bool take_run(struct exposition *x)
{
    void *made;

    if (!x->keeps_runs || !x->own_passed || !store_view_at_run(x->view, &made))
        return false;
    if (made)
        write_head(x, exposition_output_text(&x->output));
    if (made && exposition_output_take(&x->output, made)) {
        store_view_skip_run(x->view);
        return true;
    }
    x->kept = made;
    exposition_output_begin_run(&x->output);
    return false;
}

/* --- Pieces ------------------------------------------------------------------------------------
 */

/* Returns what it cost: compressing text takes as long as making it. */
static size_t write_block(struct exposition *x)
{
    struct buffer *text = exposition_output_text(&x->output);
    if (!x->rest_is_legacy)
        exposition_output_abandon_run(&x->output);
    write_head(x, text);
    exposition_output_start_run(&x->output);
    size_t before = text->len;
    size_t cost = write_part(x, text);
    size_t written = text->failed || text->len < before ? 0 : text->len - before;
    return cost + (x->output.gzip ? 2 * written : 0);
}

/* Returns what the step cost. */
static size_t write_metrics(struct exposition *x)
{
    if (x->rest.len > 0)
        return WORK_OF_A_STEP + write_block(x);
    if (x->output.in_run && store_view_run_is_over(x->view))
        end_run(x);
    if (take_run(x))
        return WORK_OF_A_STEP;
    bool more = next_block(x);
    if (x->output.in_run && !(more && store_view_in_run(x->view)))
        end_run(x);
    if (!more && x->wanted == HISTOGRAMS_CLASSIC) {
        x->wanted = HISTOGRAMS_NATIVE;
        rewind_family(x);
    } else if (!more) {
        x->phase = PHASE_FAMILY;
    }
    return WORK_OF_A_STEP;
}

static bool has_room(const struct exposition *x, size_t work)
{
    size_t overhang = x->output.in_run ? RUN_OVERHANG : 0;
    return exposition_output_size(&x->output) < STREAM_PIECE + overhang && work < WORK + overhang;
}

static bool has_failed(const struct exposition *x)
{
    return x->output.piece->failed || x->output.pending.failed || x->output.failed ||
           x->strings.failed || x->escaped.failed;
}

/* Goes on until there is enough for a piece, or nothing more. */
static bool fill_piece(struct exposition *x)
{
    size_t work = 0;

    while (has_room(x, work) && !has_failed(x)) {
        switch (x->phase) {
        case PHASE_FAMILY:
            if (!next_family(x))
                return false;
            if (name_filter_passes(&x->filter, x->family.name))
                x->phase = x->choice.format == FORMAT_TEXT ? PHASE_METRICS : PHASE_MEASURE;
            work += WORK_OF_A_STEP;
            break;
        case PHASE_MEASURE:
            work += measure(x);
            break;
        case PHASE_METRICS:
            work += write_metrics(x);
            break;
        }
    }
    return true;
}

enum stream_status exposition_produce(void *exposition, struct buffer *out)
{
    struct exposition *x = exposition;

    if (store_view_is_lost(x->view))
        return STREAM_FAILED;
    exposition_output_begin_piece(&x->output, out);
    bool more = fill_piece(x);
    exposition_output_end_piece(&x->output, !more);
    arena_free(&x->scratch); /* the next piece may be long in coming */
    if (has_failed(x))
        return STREAM_FAILED;
    return more ? STREAM_MORE : STREAM_DONE;
}

void exposition_free(void *exposition)
{
    struct exposition *x = exposition;
    if (x->view)
        store_view_close(x->view);
    exposition_output_free(&x->output);
    buffer_free(&x->escaped);
    buffer_free(&x->strings);
    arena_free(&x->scratch);
    arena_free(&x->arena);
    free(x);
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

static bool collect_own(struct exposition *x, const struct server *server)
{
    struct family_list list;

    if (!own_metrics_collect(server, &x->arena, &list))
        return false;
    x->own = arena_alloc(&x->arena, list.count * sizeof(*x->own));
    if (!x->own)
        return false;
    x->n_own = list.count;
    for (size_t i = 0; i < list.count; i++) {
        const struct family *f = &list.families[i];
        x->own[i].family = (struct store_family){f->name, f->help, f->unit, f->has_help, f->type};
        if (!encode_metrics(f, &x->arena, &x->own[i].metrics))
            return false;
    }
    return true;
}

struct exposition *exposition_new(const struct server *server, struct exposition_choice choice,
                                  enum coding coding, struct slice raw_query)
{
    struct exposition *x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->choice = choice;
    x->view = store_view_open(server->store);
    if (!x->view || !name_filter_parse(&x->filter, raw_query, &x->arena) ||
        !collect_own(x, server) ||
        (coding == CODING_GZIP && !exposition_output_compress(&x->output))) {
        exposition_free(x);
        return NULL;
    }
    next_pushed(x);
    return x;
}
