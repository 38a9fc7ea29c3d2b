/* Walks of groups: in every order, of one family, from a place on, while the store changes. What a
 * walk has to show is taken from the twin when its view is opened. */
#include "dump.h"
#include "require.h"
#include "steps.h"
#include "suite.h"
#include "world.h"

#include <stdio.h>

enum { WALKS_MAX = 6 };

struct line {
    int64_t pushed;
    char text[400];
};

struct lines {
    struct line lines[MODEL_GROUPS];
    int n;
};

struct walk {
    struct store_view *view;
    enum store_order order;
    struct lines wanted, got;
};

static struct walk walks[WALKS_MAX];
static struct world w;
static size_t walked[3], walked_part, walked_family, walked_to_the_end;

static const char *value_of(const struct model_group *g, const char *name)
{
    for (int i = 0; i < g->n_key; i++)
        if (strcmp(g->key[i].name, name) == 0)
            return g->key[i].value;
    return "";
}

static bool has_family(const struct model_group *g, const char *name)
{
    for (int i = 0; i < g->n_families; i++)
        if (strcmp(g->families[i].name, name) == 0)
            return true;
    return false;
}

static void put_line(struct lines *to, const struct store_group *g)
{
    struct buffer text = {0};
    struct line *line = &to->lines[to->n++];

    REQUIRE(to->n <= MODEL_GROUPS);
    dump_group_line(&text, g->key.labels, g->key.n_labels, g->created_ns, g->push_time_ns,
                    g->push_failure_time_ns, g->n_families);
    buffer_printf(&text, " %zu metrics", g->n_metrics);
    snprintf(line->text, sizeof(line->text), "%.*s", SLICE_ARGS(text));
    line->pushed = g->push_time_ns;
    buffer_free(&text);
}

static void want(struct walk *walk, const struct model_group *g)
{
    struct label key[MODEL_LABELS];
    size_t metrics = 2;

    for (int i = 0; i < g->n_key; i++)
        key[i] = (struct label){slice_of(g->key[i].name), slice_of(g->key[i].value)};
    for (int i = 0; i < g->n_families; i++)
        metrics += (size_t)g->families[i].n_metrics;
    struct store_group group = {.key = {key, (size_t)g->n_key},
                                .created_ns = g->created,
                                .push_time_ns = g->success,
                                .push_failure_time_ns = g->failure,
                                .n_families = (size_t)g->n_families + 2,
                                .n_metrics = metrics};
    put_line(&walk->wanted, &group);
}

/* What a walk may leave out: everything up to a group, or before a job. */
struct from {
    const struct model_group *behind;
    const char *job;
};

static bool is_left_out(const struct walk *walk, const struct from *from,
                        const struct model_group *g)
{
    if (from->job)
        return strcmp(value_of(g, "job"), from->job) < 0;
    if (!from->behind)
        return false;
    if (walk->order == STORE_BY_KEY)
        return g <= from->behind;
    return walk->order == STORE_OLDEST_FIRST ? g->success <= from->behind->success
                                             : g->success >= from->behind->success;
}

static void seek(struct walk *walk, const struct from *from)
{
    if (from->job) {
        REQUIRE(store_view_seek_job(walk->view, slice_of(from->job), &w.arena));
        walked_part++;
    } else if (from->behind) {
        struct group_key key = world_key(&w, from->behind->key, from->behind->n_key);
        REQUIRE(store_view_seek_group(walk->view, key, from->behind->success, &w.arena) ==
                STORE_SOUGHT_FOUND);
        walked_part++;
    }
    arena_reset(&w.arena);
}

static struct from roll_from(const struct walk *walk)
{
    struct from from = {0};
    uint32_t roll = dice_below(&w.dice, 3);

    if (w.model.n_groups == 0)
        return from;
    const struct model_group *g = &w.model.groups[dice_below(&w.dice, (uint32_t)w.model.n_groups)];
    if (roll == 1 && walk->order == STORE_BY_KEY)
        from.job = value_of(g, "job");
    else if (roll == 2 && (walk->order == STORE_BY_KEY ? !w.model.unchecked : g->success != 0))
        from.behind = g;
    return from;
}

static const char *roll_family(void)
{
    if (w.model.n_groups == 0 || !dice_percent(&w.dice, 40))
        return NULL;
    const struct model_group *g = &w.model.groups[dice_below(&w.dice, (uint32_t)w.model.n_groups)];
    walked_family++;
    return g->n_families > 0 ? g->families[dice_below(&w.dice, (uint32_t)g->n_families)].name
                             : "nobody_has_this";
}

static void open_walk(struct walk *walk)
{
    *walk = (struct walk){.view = store_view_open(w.store),
                          .order = (enum store_order)dice_below(&w.dice, 3)};
    REQUIRE(walk->view);
    const char *family = roll_family();
    struct from from = roll_from(walk);

    store_view_order_groups(walk->view, walk->order);
    if (family)
        store_view_with_family(walk->view, slice_of(family));
    seek(walk, &from);
    for (int i = 0; i < w.model.n_groups; i++) {
        const struct model_group *g = &w.model.groups[i];
        if (!is_left_out(walk, &from, g) && (!family || has_family(g, family)))
            want(walk, g);
    }
    walked[walk->order]++;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static void sort_lines(struct lines *lines)
{
    if (lines->n > 1)
        qsort(lines->lines, (size_t)lines->n, sizeof(lines->lines[0]), compare_lines);
}

/* By key the twin has the very order; by age those never pushed to are in any. Without checks two
 * groups may have the same series, and then stand in any order, too. */
static void check_end(struct walk *walk)
{
    if (walk->order != STORE_BY_KEY || w.model.unchecked) {
        sort_lines(&walk->wanted);
        sort_lines(&walk->got);
    }
    REQUIRE(walk->got.n == walk->wanted.n);
    for (int i = 0; i < walk->got.n; i++)
        REQUIRE(strcmp(walk->got.lines[i].text, walk->wanted.lines[i].text) == 0);
    walked_to_the_end++;
}

static void step(struct walk *walk)
{
    struct store_group group;
    const struct lines *got = &walk->got;

    switch (store_view_step_group(walk->view, &group)) {
    case STORE_STEP_END:
        check_end(walk);
        REQUIRE(store_view_step_group(walk->view, &group) == STORE_STEP_END);
        store_view_close(walk->view);
        walk->view = NULL;
        break;
    case STORE_STEP_SHOWN:
        put_line(&walk->got, &group);
        if (got->n > 1 && walk->order == STORE_OLDEST_FIRST)
            REQUIRE(got->lines[got->n - 2].pushed <= got->lines[got->n - 1].pushed);
        if (got->n > 1 && walk->order == STORE_NEWEST_FIRST)
            REQUIRE(got->lines[got->n - 2].pushed >= got->lines[got->n - 1].pushed);
        break;
    case STORE_STEP_SKIPPED:
        break;
    }
}

static void touch(struct walk *walk)
{
    if (!walk->view && dice_percent(&w.dice, 20))
        open_walk(walk);
    else if (walk->view && dice_percent(&w.dice, 2)) {
        store_view_close(walk->view);
        walk->view = NULL;
    }
    for (uint32_t n = dice_below(&w.dice, 3); walk->view && n > 0; n--)
        step(walk);
}

START_TEST(walks_show_the_past_in_order)
{
    const char *asked = getenv("PGW_TEST_STEPS");
    long steps = asked ? strtol(asked, NULL, 0) : 5000;

    world_open(&w, dice_seed(70) + (uint64_t)_i, _i % 4 == 3);
    for (long i = 0; i < steps; i++) {
        world_step(&w);
        for (int k = 0; k < WALKS_MAX; k++)
            touch(&walks[k]);
        if (dice_percent(&w.dice, 30))
            store_reclaim(w.store);
        size_t failed = 0;
        for (int g = 0; g < w.model.n_groups; g++)
            failed += w.model.groups[g].failure >= w.model.groups[g].success;
        REQUIRE(store_statistics(w.store).failed_groups == failed);
    }
    for (int k = 0; k < WALKS_MAX; k++)
        if (walks[k].view)
            store_view_close(walks[k].view);
    memset(walks, 0, sizeof(walks));
    world_close(&w);
    for (int k = 0; k < 3; k++)
        REQUIRE(walked[k] > (size_t)steps / 100);
    REQUIRE(walked_part > (size_t)steps / 100 && walked_family > (size_t)steps / 100);
    REQUIRE(walked_to_the_end > (size_t)steps / 50);
}
END_TEST

/* --- Single rules --------------------------------------------------------------------------------
 */

static struct store *numbered(int n)
{
    struct store *s = steps_store(false);
    for (int i = 0; i < n; i++) {
        char key[16];
        snprintf(key, sizeof(key), "job=%03d", i);
        steps_push(s, PUT, key, "m gauge", 1 + i, STORE_APPLIED);
    }
    return s;
}

/* The jobs of a walk, as "001 002 ". */
static void check_jobs(struct store_view *v, const char *wanted)
{
    struct buffer got = {0};
    struct store_group g;

    while (store_view_next_group(v, &g))
        buffer_printf(&got, "%.*s ", SLICE_ARGS(g.key.labels[0].value));
    buffer_byte(&got, '\0');
    ck_assert_str_eq(got.p, wanted);
    buffer_free(&got);
    store_view_close(v);
}

static struct store_view *view_in_order(struct store *s, enum store_order order)
{
    struct store_view *v = store_view_open(s);
    store_view_order_groups(v, order);
    return v;
}

START_TEST(a_refused_push_leaves_its_group_in_place)
{
    struct store *s = numbered(3);
    steps_push(s, PUT, "job=000", "m gauge @", 9, STORE_REFUSED);
    steps_push(s, PUT, "job=new", "m gauge @", 10, STORE_REFUSED);
    check_jobs(view_in_order(s, STORE_OLDEST_FIRST), "new 000 001 002 ");
    ck_assert_uint_eq(store_statistics(s).failed_groups, 2);
    steps_push(s, PUT, "job=000", "m gauge", 11, STORE_APPLIED);
    check_jobs(view_in_order(s, STORE_NEWEST_FIRST), "000 002 001 new ");
    ck_assert_uint_eq(store_statistics(s).failed_groups, 1);
    store_free(s);
}
END_TEST

START_TEST(a_group_pushed_to_since_is_lost)
{
    struct store *s = numbered(3);
    struct arena a = {0};
    struct label job = {SLICE_LITERAL("job"), SLICE_LITERAL("001")};
    struct group_key key = {&job, 1};
    struct store_view *v = view_in_order(s, STORE_NEWEST_FIRST);

    ck_assert(store_view_seek_group(v, key, 2, &a) == STORE_SOUGHT_FOUND);
    check_jobs(v, "000 ");
    steps_push(s, PUT, "job=001", "m gauge", 9, STORE_APPLIED);
    v = view_in_order(s, STORE_NEWEST_FIRST);
    ck_assert(store_view_seek_group(v, key, 2, &a) == STORE_SOUGHT_LOST);
    check_jobs(v, "001 002 000 ");
    v = view_in_order(s, STORE_BY_KEY);
    steps_push(s, DELETE, "job=001", NULL, 0, STORE_APPLIED);
    ck_assert(store_view_seek_group(v, key, 0, &a) == STORE_SOUGHT_FOUND);
    check_jobs(v, "002 ");
    arena_free(&a);
    store_free(s);
}
END_TEST

START_TEST(one_group_is_found)
{
    struct store *s = numbered(3);
    struct arena a = {0};
    struct label job = {SLICE_LITERAL("job"), SLICE_LITERAL("001")};
    struct store_view *v = store_view_open(s);
    struct store_group g;
    struct store_group_family f;

    ck_assert(store_view_find_group(v, (struct group_key){&job, 1}, &a, &g) == STORE_SOUGHT_FOUND);
    ck_assert_int_eq(g.push_time_ns, 2);
    ck_assert_uint_eq(g.n_families, 3);
    ck_assert_uint_eq(g.n_metrics, 3);
    store_view_group_family(v, 0, &f);
    ck_assert(slice_equal(f.family.name, SLICE_LITERAL("m")));
    job.value = SLICE_LITERAL("nobody");
    ck_assert(store_view_find_group(v, (struct group_key){&job, 1}, &a, &g) == STORE_SOUGHT_LOST);
    job.value = SLICE_LITERAL("\xff");
    ck_assert(store_view_find_group(v, (struct group_key){&job, 1}, &a, &g) == STORE_SOUGHT_LOST);
    store_view_close(v);
    arena_free(&a);
    store_free(s);
}
END_TEST

/* A step must end however much there is that the view does not show. */
START_TEST(steps_are_bounded)
{
    enum { PUSHES = 5000 };
    struct store *s = numbered(2);
    struct store_view *keeper = store_view_open(s);
    struct store_group g;
    int skipped = 0;

    for (int i = 0; i < PUSHES; i++)
        steps_push(s, PUT, "job=000", "m gauge", 10 + i, STORE_APPLIED);
    steps_push(s, PUT, "job=001", "m gauge", 10 + PUSHES, STORE_APPLIED);
    struct store_view *v = view_in_order(s, STORE_OLDEST_FIRST);
    while (store_view_step_group(v, &g) == STORE_STEP_SKIPPED)
        skipped++;
    ck_assert_int_gt(skipped, 10);
    ck_assert_int_eq(g.push_time_ns, 9 + PUSHES);
    store_view_close(v);
    store_view_close(keeper);
    store_free(s);
}
END_TEST

/* A walk that was given up among dead groups goes on when they have gone, and misses none that took
 * the key of one. */
START_TEST(dead_groups_may_go_under_a_walk)
{
    enum { GROUPS = 999, DEAD = 900 };
    static const int back[] = {199, 399, 400, 898};
    struct store *s = numbered(GROUPS);
    struct store_view *keeper = store_view_open(s);
    struct buffer wanted = {0}, got = {0};
    struct store_group g;
    char key[16];

    for (int i = 0; i < DEAD; i++) {
        snprintf(key, sizeof(key), "job=%03d", i);
        steps_push(s, DELETE, key, NULL, 0, STORE_APPLIED);
    }
    for (size_t i = 0; i < sizeof(back) / sizeof(back[0]); i++) {
        snprintf(key, sizeof(key), "job=%03d", back[i]);
        steps_push(s, PUT, key, "m gauge", 5, STORE_APPLIED);
        buffer_printf(&wanted, "%03d ", back[i]);
    }
    for (int i = DEAD; i < GROUPS; i++)
        buffer_printf(&wanted, "%03d ", i);
    struct store_view *v = store_view_open(s);
    if (_i >= 4)
        store_view_with_family(v, SLICE_LITERAL("m"));
    int rests = 0;
    enum store_step step;
    while ((step = store_view_step_group(v, &g)) != STORE_STEP_END) {
        if (step == STORE_STEP_SHOWN)
            buffer_printf(&got, "%.*s ", SLICE_ARGS(g.key.labels[0].value));
        if (step == STORE_STEP_SKIPPED && rests++ == _i % 4) {
            store_view_close(keeper);
            keeper = NULL;
            while (store_reclaim(s))
                ;
            steps_push(s, PUT, "job=000", "m gauge", 6, STORE_APPLIED);
        }
    }
    ck_assert_int_ge(rests, 1 + _i % 4);
    ck_assert_uint_eq(got.len, wanted.len);
    ck_assert_mem_eq(got.p, wanted.p, wanted.len);
    store_view_close(v);
    buffer_free(&wanted);
    buffer_free(&got);
    store_free(s);
}
END_TEST

/* Groups come back in the order of their keys, and a push may come before they are put in order. */
START_TEST(restored_groups_are_put_in_order)
{
    static const int64_t times[] = {5, 0, 9, 1, 9, 3, 0, 2};
    struct store *s = steps_store(false);
    struct arena a = {0};
    struct error e;
    char number[8];

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        snprintf(number, sizeof(number), "%zu", i);
        struct label job = {SLICE_LITERAL("job"), slice_of(number)};
        struct store_saved_group g = {.key = {&job, 1}, .created_ns = 1, .push_time_ns = times[i]};
        ck_assert(store_restore(s, &g, &a, &e));
    }
    store_restored(s);
    check_jobs(view_in_order(s, STORE_NEWEST_FIRST), "4 2 0 5 7 3 1 6 ");
    steps_push(s, PUT, "job=5", "m gauge", 20, STORE_APPLIED);
    check_jobs(view_in_order(s, STORE_OLDEST_FIRST), "6 1 3 7 0 2 4 5 ");
    arena_free(&a);
    store_free(s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_groups");
    TCase *tc = tcase_create("store_groups");

    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, walks_show_the_past_in_order, 0, 8);
    tcase_add_test(tc, a_refused_push_leaves_its_group_in_place);
    tcase_add_test(tc, a_group_pushed_to_since_is_lost);
    tcase_add_test(tc, one_group_is_found);
    tcase_add_test(tc, steps_are_bounded);
    tcase_add_loop_test(tc, dead_groups_may_go_under_a_walk, 0, 8);
    tcase_add_test(tc, restored_groups_are_put_in_order);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
