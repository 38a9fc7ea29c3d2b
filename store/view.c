/* Views.
 *
 * A view is a version and three places: in the order of families, in the groups of the current
 * family, in the order of groups (view_groups.c). The sets may change between two steps; a place is
 * then found again behind the id it was at, which is still there because what the view shows is not
 * freed before the view closes. */
#include "view.h"

#include "contents.h"
#include "metric_value.h"
#include "metric_wire.h"
#include "names.h"

#include <stdlib.h>

enum {
    LABEL_OVERHEAD = 20, /* tags and lengths of one label, at most */
};

struct store_view *view_open(struct contents *c)
{
    struct store_view *v = calloc(1, sizeof(*v) + sizeof(struct picture)); /* with the marker */
    size_t labels = c->groups.labels_max + 1;

    if (!v)
        return NULL;
    v->groups.marker = (struct picture *)(v + 1);
    v->labels = malloc(labels * sizeof(*v->labels));
    v->made_up = malloc(c->groups.key_max + labels * LABEL_OVERHEAD + METRIC_VALUE_NUMBER_SIZE +
                        LABEL_OVERHEAD);
    v->made_up_labels = malloc(labels * sizeof(*v->made_up_labels));
    if (!v->labels || !v->made_up || !v->made_up_labels) {
        free(v->labels);
        free(v->made_up_labels);
        free(v->made_up);
        free(v);
        return NULL;
    }
    v->contents = c;
    v->version = c->version;
    v->before = c->views_last;
    if (c->views_last)
        c->views_last->after = v;
    else
        c->views_first = v;
    c->views_last = v;
    return v;
}

void view_lose(struct store_view *v)
{
    struct contents *c = v->contents;

    if (v->groups.marked)
        age_order_remove(&c->ages, v->groups.marker);
    buffer_free(&v->groups.rest_key);
    if (v->before)
        v->before->after = v->after;
    else
        c->views_first = v->after;
    if (v->after)
        v->after->before = v->before;
    else
        c->views_last = v->before;
    v->contents = NULL;
}

bool store_view_is_lost(const struct store_view *v)
{
    return !v->contents;
}

void store_view_close(struct store_view *v)
{
    if (v->contents)
        view_lose(v);
    free(v->labels);
    free(v->made_up_labels);
    free(v->made_up);
    free(v);
}

uint64_t view_version(const struct store_view *v)
{
    return v->version;
}

/* Finds the place again if the set has changed. */
static void place_renew(struct place *place, const struct ordered_set *set,
                        struct ordered_set_order order)
{
    if (place->started && place->cursor.edits == set->edits)
        return;
    if (place->anchored)
        place->cursor = ordered_set_after(set, order, place->id);
    else
        place->cursor = ordered_set_first(set);
}

bool place_next(struct place *place, const struct ordered_set *set, struct ordered_set_order order)
{
    if (place->ended)
        return false;
    place_renew(place, set, order);
    place->started = true;
    place->ended = !ordered_set_next(&place->cursor, &place->id);
    place->anchored = !place->ended; /* the caller goes on until it shows something */
    return !place->ended;
}

/* --- Families and their blocks -------------------------------------------------------------------
 */

const struct ordered_set *view_groups_of(const struct store_view *v, const struct family_entry *f)
{
    return view_is_made_up(f) ? &v->contents->groups.order : &f->groups;
}

const struct block *view_find_block(const struct picture *p, const struct family_entry *f)
{
    enum { FEW = 8 };
    if (p->n_blocks > FEW) {
        const struct block *b = picture_find(p, family_entry_name(f));
        return b && block_family(b) == f ? b : NULL;
    }
    for (uint32_t i = 0; i < p->n_blocks; i++)
        if (block_family(p->blocks[i]) == f)
            return p->blocks[i];
    return NULL;
}

void view_make_up_block(struct store_view *v, const struct picture *p, bool success,
                        struct store_block *out)
{
    size_t n = group_labels(p->group, true, v->made_up_labels);
    int64_t time_ns = success ? p->push_time_ns : p->push_failure_time_ns;
    char payload[METRIC_VALUE_NUMBER_SIZE];
    struct slice encoded = {payload,
                            metric_value_put_number(payload, (double)time_ns / 1e9, METRIC_GAUGE)};
    char *end = metric_wire_put(v->made_up, v->made_up_labels, n, encoded);

    bool legacy = true;
    for (size_t i = 0; i < n; i++)
        legacy = legacy && names_is_legacy_label(v->made_up_labels[i].name);
    *out = (struct store_block){.metrics = {v->made_up, (size_t)(end - v->made_up)},
                                .n_metrics = 1,
                                .legacy_names = legacy};
}

void view_show_block(const struct block *b, struct store_block *out)
{
    *out = (struct store_block){.metrics = block_metrics(b),
                                .n_metrics = b->n_metrics,
                                .legacy_names = b->legacy_names,
                                .has_native = b->has_native,
                                .has_classic = b->has_classic};
}

/* Takes the next block of a family from a place. */
static bool next_block(struct store_view *v, const struct family_entry *f, struct place *place,
                       struct store_block *out)
{
    struct ordered_set_order order = group_index_order(&v->contents->groups);

    while (place_next(place, view_groups_of(v, f), order)) {
        const struct group *g = group_index_get(&v->contents->groups, place->id);
        const struct picture *p = group_at(g, v->version);
        if (!p)
            continue;
        if (view_is_made_up(f)) {
            view_make_up_block(v, p, f->kind == FAMILY_PUSH_TIME, out);
            return true;
        }
        const struct block *b = view_find_block(p, f);
        if (b) {
            view_show_block(b, out);
            return true;
        }
    }
    return false;
}

void view_show_family(const struct store_view *v, const struct family_entry *f,
                      struct store_family *out)
{
    const struct description *shown = family_entry_shown(f, v->version);
    *out = (struct store_family){.name = family_entry_name(f), .type = f->type};
    if (shown) {
        out->has_help = shown->has_help;
        out->help = description_help(shown);
        out->unit = description_unit(shown);
    }
    if (f->kind != FAMILY_PUSHED) {
        out->has_help = true;
        out->help = f->own_help;
    }
}

static bool is_shown(struct store_view *v, const struct family_entry *f)
{
    if (f->since > v->version || f->until <= v->version)
        return false;
    if (f->kind == FAMILY_PUSHED)
        return true;
    struct place first = {0};
    struct store_block block;
    return next_block(v, f, &first, &block);
}

bool store_view_next_family(struct store_view *v, struct store_family *out)
{
    const struct family_index *index = &v->contents->families;

    while (place_next(&v->family_place, &index->order, family_index_order(index))) {
        v->family = family_index_get(index, v->family_place.id);
        if (is_shown(v, v->family)) {
            v->block_place = (struct place){0};
            view_show_family(v, v->family, out);
            return true;
        }
    }
    v->family = NULL;
    return false;
}

bool store_view_next_block(struct store_view *v, struct store_block *out)
{
    return v->family && next_block(v, v->family, &v->block_place, out);
}

void store_view_rewind_family(struct store_view *v)
{
    v->block_place = (struct place){0};
}

/* --- Runs ----------------------------------------------------------------------------------------
 *
 * A run is a leaf of the family's groups. What was made of it holds for a view if no group of it
 * has changed after the older of the two: the view it was made for and the one that asks. */

static struct ordered_set_kept *kept_place(const struct store_view *v)
{
    /* Both made-up families walk the same leaves. */
    return &v->run.kept[v->family->kind == FAMILY_PUSH_FAILURE_TIME ? 1 : 0];
}

static uint64_t run_changed(const struct store_view *v)
{
    const uint64_t *changed = v->contents->groups.changed;
    uint64_t last = 0;
    for (uint16_t i = 0; i < v->run.n; i++)
        if (changed[v->run.ids[i]] > last)
            last = changed[v->run.ids[i]];
    return last;
}

bool store_view_at_run(struct store_view *v, void **made)
{
    struct place *place = &v->block_place;

    if (!v->family || place->ended)
        return false;
    place_renew(place, view_groups_of(v, v->family), group_index_order(&v->contents->groups));
    if (!ordered_set_enter(&place->cursor, &v->run))
        return false;
    const struct ordered_set_kept *kept = kept_place(v);
    uint64_t older = kept->version < v->version ? kept->version : v->version;
    *made = kept->made && run_changed(v) <= older ? kept->made : NULL;
    return true;
}

void store_view_skip_run(struct store_view *v)
{
    struct place *place = &v->block_place;
    place->cursor.at = v->run.n;
    place->started = true;
    /* The last groups of the run may be dead already, and only there for an older view. */
    for (uint16_t i = v->run.n; i-- > 0;) {
        if (group_at(group_index_get(&v->contents->groups, v->run.ids[i]), v->version)) {
            place->id = v->run.ids[i];
            place->anchored = true;
            return;
        }
    }
}

bool store_view_run_is_over(const struct store_view *v)
{
    return v->block_place.cursor.at == v->run.n;
}

bool store_view_in_run(const struct store_view *v)
{
    return !v->block_place.ended && ordered_set_is_in(&v->block_place.cursor, &v->run);
}

void store_view_keep(struct store_view *v, void *made)
{
    struct ordered_set_kept *kept = kept_place(v);
    if (kept->made)
        v->contents->groups.forget(kept->made);
    *kept = (struct ordered_set_kept){made, v->version};
}
