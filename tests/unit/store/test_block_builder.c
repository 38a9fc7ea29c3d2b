/* How a block is made of a pushed family. What is wrong with metrics: test_store.c. */
#include "block_builder.h"
#include "dump.h"
#include "metric_value.h"
#include "metric_wire.h"
#include "notation.h"
#include "suite.h"
#include "wire.h"

#include <stdio.h>

#define VALUE " 120909000000000000f03f\n" /* of a gauge */

static const struct {
    const char *key, *body, *wanted;
    size_t faults;
} cases[] = {
    {"job=a", "m gauge", " block of 1\n{instance=;job=a;}" VALUE, 0},
    {"instance=,job=a", "m gauge", " block of 1\n{instance=;job=a;}" VALUE, 0},
    {"a=1,job=j,z=2", "m gauge", " block of 1\n{a=1;instance=;job=j;z=2;}" VALUE, 0},
    /* the key's labels win, an instance of the metric's own stays */
    {"job=a", "m gauge job=b,instance=x", " block of 1\n{instance=x;job=a;}" VALUE, 0},
    {"instance=,job=a", "m gauge instance=x", " block of 1\n{instance=;job=a;}" VALUE, 0},
    {"instance=y,job=a", "m gauge instance=x", " block of 1\n{instance=y;job=a;}" VALUE, 0},
    /* sorted by name, in bytes */
    {"job=a", "m gauge z=1,b=2,B=3,\xc3\xa9=4,a.b=5",
     " block of 1, not legacy\n{B=3;a.b=5;b=2;instance=;job=a;z=1;\xc3\xa9=4;}" VALUE, 0},
    /* metrics by number of labels, then values, then names */
    {"job=a", "m gauge a=2; m gauge x=1,y=1; m gauge; m gauge b=1; m gauge a=1",
     " block of 5\n{instance=;job=a;}" VALUE "{a=1;instance=;job=a;}" VALUE
     "{b=1;instance=;job=a;}" VALUE "{a=2;instance=;job=a;}" VALUE
     "{instance=;job=a;x=1;y=1;}" VALUE,
     0},
    {"job=a", "m gauge; m gauge l=; m gauge l=1",
     " block of 3\n{instance=;job=a;}" VALUE "{instance=;job=a;l=;}" VALUE
     "{instance=;job=a;l=1;}" VALUE,
     0},
    /* wrong ones are encoded all the same: an unchecked store keeps them */
    {"job=a", "m gauge; m gauge; m gauge",
     " block of 3\n{instance=;job=a;}" VALUE "{instance=;job=a;}" VALUE "{instance=;job=a;}" VALUE,
     2},
    {"job=a", "m gauge b=2,b=1,__c=3", " block of 1\n{__c=3;b=2;b=1;instance=;job=a;}" VALUE, 1},
};

START_TEST(builds)
{
    struct group_index index = {0};
    struct prepared_key key;
    struct faults faults = {0};
    struct label_shape shape = {0};
    struct arena a = {0};
    struct error e;
    struct buffer got = {0};

    ck_assert(group_key_prepare(&index, notation_key(cases[_i].key, &a), &a, &key, &e));
    struct family_list body = notation_body(cases[_i].body, &a);
    struct block *b = block_build(&key, body.families, 7, &shape, &a, &faults, &e);
    ck_assert_ptr_nonnull(b);
    ck_assert_int_eq(b->time_ns, 7);
    ck_assert_uint_eq(b->faults, cases[_i].faults);
    ck_assert_uint_eq(faults.count, cases[_i].faults);

    struct store_block shown = {
        .metrics = block_metrics(b), .n_metrics = b->n_metrics, .legacy_names = b->legacy_names};
    dump_block(&got, &shown);
    buffer_byte(&got, '\0');
    ck_assert_str_eq(got.p, cases[_i].wanted);
    buffer_free(&got);
    block_free(b);
    faults_free(&faults);
    arena_free(&a);
}
END_TEST

/* A histogram of so many buckets under a label of some length; whether a block can be made. */
static bool fits(size_t label, size_t buckets)
{
    struct group_index index = {0};
    struct prepared_key key;
    struct faults faults = {0};
    struct label_shape shape = {0};
    struct arena a = {0};
    struct error e = {0};
    char *value = arena_zalloc(&a, label), *payload = arena_alloc(&a, 4 * buckets + 8);

    ck_assert(group_key_prepare(&index, notation_key("job=a", &a), &a, &key, &e));
    char *to = wire_put_varint(payload, wire_tag(metric_value_field(METRIC_HISTOGRAM), WIRE_BYTES));
    to = wire_put_varint(to, 4 * buckets);
    for (size_t i = 0; i < buckets; i++)
        to = mempcpy(to, "\x1a\x02\x08\x01", 4);
    struct label l = {SLICE_LITERAL("l"), {memset(value, 'x', label), label}};
    struct metric m = {.labels = &l, .n_labels = 1, .payload = {payload, (size_t)(to - payload)}};
    struct family f = {
        .name = SLICE_LITERAL("h"), .type = METRIC_HISTOGRAM, .metrics = &m, .n_metrics = 1};
    struct block *b = block_build(&key, &f, 7, &shape, &a, &faults, &e);
    ck_assert(b || e.code == ERROR_TOO_LARGE);
    ck_assert_uint_eq(faults.count, 0);
    bool made = b != NULL;
    if (b)
        block_free(b);
    arena_free(&a);
    return made;
}

START_TEST(what_a_metric_takes_to_show_is_limited)
{
    ck_assert(fits(100, 100000));
    ck_assert(fits(1 << 20, 20));
    ck_assert(!fits(1 << 20, 40));
    ck_assert(!fits(1000, 40000));
}
END_TEST

/* Blocks are merged by comparing encoded labels: the order must be the one they are sorted in. */
START_TEST(compares_encoded_labels_in_the_order_of_blocks)
{
    struct group_index index = {0};
    struct prepared_key key;
    struct faults faults = {0};
    struct label_shape shape = {0};
    struct arena a = {0};
    struct error e;
    struct slice labels[16];
    size_t n = 0;

    ck_assert(group_key_prepare(&index, notation_key("job=a", &a), &a, &key, &e));
    struct family_list body =
        notation_body("m gauge a=2; m gauge x=1,y=1; m gauge x=1,z=1; m gauge; "
                      "m gauge b=1; m gauge a=1; m gauge a=10; m gauge a=;"
                      "m gauge y=1,z=1; m gauge zzzzzzzzzzzzzzzzzzzzzzzzz=0",
                      &a);
    struct block *b = block_build(&key, body.families, 7, &shape, &a, &faults, &e);
    struct slice rest = block_metrics(b);
    struct metric_wire m;
    while (metric_wire_next(&rest, &m))
        labels[n++] = m.labels;
    ck_assert_uint_eq(n, 10);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++) {
            int order = block_compare_labels(labels[i], labels[k]);
            ck_assert_msg(i < k ? order < 0 : i > k ? order > 0 : order == 0, "%zu and %zu", i, k);
        }
    }
    block_free(b);
    arena_free(&a);
}
END_TEST

/* A block of n metrics with labels l=0002, 0004, ... */
static struct block *numbered_block(size_t n, struct arena *a, struct prepared_key *key)
{
    struct group_index index = {0};
    struct faults faults = {0};
    struct label_shape shape = {0};
    struct error e;
    struct family family = {.name = SLICE_LITERAL("m"), .type = METRIC_GAUGE, .n_metrics = n};

    ck_assert(group_key_prepare(&index, notation_key("job=a", a), a, key, &e));
    family.metrics = arena_zalloc(a, n * sizeof(struct metric));
    for (size_t i = 0; i < n; i++) {
        char *number = arena_alloc(a, 8);
        snprintf(number, 8, "%04zu", 2 * i + 2);
        family.metrics[i].labels = arena_alloc(a, sizeof(struct label));
        family.metrics[i].labels[0] = (struct label){SLICE_LITERAL("l"), {number, 4}};
        family.metrics[i].n_labels = 1;
    }
    return block_build(key, &family, 7, &shape, a, &faults, &e);
}

static bool has_number(const struct block *b, const struct prepared_key *key, size_t number)
{
    struct label labels[3] = {key->labels[0], key->labels[1], {SLICE_LITERAL("l"), {NULL, 4}}};
    char text[8], encoded[128];
    struct metric_wire m;

    snprintf(text, sizeof(text), "%04zu", number);
    labels[2].value.p = text;
    char *end = metric_wire_put(encoded, labels, 3, SLICE_LITERAL(""));
    struct slice metric = {encoded, (size_t)(end - encoded)};
    metric_wire_next(&metric, &m);
    return block_has(b, m.labels);
}

START_TEST(finds_series_in_blocks_of_all_sizes)
{
    static const size_t sizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 34, 160, 161, 1000};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
        struct arena a = {0};
        struct prepared_key key;
        struct block *b = numbered_block(sizes[s], &a, &key);
        for (size_t number = 1; number <= 2 * sizes[s] + 1; number++)
            if (has_number(b, &key, number) != (number % 2 == 0))
                ck_abort_msg("block of %zu: %zu", sizes[s], number);
        block_free(b);
        arena_free(&a);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block_builder");
    TCase *tc = tcase_create("block_builder");

    tcase_add_test(tc, what_a_metric_takes_to_show_is_limited);
    tcase_add_loop_test(tc, builds, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tc, compares_encoded_labels_in_the_order_of_blocks);
    tcase_add_test(tc, finds_series_in_blocks_of_all_sizes);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
