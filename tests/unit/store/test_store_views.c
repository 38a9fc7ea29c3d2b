/* Views that stay open while the store changes must go on showing what the twin was when they were
 * opened. They are read a few steps at a time, some to the end, and closed in any order. */
#include "dump.h"
#include "require.h"
#include "steps.h"
#include "suite.h"
#include "world.h"

#include <stdio.h>

enum { VIEWS_MAX = 7 };

/* One open view: what it shall show and what it has shown. Families and groups are walked in turn,
 * both to their ends and beyond. */
struct watched {
    struct store_view *view;
    struct buffer families_wanted, families_got;
    struct buffer groups_wanted, groups_got;
    struct store_group group;
    size_t next_family;  /* of the group */
    size_t blocks_start; /* where the blocks of the current family begin in families_got */
    bool in_family, in_group, families_ended, groups_ended;
};

static struct watched watched[VIEWS_MAX];
static struct world w;

static void open_view(struct watched *v)
{
    *v = (struct watched){.view = store_view_open(w.store)};
    REQUIRE(v->view);
    model_dump_families(&w.model, &v->families_wanted);
    model_dump_groups(&w.model, &v->groups_wanted);
}

static void close_view(struct watched *v)
{
    store_view_close(v->view);
    buffer_free(&v->families_wanted);
    buffer_free(&v->families_got);
    buffer_free(&v->groups_wanted);
    buffer_free(&v->groups_got);
    v->view = NULL;
}

static size_t runs_made, runs_taken;

static void step_block(struct watched *v)
{
    struct store_block block;
    v->in_family = store_view_next_block(v->view, &block);
    if (v->in_family)
        dump_block(&v->families_got, &block);
}

/* Walks a run and keeps what it says. The block after it may have been taken then. */
static void make_run(struct watched *v)
{
    struct buffer *run = calloc(1, sizeof(*run));
    struct store_block block;
    bool beyond = false;

    REQUIRE(run);
    while (v->in_family && !beyond && !store_view_run_is_over(v->view)) {
        v->in_family = store_view_next_block(v->view, &block);
        beyond = v->in_family && !store_view_in_run(v->view);
        if (v->in_family && !beyond)
            dump_block(run, &block);
    }
    buffer_slice_append(&v->families_got, buffer_slice(run));
    store_view_keep(v->view, run);
    if (beyond)
        dump_block(&v->families_got, &block);
    runs_made++;
}

/* Takes what was kept of a run, perhaps by another view, or keeps it. */
static void step_run(struct watched *v)
{
    void *made;
    if (!store_view_at_run(v->view, &made)) {
        step_block(v);
    } else if (made) {
        buffer_slice_append(&v->families_got, buffer_slice(made));
        store_view_skip_run(v->view);
        runs_taken++;
    } else {
        make_run(v);
    }
}

static void step_families(struct watched *v)
{
    struct store_family family;

    if (v->in_family && dice_percent(&w.dice, 4)) {
        store_view_rewind_family(v->view);
        v->families_got.len = v->blocks_start;
    }
    if (v->in_family) {
        if (dice_percent(&w.dice, 60))
            step_run(v);
        else
            step_block(v);
    } else if (store_view_next_family(v->view, &family)) {
        REQUIRE(!v->families_ended);
        v->in_family = true;
        dump_family(&v->families_got, &family);
        v->blocks_start = v->families_got.len;
    } else {
        v->families_ended = true;
    }
    world_compare_text("families of a view", &v->families_got, &v->families_wanted,
                       !v->families_ended);
}

static void step_groups(struct watched *v)
{
    struct store_group_family family;

    if (v->in_group && v->next_family < v->group.n_families) {
        store_view_group_family(v->view, v->next_family++, &family);
        dump_group_family(&v->groups_got, &family);
    } else if (store_view_next_group(v->view, &v->group)) {
        REQUIRE(!v->groups_ended);
        v->in_group = true;
        v->next_family = 0;
        dump_group(&v->groups_got, &v->group);
    } else {
        v->in_group = false;
        v->groups_ended = true;
    }
    world_compare_text("groups of a view", &v->groups_got, &v->groups_wanted, !v->groups_ended);
}

static void touch_view(struct watched *v)
{
    uint32_t roll = dice_below(&w.dice, 100);
    if (!v->view) {
        if (roll < 10)
            open_view(v);
        return;
    }
    if (roll < 3) {
        close_view(v);
        return;
    }
    for (uint32_t n = roll < 20 ? 40 : dice_below(&w.dice, 4); n > 0; n--) {
        if (dice_percent(&w.dice, 50))
            step_families(v);
        else
            step_groups(v);
    }
}

static void run(uint64_t seed)
{
    const char *asked = getenv("PGW_TEST_STEPS");
    long steps = asked ? strtol(asked, NULL, 0) : 5000;

    fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
    world_open(&w, seed, false);
    /* Some runs keep views for long, some never tidy up by themselves. */
    uint32_t reclaims = dice_below(&w.dice, 60);
    for (long i = 0; i < steps; i++) {
        world_step(&w);
        for (int k = 0; k < VIEWS_MAX; k++)
            touch_view(&watched[k]);
        if (dice_percent(&w.dice, reclaims))
            store_reclaim(w.store);
        if (i % 50 == 0)
            world_compare(&w);
    }
    for (int k = 0; k < VIEWS_MAX; k++)
        if (watched[k].view)
            close_view(&watched[k]);
    while (store_reclaim(w.store))
        ;
    world_compare(&w);
    world_close(&w);
    REQUIRE(runs_made > (size_t)steps / 50);
    REQUIRE(runs_taken > (size_t)steps / 50);
}

START_TEST(open_views_show_the_past)
{
    run(dice_seed(40) + (uint64_t)_i);
}
END_TEST

START_TEST(end_stays_the_end)
{
    struct store_family family;
    struct store_block block;
    struct store_group group;

    world_open(&w, 1, false);
    for (int i = 0; i < 200; i++)
        world_step(&w);
    struct store_view *v = store_view_open(w.store);
    while (store_view_next_family(v, &family))
        while (store_view_next_block(v, &block))
            ;
    while (store_view_next_group(v, &group))
        ;
    for (int i = 0; i < 500; i++) {
        world_step(&w);
        ck_assert(!store_view_next_family(v, &family));
        ck_assert(!store_view_next_block(v, &block));
        ck_assert(!store_view_next_group(v, &group));
    }
    store_view_close(v);
    world_close(&w);
}
END_TEST

/* --- Runs with dead groups -----------------------------------------------------------------------
 */

enum { GROUPS = 120 }; /* some runs */

static const struct {
    int from, to; /* deleted */
} dead[] = {{0, 60}, {30, 60}, {100, GROUPS}, {1, GROUPS}, {0, GROUPS - 1}, {0, 0}};

static void step_numbered(enum step_kind kind, int from, int to)
{
    for (int i = from; i < to; i++) {
        char key[16];
        snprintf(key, sizeof(key), "job=%03d", i);
        steps_push(w.store, kind, key, "m gauge", 1, STORE_APPLIED);
    }
}

/* Walks the first run and keeps it; returns how many blocks it has. */
static int keep_first_run(struct store_view *v, struct buffer *run)
{
    struct store_block block;
    void *made;
    int n = 0;

    ck_assert(store_view_at_run(v, &made));
    while (!store_view_run_is_over(v) && store_view_next_block(v, &block) && store_view_in_run(v))
        n++;
    store_view_keep(v, run);
    return n;
}

/* Dead groups stay in a run for an older view. They may go while somebody stands behind them. */
START_TEST(runs_with_dead_groups)
{
    struct store_family family;
    struct store_block block;
    void *made;

    world_open(&w, 1, false);
    step_numbered(PUT, 0, GROUPS);
    struct store_view *oldest = store_view_open(w.store);
    step_numbered(DELETE, dead[_i].from, dead[_i].to);
    struct store_view *maker = store_view_open(w.store), *taker = store_view_open(w.store);
    ck_assert(store_view_next_family(maker, &family) && store_view_next_family(taker, &family));

    struct buffer *run = calloc(1, sizeof(*run));
    ck_assert_ptr_nonnull(run);
    int shown = keep_first_run(maker, run);
    ck_assert(store_view_at_run(taker, &made));
    ck_assert_ptr_eq(made, run);
    store_view_skip_run(taker);

    store_view_close(oldest);
    while (store_reclaim(w.store))
        ;
    while (store_view_next_block(taker, &block))
        shown++;
    ck_assert_int_eq(shown, GROUPS - (dead[_i].to - dead[_i].from));
    store_view_close(maker);
    store_view_close(taker);
    world_close(&w);
}
END_TEST

/* --- Views that hold back too much ---------------------------------------------------------------
 */

enum { HELD_BACK_MAX = 20000, PUSHES = 1000 };

static void push_often(struct store *s, int times)
{
    for (int i = 0; i < times; i++)
        steps_push(s, PUT, "job=a", "m gauge l=1; m gauge l=2; n gauge", i + 1, STORE_APPLIED);
}

static bool shows_something(struct store_view *v)
{
    struct store_family family;
    struct store_group group;
    return store_view_next_family(v, &family) && store_view_next_group(v, &group);
}

START_TEST(the_oldest_views_are_lost)
{
    struct store *s = store_new((struct store_options){.held_back_max = HELD_BACK_MAX});
    push_often(s, 1);
    struct store_view *old = store_view_open(s), *as_old = store_view_open(s);
    ck_assert(shows_something(old));
    push_often(s, 10);
    ck_assert(!store_view_is_lost(old));
    push_often(s, PUSHES);
    struct store_view *young = store_view_open(s);
    push_often(s, 10);
    ck_assert(store_view_is_lost(old) && store_view_is_lost(as_old));
    ck_assert(!store_view_is_lost(young) && shows_something(young));
    while (store_reclaim(s))
        ;
    store_view_close(old);
    steps_push(s, DELETE, "job=a", NULL, 1, STORE_APPLIED);
    struct store_family family;
    ck_assert(store_view_next_family(young, &family));
    ck_assert(slice_equal(family.name, SLICE_LITERAL("n")));
    store_view_close(young);
    store_view_close(as_old);
    store_free(s);
}
END_TEST

START_TEST(as_much_as_is_stored_may_be_held_back)
{
    struct store *s = store_new((struct store_options){.held_back_max = 1});
    char job[32];
    for (int i = 0; i < 500; i++) {
        snprintf(job, sizeof(job), "job=j%d", i);
        steps_push(s, PUT, job, "m gauge l=1; m gauge l=2; n gauge", 1, STORE_APPLIED);
    }
    struct store_view *v = store_view_open(s);
    push_often(s, 100);
    ck_assert(!store_view_is_lost(v));
    push_often(s, PUSHES);
    ck_assert(store_view_is_lost(v));
    store_view_close(v);
    store_free(s);
}
END_TEST

START_TEST(without_a_limit_none_is_lost)
{
    struct store *s = store_new((struct store_options){0});
    push_often(s, 1);
    struct store_view *v = store_view_open(s);
    push_often(s, PUSHES);
    ck_assert(!store_view_is_lost(v) && shows_something(v));
    store_view_close(v);
    store_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_views");
    TCase *tc = tcase_create("store_views");

    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, open_views_show_the_past, 0, 8);
    tcase_add_test(tc, end_stays_the_end);
    tcase_add_loop_test(tc, runs_with_dead_groups, 0, sizeof(dead) / sizeof(*dead));
    tcase_add_test(tc, the_oldest_views_are_lost);
    tcase_add_test(tc, as_much_as_is_stored_may_be_held_back);
    tcase_add_test(tc, without_a_limit_none_is_lost);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
