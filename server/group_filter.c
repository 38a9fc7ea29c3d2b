#include "group_filter.h"

static const struct slice job_name = SLICE_LITERAL("job");

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool group_filter_add_text(struct group_filter *f, struct slice text, struct arena *a,
                           struct error *e)
{
    struct group_text *added = arena_alloc(a, sizeof(*added));
    char *folded = arena_alloc(a, text.len);

    if (!added || !folded)
        return error_no_memory(e);
    for (size_t i = 0; i < text.len; i++)
        folded[i] = lower(text.p[i]);
    *added = (struct group_text){{folded, text.len}, f->texts};
    if (text.len > 0)
        f->texts = added;
    return true;
}

bool group_filter_add_selector(struct group_filter *f, struct slice text, struct arena *a,
                               struct error *e)
{
    struct group_selector *added = arena_alloc(a, sizeof(*added));

    if (!added)
        return error_no_memory(e);
    if (!label_selector_parse(text, a, &added->selector, e))
        return false;
    added->next = f->selectors;
    f->selectors = added;
    return true;
}

static const struct label_selector *only_selector(const struct group_filter *f)
{
    return f->selectors && !f->selectors->next ? &f->selectors->selector : NULL;
}

struct slice group_filter_metric(const struct group_filter *f)
{
    const struct label_selector *only = only_selector(f);
    if (f->metric.p || !only)
        return f->metric;
    return only->metric;
}

struct slice group_filter_job(const struct group_filter *f)
{
    const struct label_selector *only = only_selector(f);
    for (size_t i = 0; only && i < only->n_matchers; i++) {
        const struct label_matcher *m = &only->matchers[i];
        if (!m->differs && slice_equal(m->name, job_name))
            return m->value;
    }
    return (struct slice){0};
}

bool group_filter_is_empty(const struct group_filter *f)
{
    return !f->texts && !f->selectors && !f->metric.p && !f->failed;
}

/* --- Matching ------------------------------------------------------------------------------------
 */

static bool has_family(const struct store_view *v, const struct store_group *g, struct slice name)
{
    size_t place = store_view_group_family_place(v, name);
    return place < g->n_families && slice_equal(store_view_group_family_name(v, place), name);
}

static bool one_selector_fits(const struct group_filter *f, const struct store_view *v,
                              const struct store_group *g)
{
    const struct group_selector *s = f->selectors;
    while (s && !(label_selector_fits(&s->selector, g->key) &&
                  (!s->selector.metric.p || has_family(v, g, s->selector.metric))))
        s = s->next;
    return s || !f->selectors;
}

static bool holds(struct group_filter *f, struct slice text, struct slice part, size_t *work)
{
    if (f->folded.failed)
        return false;
    *work += text.len;
    buffer_clear(&f->folded);
    char *to = buffer_reserve(&f->folded, text.len);
    if (!to || text.len < part.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        to[i] = lower(text.p[i]);
    return memmem(to, text.len, part.p, part.len) != NULL;
}

static bool is_found(struct group_filter *f, const struct store_view *v,
                     const struct store_group *g, struct slice part, size_t *work)
{
    bool found = false;
    for (size_t i = 0; !found && i < g->key.n_labels; i++)
        found = holds(f, g->key.labels[i].name, part, work) ||
                holds(f, g->key.labels[i].value, part, work);
    for (size_t i = 0; !found && i < g->n_families; i++)
        found = holds(f, store_view_group_family_name(v, i), part, work);
    return found;
}

bool group_filter_passes(struct group_filter *f, const struct store_view *v,
                         const struct store_group *g, size_t *work)
{
    if (f->failed && !store_group_failed(g))
        return false;
    if (f->metric.p && !has_family(v, g, f->metric))
        return false;
    if (!one_selector_fits(f, v, g))
        return false;
    for (const struct group_text *t = f->texts; t; t = t->next)
        if (!is_found(f, v, g, t->text, work))
            return false;
    return true;
}

void group_filter_free(struct group_filter *f)
{
    buffer_free(&f->folded);
}
