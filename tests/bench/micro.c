/* How many MB/s the two readers and the two writers do on one core, each on two bodies that it
 * makes: gauges with three labels, and all types mixed. A megabyte is 10^6 bytes of the body read,
 * or of the exposition written. Prints a line for each: codec, body, bytes, best and median of the
 * runs. */
#include "delimited_reader.h"
#include "delimited_writer.h"
#include "metric_wire.h"
#include "text_reader.h"
#include "text_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    NAME_MAX_SIZE = 64,
    FAMILIES = 20,
    METRICS = 50,     /* of each family */
    RUNS = 15,        /* an odd number has a median */
    RUN_MS = 60,      /* CPU time of one run at least */
    RUNS_WITHOUT = 2, /* to warm up */
};

/* One body in every form that the codecs take and make. */
struct body {
    const char *name;
    struct buffer text, delimited;
    struct family_list families; /* borrows from text and from arena */
    struct slice *stored;        /* of each family, its metrics as metric_wire.h */
    struct arena arena, scratch;
    struct buffer out;
};

/* Without these three no figure would mean anything. */
static void *must(void *p)
{
    if (!p) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
    return p;
}

static void must_read(bool ok, const struct error *e)
{
    if (!ok) {
        fprintf(stderr, "cannot read the body made: %s\n", e->message);
        exit(EXIT_FAILURE);
    }
}

static void must_have(const struct buffer *b)
{
    if (b->failed || b->len == 0) {
        fprintf(stderr, "nothing was written\n");
        exit(EXIT_FAILURE);
    }
}

/* --- The bodies ------------------------------------------------------------------------------- */

static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252; /* xorshift64, always from the same seed */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* As jobs have them: counts, times since 1970, durations with many digits. */
static void put_value(struct buffer *out)
{
    uint64_t r = next_random();
    switch (r % 3) {
    case 0:
        buffer_printf(out, " %" PRIu64 "\n", r >> 8 & 0xffff);
        break;
    case 1:
        buffer_printf(out, " 1.7%08" PRIu64 "e+09\n", (r >> 8) % 100000000);
        break;
    default:
        buffer_printf(out, " %.17g\n", (double)(r >> 11) * 0x1p-50);
    }
}

static void put_series(struct buffer *out, const char *name, unsigned metric, const char *label)
{
    buffer_printf(out, "%s{region=\"eu-west-%u\",shard=\"%04u\",status=\"%s\"%s}", name, metric % 3,
                  metric, metric % 2 ? "succeeded" : "failed", label);
    put_value(out);
}

static void put_count(struct buffer *out, const char *name, unsigned metric, const char *label,
                      uint64_t count)
{
    buffer_printf(out, "%s{region=\"eu-west-%u\",shard=\"%04u\",status=\"ok\"%s} %" PRIu64 "\n",
                  name, metric % 3, metric, label, count);
}

static void put_histogram(struct buffer *out, const char *name, unsigned metric)
{
    static const char *const bounds[] = {",le=\"0.005\"", ",le=\"0.05\"", ",le=\"0.5\"",
                                         ",le=\"5\"",     ",le=\"50\"",   ",le=\"+Inf\""};
    char part[NAME_MAX_SIZE + 16]; /* and the longest suffix */
    uint64_t count = 0;
    snprintf(part, sizeof(part), "%s_bucket", name);
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        count += next_random() % 1000;
        put_count(out, part, metric, bounds[i], count);
    }
    snprintf(part, sizeof(part), "%s_count", name);
    put_count(out, part, metric, "", count);
    snprintf(part, sizeof(part), "%s_sum", name);
    put_count(out, part, metric, "", count * 3);
}

static void put_summary(struct buffer *out, const char *name, unsigned metric)
{
    static const char *const quantiles[] = {",quantile=\"0.5\"", ",quantile=\"0.9\"",
                                            ",quantile=\"0.99\""};
    char part[NAME_MAX_SIZE + 16]; /* and the longest suffix */
    for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
        put_series(out, name, metric, quantiles[i]);
    snprintf(part, sizeof(part), "%s_count", name);
    put_count(out, part, metric, "", next_random() % 1000);
    snprintf(part, sizeof(part), "%s_sum", name);
    put_count(out, part, metric, "", next_random() % 1000);
}

static void put_metric(struct buffer *out, enum metric_type type, const char *name, unsigned metric)
{
    if (type == METRIC_HISTOGRAM)
        put_histogram(out, name, metric);
    else if (type == METRIC_SUMMARY)
        put_summary(out, name, metric);
    else
        put_series(out, name, metric, "");
}

static void make_text(struct buffer *out, bool mixed)
{
    static const enum metric_type types[] = {METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM,
                                             METRIC_SUMMARY, METRIC_UNTYPED};
    char name[NAME_MAX_SIZE];
    for (unsigned i = 0; i < FAMILIES; i++) {
        enum metric_type type = mixed ? types[i % 5] : METRIC_GAUGE;
        snprintf(name, sizeof(name), "batch_job_step_%02u_duration_seconds", i);
        buffer_printf(out, "# HELP %s How long step %u of the job took.\n# TYPE %s %s\n", name, i,
                      name, metric_type_name(type));
        for (unsigned metric = 0; metric < METRICS; metric++)
            put_metric(out, type, name, metric);
    }
    must_have(out);
}

/* The metrics of a family as the store holds them. The labels made are in order already. */
static struct slice store_metrics(const struct family *f, struct arena *a)
{
    size_t size = 0;
    for (size_t i = 0; i < f->n_metrics; i++)
        size +=
            metric_wire_size(f->metrics[i].labels, f->metrics[i].n_labels, f->metrics[i].payload);
    char *bytes = must(arena_alloc(a, size)), *end = bytes;
    for (size_t i = 0; i < f->n_metrics; i++)
        end = metric_wire_put(end, f->metrics[i].labels, f->metrics[i].n_labels,
                              f->metrics[i].payload);
    return (struct slice){bytes, size};
}

static void write_delimited(struct body *b, struct buffer *out)
{
    for (size_t i = 0; i < b->families.count; i++) {
        const struct family *f = &b->families.families[i];
        delimited_writer_family(out, f->name, f->has_help, f->help, f->type, f->unit,
                                b->stored[i].len, ESCAPING_UNDERSCORES);
        delimited_writer_escape_metrics(out, b->stored[i], ESCAPING_UNDERSCORES);
    }
    must_have(out);
}

static void body_make(struct body *b, const char *name, bool mixed)
{
    struct error e = {0};
    *b = (struct body){.name = name};
    make_text(&b->text, mixed);
    must_read(text_reader_read(buffer_slice(&b->text), false, &b->arena, &b->families, &e), &e);
    b->stored = must(arena_alloc(&b->arena, b->families.count * sizeof(*b->stored)));
    for (size_t i = 0; i < b->families.count; i++)
        b->stored[i] = store_metrics(&b->families.families[i], &b->arena);
    write_delimited(b, &b->delimited);
}

static void body_free(struct body *b)
{
    buffer_free(&b->text);
    buffer_free(&b->delimited);
    buffer_free(&b->out);
    arena_free(&b->arena);
    arena_free(&b->scratch);
}

/* --- What is measured: each does the body once and returns its size ----------------------------
 */

static size_t check_families(const struct body *b, const struct family_list *list, size_t size)
{
    if (list->count != b->families.count) {
        fprintf(stderr, "%s: %zu families instead of %zu\n", b->name, list->count,
                b->families.count);
        exit(EXIT_FAILURE);
    }
    return size;
}

static size_t read_text(struct body *b)
{
    struct family_list list;
    struct error e = {0};
    arena_reset(&b->scratch);
    must_read(text_reader_read(buffer_slice(&b->text), false, &b->scratch, &list, &e), &e);
    return check_families(b, &list, b->text.len);
}

static size_t read_delimited(struct body *b)
{
    struct family_list list;
    struct error e = {0};
    arena_reset(&b->scratch);
    must_read(delimited_reader_read(buffer_slice(&b->delimited), &b->scratch, &list, &e), &e);
    return check_families(b, &list, b->delimited.len);
}

static size_t write_text_once(struct body *b)
{
    buffer_clear(&b->out);
    for (size_t i = 0; i < b->families.count; i++) {
        const struct family *f = &b->families.families[i];
        arena_reset(&b->scratch);
        text_writer_family(&b->out, f->name, f->has_help, f->help, f->type, ESCAPING_UNDERSCORES);
        text_writer_metrics(&b->out, f->name, f->type, b->stored[i], ESCAPING_UNDERSCORES,
                            &b->scratch);
    }
    must_have(&b->out);
    return b->out.len;
}

static size_t write_delimited_once(struct body *b)
{
    buffer_clear(&b->out);
    write_delimited(b, &b->out);
    return b->out.len;
}

/* --- Measuring -------------------------------------------------------------------------------- */

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double run_once(size_t (*once)(struct body *), struct body *b)
{
    int64_t start = cpu_ns(), took;
    size_t bytes = 0;
    do {
        bytes += once(b);
        took = cpu_ns() - start;
    } while (took < (int64_t)RUN_MS * 1000000);
    return (double)bytes * 1e3 / (double)took; /* bytes in ns to MB in s */
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *codec, size_t (*once)(struct body *), struct body *b)
{
    double speed[RUNS];
    size_t bytes = 0;
    for (int i = 0; i < RUNS_WITHOUT; i++)
        bytes = once(b);
    for (int i = 0; i < RUNS; i++)
        speed[i] = run_once(once, b);
    qsort(speed, RUNS, sizeof(speed[0]), by_value);
    printf("%s %s %zu %.1f %.1f\n", codec, b->name, bytes, speed[RUNS - 1], speed[RUNS / 2]);
}

int main(void)
{
    static const char *const names[] = {"gauges", "mixed"};
    for (int mixed = 0; mixed < 2; mixed++) {
        struct body b;
        body_make(&b, names[mixed], mixed);
        measure("text_reader", read_text, &b);
        measure("delimited_reader", read_delimited, &b);
        measure("text_writer", write_text_once, &b);
        measure("delimited_writer", write_delimited_once, &b);
        body_free(&b);
    }
    return EXIT_SUCCESS;
}
