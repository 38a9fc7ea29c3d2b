#include "arena.h"

#include "suite.h"

#include <stdint.h>

enum { MANY = 10000, LARGE = 9 << 20 };

/* AddressSanitizer asks this: an allocation that is too large shall fail, not end the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static struct arena arena;

static void teardown(void)
{
    arena_free(&arena);
}

START_TEST(pieces_are_aligned_and_apart)
{
    static unsigned char *pieces[MANY];

    for (size_t i = 0; i < MANY; i++) {
        size_t size = i % 67;
        pieces[i] = arena_alloc(&arena, size);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 8, 0);
        memset(pieces[i], (int)(i & 0xff), size);
    }
    for (size_t i = 0; i < MANY; i++) {
        for (size_t j = 0; j < i % 67; j++)
            ck_assert_uint_eq(pieces[i][j], i & 0xff);
    }
}
END_TEST

START_TEST(zeroed)
{
    memset(arena_alloc(&arena, 1000), 0xff, 1000);
    arena_reset(&arena);
    const char *piece = arena_zalloc(&arena, 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_int_eq(piece[i], 0);
}
END_TEST

START_TEST(large_piece)
{
    char *small = arena_alloc(&arena, 10);
    memset(small, 1, 10);
    char *large = arena_alloc(&arena, LARGE);
    ck_assert_ptr_nonnull(large);
    memset(large, 2, LARGE);
    ck_assert_int_eq(small[9], 1);
}
END_TEST

START_TEST(impossible_size)
{
    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_alloc(&arena, PTRDIFF_MAX));
    ck_assert_ptr_null(arena_zalloc(&arena, PTRDIFF_MAX - 1));
    char *old = arena_alloc(&arena, 8);
    ck_assert_ptr_null(arena_grow(&arena, old, 8, SIZE_MAX));
    ck_assert_ptr_null(arena_copy(&arena, (struct slice){old, SIZE_MAX}).p);
    ck_assert_ptr_nonnull(arena_alloc(&arena, 8)); /* a failure does no harm */
}
END_TEST

START_TEST(last_piece_grows_in_place)
{
    char *piece = arena_alloc(&arena, 3);
    memcpy(piece, "abc", 3);
    ck_assert_ptr_eq(arena_grow(&arena, piece, 3, 100), piece);
    memset(piece + 3, 'x', 97);
    char *next = arena_alloc(&arena, 1);
    ck_assert(next >= piece + 100);
    *next = 'n';
    char *moved = arena_grow(&arena, piece, 100, 200);
    ck_assert_ptr_ne(moved, piece);
    ck_assert(memcmp(moved, "abcx", 4) == 0);
    ck_assert_int_eq(*next, 'n');
}
END_TEST

START_TEST(grows_from_nothing)
{
    char *piece = arena_grow(&arena, NULL, 0, 16);
    ck_assert_ptr_nonnull(piece);
    for (size_t size = 16; size < 1 << 20; size *= 2) {
        memset(piece, (int)(size & 0x7f), size);
        piece[0] = 'a';
        piece = arena_grow(&arena, piece, size, 2 * size);
        ck_assert_ptr_nonnull(piece);
        ck_assert_int_eq(piece[0], 'a');
    }
}
END_TEST

START_TEST(copies)
{
    struct slice copy = arena_copy(&arena, SLICE_LITERAL("a\0b"));
    ck_assert(slice_equal(copy, SLICE_LITERAL("a\0b")));
    ck_assert_ptr_nonnull(arena_copy(&arena, (struct slice){NULL, 0}).p);
}
END_TEST

START_TEST(reset_keeps_a_small_chunk)
{
    char *first = arena_alloc(&arena, 100);
    arena_alloc(&arena, LARGE);
    arena_reset(&arena);
    ck_assert_ptr_eq(arena_alloc(&arena, 100), first);
    arena_free(&arena);
    arena_alloc(&arena, LARGE); /* the oldest chunk is not a small one: it goes */
    arena_reset(&arena);
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(empty_arena)
{
    arena_reset(&arena);
    arena_free(&arena);
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0));
    arena_free(&arena);
    arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena");
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, pieces_are_aligned_and_apart);
    tcase_add_test(tc, zeroed);
    tcase_add_test(tc, large_piece);
    tcase_add_test(tc, impossible_size);
    tcase_add_test(tc, last_piece_grows_in_place);
    tcase_add_test(tc, grows_from_nothing);
    tcase_add_test(tc, copies);
    tcase_add_test(tc, reset_keeps_a_small_chunk);
    tcase_add_test(tc, empty_arena);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
