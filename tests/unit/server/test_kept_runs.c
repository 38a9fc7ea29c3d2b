/* What is kept of former scrapes must never show: random changes of the store, several scrapes
 * under way at once in both codings, each compared with what a plain walk showed when it began. */
#include "exposition.h"

#include "stored.h"
#include "text_writer.h"

#include <zlib.h>

enum {
    JOBS = 400, /* some runs of groups */
    SCRAPES = 4,
    ROUNDS = 400,
    CHANGES = 12,
};
static const char query[] = "name[]=m&name[]=n&name[]=push_time_seconds";

static unsigned first_seed, seed;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

struct scrape {
    struct exposition *x; /* NULL: none */
    enum coding coding;
    struct buffer expected, got;
};

static bool is_asked_for(struct slice name)
{
    return slice_equal(name, SLICE_LITERAL("m")) || slice_equal(name, SLICE_LITERAL("n")) ||
           slice_equal(name, SLICE_LITERAL("push_time_seconds"));
}

/* The text as of now, made from the blocks alone. */
static void write_plainly(struct buffer *out)
{
    struct store_view *v = store_view_open(stored_server.store);
    struct store_family f;
    struct store_block block;
    struct arena a = {0};

    buffer_clear(out);
    while (store_view_next_family(v, &f)) {
        if (!is_asked_for(f.name))
            continue;
        text_writer_family(out, f.name, f.has_help, f.help, f.type, ESCAPING_UNDERSCORES);
        while (store_view_next_block(v, &block))
            text_writer_metrics(out, f.name, f.type, block.metrics, ESCAPING_UNDERSCORES, &a);
    }
    arena_free(&a);
    store_view_close(v);
}

static void begin(struct scrape *s)
{
    struct exposition_choice choice = {FORMAT_TEXT, ESCAPING_UNDERSCORES};
    s->coding = pick(2) ? CODING_GZIP : CODING_IDENTITY;
    s->x = exposition_new(&stored_server, choice, s->coding, slice_of(query));
    ck_assert_ptr_nonnull(s->x);
    write_plainly(&s->expected);
    buffer_clear(&s->got);
}

static void unzip(struct buffer *b)
{
    static char text[4 << 20];
    z_stream z = {.next_in = (Bytef *)b->p,
                  .avail_in = (uInt)b->len,
                  .next_out = (Bytef *)text,
                  .avail_out = sizeof(text)};
    ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END); /* checks CRC and length */
    ck_assert_uint_eq(z.avail_in, 0);
    buffer_clear(b);
    buffer_bytes(b, text, sizeof(text) - z.avail_out);
    inflateEnd(&z);
}

static void finish(struct scrape *s)
{
    exposition_free(s->x);
    s->x = NULL;
    if (s->coding == CODING_GZIP)
        unzip(&s->got);
    ck_assert_msg(slice_equal(buffer_slice(&s->got), buffer_slice(&s->expected)),
                  "a scrape shows something else, seed %u", first_seed);
}

static void step(struct scrape *s)
{
    struct buffer piece = {0};
    if (!s->x) {
        begin(s);
        return;
    }
    enum stream_status status = exposition_produce(s->x, &piece);
    ck_assert_int_ne(status, STREAM_FAILED);
    buffer_slice_append(&s->got, buffer_slice(&piece));
    buffer_free(&piece);
    if (status == STREAM_DONE)
        finish(s);
}

static void delete_job(const char *job)
{
    struct arena a = {0};
    struct label key = {SLICE_LITERAL("job"), slice_of(job)};
    bool deleted;
    ck_assert(store_delete(stored_server.store, (struct group_key){&key, 1}, &a, &deleted));
    arena_free(&a);
}

static void change(unsigned round)
{
    char job[16];
    snprintf(job, sizeof(job), "j%u", pick(JOBS));
    switch (pick(12)) {
    case 0:
    case 1:
        delete_job(job);
        break;
    case 2:
        /* A name that is shown differently under each escaping. */
        stored_push(job, "m", METRIC_GAUGE, "l.x", "v", round);
        break;
    default:
        stored_push(job, pick(3) ? "m" : "n", METRIC_GAUGE, pick(2) ? "l" : NULL, "v", round);
    }
    if (pick(4000) == 0)
        ck_assert(store_wipe(stored_server.store));
    if (pick(3) == 0)
        store_reclaim(stored_server.store);
}

START_TEST(kept_runs_never_show)
{
    struct scrape scrapes[SCRAPES] = {0};

    first_seed = seed = (unsigned)_i;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < CHANGES && round % 8 != 0; i++)
            change(round);
        step(&scrapes[pick(SCRAPES)]);
    }
    for (unsigned i = 0; i < SCRAPES; i++) {
        while (scrapes[i].x)
            step(&scrapes[i]);
        buffer_free(&scrapes[i].expected);
        buffer_free(&scrapes[i].got);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kept_runs");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, stored_open, stored_close);
    tcase_add_loop_test(tc, kept_runs_never_show, 0, 20);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
