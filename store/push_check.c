#include "push_check.h"

#include "block_builder.h"
#include "collision.h"
#include "go_quote.h"
#include "metric_wire.h"

#include <stdio.h>

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
    const struct block *old =
        check->group ? picture_find(check->group->current, family_entry_name(f)) : NULL;
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

/* Finds what the family joins. Where another group or the server itself holds the name with another
 * type, only an unchecked store may give birth to a second family of the name. */
static void find_entry(const struct push_check *check, struct pushed_family *p,
                       struct faults *faults)
{
    struct slice name = p->family->name;
    enum metric_type type = p->family->type;
    struct family_entry *f;

    if (p->old && block_family(p->old)->type == type)
        p->entry = block_family(p->old);
    else
        p->entry = family_index_find_typed(&check->contents->families, name, type);
    if (p->entry)
        return;
    f = family_index_find(&check->contents->families, name);
    if (!f || dies_by_push(check, f))
        return;
    if (f->kind == FAMILY_PUSHED) {
        p->verdict = PUSH_MISTYPED;
        return;
    }
    p->verdict = PUSH_COLLIDES;
    faults_add(faults, "gathered metric family %.*s has type %s but should have %s",
               SLICE_ARGS(name), metric_type_upper_name(type), metric_type_upper_name(f->type));
}

static void add_type_faults(const struct push_check *check, const struct pushed_family *p,
                            struct faults *faults)
{
    const struct family_entry *f = family_index_find(&check->contents->families, p->family->name);
    struct slice rest = block_metrics(p->block);
    struct metric_wire m;
    char what[64];

    snprintf(what, sizeof(what), "is not a %s", metric_type_upper_name(f->type));
    while (metric_wire_next(&rest, &m))
        add_metric_fault(check, faults, p->family, &m, what);
}

/* --- Names ---------------------------------------------------------------------------------------
 */

/* The type of a name beside which `p` would stand; -1 if there is none. Of two new families of one
 * push that collide, the later one is at fault. */
static int type_beside(const struct push_check *check, const struct pushed_family *p,
                       struct slice name)
{
    const struct pushed_family *other = find_pushed(check, name);
    if (other && (other->entry || (other < p && other->verdict == PUSH_FINE)))
        return (int)other->family->type;
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

/* For families to be born: one that is there already did not collide when it was born, nor did any
 * since. */
static void check_collisions(const struct push_check *check, struct pushed_family *p, char *room,
                             struct faults *faults)
{
    for (unsigned i = 0; i < COLLISIONS_MAX; i++) {
        struct collision collision;
        if (!collision_get(p->family->name, p->family->type, i, room, &collision))
            continue;
        int type = type_beside(check, p, collision.name);
        if (type >= 0 && collision.types & 1u << type) {
            add_collision_fault(faults, p->family, &collision, type);
            p->verdict = PUSH_COLLIDES;
            return;
        }
    }
}

bool push_check_families(const struct push_check *check, struct faults *faults)
{
    size_t longest = 0;
    for (size_t i = 0; i < check->n_families; i++) {
        find_entry(check, &check->families[i], faults);
        if (longest < check->families[i].family->name.len)
            longest = check->families[i].family->name.len;
    }
    char *room = arena_alloc(check->scratch, longest + COLLISION_SUFFIX_MAX);
    if (!room)
        return false;
    for (size_t i = 0; i < check->n_families; i++)
        if (!check->families[i].entry && check->families[i].verdict == PUSH_FINE)
            check_collisions(check, &check->families[i], room, faults);
    return true;
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

/* Looks up the series that the group has not had so far. A series that the push has twice is at
 * fault for that already. */
static void check_series(const struct push_check *check, const struct pushed_family *p,
                         const struct block *old, struct faults *faults)
{
    struct slice rest = block_metrics(p->block);
    struct slice rest_old = old ? block_metrics(old) : SLICE_LITERAL("");
    struct slice previous = {0};
    struct metric_wire m, m_old;
    uint32_t group = check->group ? check->group->id : UINT32_MAX;
    bool more_old = metric_wire_next(&rest_old, &m_old);

    for (; metric_wire_next(&rest, &m); previous = m.labels) {
        int order = 1;
        while (more_old && (order = block_compare_labels(m_old.labels, m.labels)) < 0)
            more_old = metric_wire_next(&rest_old, &m_old);
        if ((more_old && order == 0) || slice_equal(m.labels, previous))
            continue;
        if (series_index_count(&check->contents->series, &check->contents->groups, p->entry,
                               m.labels, group) > 0)
            add_metric_fault(check, faults, p->family, &m,
                             "was collected before with the same name and label values");
    }
}

void push_check_metrics(const struct push_check *check, struct faults *faults)
{
    for (size_t i = 0; i < check->n_families; i++) {
        struct pushed_family *p = &check->families[i];
        if (p->verdict == PUSH_MISTYPED)
            add_type_faults(check, p, faults);
        if (!p->entry)
            continue;
        const struct block *old = p->old && block_family(p->old) == p->entry ? p->old : NULL;
        p->block->same_series = old && same_series(old, p->block);
        if (!p->block->same_series)
            check_series(check, p, old, faults);
    }
}
