/* A metric whose value is not of its family's type: refused in the original's words. */
#include "store.h"

#include "suite.h"

static const struct slice counter_value = SLICE_LITERAL("\x1a\x09\x09\0\0\0\0\0\0\xf0\x3f");

static enum store_outcome push(struct store *store, struct label label, struct error *e)
{
    struct label job = {SLICE_LITERAL("job"), SLICE_LITERAL("j")};
    struct metric metric = {
        .labels = &label, .n_labels = 1, .payload = counter_value, .lacks_value = true};
    struct family family = {
        .name = SLICE_LITERAL("m"), .type = METRIC_GAUGE, .metrics = &metric, .n_metrics = 1};
    struct family_list families = {&family, 1};
    struct arena scratch = {0};

    enum store_outcome outcome =
        store_push(store, (struct group_key){&job, 1}, &families, STORE_REPLACE, 1, &scratch, e);
    arena_free(&scratch);
    return outcome;
}

START_TEST(refused)
{
    struct store *store = store_new((struct store_options){0});
    struct error e;

    ck_assert_int_eq(push(store, (struct label){SLICE_LITERAL("a"), SLICE_LITERAL("1")}, &e),
                     STORE_REFUSED);
    ck_assert_str_eq(e.message,
                     "pushed metrics are invalid or inconsistent with existing metrics: collected "
                     "metric \"m\" { label:{name:\"a\" value:\"1\"} label:{name:\"instance\" "
                     "value:\"\"} label:{name:\"job\" value:\"j\"} counter:{value:1}} is not a "
                     "GAUGE");
    ck_assert_uint_eq(store_statistics(store).groups, 1); /* to show the failure */
    store_free(store);
}
END_TEST

START_TEST(comes_before_what_is_wrong_with_labels)
{
    struct store *store = store_new((struct store_options){0});
    struct error e;

    push(store, (struct label){SLICE_LITERAL("__a"), SLICE_LITERAL("1")}, &e);
    ck_assert_msg(strstr(e.message, "is not a GAUGE") != NULL, "%s", e.message);
    ck_assert_msg(strstr(e.message, "invalid name") == NULL, "%s", e.message);
    store_free(store);
}
END_TEST

START_TEST(unchecked_store_says_it_to_scrapes)
{
    struct store *store = store_new((struct store_options){.unchecked = true});
    struct error e;

    ck_assert_ptr_null(store_inconsistency(store));
    ck_assert_int_eq(push(store, (struct label){SLICE_LITERAL("a"), SLICE_LITERAL("1")}, &e),
                     STORE_APPLIED);
    ck_assert_ptr_nonnull(strstr(store_inconsistency(store), "is not a GAUGE"));
    store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("value_kind");
    TCase *tc = tcase_create("value_kind");
    tcase_add_test(tc, refused);
    tcase_add_test(tc, comes_before_what_is_wrong_with_labels);
    tcase_add_test(tc, unchecked_store_says_it_to_scrapes);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
