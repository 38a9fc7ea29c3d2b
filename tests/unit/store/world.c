#include "world.h"

#include "dump.h"
#include "require.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Natural types first; pushes often, not always, keep to them. */
static const struct {
    const char *name;
    enum metric_type type;
} names[] = {
    {"m", METRIC_GAUGE},           {"h", METRIC_HISTOGRAM},    {"h_count", METRIC_COUNTER},
    {"h_sum", METRIC_UNTYPED},     {"h_bucket", METRIC_GAUGE}, {"s", METRIC_SUMMARY},
    {"s_sum", METRIC_GAUGE},       {"o", METRIC_SUMMARY},      {"o_sum", METRIC_GAUGE},
    {"z", METRIC_GAUGE_HISTOGRAM},
};

static const struct model_label body_labels[] = {
    {"l", "1"},  {"l", "2"},        {"a", "1"},   {"l.x", "1"}, {"instance", ""},
    {"dup", ""}, {"instance", "x"}, {"dup", "1"}, {"job", "z"}, {"zz", ""},
};
static const struct model_label bad_labels[] = {
    {"__x", "1"}, {"", "1"}, {"l", "\xff"}, {"quantile", "1"}, {"b\xff", "1"},
};

static void forget(void *made)
{
    buffer_free(made);
    free(made);
}

void world_open(struct world *w, uint64_t seed, bool unchecked)
{
    world_open_limited(w, seed, unchecked, (struct store_limits){0});
}

void world_open_limited(struct world *w, uint64_t seed, bool unchecked, struct store_limits limits)
{
    *w = (struct world){.dice = {seed}, .now = 1000000000};
    w->store = store_new(
        (struct store_options){.unchecked = unchecked, .limits = limits, .forget = forget});
    REQUIRE(w->store);
    w->model.unchecked = unchecked;
    w->model.groups_max = limits.groups;
    w->model.series_max = limits.series;
    w->model.group_series_max = limits.series_per_group;
    w->model.own[w->model.n_own++] = (struct model_own_family){"o", "own help", METRIC_SUMMARY};
    w->model.own[w->model.n_own++] =
        (struct model_own_family){"own", "never pushed", METRIC_COUNTER};
    for (int i = 0; i < w->model.n_own; i++)
        REQUIRE(store_reserve_family(w->store, slice_of(w->model.own[i].name),
                                     slice_of(w->model.own[i].help), w->model.own[i].type));
}

void world_close(struct world *w)
{
    store_free(w->store);
    arena_free(&w->arena);
}

/* --- Rolling -------------------------------------------------------------------------------------
 */

static int roll_key(struct dice *d, struct model_label *key)
{
    static const char *const jobs[] = {"a", "b", "ab"};
    int n = 0;
    if (dice_percent(d, 30))
        key[n++] = (struct model_label){"dup", "1"};
    switch (dice_below(d, 4)) {
    case 0:
        key[n++] = (struct model_label){"instance", ""};
        break;
    case 1:
        key[n++] = (struct model_label){"instance", "x"};
        break;
    default:
        break;
    }
    key[n++] = (struct model_label){"job", jobs[dice_below(d, COUNT(jobs))]};
    if (dice_percent(d, 1))
        key[n - 1].value = "\xff";
    return n;
}

static void roll_metric(struct dice *d, struct model_metric *m)
{
    *m = (struct model_metric){.value = (unsigned char)dice_below(d, 100)};
    for (int i = (int)dice_below(d, 4); i > 0; i--) {
        m->labels[m->n_labels++] = body_labels[dice_below(d, COUNT(body_labels))];
        if (m->n_labels > 1 &&
            strcmp(m->labels[m->n_labels - 2].name, m->labels[m->n_labels - 1].name) == 0 &&
            dice_percent(d, 95))
            m->n_labels--;
    }
    if (dice_percent(d, 1))
        m->labels[m->n_labels++] = bad_labels[dice_below(d, COUNT(bad_labels))];
    m->has_timestamp = dice_below(d, 400) == 0;
}

static void roll_family(struct dice *d, struct model_family *f, uint32_t name)
{
    static const char *const helps[] = {NULL, "", "A", "B"};
    static const char *const units[] = {"", "", "", "sum"}; /* readers let no other one pass */
    bool may_have_unit = strcmp(names[name].name, "h_sum") == 0;

    *f = (struct model_family){.name = names[name].name,
                               .type = names[name].type,
                               .help = helps[dice_below(d, COUNT(helps))],
                               .unit = may_have_unit ? units[dice_below(d, COUNT(units))] : ""};
    if (dice_percent(d, 15))
        f->type = (enum metric_type)dice_below(d, METRIC_TYPES);
    f->n_metrics = dice_percent(d, 60) ? 1 : (int)dice_below(d, MODEL_METRICS + 1);
    for (int i = 0; i < f->n_metrics; i++)
        roll_metric(d, &f->metrics[i]);
    if (dice_below(d, 100) == 0)
        f->name = dice_percent(d, 50) ? "push_time_seconds" : "push_failure_time_seconds";
}

void world_roll_push(struct world *w, struct world_push *push)
{
    struct dice *d = &w->dice;
    bool used[COUNT(names)] = {false};

    push->n_key = roll_key(d, push->key);
    push->replace = dice_percent(d, 50);
    push->n_families = 0;
    for (int i = (int)dice_below(d, 4); i > 0; i--) {
        uint32_t name = dice_below(d, COUNT(names));
        if (!used[name])
            roll_family(d, &push->families[push->n_families++], name);
        used[name] = true;
    }
}

/* --- For the store -------------------------------------------------------------------------------
 */

static struct label *make_labels(struct world *w, const struct model_label *labels, int n)
{
    struct label *made = arena_alloc(&w->arena, (size_t)n * sizeof(*made));
    REQUIRE(made);
    for (int i = 0; i < n; i++)
        made[i] = (struct label){slice_of(labels[i].name), slice_of(labels[i].value)};
    return made;
}

struct group_key world_key(struct world *w, const struct model_label *labels, int n)
{
    return (struct group_key){make_labels(w, labels, n), (size_t)n};
}

static void make_metric(struct world *w, enum metric_type type, const struct model_metric *from,
                        struct metric *to)
{
    char *payload = arena_alloc(&w->arena, MODEL_PAYLOAD);
    REQUIRE(payload);
    *to = (struct metric){.labels = make_labels(w, from->labels, from->n_labels),
                          .n_labels = (size_t)from->n_labels,
                          .payload = {payload, model_payload(type, from->value, payload)},
                          .has_timestamp = from->has_timestamp};
}

struct family_list world_families(struct world *w, const struct world_push *push)
{
    struct family *families = arena_zalloc(&w->arena, (size_t)push->n_families * sizeof(*families));
    REQUIRE(families);
    for (int i = 0; i < push->n_families; i++) {
        const struct model_family *from = &push->families[i];
        struct family *to = &families[i];
        to->name = slice_of(from->name);
        to->help = slice_of(from->help ? from->help : "");
        to->has_help = from->help != NULL;
        to->unit = slice_of(from->unit);
        to->type = from->type;
        to->n_metrics = (size_t)from->n_metrics;
        to->metrics = arena_alloc(&w->arena, to->n_metrics * sizeof(*to->metrics));
        REQUIRE(to->metrics);
        for (size_t k = 0; k < to->n_metrics; k++)
            make_metric(w, from->type, &from->metrics[k], &to->metrics[k]);
    }
    return (struct family_list){families, (size_t)push->n_families};
}

/* --- A step --------------------------------------------------------------------------------------
 */

static void step_push(struct world *w)
{
    static struct world_push push;
    struct error e = {0};

    world_roll_push(w, &push);
    w->now += 1 + dice_below(&w->dice, 1000);
    struct group_key key = world_key(w, push.key, push.n_key);
    struct family_list families = world_families(w, &push);
    uint64_t version = store_version(w->store);
    enum store_outcome got =
        store_push(w->store, key, &families, push.replace ? STORE_REPLACE : STORE_MERGE, w->now,
                   &w->arena, &e);
    enum model_outcome wanted = model_push(&w->model, push.key, push.n_key, push.families,
                                           push.n_families, push.replace, w->now);
    static const enum store_outcome as_store[] = {STORE_APPLIED, STORE_REFUSED, STORE_UNTOUCHED};
    if (got != as_store[wanted])
        ck_abort_msg("push: outcome %d instead of %d: %s", (int)got, (int)as_store[wanted],
                     e.message);
    REQUIRE((got == STORE_APPLIED) == (e.message[0] == '\0'));
    REQUIRE((got == STORE_UNTOUCHED) == (store_version(w->store) == version));
    w->applied += got == STORE_APPLIED;
    w->refused += got == STORE_REFUSED;
    w->untouched += got == STORE_UNTOUCHED;
    w->limited += e.code == ERROR_LIMIT;
}

static void step_delete(struct world *w)
{
    struct model_label key[4];
    int n = roll_key(&w->dice, key);
    bool wanted = model_delete(&w->model, key, n), deleted;
    REQUIRE(store_delete(w->store, world_key(w, key, n), &w->arena, &deleted));
    REQUIRE(deleted == wanted);
}

void world_step(struct world *w)
{
    uint32_t roll = dice_below(&w->dice, 1000);
    if (roll < 840) {
        step_push(w);
    } else if (roll < 998) {
        step_delete(w);
    } else {
        REQUIRE(store_wipe(w->store));
        w->model.n_groups = 0;
    }
    arena_reset(&w->arena);
}

/* --- Comparing -----------------------------------------------------------------------------------
 */

void world_compare_text(const char *what, const struct buffer *got, const struct buffer *wanted,
                        bool so_far)
{
    REQUIRE(!got->failed && !wanted->failed);
    bool same = got->len <= wanted->len && (so_far || got->len == wanted->len) &&
                (got->len == 0 || memcmp(got->p, wanted->p, got->len) == 0);
    if (same)
        return;
    fprintf(stderr, "--- %s, wanted:\n%.*s--- got:\n%.*s---\n", what, (int)wanted->len, wanted->p,
            (int)got->len, got->p);
    ck_abort_msg("%s: not as the model", what);
}

static void compare_statistics(const struct world *w)
{
    struct model_statistics wanted = model_statistics(&w->model);
    struct store_statistics got = store_statistics(w->store);
    if (got.groups != wanted.groups || got.families != wanted.families ||
        got.series != wanted.series)
        ck_abort_msg("statistics: %zu groups, %zu families, %zu series instead of %zu, %zu, %zu",
                     got.groups, got.families, got.series, wanted.groups, wanted.families,
                     wanted.series);
}

void world_compare(struct world *w)
{
    static struct buffer got, wanted;

    compare_statistics(w);
    bool consistent = model_is_consistent(&w->model);
    const char *inconsistency = store_inconsistency(w->store);
    if (consistent != !inconsistency)
        ck_abort_msg("consistent: %d, but the store says: %s", consistent,
                     inconsistency ? inconsistency : "nothing");
    if (!consistent)
        return; /* which of two equal metrics or families comes first is not said */
    buffer_clear(&got);
    buffer_clear(&wanted);
    dump_store_families(w->store, &got);
    model_dump_families(&w->model, &wanted);
    world_compare_text("families", &got, &wanted, false);
    buffer_clear(&got);
    buffer_clear(&wanted);
    dump_store_groups(w->store, &got);
    model_dump_groups(&w->model, &wanted);
    world_compare_text("groups", &got, &wanted, false);
}
