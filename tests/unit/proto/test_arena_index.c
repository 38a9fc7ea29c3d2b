#include "arena_index.h"
#include "suite.h"

enum { ITEMS = 5000 };

static void *find(const struct arena_index *x, uint64_t hash, const int *wanted)
{
    size_t step = 0;
    int *item;
    while ((item = arena_index_next(x, hash, &step)) && *item != *wanted)
        ;
    return item;
}

START_TEST(finds_nothing_in_an_empty_one)
{
    struct arena_index index = {0};
    size_t step = 0;
    ck_assert_ptr_null(arena_index_next(&index, 7, &step));
}
END_TEST

/* 0: all hashes differ; else so many of them are the same. */
static const uint64_t hash_counts[] = {0, 1, 2, 100};

START_TEST(finds_what_was_added)
{
    static int items[ITEMS], absent = -1;
    struct arena arena = {0};
    struct arena_index index = {0};
    uint64_t hashes = hash_counts[_i];
    int n = hashes ? 300 : ITEMS;
    for (int i = 0; i < n; i++) {
        uint64_t hash = hashes ? (uint64_t)i % hashes : (uint64_t)i * 0x9e3779b97f4a7c15;
        items[i] = i;
        ck_assert(arena_index_add(&index, hash, &items[i], &arena));
    }
    ck_assert_uint_eq(index.used, (size_t)n);
    for (int i = 0; i < n; i++) {
        uint64_t hash = hashes ? (uint64_t)i % hashes : (uint64_t)i * 0x9e3779b97f4a7c15;
        ck_assert_ptr_eq(find(&index, hash, &items[i]), &items[i]);
        ck_assert_ptr_null(find(&index, hash, &absent));
    }
    arena_free(&arena);
}
END_TEST

START_TEST(hashes_by_content)
{
    char copy[] = "name";
    ck_assert(arena_index_hash(slice_of(copy)) == arena_index_hash(SLICE_LITERAL("name")));
    ck_assert(arena_index_hash(slice_of(copy)) != arena_index_hash(SLICE_LITERAL("nam")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena_index");
    TCase *tc = tcase_create("arena_index");
    tcase_add_test(tc, finds_nothing_in_an_empty_one);
    tcase_add_loop_test(tc, finds_what_was_added, 0, sizeof(hash_counts) / sizeof(hash_counts[0]));
    tcase_add_test(tc, hashes_by_content);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
