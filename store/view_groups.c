/* Groups and their families in a view.
 *
 * By key a walk is a place in an ordered set, as that of families. By age it is a marker of its own
 * in the chain of pictures, which moves along: nothing has to be found again, whatever comes and
 * goes around it. */
#include "view.h"

#include "contents.h"

static const struct slice push_time_name = SLICE_LITERAL("push_time_seconds");
static const struct slice push_failure_time_name = SLICE_LITERAL("push_failure_time_seconds");

enum { SKIPPED_MAX = 200 }; /* a step, before the caller is asked to come again */

/* --- Walking -------------------------------------------------------------------------------------
 */

static void show_group(struct store_view *v, const struct picture *p, struct store_group *out)
{
    v->picture = p;
    v->failure_place = picture_place(p, push_failure_time_name);
    v->success_place = picture_place(p, push_time_name) + 1;
    *out = (struct store_group){
        .key = {.labels = v->labels, .n_labels = group_labels(p->group, false, v->labels)},
        .created_ns = p->group->created_ns,
        .push_time_ns = p->push_time_ns,
        .push_failure_time_ns = p->push_failure_time_ns,
        .n_families = p->n_blocks + 2,
        .n_metrics = (size_t)p->n_metrics + 2,
    };
}

static bool is_wanted(const struct group_walk *walk, const struct picture *p)
{
    if (!walk->family.p)
        return true;
    return walk->entry ? view_find_block(p, walk->entry) != NULL
                       : picture_find(p, walk->family) != NULL;
}

static const struct ordered_set *walked_set(const struct store_view *v)
{
    return v->groups.entry ? view_groups_of(v, v->groups.entry) : &v->contents->groups.order;
}

/* Remembers where the walk stands, without a group to hold on to. False when memory is out. */
static bool rest(struct store_view *v, struct slice encoded, uint32_t id)
{
    struct group_walk *walk = &v->groups;

    buffer_clear(&walk->rest_key);
    buffer_slice_append(&walk->rest_key, encoded);
    walk->rest_id = id;
    walk->resting = !walk->rest_key.failed;
    return walk->resting;
}

static void end_rest(struct store_view *v)
{
    struct group_walk *walk = &v->groups;
    const struct ordered_set *set = walked_set(v);

    if (walk->resting && (!walk->place.started || walk->place.cursor.edits != set->edits))
        walk->place.cursor = group_index_seek(&v->contents->groups, set,
                                              buffer_slice(&walk->rest_key), walk->rest_id);
    walk->place.started = walk->place.started || walk->resting;
    walk->resting = false;
}

/* The next picture by key, visible or not; NULL at the end. */
static const struct picture *next_by_key(struct store_view *v, bool *shown)
{
    const struct group_index *index = &v->contents->groups;

    end_rest(v);
    if (!place_next(&v->groups.place, walked_set(v), group_index_order(index)))
        return NULL;
    const struct group *g = group_index_get(index, v->groups.place.id);
    const struct picture *p = group_at(g, v->version);
    *shown = p != NULL;
    return p ? p : g->current;
}

static bool is_shown(const struct store_view *v, const struct picture *p)
{
    if (!p->group || p->since > v->version) /* somebody's marker, or made later */
        return false;
    return (p->newer ? p->newer->since : p->group->deleted_at) > v->version;
}

static void place_marker(struct store_view *v, struct picture *behind)
{
    age_order_add_behind(&v->contents->ages, behind, v->groups.marker);
    v->groups.marked = true;
}

/* The same by age. */
static const struct picture *next_by_age(struct store_view *v, bool *shown)
{
    struct group_walk *walk = &v->groups;
    struct age_order *ages = &v->contents->ages;
    bool newest_first = walk->order == STORE_NEWEST_FIRST;

    if (!walk->marked)
        place_marker(v, newest_first ? ages->newest : NULL);
    struct picture *p = newest_first ? walk->marker->pushed_before : walk->marker->pushed_after;
    if (!p)
        return NULL;
    age_order_remove(ages, walk->marker);
    age_order_add_behind(ages, newest_first ? p->pushed_before : p, walk->marker);
    *shown = is_shown(v, p);
    return p;
}

/* A step is over after so many, if the place can be found again. */
static bool may_rest(struct store_view *v, const struct picture *p, unsigned skipped)
{
    if (skipped < SKIPPED_MAX)
        return false;
    return v->groups.order != STORE_BY_KEY || rest(v, group_encoded_key(p->group), p->group->id);
}

enum store_step store_view_step_group(struct store_view *v, struct store_group *out)
{
    bool by_key = v->groups.order == STORE_BY_KEY, shown;

    for (unsigned skipped = 0; !v->groups.place.ended;) {
        const struct picture *p = by_key ? next_by_key(v, &shown) : next_by_age(v, &shown);
        if (!p)
            break;
        if (shown && is_wanted(&v->groups, p)) {
            show_group(v, p, out);
            return STORE_STEP_SHOWN;
        }
        if (may_rest(v, p, ++skipped))
            return STORE_STEP_SKIPPED;
    }
    return STORE_STEP_END;
}

bool store_view_next_group(struct store_view *v, struct store_group *out)
{
    enum store_step step;
    do
        step = store_view_step_group(v, out);
    while (step == STORE_STEP_SKIPPED);
    return step == STORE_STEP_SHOWN;
}

/* --- Where to begin ------------------------------------------------------------------------------
 */

void store_view_order_groups(struct store_view *v, enum store_order order)
{
    v->groups.order = order;
}

void store_view_with_family(struct store_view *v, struct slice name)
{
    const struct family_entry *f = family_index_find(&v->contents->families, name);

    if (!f) {
        v->groups.place.ended = true;
    } else if (!view_is_made_up(f)) {
        v->groups.family = name;
        /* Without checks several families may have the name. */
        v->groups.entry = v->contents->unchecked ? NULL : f;
    }
}

bool store_view_seek_job(struct store_view *v, struct slice job, struct arena *scratch)
{
    struct slice encoded;
    return group_key_encode_job(job, scratch, &encoded) && rest(v, encoded, GROUP_ID_LAST);
}

static const struct picture *find_picture(const struct store_view *v,
                                          const struct prepared_key *key)
{
    const struct group *g = group_index_find_exact(&v->contents->groups, key);
    return g ? group_at(g, v->version) : NULL;
}

enum store_sought store_view_seek_group(struct store_view *v, struct group_key key,
                                        int64_t push_time_ns, struct arena *scratch)
{
    struct prepared_key prepared;
    struct error e;

    if (!group_key_prepare(&v->contents->groups, key, scratch, &prepared, &e))
        return e.code == ERROR_NO_MEMORY ? STORE_SOUGHT_FAILED : STORE_SOUGHT_LOST;
    if (v->groups.order == STORE_BY_KEY)
        return rest(v, prepared.encoded, GROUP_ID_LAST) ? STORE_SOUGHT_FOUND : STORE_SOUGHT_FAILED;
    const struct picture *p = find_picture(v, &prepared);
    if (!p || p->push_time_ns != push_time_ns)
        return STORE_SOUGHT_LOST;
    place_marker(v, v->groups.order == STORE_NEWEST_FIRST ? p->pushed_before
                                                          : (struct picture *)(uintptr_t)p);
    return STORE_SOUGHT_FOUND;
}

enum store_sought store_view_find_group(struct store_view *v, struct group_key key,
                                        struct arena *scratch, struct store_group *out)
{
    struct prepared_key prepared;
    struct error e;

    if (!group_key_prepare(&v->contents->groups, key, scratch, &prepared, &e))
        return e.code == ERROR_NO_MEMORY ? STORE_SOUGHT_FAILED : STORE_SOUGHT_LOST;
    const struct picture *p = find_picture(v, &prepared);
    if (!p)
        return STORE_SOUGHT_LOST;
    show_group(v, p, out);
    return STORE_SOUGHT_FOUND;
}

/* --- The families of a group ---------------------------------------------------------------------
 */

static void show_made_up_family(struct store_view *v, bool success, struct store_group_family *out)
{
    const struct family_entry *f = family_index_find(
        &v->contents->families, success ? push_time_name : push_failure_time_name);
    view_show_family(v, f, &out->family);
    view_make_up_block(v, v->picture, success, &out->block);
    int64_t set_ns = success ? v->picture->push_time_ns : v->picture->push_failure_time_ns;
    out->time_ns = set_ns != 0 ? set_ns : v->picture->group->created_ns;
}

/* The i-th block, counted without the made-up families. */
static const struct block *block_at(const struct store_view *v, size_t i)
{
    return v->picture->blocks[i - (i > v->failure_place) - (i > v->success_place)];
}

struct slice store_view_group_family_name(const struct store_view *v, size_t i)
{
    if (i == v->failure_place)
        return push_failure_time_name;
    return i == v->success_place ? push_time_name : block_name(block_at(v, i));
}

size_t store_view_group_family_place(const struct store_view *v, struct slice name)
{
    return (size_t)picture_place(v->picture, name) +
           (slice_compare(push_failure_time_name, name) < 0) +
           (slice_compare(push_time_name, name) < 0);
}

void store_view_group_family(struct store_view *v, size_t i, struct store_group_family *out)
{
    if (i == v->failure_place || i == v->success_place) {
        show_made_up_family(v, i == v->success_place, out);
        return;
    }
    const struct block *b = block_at(v, i);
    const struct description *d = b->description;
    out->family = (struct store_family){.name = block_name(b),
                                        .type = block_family(b)->type,
                                        .has_help = d->has_help,
                                        .help = description_help(d),
                                        .unit = description_unit(d)};
    view_show_block(b, &out->block);
    out->time_ns = b->time_ns;
}
