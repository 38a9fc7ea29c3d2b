/* Snapshot and journal against the live store: random changes, recorded as the server records them,
 * with crashes in between, also in the middle of a save. */
#include "dump.h"
#include "journal.h"
#include "require.h"
#include "snapshot.h"
#include "suite.h"
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_journal_model_XXXXXX";
static char path[64];
static struct world w;
static struct journal_position at;
static struct buffer segment; /* the one being written */
static size_t crashes, saves, lost_saves;

enum { USUAL_STEPS = 10000 };

static long steps(void)
{
    const char *asked = getenv("PGW_TEST_STEPS");
    return asked ? strtol(asked, NULL, 0) / 2 : USUAL_STEPS;
}

static void write_segment(void)
{
    char *name = journal_segment_name(path, at.number);
    FILE *file = fopen(name, "w");
    REQUIRE(file && fwrite(segment.p, 1, segment.len, file) == segment.len && fclose(file) == 0);
    free(name);
}

static void begin_segment(void)
{
    buffer_clear(&segment);
    REQUIRE(journal_put_header(&segment, at));
}

static void push(void)
{
    static struct world_push rolled;
    struct error e;
    world_roll_push(&w, &rolled);
    w.now += 1;
    struct group_key key = world_key(&w, rolled.key, rolled.n_key);
    struct family_list families = world_families(&w, &rolled);
    enum store_mode mode = rolled.replace ? STORE_REPLACE : STORE_MERGE;
    size_t length = segment.len;
    uint32_t chain = at.chain;
    REQUIRE(journal_put_push(&segment, &at.chain, key, &families, mode, w.now, &w.arena, &e));
    enum store_outcome outcome = store_push(w.store, key, &families, mode, w.now, &w.arena, &e);
    if (outcome == STORE_APPLIED)
        return;
    segment.len = length;
    at.chain = chain;
    if (outcome == STORE_REFUSED)
        REQUIRE(journal_put_refusal(&segment, &at.chain, key, w.now, &w.arena, &e));
}

static void delete_some(void)
{
    static struct world_push rolled;
    struct error e;
    bool deleted;
    world_roll_push(&w, &rolled);
    struct group_key key = world_key(&w, rolled.key, rolled.n_key);
    REQUIRE(store_delete(w.store, key, &w.arena, &deleted));
    if (deleted)
        REQUIRE(journal_put_deletion(&segment, &at.chain, key, &w.arena, &e));
}

static void wipe(void)
{
    struct error e;
    REQUIRE(store_wipe(w.store));
    REQUIRE(journal_put_wipe(&segment, &at.chain, &e));
}

static void show(struct store *s, struct buffer *out)
{
    buffer_clear(out);
    dump_store_families(s, out);
    dump_store_groups(s, out);
}

/* A new process: what it shows must be what the former one showed. */
static void crash(bool unchecked)
{
    static struct buffer wanted, got;
    static struct world fresh;
    struct snapshot_report found;
    struct journal_report report;
    struct error e;

    write_segment();
    show(w.store, &wanted);
    bool ambiguous = store_inconsistency(w.store) != NULL;
    world_open(&fresh, 0, unchecked);
    REQUIRE(snapshot_load(fresh.store, path, &found, &e) == SNAPSHOT_LOADED);
    REQUIRE(journal_replay(fresh.store, path, &found.journal, &report, &e) == JOURNAL_REPLAYED);
    REQUIRE(report.refused == 0 && report.cut_bytes == 0);
    show(fresh.store, &got);
    if (!ambiguous)
        world_compare_text("after a crash", &got, &wanted, false);
    REQUIRE(report.end.number > at.number && report.end.chain == at.chain);
    store_free(w.store);
    w.store = fresh.store;
    arena_free(&fresh.arena);
    at = report.end;
    begin_segment();
    crashes++;
}

/* As the server does it: cut, picture, rename, removal; a crash may come in between, and the
 * picture is put in place only when more has changed. */
static void save(bool unchecked)
{
    struct error e;
    char pending[80];
    write_segment();
    at.number++;
    snprintf(pending, sizeof(pending), "%s-pending", path);
    REQUIRE(snapshot_save(w.store, pending, at, &e));
    uint64_t cut = at.number;
    begin_segment();
    for (uint32_t i = dice_below(&w.dice, 4); i > 0; i--)
        push();
    if (dice_percent(&w.dice, 20)) {
        unlink(pending);
        lost_saves++;
        crash(unchecked);
        return;
    }
    REQUIRE(rename(pending, path) == 0);
    if (dice_percent(&w.dice, 20))
        crash(unchecked);
    REQUIRE(journal_remove_before(path, cut, &e));
    saves++;
}

static void step(bool unchecked)
{
    uint32_t roll = dice_below(&w.dice, 1000);
    if (roll < 780)
        push();
    else if (roll < 940)
        delete_some();
    else if (roll < 944)
        wipe();
    else if (roll < 970)
        crash(unchecked);
    else
        save(unchecked);
    arena_reset(&w.arena);
}

static void run(uint64_t seed, bool unchecked)
{
    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    REQUIRE(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/metrics", folder);
    world_open(&w, seed, unchecked);
    crashes = saves = lost_saves = 0;
    at = journal_beginning;
    begin_segment();
    for (long i = steps(); i > 0; i--)
        step(unchecked);
    crash(unchecked);
    ck_assert(crashes > 1 && saves > 0);
    world_close(&w);
    buffer_free(&segment);

    struct error e;
    REQUIRE(journal_remove_before(path, UINT64_MAX, &e));
    unlink(path);
    REQUIRE(rmdir(folder) == 0);
}

START_TEST(checked)
{
    run(dice_seed(40) + (uint64_t)_i, false);
    ck_assert(lost_saves > 0 || steps() < USUAL_STEPS); /* a short run may meet none */
}
END_TEST

START_TEST(unchecked)
{
    run(dice_seed(40) + (uint64_t)_i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_model");
    TCase *tc = tcase_create("journal_model");

    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, checked, 0, 4);
    tcase_add_loop_test(tc, unchecked, 0, 2);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
