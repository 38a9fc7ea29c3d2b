/* The persistence file: what is saved comes back, and a damaged file gives what verifies of it and
 * nothing else. */
#include "snapshot.h"

#include "dump.h"
#include "require.h"
#include "steps.h"
#include "suite.h"
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER = 24, HEAD = 8, TRAILER = 16, GROUPS = 6 };

static char folder[] = "/tmp/pgw-snapshot-XXXXXX";
static char path[64];
static struct buffer file;        /* as saved from saved_store() */
static struct buffer saved;       /* what a dump of its groups says */
static size_t starts[GROUPS + 1]; /* of its records and of its trailer */

static void write_file(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(name, "wb");
    REQUIRE(f && fwrite(bytes, 1, n, f) == n);
    REQUIRE(fclose(f) == 0);
}

static void read_file(const char *name, struct buffer *out)
{
    FILE *f = fopen(name, "rb");
    int byte;
    REQUIRE(f);
    while ((byte = fgetc(f)) != EOF)
        buffer_byte(out, (char)byte);
    fclose(f);
}

static void save(struct store *s)
{
    struct error e = {0};
    ck_assert_msg(snapshot_save(s, path, journal_beginning, &e), "%s", e.message);
}

static struct store *saved_store(void)
{
    static const char *const keys[GROUPS] = {"job=a", "job=b", "instance=x,job=b",
                                             "job=c", "job=d", "job=e"};
    struct store *s = steps_store(false);
    for (int i = 0; i < GROUPS; i++)
        steps_push(s, PUT, keys[i], i % 2 ? "m gauge l=1; n counter" : "m gauge; h histogram ?Help",
                   1000 + i, STORE_APPLIED);
    return s;
}

static void find_records(void)
{
    size_t at = HEADER;
    for (int i = 0; i <= GROUPS; i++) {
        uint32_t length;
        starts[i] = at;
        memcpy(&length, file.p + at, sizeof(length));
        at += HEAD + length;
    }
    ck_assert_uint_eq(starts[GROUPS] + TRAILER, file.len);
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics", folder);
    struct store *s = saved_store();
    save(s);
    dump_store_groups(s, &saved);
    buffer_byte(&saved, '\0');
    read_file(path, &file);
    find_records();
    store_free(s);
}

static void teardown(void)
{
    unlink(path);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left behind */
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    buffer_free(&file);
    buffer_free(&saved);
}

struct loaded {
    enum snapshot_outcome outcome;
    struct snapshot_report report;
    struct error e;
};

static struct loaded load_into(struct store *s)
{
    struct loaded l;
    l.outcome = snapshot_load(s, path, &l.report, &l.e);
    REQUIRE((l.outcome == SNAPSHOT_LOADED) == (l.e.code == ERROR_NONE));
    REQUIRE((l.e.code == ERROR_NONE) == (l.e.message[0] == '\0'));
    return l;
}

/* Every group that the store shows must stand in `saved` as it is. */
static void check_groups(struct store *s, size_t count)
{
    struct buffer got = {0};
    size_t groups = 0;
    dump_store_groups(s, &got);
    buffer_byte(&got, '\0');
    for (char *group = got.p, *next; group && *group; group = next) {
        next = strstr(group + 1, "\ngroup ");
        if (next)
            *next++ = '\0';
        if (!strstr(saved.p, group))
            ck_abort_msg("never saved:\n%s", group);
        groups++;
    }
    buffer_free(&got);
    REQUIRE(groups == count);
}

/* Loads these bytes into a new store. */
static struct loaded load(const char *bytes, size_t n)
{
    struct store *s = steps_store(false);
    write_file(path, bytes, n);
    struct loaded l = load_into(s);
    check_groups(s, l.report.groups);
    store_free(s);
    return l;
}

/* Every position; under valgrind, which makes runs short by this, some. */
static size_t stride(void)
{
    return getenv("PGW_TEST_STEPS") ? 11 : 1;
}

static size_t record_of(size_t position)
{
    size_t i = 0;
    while (i < GROUPS && position >= starts[i + 1])
        i++;
    return i;
}

/* --- What is whole -------------------------------------------------------------------------------
 */

static struct world w;

START_TEST(what_is_saved_comes_back)
{
    struct buffer before = {0}, after = {0};
    world_open(&w, dice_seed(80) + (uint64_t)_i, false);
    for (int i = 0; i < 60; i++)
        world_step(&w);
    save(w.store);
    dump_store_groups(w.store, &before);
    dump_store_families(w.store, &before);

    struct world restored;
    world_open(&restored, 0, false);
    struct loaded l = load_into(restored.store);
    ck_assert_int_eq(l.outcome, SNAPSHOT_LOADED);
    ck_assert_uint_eq(l.report.groups, store_statistics(w.store).groups);
    ck_assert_uint_eq(l.report.refused, 0);
    dump_store_groups(restored.store, &after);
    dump_store_families(restored.store, &after);
    world_compare_text("the restored store", &after, &before, false);
    world_close(&restored);
    world_close(&w);
    buffer_free(&before);
    buffer_free(&after);
}
END_TEST

START_TEST(a_record_may_be_larger_than_what_is_read_at_once)
{
    enum { LONG = 3 << 20 };
    struct store *s = steps_store(false), *again = steps_store(false);
    char *key = malloc(LONG);
    REQUIRE(key);
    memset(key, 'x', LONG);
    memcpy(key, "job=", 4);
    key[LONG - 1] = '\0';
    steps_push(s, PUT, "job=a", "m gauge", 1, STORE_APPLIED);
    steps_push(s, PUT, key, "m gauge", 1, STORE_APPLIED);
    steps_push(s, PUT, "job=z", "m gauge", 1, STORE_APPLIED);
    save(s);
    struct loaded l = load_into(again);
    ck_assert_int_eq(l.outcome, SNAPSHOT_LOADED);
    ck_assert_uint_eq(l.report.groups, 3);
    free(key);
    store_free(s);
    store_free(again);
}
END_TEST

START_TEST(no_file_is_an_empty_store)
{
    struct store *s = steps_store(false);
    unlink(path);
    ck_assert_int_eq(load_into(s).outcome, SNAPSHOT_LOADED);
    store_free(s);
}
END_TEST

START_TEST(what_the_store_refuses_is_told)
{
    struct store *s = steps_store(true), *checked = steps_store(false);
    steps_push(s, PUT, "job=a", "m gauge", 1, STORE_APPLIED);
    steps_push(s, PUT, "job=b", "m counter", 1, STORE_APPLIED);
    steps_push(s, PUT, "job=c", "m gauge", 1, STORE_APPLIED);
    save(s);
    struct loaded l = load_into(checked);
    ck_assert_int_eq(l.outcome, SNAPSHOT_DAMAGED);
    ck_assert_uint_eq(l.report.groups, 2);
    ck_assert_uint_eq(l.report.refused, 1);
    ck_assert_ptr_nonnull(strstr(l.e.message, PMII));
    store_free(s);
    store_free(checked);
}
END_TEST

/* --- What is damaged -----------------------------------------------------------------------------
 */

/* A wrong byte costs the group it stands in; in the header or trailer it costs none. */
START_TEST(every_byte_flipped)
{
    static const unsigned char masks[] = {0x01, 0x80, 0xff};
    for (size_t i = 0; i < file.len; i += stride()) {
        for (size_t k = 0; k < sizeof(masks); k++) {
            file.p[i] = (char)(file.p[i] ^ masks[k]);
            struct loaded l = load(file.p, file.len);
            file.p[i] = (char)(file.p[i] ^ masks[k]);
            REQUIRE(l.outcome == SNAPSHOT_DAMAGED);
            REQUIRE(l.report.refused == 0);
            bool in_record = i >= HEADER && i < starts[GROUPS];
            if (l.report.groups != (size_t)(in_record ? GROUPS - 1 : GROUPS))
                ck_abort_msg("byte %zu: %zu groups; %s", i, l.report.groups, l.e.message);
        }
    }
}
END_TEST

START_TEST(every_length_cut)
{
    for (size_t n = 0; n < file.len; n += stride()) {
        struct loaded l = load(file.p, n);
        REQUIRE(l.outcome == SNAPSHOT_DAMAGED);
        if (l.report.groups != (n < HEADER ? 0 : record_of(n)))
            ck_abort_msg("%zu bytes: %zu groups; %s", n, l.report.groups, l.e.message);
    }
}
END_TEST

/* As a disk does that loses a sector. */
START_TEST(every_hole)
{
    static const char fills[] = {0, '\xff'};
    char *copy = malloc(file.len);
    enum { HOLE = 64 };
    REQUIRE(copy);
    for (size_t i = 0; i + HOLE <= file.len; i += stride()) {
        for (size_t k = 0; k < sizeof(fills); k++) {
            memcpy(copy, file.p, file.len);
            memset(copy + i, fills[k], HOLE);
            struct loaded l = load(copy, file.len);
            size_t first = record_of(i), last = record_of(i + HOLE - 1);
            size_t hit = (last < GROUPS ? last + 1 : GROUPS) - first;
            if (i + HOLE <= HEADER || first == GROUPS)
                hit = 0;
            REQUIRE(l.outcome == SNAPSHOT_DAMAGED);
            if (l.report.groups != GROUPS - hit)
                ck_abort_msg("hole at %zu: %zu groups, %zu hit; %s", i, l.report.groups, hit,
                             l.e.message);
        }
    }
    free(copy);
}
END_TEST

START_TEST(a_record_that_is_missing)
{
    for (size_t i = 0; i < GROUPS; i++) {
        struct buffer copy = {0};
        buffer_bytes(&copy, file.p, starts[i]);
        buffer_bytes(&copy, file.p + starts[i + 1], file.len - starts[i + 1]);
        struct loaded l = load(copy.p, copy.len);
        ck_assert_int_eq(l.outcome, SNAPSHOT_DAMAGED);
        ck_assert_uint_eq(l.report.groups, GROUPS - 1);
        ck_assert_ptr_nonnull(strstr(l.e.message, "the trailer counts other records"));
        buffer_free(&copy);
    }
}
END_TEST

START_TEST(something_behind_the_trailer)
{
    buffer_byte(&file, '\0');
    struct loaded l = load(file.p, file.len);
    ck_assert_int_eq(l.outcome, SNAPSHOT_DAMAGED);
    ck_assert_uint_eq(l.report.groups, GROUPS);
    ck_assert_ptr_nonnull(strstr(l.e.message, "behind the trailer"));
}
END_TEST

static void put_noise(struct buffer *out, size_t n)
{
    struct dice d = {dice_seed(90)};
    for (size_t i = 0; i < n; i++)
        buffer_byte(out, (char)dice_bits(&d));
}

START_TEST(noise_in_the_middle)
{
    struct buffer copy = {0};
    buffer_bytes(&copy, file.p, starts[2]);
    put_noise(&copy, 100000);
    buffer_bytes(&copy, file.p + starts[2], file.len - starts[2]);
    struct loaded l = load(copy.p, copy.len);
    ck_assert_int_eq(l.outcome, SNAPSHOT_DAMAGED);
    ck_assert_uint_eq(l.report.groups, GROUPS);
    buffer_free(&copy);
}
END_TEST

/* Something quite different: the search must end. Each of these lengths leads far, and none is
 * right. */
START_TEST(a_search_in_vain_ends)
{
    struct buffer copy = {0};
    put_noise(&copy, 1 << 20);
    for (size_t i = 0; i + 9 < copy.len; i += 9)
        memcpy(copy.p + i, "\x00\x00\x08\x00----\x0a", 9);
    struct loaded l = load(copy.p, copy.len);
    ck_assert_int_eq(l.outcome, SNAPSHOT_DAMAGED);
    ck_assert_uint_eq(l.report.groups, 0);
    buffer_free(&copy);
}
END_TEST

START_TEST(what_is_no_file_cannot_be_read)
{
    struct store *s = steps_store(false);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    struct loaded l = load_into(s);
    ck_assert_int_eq(l.outcome, SNAPSHOT_FAILED);
    ck_assert_int_eq(l.e.code, ERROR_IO);
    ck_assert_ptr_nonnull(strstr(l.e.message, "not a regular file"));
    ck_assert_int_eq(rmdir(path), 0);
    ck_assert_int_eq(mkfifo(path, 0644), 0);
    ck_assert_int_eq(load_into(s).outcome, SNAPSHOT_FAILED);
    store_free(s);
}
END_TEST

/* --- Saving --------------------------------------------------------------------------------------
 */

START_TEST(a_temporary_file_of_a_crash_is_replaced)
{
    char temporary[80], victim[80];
    struct error e = {0};
    struct stat st;

    snprintf(temporary, sizeof(temporary), "%s.tmp", path);
    snprintf(victim, sizeof(victim), "%s/victim", folder);
    write_file(temporary, "half", 4);
    ck_assert(snapshot_prepare(path, &e));
    ck_assert_int_ne(stat(temporary, &st), 0);

    write_file(victim, "precious", 8);
    ck_assert_int_eq(symlink(victim, temporary), 0);
    ck_assert(snapshot_prepare(path, &e));
    ck_assert_int_eq(symlink(victim, temporary), 0);
    struct store *s = saved_store();
    save(s);
    store_free(s);
    ck_assert_int_eq(stat(victim, &st), 0);
    ck_assert_int_eq(st.st_size, 8);
    ck_assert_int_eq(unlink(victim), 0);
}
END_TEST

START_TEST(a_save_that_fails_leaves_the_old_file)
{
    struct store *s = saved_store();
    struct error e = {0};
    char missing[80], below[96];

    snprintf(missing, sizeof(missing), "%s/none/metrics", folder);
    ck_assert(!snapshot_prepare(missing, &e));
    ck_assert_int_eq(e.code, ERROR_IO);
    ck_assert_ptr_nonnull(strstr(e.message, missing));
    ck_assert(!snapshot_save(s, missing, journal_beginning, &e));
    ck_assert_int_eq(e.code, ERROR_IO);

    unlink(path);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    snprintf(below, sizeof(below), "%s/x", path);
    write_file(below, "", 0);
    ck_assert(!snapshot_save(s, path, journal_beginning,
                             &e)); /* and removes its temporary file: see teardown() */
    ck_assert_int_eq(e.code, ERROR_IO);
    unlink(below);
    rmdir(path);
    store_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *tc = tcase_create("snapshot");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, what_is_saved_comes_back, 0, 10);
    tcase_add_test(tc, a_record_may_be_larger_than_what_is_read_at_once);
    tcase_add_test(tc, no_file_is_an_empty_store);
    tcase_add_test(tc, what_the_store_refuses_is_told);
    tcase_add_test(tc, every_byte_flipped);
    tcase_add_test(tc, every_length_cut);
    tcase_add_test(tc, every_hole);
    tcase_add_test(tc, a_record_that_is_missing);
    tcase_add_test(tc, something_behind_the_trailer);
    tcase_add_test(tc, noise_in_the_middle);
    tcase_add_test(tc, a_search_in_vain_ends);
    tcase_add_test(tc, what_is_no_file_cannot_be_read);
    tcase_add_test(tc, a_temporary_file_of_a_crash_is_replaced);
    tcase_add_test(tc, a_save_that_fails_leaves_the_old_file);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
