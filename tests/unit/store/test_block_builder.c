/* How a block is made of a pushed family. What is wrong with metrics: test_store.c. */
#include "block_builder.h"
#include "dump.h"
#include "metric_wire.h"
#include "notation.h"
#include "suite.h"

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
    struct arena a = {0};
    struct error e;
    struct buffer got = {0};

    ck_assert(group_key_prepare(&index, notation_key(cases[_i].key, &a), &a, &key, &e));
    struct family_list body = notation_body(cases[_i].body, &a);
    struct block *b = block_build(&key, body.families, 7, &a, &faults, &e);
    ck_assert_ptr_nonnull(b);
    ck_assert_int_eq(b->time_ns, 7);
    ck_assert_uint_eq(b->faults, cases[_i].faults);
    ck_assert_uint_eq(faults.count, cases[_i].faults);

    struct store_block shown = {block_metrics(b), b->n_metrics, b->legacy_names};
    dump_block(&got, &shown);
    buffer_byte(&got, '\0');
    ck_assert_str_eq(got.p, cases[_i].wanted);
    buffer_free(&got);
    block_free(b);
    faults_free(&faults);
    arena_free(&a);
}
END_TEST

/* Blocks are merged by comparing encoded labels: the order must be the one they are sorted in. */
START_TEST(compares_encoded_labels_in_the_order_of_blocks)
{
    struct group_index index = {0};
    struct prepared_key key;
    struct faults faults = {0};
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
    struct block *b = block_build(&key, body.families, 7, &a, &faults, &e);
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

int main(void)
{
    Suite *suite = suite_create("block_builder");
    TCase *tc = tcase_create("block_builder");

    tcase_add_loop_test(tc, builds, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tc, compares_encoded_labels_in_the_order_of_blocks);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
