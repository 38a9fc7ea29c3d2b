/* The store: the contents, how a push is taken in, and what has been wiped but not freed yet. */
#include "store.h"

#include "block_builder.h"
#include "contents.h"
#include "limit_check.h"
#include "metric_value.h"
#include "push_check.h"
#include "view.h"

#include <stdlib.h>
#include <sys/random.h>

struct reserved_family {
    struct slice name, help;
    enum metric_type type;
};

struct store {
    struct contents *contents;
    struct contents *wiped; /* being freed */
    struct store_options options;
    uint64_t seed;
    uint64_t wipes;
    struct reserved_family *reserved; /* to be declared anew after a wipe */
    size_t n_reserved;
    struct buffer
        inconsistency; /* of an unchecked store: what was found wrong last; NUL-terminated */
};

enum { RECLAIMED_PER_STEP = 512 };

static const struct slice push_time_name = SLICE_LITERAL("push_time_seconds");
static const struct slice push_failure_time_name = SLICE_LITERAL("push_failure_time_seconds");

static bool add_fixed_families(struct store *s, struct contents *c)
{
    bool ok =
        contents_add_fixed_family(
            c, push_time_name,
            SLICE_LITERAL("Last Unix time when changing this group in the Pushgateway succeeded."),
            METRIC_GAUGE, FAMILY_PUSH_TIME) &&
        contents_add_fixed_family(
            c, push_failure_time_name,
            SLICE_LITERAL("Last Unix time when changing this group in the Pushgateway failed."),
            METRIC_GAUGE, FAMILY_PUSH_FAILURE_TIME);
    for (size_t i = 0; ok && i < s->n_reserved; i++)
        ok = contents_add_fixed_family(c, s->reserved[i].name, s->reserved[i].help,
                                       s->reserved[i].type, FAMILY_OWN);
    return ok;
}

static void free_contents(struct contents *c)
{
    while (c && contents_free_some(c))
        ;
}

static struct contents *empty_contents(struct store *s)
{
    struct contents *c = contents_new(s->seed, s->options.unchecked, s->options.forget);
    if (c && !add_fixed_families(s, c)) {
        free_contents(c);
        return NULL;
    }
    if (c)
        c->held_back_max = s->options.held_back_max;
    return c;
}

struct store *store_new(struct store_options options)
{
    struct store *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->options = options;
    if (getrandom(&s->seed, sizeof(s->seed), 0) != (ssize_t)sizeof(s->seed) ||
        !(s->contents = empty_contents(s))) {
        free(s);
        return NULL;
    }
    return s;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    free_contents(s->contents);
    while (s->wiped) {
        struct contents *c = s->wiped;
        s->wiped = c->next_wiped;
        free_contents(c);
    }
    free(s->reserved);
    buffer_free(&s->inconsistency);
    free(s);
}

void store_set_limits(struct store *s, struct store_limits limits)
{
    s->options.limits = limits;
}

bool store_reserve_family(struct store *s, struct slice name, struct slice help,
                          enum metric_type type)
{
    struct reserved_family *grown =
        realloc(s->reserved, (s->n_reserved + 1) * sizeof(*s->reserved));
    if (!grown)
        return false;
    s->reserved = grown;
    s->reserved[s->n_reserved++] = (struct reserved_family){name, help, type};
    return contents_add_fixed_family(s->contents, name, help, type, FAMILY_OWN);
}

/* --- A push --------------------------------------------------------------------------------------
 */

struct push {
    struct store *store;
    struct prepared_key key;
    struct group *group; /* NULL: there is none yet */
    enum store_mode mode;
    int64_t now_ns;
    const struct store_saved_group *saved; /* NULL: not a group being restored */
    struct arena *scratch;
    struct pushed_family *families; /* sorted by name */
    size_t n_families;
    struct faults faults;
};

static bool has_timestamps(const struct family_list *families)
{
    for (size_t i = 0; i < families->count; i++)
        for (size_t k = 0; k < families->families[i].n_metrics; k++)
            if (families->families[i].metrics[k].has_timestamp)
                return true;
    return false;
}

static int compare_pushed(const void *a, const void *b)
{
    const struct pushed_family *pa = a, *pb = b;
    return slice_compare(pa->family->name, pb->family->name);
}

/* What is taken in of a body: families with metrics, but the two that the store itself makes. */
static bool list_families(struct push *p, const struct family_list *families)
{
    p->families = arena_zalloc(p->scratch, families->count * sizeof(*p->families));
    if (!p->families)
        return false;
    if (p->group)
        picture_prefetch(p->group->current);
    for (size_t i = 0; i < families->count; i++) {
        const struct family *f = &families->families[i];
        if (f->n_metrics > 0 && !slice_equal(f->name, push_time_name) &&
            !slice_equal(f->name, push_failure_time_name))
            p->families[p->n_families++] = (struct pushed_family){
                .family = f,
                .time_ns = p->saved ? p->saved->times_ns[i] : p->now_ns,
                .old = p->group ? picture_find(p->group->current, f->name) : NULL};
    }
    if (p->n_families > 1)
        qsort(p->families, p->n_families, sizeof(*p->families), compare_pushed);
    return true;
}

/* Readers of bodies put together what is of one name; a damaged file need not. */
static const struct family *find_doubled(const struct push *p)
{
    for (size_t i = 1; i < p->n_families; i++)
        if (slice_equal(p->families[i - 1].family->name, p->families[i].family->name))
            return p->families[i].family;
    return NULL;
}

static bool build_blocks(struct push *p, struct error *e)
{
    struct faults untold = {.silent = true};
    struct label_shape shape = {0};
    for (size_t i = 0; i < p->n_families; i++) {
        struct pushed_family *pushed = &p->families[i];
        pushed->block = block_build(&p->key, pushed->family, pushed->time_ns, &shape, p->scratch,
                                    pushed->verdict == PUSH_FINE ? &p->faults : &untold, e);
        if (!pushed->block)
            return false;
    }
    return true;
}

/* Looks at the push beside what is stored, and builds its blocks. */
static bool check_and_build(struct push *p, struct error *e)
{
    const struct push_check check = {.contents = p->store->contents,
                                     .group = p->group,
                                     .families = p->families,
                                     .n_families = p->n_families,
                                     .mode = p->mode,
                                     .scratch = p->scratch};
    if (!push_check_families(&check, &p->faults))
        return error_no_memory(e);
    if (!build_blocks(p, e))
        return false;
    push_check_metrics(&check, &p->faults);
    return true;
}

/* Gives a block its description, and an unborn family to belong to if there is no living one. */
static bool describe(struct push *p, struct pushed_family *pushed)
{
    const struct family *family = pushed->family;
    const struct block *old = pushed->old;
    struct block *block = pushed->block;

    if (old && block_family(old) == pushed->entry &&
        description_is(old->description, family->has_help, family->help, family->unit)) {
        block->description = old->description;
        block->description->references++;
        return true;
    }
    bool unborn = !pushed->entry;
    if (unborn)
        pushed->entry = family_entry_new(&p->store->contents->families, family->name, family->type,
                                         FAMILY_PUSHED);
    if (!pushed->entry)
        return false;
    block->description =
        family_entry_describe(pushed->entry, family->has_help, family->help, family->unit);
    if (!block->description && unborn) {
        family_entry_free(&p->store->contents->families, pushed->entry);
        pushed->entry = NULL;
    }
    return block->description != NULL;
}

static bool describe_all(struct push *p)
{
    for (size_t i = 0; i < p->n_families; i++)
        if (!describe(p, &p->families[i]))
            return false;
    return true;
}

/* Frees what a refused push has made. */
static void drop_blocks(struct push *p)
{
    for (size_t i = 0; i < p->n_families; i++) {
        struct pushed_family *pushed = &p->families[i];
        bool unborn = pushed->entry && pushed->entry->since == 0;
        if (pushed->block)
            block_free(pushed->block);
        if (unborn)
            family_entry_free(&p->store->contents->families, pushed->entry);
    }
    p->n_families = 0;
}

static void add_block(struct picture *picture, struct block *block)
{
    picture->blocks[picture->n_blocks++] = block;
    picture->n_metrics += block->n_metrics;
}

static struct picture *picture_new(const struct push *p, const struct picture *kept)
{
    size_t blocks = p->n_families + (kept ? kept->n_blocks : 0);
    for (size_t i = 0; kept && i < p->n_families; i++)
        blocks -= p->families[i].old != NULL;
    return calloc(1, sizeof(struct picture) + blocks * sizeof(struct block *));
}

/* The picture after the push: its blocks and, in merge mode, the others of the group, by name. */
static struct picture *picture_after(const struct push *p)
{
    const struct picture *old = p->group ? p->group->current : NULL;
    bool keeps = old && p->mode == STORE_MERGE;
    struct picture *fresh = picture_new(p, keeps ? old : NULL);
    if (!fresh)
        return NULL;
    uint32_t i = 0;
    for (size_t k = 0; k < p->n_families; k++) {
        struct slice name = p->families[k].family->name;
        while (keeps && i < old->n_blocks && slice_compare(block_name(old->blocks[i]), name) < 0)
            add_block(fresh, old->blocks[i++]);
        if (keeps && i < old->n_blocks && slice_equal(block_name(old->blocks[i]), name))
            i++;
        add_block(fresh, p->families[k].block);
    }
    while (keeps && i < old->n_blocks)
        add_block(fresh, old->blocks[i++]);
    if (old) {
        fresh->push_time_ns = old->push_time_ns;
        fresh->push_failure_time_ns = old->push_failure_time_ns;
    }
    return fresh;
}

static void set_times(const struct push *p, struct group *g, struct picture *fresh, bool failed)
{
    if (p->saved) {
        g->created_ns = p->saved->created_ns;
        fresh->push_time_ns = p->saved->push_time_ns;
        fresh->push_failure_time_ns = p->saved->push_failure_time_ns;
        return;
    }
    if (!p->group)
        g->created_ns = p->now_ns;
    if (failed)
        fresh->push_failure_time_ns = p->now_ns;
    else
        fresh->push_time_ns = p->now_ns;
}

/* Takes the push in as a whole; false, with nothing changed, when memory is out. */
static bool commit(struct push *p, bool failed)
{
    struct contents *c = p->store->contents;
    struct picture *fresh = describe_all(p) ? picture_after(p) : NULL;
    struct group *g = p->group ? p->group : group_new(&c->groups, &p->key);

    if (!fresh || !g || !contents_reserve(c, g->current, fresh)) {
        free(fresh);
        if (!p->group)
            free(g);
        drop_blocks(p);
        return false;
    }
    set_times(p, g, fresh, failed);
    contents_replace(c, g, fresh);
    return true;
}

/* Metrics of the group after the push. */
static size_t metrics_after(const struct push *p)
{
    size_t metrics = p->group && p->mode == STORE_MERGE ? p->group->current->n_metrics : 0;
    for (size_t i = 0; i < p->n_families; i++) {
        const struct pushed_family *pushed = &p->families[i];
        if (pushed->old && p->mode == STORE_MERGE)
            metrics -= pushed->old->n_metrics;
        metrics += pushed->block->n_metrics;
    }
    return metrics;
}

/* Whether limits leave room for a group with so many metrics. */
static bool has_room(const struct push *p, size_t metrics, struct error *e)
{
    const struct store *s = p->store;
    return p->saved || limit_check(&s->options.limits, s->contents, p->group, metrics, e);
}

static void explain(const struct faults *faults, struct error *e)
{
    struct buffer text = {0};
    faults_write(faults, &text);
    error_set(e, ERROR_INVALID,
              "pushed metrics are invalid or inconsistent with existing metrics: %.*s",
              text.failed ? 0 : (int)text.len, text.p);
    buffer_free(&text);
}

/* The one thing that a refused push changes is the group's failure time. */
static enum store_outcome set_failure_time(struct push *p)
{
    drop_blocks(p);
    if (p->saved)
        return STORE_UNTOUCHED;
    p->mode = STORE_MERGE;
    return commit(p, true) ? STORE_REFUSED : STORE_UNTOUCHED;
}

/* For its faults. A group that is not there yet is made, if there may be one more, so that the
 * failure shows. */
static enum store_outcome refuse(struct push *p, struct error *e)
{
    struct error ignored;
    explain(&p->faults, e);
    if (p->group || has_room(p, 0, &ignored))
        return set_failure_time(p);
    drop_blocks(p);
    return STORE_UNTOUCHED;
}

/* For a limit: no group is made to tell of it. */
static enum store_outcome refuse_growth(struct push *p)
{
    if (p->group)
        return set_failure_time(p);
    drop_blocks(p);
    return STORE_UNTOUCHED;
}

/* {job="a"} and {job="a",instance=""} would have the same series. */
static void add_key_fault(struct push *p)
{
    char payload[METRIC_VALUE_NUMBER_SIZE];
    size_t size = metric_value_put_number(payload, (double)p->now_ns / 1e9, METRIC_GAUGE);
    faults_add_metric(&p->faults, push_time_name, p->key.labels, p->key.n_labels,
                      (struct slice){payload, size},
                      "was collected before with the same name and label values");
}

static void remember_inconsistency(struct push *p)
{
    struct buffer *text = &p->store->inconsistency;
    buffer_clear(text);
    faults_write(&p->faults, text);
    buffer_byte(text, '\0');
}

static enum store_outcome take_in(struct push *p, struct family_list *families, struct error *e)
{
    if (has_timestamps(families)) {
        faults_add(&p->faults, "pushed metrics must not have timestamps");
        return refuse(p, e);
    }
    if (!list_families(p, families)) {
        error_no_memory(e);
        return STORE_UNTOUCHED;
    }
    const struct family *doubled = find_doubled(p);
    if (doubled) {
        faults_add(&p->faults, "metric family %.*s comes more than once",
                   SLICE_ARGS(doubled->name));
        return refuse(p, e);
    }
    if (p->group)
        age_order_prefetch(p->group->current);
    if (!check_and_build(p, e)) {
        drop_blocks(p);
        return STORE_UNTOUCHED;
    }
    if (p->faults.count > 0 && !p->store->options.unchecked)
        return refuse(p, e);
    if (!has_room(p, metrics_after(p), e))
        return refuse_growth(p);
    if (!commit(p, false)) {
        error_no_memory(e);
        return STORE_UNTOUCHED;
    }
    if (p->faults.count > 0)
        remember_inconsistency(p);
    return STORE_APPLIED;
}

static enum store_outcome run(struct push *p, struct group_key key, struct family_list *families,
                              struct error *e)
{
    const struct group_index *groups = &p->store->contents->groups;
    enum store_outcome outcome;

    if (!group_key_prepare(groups, key, p->scratch, &p->key, e))
        return STORE_UNTOUCHED;
    p->group = group_index_find_exact(groups, &p->key);
    if (!p->group && group_index_find(groups, &p->key))
        add_key_fault(p);
    if (p->faults.count > 0 && !p->store->options.unchecked) {
        explain(&p->faults, e);
        outcome = STORE_UNTOUCHED;
    } else {
        outcome = take_in(p, families, e);
    }
    faults_free(&p->faults);
    return outcome;
}

enum store_outcome store_push(struct store *s, struct group_key key, struct family_list *families,
                              enum store_mode mode, int64_t now_ns, struct arena *scratch,
                              struct error *e)
{
    struct push p = {.store = s, .mode = mode, .now_ns = now_ns, .scratch = scratch};
    return run(&p, key, families, e);
}

bool store_note_refusal(struct store *s, struct group_key key, int64_t now_ns,
                        struct arena *scratch)
{
    struct push p = {.store = s, .mode = STORE_MERGE, .now_ns = now_ns, .scratch = scratch};
    const struct group_index *groups = &s->contents->groups;
    struct error ignored;

    if (!group_key_prepare(groups, key, scratch, &p.key, &ignored))
        return false;
    p.group = group_index_find_exact(groups, &p.key);
    if (!p.group && group_index_find(groups, &p.key) && !s->options.unchecked)
        return false;
    return commit(&p, true);
}

bool store_restore(struct store *s, const struct store_saved_group *group, struct arena *scratch,
                   struct error *e)
{
    struct push p = {.store = s, .mode = group->mode, .saved = group, .scratch = scratch};
    struct family_list families = group->families;
    return run(&p, group->key, &families, e) == STORE_APPLIED;
}

void store_restored(struct store *s)
{
    age_order_sort(&s->contents->ages);
}

bool store_delete(struct store *s, struct group_key key, struct arena *scratch, bool *deleted)
{
    struct prepared_key prepared;
    struct error why;

    *deleted = false;
    if (!group_key_prepare(&s->contents->groups, key, scratch, &prepared, &why))
        return why.code != ERROR_NO_MEMORY; /* no group has a key that cannot be */
    struct group *g = group_index_find_exact(&s->contents->groups, &prepared);
    if (g)
        contents_remove(s->contents, g);
    *deleted = g != NULL;
    return true;
}

bool store_wipe(struct store *s)
{
    struct contents *fresh = empty_contents(s);
    if (!fresh)
        return false;
    s->contents->next_wiped = s->wiped;
    s->wiped = s->contents;
    s->contents = fresh;
    s->wipes++;
    return true;
}

bool store_reclaim(struct store *s)
{
    if (contents_reclaim(s->contents, RECLAIMED_PER_STEP) || contents_tidy(s->contents))
        return true;
    for (struct contents **at = &s->wiped; *at; at = &(*at)->next_wiped) {
        struct contents *c = *at, *next = c->next_wiped;
        if (c->views_first)
            continue; /* closing them starts reclaiming again */
        if (!contents_free_some(c))
            *at = next;
        return true;
    }
    return false;
}

/* --- What the store is ---------------------------------------------------------------------------
 */

const char *store_inconsistency(const struct store *s)
{
    if (s->contents->faults == 0)
        return NULL;
    bool told = s->inconsistency.len > 0 && !s->inconsistency.failed;
    return told ? s->inconsistency.p : "the pushed metrics are inconsistent";
}

uint64_t store_version(const struct store *s)
{
    return s->contents->version + (s->wipes << 40);
}

struct store_statistics store_statistics(const struct store *s)
{
    const struct contents *c = s->contents;
    size_t made_up = c->living_groups > 0 ? MADE_UP_SERIES : 0; /* each in a family of its own */
    return (struct store_statistics){
        .groups = c->living_groups,
        .families = c->families.living + made_up,
        .series = contents_series(c),
        .failed_groups = c->failed_groups,
    };
}

struct store_view *store_view_open(struct store *s)
{
    return view_open(s->contents);
}
