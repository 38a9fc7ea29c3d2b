#include "push_check.h"

#include "block_builder.h"
#include "collision.h"
#include "go_quote.h"
#include "metric_wire.h"

#include <stdio.h>

static struct block *old_block(const struct push_check *check, struct slice name)
{
    return check->group ? picture_find(check->group->current, name) : NULL;
}

static const struct pushed_family *find_pushed(const struct push_check *check, struct slice name)
{
    size_t low = 0, high = check->n_families;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(check->families[middle].family->name, name);
        if (order == 0)
            return &check->families[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Whether the push takes away the family's last metrics, so that its type no longer counts. */
static bool dies_by_push(const struct push_check *check, const struct family_entry *f)
{
    if (f->kind != FAMILY_PUSHED || f->live != 1)
        return false;
    const struct block *old = old_block(check, family_entry_name(f));
    return old && block_family(old) == f &&
           (check->mode == STORE_REPLACE || find_pushed(check, family_entry_name(f)));
}

/* --- Types ---------------------------------------------------------------------------------------
 */

static bool decode_labels(struct slice encoded, struct arena *a, struct label **labels, size_t *n)
{
    struct slice rest = encoded;
    struct label label;

    for (*n = 0; metric_wire_next_label(&rest, &label);)
        ++*n;
    *labels = arena_alloc(a, *n * sizeof(**labels));
    if (!*labels)
        return false;
    for (size_t i = 0; i < *n; i++)
        metric_wire_next_label(&encoded, &(*labels)[i]);
    return true;
}

static void add_metric_fault(const struct push_check *check, struct faults *faults,
                             const struct family *family, const struct metric_wire *m,
                             const char *what)
{
    struct label *labels;
    size_t n;
    if (!decode_labels(m->labels, check->scratch, &labels, &n))
        n = 0; /* a shorter message is better than none */
    faults_add_metric(faults, family->name, labels, n, m->payload, "%s", what);
}

static void add_type_faults(const struct push_check *check, const struct pushed_family *p,
                            const struct family_entry *f, struct faults *faults)
{
    const char *wanted = metric_type_upper_name(f->type);
    if (f->kind != FAMILY_PUSHED) {
        faults_add(faults, "gathered metric family %.*s has type %s but should have %s",
                   SLICE_ARGS(p->family->name), metric_type_upper_name(p->family->type), wanted);
        return;
    }
    char what[64];
    snprintf(what, sizeof(what), "is not a %s", wanted);
    struct slice rest = block_metrics(p->block);
    struct metric_wire m;
    while (metric_wire_next(&rest, &m))
        add_metric_fault(check, faults, p->family, &m, what);
}

/* Returns false when another group or the server itself holds the name with another type. Only an
 * unchecked store may then give birth to a second family of the name. */
static bool find_entry(const struct push_check *check, struct pushed_family *p,
                       const struct block *old, struct faults *faults)
{
    struct slice name = p->family->name;
    enum metric_type type = p->family->type;
    struct family_entry *f;

    if (old && block_family(old)->type == type)
        p->entry = block_family(old);
    else
        p->entry = family_index_find_typed(&check->contents->families, name, type);
    if (p->entry)
        return true;
    f = family_index_find(&check->contents->families, name);
    if (!f || dies_by_push(check, f))
        return true;
    add_type_faults(check, p, f, faults);
    return false;
}

/* --- Names ---------------------------------------------------------------------------------------
 */

/* The type that a name will have beside the pushed family; -1 if the name will not be. */
static int type_after_push(const struct push_check *check, struct slice name)
{
    const struct pushed_family *pushed = find_pushed(check, name);
    if (pushed)
        return (int)pushed->family->type;
    const struct family_entry *f = family_index_find(&check->contents->families, name);
    return f && !dies_by_push(check, f) ? (int)f->type : -1;
}

static void add_collision_fault(struct faults *faults, const struct family *family,
                                const struct collision *collision, int type)
{
    struct buffer name = {0}, other = {0};
    go_quote(&name, family->name);
    go_quote(&other, collision->name);
    if (collision->is_part_of_other)
        faults_add(faults,
                   "collected metric named %.*s collides with previously collected %s named %.*s",
                   (int)name.len, name.p, metric_type_name((enum metric_type)type), (int)other.len,
                   other.p);
    else
        faults_add(
            faults, "collected %s named %.*s collides with previously collected metric named %.*s",
            slice_has_suffix(collision->name, SLICE_LITERAL("_bucket")) ? "histogram"
                                                                        : "histogram or summary",
            (int)name.len, name.p, (int)other.len, other.p);
    buffer_free(&name);
    buffer_free(&other);
}

/* A family that is there already cannot collide: it did not when it was born, nor did any since. */
static void check_collisions(const struct push_check *check, const struct pushed_family *p,
                             struct faults *faults)
{
    struct slice name = p->family->name;
    char *room = arena_alloc(check->scratch, name.len + COLLISION_SUFFIX_MAX);
    if (!room)
        return; /* taking the block in will fail for want of memory as well */
    for (unsigned i = 0; i < COLLISIONS_MAX; i++) {
        struct collision collision;
        if (!collision_get(name, p->family->type, i, room, &collision))
            continue;
        int type = type_after_push(check, collision.name);
        if (type >= 0 && collision.types & 1u << type) {
            add_collision_fault(faults, p->family, &collision, type);
            return;
        }
    }
}

/* --- Series --------------------------------------------------------------------------------------
 */

static bool same_series(const struct block *old, const struct block *fresh)
{
    struct slice rest_old = block_metrics(old), rest_fresh = block_metrics(fresh);
    struct metric_wire m_old, m_fresh;

    if (old->n_metrics != fresh->n_metrics)
        return false;
    while (metric_wire_next(&rest_old, &m_old)) {
        if (!metric_wire_next(&rest_fresh, &m_fresh) || !slice_equal(m_old.labels, m_fresh.labels))
            return false;
    }
    return true;
}

/* Looks up the series that the group has not had so far. */
static void check_series(const struct push_check *check, const struct pushed_family *p,
                         const struct block *old, struct faults *faults)
{
    struct slice rest = block_metrics(p->block);
    struct slice rest_old = old ? block_metrics(old) : SLICE_LITERAL("");
    struct metric_wire m, m_old;
    uint32_t group = check->group ? check->group->id : UINT32_MAX;
    bool more_old = metric_wire_next(&rest_old, &m_old);

    while (metric_wire_next(&rest, &m)) {
        int order = 1;
        while (more_old && (order = block_compare_labels(m_old.labels, m.labels)) < 0)
            more_old = metric_wire_next(&rest_old, &m_old);
        if (more_old && order == 0)
            continue;
        if (series_index_count(&check->contents->series, &check->contents->groups, p->entry,
                               m.labels, group) > 0)
            add_metric_fault(check, faults, p->family, &m,
                             "was collected before with the same name and label values");
    }
}

void push_check_run(const struct push_check *check, struct faults *faults)
{
    for (size_t i = 0; i < check->n_families; i++) {
        struct pushed_family *p = &check->families[i];
        const struct block *old = old_block(check, p->family->name);
        if (!find_entry(check, p, old, faults))
            continue;
        if (!p->entry) {
            check_collisions(check, p, faults);
            continue;
        }
        if (old && block_family(old) != p->entry)
            old = NULL;
        p->block->same_series = old && same_series(old, p->block);
        if (!p->block->same_series)
            check_series(check, p, old, faults);
    }
}
