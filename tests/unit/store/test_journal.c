/* The journal's bytes: whatever happens to them, replaying gives the changes up to some moment. */
#include "journal.h"

#include "crc32c.h"
#include "dump.h"
#include "journal_format.h"
#include "notation.h"
#include "require.h"
#include "steps.h"
#include "suite.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_journal_XXXXXX";
static char path[64];

struct change {
    const char *key, *body; /* as notation.h */
    enum step_kind kind;
    enum store_outcome outcome;
};

/* Two segments of changes, and what the store shows after each of them. */
static const struct change changes[] = {
    {"job=a", "m gauge l=1; m gauge l=2", PUT, STORE_APPLIED},
    {"job=a", "h histogram ?Help", POST, STORE_APPLIED},
    {"job=b,x=y", "m counter", PUT, STORE_REFUSED},
    {"job=c", "c counter", PUT, STORE_APPLIED},
    {"job=c", NULL, DELETE, STORE_APPLIED},
    {"job=a", "s summary", PUT, STORE_APPLIED},
    {NULL, NULL, WIPE, STORE_APPLIED},
    {"job=d", "m gauge l=1", POST, STORE_APPLIED},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]), FIRST_SEGMENT = 5 };

static struct buffer shown[CHANGES + 1];
static struct buffer segments[2];
static size_t ends[CHANGES + 1]; /* of each change's record in its segment */

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(name);
}

static void show(struct store *s, struct buffer *out)
{
    dump_store_families(s, out);
    dump_store_groups(s, out);
}

static void put_record(struct buffer *out, uint32_t *chain, const struct change *change,
                       int64_t now)
{
    struct arena a = {0};
    struct error e;
    bool ok;
    if (change->kind == WIPE) {
        ok = journal_put_wipe(out, chain, &e);
    } else if (change->kind == DELETE) {
        ok = journal_put_deletion(out, chain, notation_key(change->key, &a), &a, &e);
    } else if (change->outcome == STORE_REFUSED) {
        ok = journal_put_refusal(out, chain, notation_key(change->key, &a), now, &a, &e);
    } else {
        struct family_list families = notation_body(change->body, &a);
        ok = journal_put_push(out, chain, notation_key(change->key, &a), &families,
                              change->kind == PUT ? STORE_REPLACE : STORE_MERGE, now, &a, &e);
    }
    REQUIRE(ok);
    arena_free(&a);
}

static void make_segments(void)
{
    struct store *s = steps_store(false);
    struct journal_position at = journal_beginning;
    struct error e;
    show(s, &shown[0]);
    for (size_t i = 0; i < CHANGES; i++) {
        struct buffer *out = &segments[i >= FIRST_SEGMENT];
        if (out->len == 0) {
            at.number = i >= FIRST_SEGMENT ? 2 : 1;
            REQUIRE(journal_put_header(out, at));
        }
        struct step step = {
            .kind = changes[i].kind, .key = changes[i].key, .body = changes[i].body};
        REQUIRE(steps_act(s, &step, 1000 + (int64_t)i, &e) == changes[i].outcome);
        put_record(out, &at.chain, &changes[i], 1000 + (int64_t)i);
        ends[i] = out->len;
        show(s, &shown[i + 1]);
    }
    store_free(s);
}

static void write_segment(uint64_t number, struct slice bytes)
{
    char *name = journal_segment_name(path, number);
    FILE *file = fopen(name, "w");
    REQUIRE(file && fwrite(bytes.p, 1, bytes.len, file) == bytes.len && fclose(file) == 0);
    free(name);
}

static void remove_segment(uint64_t number)
{
    char *name = journal_segment_name(path, number);
    REQUIRE(unlink(name) == 0);
    free(name);
}

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics", folder);
    make_segments();
}

static void tear_down(void)
{
    for (size_t i = 0; i <= CHANGES; i++)
        buffer_free(&shown[i]);
    buffer_free(&segments[0]);
    buffer_free(&segments[1]);
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

struct replayed {
    enum journal_outcome outcome;
    struct journal_report report;
    struct error error;
    unsigned moments; /* bit i: the store is as after i changes */
};

static struct replayed replay(const struct journal_position *from)
{
    struct replayed r = {0};
    struct buffer got = {0};
    struct store *s = steps_store(false);
    r.outcome = journal_replay(s, path, from, &r.report, &r.error);
    show(s, &got);
    for (int i = 0; i <= CHANGES; i++)
        if (slice_equal(buffer_slice(&got), buffer_slice(&shown[i])))
            r.moments |= 1u << i;
    buffer_free(&got);
    store_free(s);
    return r;
}

static bool is_after(const struct replayed *r, int n_changes)
{
    return r->moments & 1u << n_changes;
}

static struct replayed replay_all(void)
{
    return replay(&journal_beginning);
}

START_TEST(nothing_is_there)
{
    struct replayed r = replay_all();
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert(is_after(&r, 0));
    ck_assert_uint_eq(r.report.end.number, 1);
    ck_assert_uint_eq(r.report.end.chain, 0);
}
END_TEST

START_TEST(all_is_there)
{
    write_segment(1, buffer_slice(&segments[0]));
    write_segment(2, buffer_slice(&segments[1]));
    struct replayed r = replay_all();
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert(is_after(&r, CHANGES));
    ck_assert_uint_eq(r.report.records, CHANGES);
    ck_assert_uint_eq(r.report.segments, 2);
    ck_assert_uint_eq(r.report.refused, 0);
    ck_assert_uint_eq(r.report.cut_bytes, 0);
    ck_assert_uint_eq(r.report.end.number, 3);
}
END_TEST

/* How many records of the first segment are whole in its first n bytes. */
static int whole_before(size_t n)
{
    int count = 0;
    while (count < FIRST_SEGMENT && ends[count] <= n)
        count++;
    return count;
}

START_TEST(cut_at_every_length)
{
    for (size_t n = 0; n < segments[0].len; n++) {
        write_segment(1, (struct slice){segments[0].p, n});
        struct replayed r = replay_all();
        int whole = whole_before(n);
        bool between = n == JOURNAL_HEADER_SIZE || (whole > 0 && n == ends[whole - 1]);
        REQUIRE(r.outcome == JOURNAL_REPLAYED);
        REQUIRE(is_after(&r, whole));
        REQUIRE(n < JOURNAL_HEADER_SIZE || between == (r.report.cut_bytes == 0));
        REQUIRE(r.report.end.number == 2);
    }
}
END_TEST

/* A file system may have given blocks to a file and not filled them. */
START_TEST(zeroes_behind_every_length)
{
    static char bytes[4096];
    REQUIRE(segments[0].len < sizeof(bytes) / 2);
    for (size_t n = 0; n < segments[0].len; n++) {
        memset(bytes, 0, sizeof(bytes));
        memcpy(bytes, segments[0].p, n);
        write_segment(1, (struct slice){bytes, sizeof(bytes)});
        struct replayed r = replay_all();
        REQUIRE(is_after(&r, whole_before(n)));
        /* Inside a head it cannot be told from damage. */
        REQUIRE(r.outcome == JOURNAL_REPLAYED || r.outcome == JOURNAL_DAMAGED);
    }
}
END_TEST

START_TEST(every_bit_flipped)
{
    for (size_t bit = 0; bit < segments[0].len * 8; bit++) {
        size_t at = bit / 8;
        segments[0].p[at] ^= (char)(1 << bit % 8);
        write_segment(1, buffer_slice(&segments[0]));
        struct replayed r = replay_all();
        segments[0].p[at] ^= (char)(1 << bit % 8);
        REQUIRE(is_after(&r, whole_before(at)));
        /* In the last content it looks as if its write had been cut off. */
        bool last = at >= ends[FIRST_SEGMENT - 2] + JOURNAL_RECORD_HEAD_SIZE;
        REQUIRE(r.outcome == (last ? JOURNAL_REPLAYED : JOURNAL_DAMAGED));
        REQUIRE(r.outcome == JOURNAL_REPLAYED || r.report.damaged == 1);
        REQUIRE(r.report.damaged_in_part == (!last && at >= JOURNAL_HEADER_SIZE));
        REQUIRE(!last || r.report.cut_bytes > 0);
    }
}
END_TEST

/* What comes behind damage is not replayed either: it may build on what is missing. */
START_TEST(damage_before_another_segment)
{
    write_segment(2, buffer_slice(&segments[1]));
    for (size_t n = 0; n < segments[0].len; n++) {
        write_segment(1, (struct slice){segments[0].p, n});
        struct replayed r = replay_all();
        REQUIRE(r.outcome == JOURNAL_DAMAGED);
        REQUIRE(is_after(&r, whole_before(n)));
        REQUIRE(r.report.damaged == 1 || r.report.damaged == 2);
        REQUIRE(r.report.end.number == 3);
    }
}
END_TEST

/* The server that found the end cut off goes on in another file, from what verified. */
START_TEST(goes_on_behind_a_cut)
{
    for (size_t n = 0; n < segments[0].len; n++) {
        write_segment(1, (struct slice){segments[0].p, n});
        struct replayed cut = replay_all();
        struct buffer next = {0};
        struct journal_position at = cut.report.end;
        struct change last = {NULL, NULL, WIPE, STORE_APPLIED};
        REQUIRE(journal_put_header(&next, at));
        put_record(&next, &at.chain, &last, 0);
        write_segment(at.number, buffer_slice(&next));
        struct replayed r = replay_all();
        REQUIRE(r.outcome == JOURNAL_REPLAYED);
        REQUIRE(is_after(&r, 0));
        REQUIRE(r.report.records == cut.report.records + 1);
        REQUIRE(r.report.cut_bytes == 0);
        REQUIRE(r.report.end.number == at.number + 1);
        REQUIRE(r.report.end.chain == at.chain);
        remove_segment(at.number);
        buffer_free(&next);
    }
}
END_TEST

START_TEST(begins_where_the_file_ends)
{
    struct journal_position from = {.number = 2, .chain = 0};
    write_segment(1, buffer_slice(&segments[0]));
    struct replayed first = replay_all();
    write_segment(2, buffer_slice(&segments[1]));

    from.chain = first.report.end.chain;
    struct replayed r = replay(&from);
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert_uint_eq(r.report.records, CHANGES - FIRST_SEGMENT);

    from.chain++; /* another file's */
    r = replay(&from);
    ck_assert_int_eq(r.outcome, JOURNAL_DAMAGED);
    ck_assert_uint_eq(r.report.damaged, 2);
    ck_assert(!r.report.damaged_in_part);
    ck_assert_uint_eq(r.report.records, 0);

    remove_segment(1);
    r = replay_all(); /* the first segment, or the file, is missing */
    ck_assert_int_eq(r.outcome, JOURNAL_DAMAGED);
    ck_assert(is_after(&r, 0));
    ck_assert_uint_eq(r.report.end.number, 3);

    r = replay(NULL); /* the file does not tell any more */
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert_uint_eq(r.report.records, CHANGES - FIRST_SEGMENT);

    from.number = 7; /* all of it is in the file */
    r = replay(&from);
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert_uint_eq(r.report.records, 0);
    ck_assert_uint_eq(r.report.end.number, 7);
    ck_assert_uint_eq(r.report.end.chain, from.chain);
}
END_TEST

START_TEST(another_segment_under_its_name)
{
    write_segment(1, buffer_slice(&segments[0]));
    write_segment(2, buffer_slice(&segments[0]));
    struct replayed r = replay_all();
    ck_assert_int_eq(r.outcome, JOURNAL_DAMAGED);
    ck_assert(is_after(&r, FIRST_SEGMENT));
    ck_assert_uint_eq(r.report.damaged, 2);
}
END_TEST

/* A record that verifies and says nothing we know. */
START_TEST(unknown_content)
{
    struct buffer bytes = {0};
    char content[] = "\xff\xff\xff", head[JOURNAL_RECORD_HEAD_SIZE];
    uint32_t length = 3, chain = crc32c((struct slice){content, 3});
    ck_assert(journal_put_header(&bytes, journal_beginning));
    memcpy(head, &length, 4);
    memcpy(head + 4, &chain, 4);
    uint32_t check = crc32c((struct slice){head, JOURNAL_RECORD_HEAD_CHECKED});
    memcpy(head + 8, &check, 4);
    buffer_bytes(&bytes, head, sizeof(head));
    buffer_bytes(&bytes, content, 3);
    write_segment(1, buffer_slice(&bytes));
    struct replayed r = replay_all();
    ck_assert_int_eq(r.outcome, JOURNAL_DAMAGED);
    ck_assert(is_after(&r, 0));
    ck_assert_str_eq(r.error.message, "segment 1: record 1: cannot be decoded");
    buffer_free(&bytes);
}
END_TEST

/* What was accepted once is refused when the server's own metrics have changed, say. */
START_TEST(what_the_store_refuses_now)
{
    struct buffer bytes = {0};
    struct journal_position at = journal_beginning;
    struct change bad = {"job=x", "own gauge", PUT, STORE_APPLIED};
    ck_assert(journal_put_header(&bytes, at));
    put_record(&bytes, &at.chain, &bad, 7);
    put_record(&bytes, &at.chain, &changes[0], 1000);
    write_segment(1, buffer_slice(&bytes));
    struct replayed r = replay_all();
    ck_assert_int_eq(r.outcome, JOURNAL_REPLAYED);
    ck_assert_uint_eq(r.report.records, 2);
    ck_assert_uint_eq(r.report.refused, 1);
    ck_assert(strstr(r.error.message, PMII) == r.error.message);
    buffer_free(&bytes);
}
END_TEST

/* --- Files ---------------------------------------------------------------------------------------
 */

static bool exists(const char *suffix)
{
    char name[128];
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    return access(name, F_OK) == 0;
}

static void touch(const char *suffix)
{
    char name[128];
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    FILE *file = fopen(name, "w");
    ck_assert(file && fclose(file) == 0);
}

START_TEST(lists_segments_in_order)
{
    static const char *const names[] = {
        ".journal.10",        ".journal.2",
        ".journal.1",         ".journal.02",
        ".journal.",          ".journal.3x",
        ".journalx.4",        ".journal.-5",
        ".journal.1.damaged", "2.journal.6",
        ".journal.0",         ".journal. 1",
        ".journal",           ".journal.99999999999999999999",
    };
    struct journal_segments all;
    struct error e;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        touch(names[i]);
    ck_assert(journal_list(path, &all, &e));
    ck_assert_uint_eq(all.count, 3);
    ck_assert_uint_eq(all.numbers[0], 1);
    ck_assert_uint_eq(all.numbers[1], 2);
    ck_assert_uint_eq(all.numbers[2], 10);
    free(all.numbers);
    ck_assert(!journal_list("/nowhere/at/all", &all, &e));
    ck_assert_int_eq(e.code, ERROR_IO);
}
END_TEST

START_TEST(removes_and_sets_aside)
{
    struct error e;
    for (uint64_t number = 1; number <= 5; number++)
        write_segment(number, SLICE_LITERAL("x"));
    ck_assert(journal_remove_before(path, 3, &e));
    ck_assert(!exists(".journal.1") && !exists(".journal.2") && exists(".journal.3"));
    ck_assert(journal_set_aside(path, 4, true, "odd", &e));
    ck_assert(exists(".journal.3") && !exists(".journal.3.odd"));
    ck_assert(exists(".journal.4") && exists(".journal.4.odd"));
    ck_assert(!exists(".journal.5") && exists(".journal.5.odd"));
    write_segment(5, SLICE_LITERAL("y"));
    ck_assert(journal_set_aside(path, 4, false, "odd", &e));
    ck_assert(!exists(".journal.4") && exists(".journal.4.odd") && exists(".journal.4.odd-2"));
    ck_assert(!exists(".journal.5") && exists(".journal.5.odd") && exists(".journal.5.odd-2"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tc = tcase_create("journal");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, nothing_is_there);
    tcase_add_test(tc, all_is_there);
    tcase_add_test(tc, cut_at_every_length);
    tcase_add_test(tc, zeroes_behind_every_length);
    tcase_add_test(tc, every_bit_flipped);
    tcase_add_test(tc, damage_before_another_segment);
    tcase_add_test(tc, goes_on_behind_a_cut);
    tcase_add_test(tc, begins_where_the_file_ends);
    tcase_add_test(tc, another_segment_under_its_name);
    tcase_add_test(tc, unknown_content);
    tcase_add_test(tc, what_the_store_refuses_now);
    tcase_add_test(tc, lists_segments_in_order);
    tcase_add_test(tc, removes_and_sets_aside);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
