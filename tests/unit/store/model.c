#include "model.h"

#include "dump.h"
#include "require.h"

#include <stdlib.h>
#include <string.h>

/* --- Labels --------------------------------------------------------------------------------------
 */

static const char *get_label(const struct model_label *labels, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(labels[i].name, name) == 0)
            return labels[i].value;
    return NULL;
}

/* Stable, so that doubled names stay as they came. */
static void sort_labels(struct model_label *labels, int n)
{
    for (int i = 1; i < n; i++) {
        for (int k = i; k > 0 && strcmp(labels[k - 1].name, labels[k].name) > 0; k--) {
            struct model_label swapped = labels[k];
            labels[k] = labels[k - 1];
            labels[k - 1] = swapped;
        }
    }
}

static int complete_key(const struct model_group *g, struct model_label *out)
{
    int n = g->n_key;
    memcpy(out, g->key, (size_t)n * sizeof(*out));
    if (!get_label(out, n, "instance"))
        out[n++] = (struct model_label){"instance", ""};
    sort_labels(out, n);
    return n;
}

static void finish_labels(const struct model_group *g, struct model_metric *m)
{
    for (int i = 0; i < m->n_labels; i++) {
        const char *forced = get_label(g->key, g->n_key, m->labels[i].name);
        if (forced)
            m->labels[i].value = forced;
    }
    for (int i = 0; i < g->n_key; i++)
        if (!get_label(m->labels, m->n_labels, g->key[i].name))
            m->labels[m->n_labels++] = g->key[i];
    if (!get_label(m->labels, m->n_labels, "instance"))
        m->labels[m->n_labels++] = (struct model_label){"instance", ""};
    sort_labels(m->labels, m->n_labels);
}

static int compare_metrics(const void *a, const void *b)
{
    const struct model_metric *ma = a, *mb = b;
    if (ma->n_labels != mb->n_labels)
        return ma->n_labels - mb->n_labels;
    for (int i = 0; i < ma->n_labels; i++) {
        int order = strcmp(ma->labels[i].value, mb->labels[i].value);
        if (order != 0)
            return order;
    }
    for (int i = 0; i < ma->n_labels; i++) {
        int order = strcmp(ma->labels[i].name, mb->labels[i].name);
        if (order != 0)
            return order;
    }
    return 0;
}

/* --- Groups --------------------------------------------------------------------------------------
 */

/* By job, then by the other labels one after the other, an absent instance counting as empty. */
static int compare_groups(const struct model_group *a, const struct model_group *b)
{
    struct model_label la[MODEL_LABELS], lb[MODEL_LABELS];
    int na = complete_key(a, la), nb = complete_key(b, lb);
    int order = strcmp(get_label(la, na, "job"), get_label(lb, nb, "job"));

    for (int i = 0, k = 0; order == 0; i++, k++) {
        i += i < na && strcmp(la[i].name, "job") == 0;
        k += k < nb && strcmp(lb[k].name, "job") == 0;
        if (i >= na || k >= nb)
            return (i < na) - (k < nb);
        order = strcmp(la[i].name, lb[k].name);
        if (order == 0)
            order = strcmp(la[i].value, lb[k].value);
    }
    return order;
}

static bool same_key(const struct model_group *g, const struct model_label *key, int n)
{
    if (g->n_key != n)
        return false;
    for (int i = 0; i < n; i++) {
        const char *value = get_label(g->key, g->n_key, key[i].name);
        if (!value || strcmp(value, key[i].value) != 0)
            return false;
    }
    return true;
}

static int find_group(const struct model *m, const struct model_label *key, int n)
{
    for (int i = 0; i < m->n_groups; i++)
        if (same_key(&m->groups[i], key, n))
            return i;
    return -1;
}

static int add_group(struct model *m, const struct model_label *key, int n, int64_t now)
{
    struct model_group g = {.n_key = n, .created = now};
    memcpy(g.key, key, (size_t)n * sizeof(*key));
    sort_labels(g.key, n);
    int at = 0;
    while (at < m->n_groups && compare_groups(&m->groups[at], &g) < 0)
        at++;
    memmove(&m->groups[at + 1], &m->groups[at], (size_t)(m->n_groups - at) * sizeof(g));
    m->groups[at] = g;
    m->n_groups++;
    return at;
}

static void remove_group(struct model *m, int at)
{
    m->n_groups--;
    memmove(&m->groups[at], &m->groups[at + 1], (size_t)(m->n_groups - at) * sizeof(m->groups[0]));
}

/* --- Consistency ---------------------------------------------------------------------------------
 */

static bool has_suffix(const char *name, const char *owner, const char *suffix)
{
    size_t n = strlen(owner);
    return strncmp(name, owner, n) == 0 && strcmp(name + n, suffix) == 0;
}

static bool collide(const char *owner, enum metric_type type, const char *name)
{
    bool summary = type == METRIC_SUMMARY,
         histogram = type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM;
    return ((summary || histogram) &&
            (has_suffix(name, owner, "_count") || has_suffix(name, owner, "_sum"))) ||
           (histogram && has_suffix(name, owner, "_bucket"));
}

static bool names_agree(const char *a, enum metric_type type_a, const char *b,
                        enum metric_type type_b)
{
    if (strcmp(a, b) == 0)
        return type_a == type_b;
    return !collide(a, type_a, b) && !collide(b, type_b, a);
}

static bool labels_are_good(const struct model_family *f, const struct model_metric *metric)
{
    for (int i = 0; i < metric->n_labels; i++) {
        const char *name = metric->labels[i].name;
        if (i > 0 && strcmp(metric->labels[i - 1].name, name) == 0)
            return false;
        if (name[0] == '\0' || strncmp(name, "__", 2) == 0 || strchr(name, '\xff'))
            return false;
        if (f->type == METRIC_SUMMARY && strcmp(name, "quantile") == 0)
            return false;
        if ((f->type == METRIC_HISTOGRAM || f->type == METRIC_GAUGE_HISTOGRAM) &&
            strcmp(name, "le") == 0)
            return false;
        if (strchr(metric->labels[i].value, '\xff'))
            return false;
    }
    return true;
}

static bool families_agree(const struct model_family *a, const struct model_family *b)
{
    if (!names_agree(a->name, a->type, b->name, b->type))
        return false;
    if (strcmp(a->name, b->name) != 0)
        return true;
    for (int i = 0; i < a->n_metrics; i++)
        for (int k = 0; k < b->n_metrics; k++)
            if ((a != b || i < k) && compare_metrics(&a->metrics[i], &b->metrics[k]) == 0)
                return false;
    return true;
}

static bool family_is_good(const struct model *m, const struct model_family *f)
{
    for (int i = 0; i < m->n_own; i++)
        if (!names_agree(m->own[i].name, m->own[i].type, f->name, f->type))
            return false;
    for (int i = 0; i < f->n_metrics; i++)
        if (!labels_are_good(f, &f->metrics[i]))
            return false;
    for (int g = 0; g < m->n_groups; g++)
        for (int i = 0; i < m->groups[g].n_families; i++)
            if (!families_agree(f, &m->groups[g].families[i]))
                return false;
    return true;
}

bool model_is_consistent(const struct model *m)
{
    for (int g = 0; g < m->n_groups; g++) {
        if (g > 0 && compare_groups(&m->groups[g - 1], &m->groups[g]) == 0)
            return false; /* both would have push_time_seconds{...,instance=""} */
        for (int i = 0; i < m->groups[g].n_families; i++)
            if (!family_is_good(m, &m->groups[g].families[i]))
                return false;
    }
    return true;
}

/* --- A push --------------------------------------------------------------------------------------
 */

static bool is_made_up(const char *name)
{
    return strcmp(name, "push_time_seconds") == 0 || strcmp(name, "push_failure_time_seconds") == 0;
}

static void put_family(struct model_group *g, const struct model_family *pushed, int64_t now)
{
    int at = 0;
    while (at < g->n_families && strcmp(g->families[at].name, pushed->name) < 0)
        at++;
    if (at == g->n_families || strcmp(g->families[at].name, pushed->name) != 0) {
        memmove(&g->families[at + 1], &g->families[at],
                (size_t)(g->n_families - at) * sizeof(*pushed));
        g->n_families++;
    }
    struct model_family *f = &g->families[at];
    *f = *pushed;
    f->time = now;
    for (int i = 0; i < f->n_metrics; i++)
        finish_labels(g, &f->metrics[i]);
    qsort(f->metrics, (size_t)f->n_metrics, sizeof(f->metrics[0]), compare_metrics);
}

static bool has_timestamp(const struct model_family *families, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < families[i].n_metrics; k++)
            if (families[i].metrics[k].has_timestamp)
                return true;
    return false;
}

static bool key_is_utf8(const struct model_label *key, int n)
{
    for (int i = 0; i < n; i++)
        if (strchr(key[i].name, '\xff') || strchr(key[i].value, '\xff'))
            return false;
    return true;
}

/* Figures that limits are about: of everything, and of one group. */
struct size {
    size_t groups, series, group_series;
};

static struct size size_with(const struct model *m, const struct model_group *g)
{
    struct model_statistics s = model_statistics(m);
    struct size size = {.groups = s.groups, .series = s.series, .group_series = 2};
    for (int i = 0; i < g->n_families; i++)
        size.group_series += (size_t)g->families[i].n_metrics;
    return size;
}

static bool exceeds(size_t limit, size_t before, size_t after)
{
    return limit > 0 && after > limit && after > before;
}

static bool has_grown_too_far(const struct model *m, struct size before,
                              const struct model_group *g)
{
    struct size after = size_with(m, g);
    return exceeds(m->groups_max, before.groups, after.groups) ||
           exceeds(m->series_max, before.series, after.series) ||
           exceeds(m->group_series_max, before.group_series, after.group_series);
}

/* Sets the failure time, or takes the group away that was made for the push. */
static enum model_outcome refuse(struct model *m, int at, bool remove, int64_t now)
{
    if (remove) {
        remove_group(m, at);
        return MODEL_UNTOUCHED;
    }
    m->groups[at].failure = now;
    return MODEL_REFUSED;
}

enum model_outcome model_push(struct model *m, const struct model_label *key, int n_key,
                              const struct model_family *families, int n_families, bool replace,
                              int64_t now)
{
    if (!key_is_utf8(key, n_key))
        return MODEL_UNTOUCHED;
    int at = find_group(m, key, n_key);
    bool fresh = at < 0;
    struct size size = {0};
    if (!fresh) {
        size = size_with(m, &m->groups[at]);
    } else {
        struct model_statistics s = model_statistics(m);
        size = (struct size){.groups = s.groups, .series = s.series};
        at = add_group(m, key, n_key, now);
    }
    struct model_group *g = &m->groups[at];
    static struct model_group before;
    before = *g;

    if (fresh && !m->unchecked)
        for (int i = 0; i < m->n_groups; i++)
            if (i != at && compare_groups(&m->groups[i], g) == 0) {
                remove_group(m, at);
                return MODEL_UNTOUCHED;
            }
    if (has_timestamp(families, n_families))
        return refuse(m, at, fresh && has_grown_too_far(m, size, g), now);
    if (replace)
        g->n_families = 0;
    for (int i = 0; i < n_families; i++)
        if (families[i].n_metrics > 0 && !is_made_up(families[i].name))
            put_family(g, &families[i], now);
    if (!m->unchecked && !model_is_consistent(m)) {
        *g = before;
        return refuse(m, at, fresh && has_grown_too_far(m, size, g), now);
    }
    if (has_grown_too_far(m, size, g)) {
        *g = before;
        return refuse(m, at, fresh, now);
    }
    g->success = now;
    return MODEL_APPLIED;
}

bool model_delete(struct model *m, const struct model_label *key, int n_key)
{
    int at = find_group(m, key, n_key);
    if (at >= 0)
        remove_group(m, at);
    return at >= 0;
}

/* --- What is shown -------------------------------------------------------------------------------
 */

/* Something that stands once for each family name and type, made-up ones included. */
struct listed {
    const char *name;
    enum metric_type type;
};

enum { LISTED_MAX = MODEL_GROUPS * MODEL_FAMILIES };

static void list_one(struct listed *list, int *n, const char *name, enum metric_type type)
{
    int at = 0;
    for (; at < *n; at++) {
        int order = strcmp(list[at].name, name);
        if (order == 0 && list[at].type == type)
            return;
        if (order > 0)
            break;
    }
    memmove(&list[at + 1], &list[at], (size_t)(*n - at) * sizeof(*list));
    list[at] = (struct listed){name, type};
    ++*n;
}

static int list_families(const struct model *m, struct listed *list)
{
    int n = 0;
    for (int g = 0; g < m->n_groups; g++) {
        list_one(list, &n, "push_failure_time_seconds", METRIC_GAUGE);
        list_one(list, &n, "push_time_seconds", METRIC_GAUGE);
        for (int i = 0; i < m->groups[g].n_families; i++)
            list_one(list, &n, m->groups[g].families[i].name, m->groups[g].families[i].type);
    }
    return n;
}

struct model_statistics model_statistics(const struct model *m)
{
    static struct listed list[LISTED_MAX];
    struct model_statistics s = {.groups = (size_t)m->n_groups,
                                 .families = (size_t)list_families(m, list)};
    for (int g = 0; g < m->n_groups; g++) {
        s.series += 2;
        for (int i = 0; i < m->groups[g].n_families; i++)
            s.series += (size_t)m->groups[g].families[i].n_metrics;
    }
    return s;
}

size_t model_payload(enum metric_type type, double value, char *to)
{
    static const char fields[] = {
        [METRIC_GAUGE] = 2,   [METRIC_COUNTER] = 3,   [METRIC_SUMMARY] = 4,
        [METRIC_UNTYPED] = 5, [METRIC_HISTOGRAM] = 7, [METRIC_GAUGE_HISTOGRAM] = 7,
    };
    *to++ = (char)(fields[type] << 3 | 2);
    if (type == METRIC_COUNTER || type == METRIC_GAUGE || type == METRIC_UNTYPED) {
        *to++ = 9;
        *to++ = 1 << 3 | 1; /* value, a double */
        memcpy(to, &value, sizeof(value));
        return 11;
    }
    *to++ = 2;
    *to++ = 1 << 3 | 0; /* sample_count */
    *to++ = (char)value;
    return 4;
}

static bool is_legacy(const struct model_label *labels, int n)
{
    for (int i = 0; i < n; i++)
        if (strpbrk(labels[i].name, ".-"))
            return false;
    return true;
}

static void dump_metric(struct buffer *out, const struct model_label *labels, int n,
                        enum metric_type type, double value)
{
    struct label slices[MODEL_LABELS];
    char payload[MODEL_PAYLOAD];
    for (int i = 0; i < n; i++)
        slices[i] = (struct label){slice_of(labels[i].name), slice_of(labels[i].value)};
    dump_metric_line(out, slices, (size_t)n,
                     (struct slice){payload, model_payload(type, value, payload)});
}

static void dump_family_block(struct buffer *out, const struct model_family *f)
{
    bool legacy = true;
    for (int i = 0; i < f->n_metrics; i++)
        legacy = legacy && is_legacy(f->metrics[i].labels, f->metrics[i].n_labels);
    dump_block_line(out, (size_t)f->n_metrics, legacy);
    for (int i = 0; i < f->n_metrics; i++)
        dump_metric(out, f->metrics[i].labels, f->metrics[i].n_labels, f->type,
                    f->metrics[i].value);
}

static void dump_made_up_block(struct buffer *out, const struct model_group *g, bool success)
{
    struct model_label labels[MODEL_LABELS];
    int n = complete_key(g, labels);
    dump_block_line(out, 1, is_legacy(labels, n));
    dump_metric(out, labels, n, METRIC_GAUGE, (double)(success ? g->success : g->failure) / 1e9);
}

static void dump_name(struct buffer *out, const char *name, enum metric_type type, const char *help,
                      const char *unit)
{
    dump_family_line(out, slice_of(name), type, help != NULL, slice_of(help ? help : ""),
                     slice_of(unit));
}

static const char *help_of_made_up(bool success)
{
    return success ? "Last Unix time when changing this group in the Pushgateway succeeded."
                   : "Last Unix time when changing this group in the Pushgateway failed.";
}

/* A help before none, then by text; then by unit. */
static bool is_before(const struct model_family *a, const struct model_family *b)
{
    if (!a->help != !b->help)
        return a->help != NULL;
    int order = a->help ? strcmp(a->help, b->help) : 0;
    return order < 0 || (order == 0 && strcmp(a->unit, b->unit) < 0);
}

static const struct model_family *find_family(const struct model_group *g, const struct listed *l)
{
    for (int i = 0; i < g->n_families; i++)
        if (strcmp(g->families[i].name, l->name) == 0 && g->families[i].type == l->type)
            return &g->families[i];
    return NULL;
}

static void dump_listed(const struct model *m, const struct listed *l, struct buffer *out)
{
    const struct model_family *shown = NULL;
    bool success = strcmp(l->name, "push_time_seconds") == 0;

    if (is_made_up(l->name)) {
        dump_name(out, l->name, l->type, help_of_made_up(success), "");
        for (int g = 0; g < m->n_groups; g++)
            dump_made_up_block(out, &m->groups[g], success);
        return;
    }
    for (int g = 0; g < m->n_groups; g++) {
        const struct model_family *f = find_family(&m->groups[g], l);
        if (f && (!shown || is_before(f, shown)))
            shown = f;
    }
    REQUIRE(shown);
    const char *help = shown->help;
    for (int i = 0; i < m->n_own; i++)
        if (strcmp(m->own[i].name, l->name) == 0)
            help = m->own[i].help;
    dump_name(out, l->name, l->type, help, shown->unit);
    for (int g = 0; g < m->n_groups; g++) {
        const struct model_family *f = find_family(&m->groups[g], l);
        if (f)
            dump_family_block(out, f);
    }
}

void model_dump_families(const struct model *m, struct buffer *out)
{
    static struct listed list[LISTED_MAX];
    int n = list_families(m, list);
    for (int i = 0; i < n; i++)
        dump_listed(m, &list[i], out);
    buffer_byte(out, '\0');
    out->len--;
}

static void dump_made_up_family(const struct model_group *g, bool success, struct buffer *out)
{
    int64_t time = success ? g->success : g->failure;
    buffer_printf(out, " at %lld ", (long long)(time != 0 ? time : g->created));
    dump_name(out, success ? "push_time_seconds" : "push_failure_time_seconds", METRIC_GAUGE,
              help_of_made_up(success), "");
    dump_made_up_block(out, g, success);
}

static void dump_group_and_families(const struct model_group *g, struct buffer *out)
{
    struct label key[MODEL_LABELS];
    int told = 0;
    for (int i = 0; i < g->n_key; i++)
        key[i] = (struct label){slice_of(g->key[i].name), slice_of(g->key[i].value)};
    dump_group_line(out, key, (size_t)g->n_key, g->created, g->success, g->failure,
                    (size_t)g->n_families + 2);
    for (int i = 0; i <= g->n_families; i++) {
        const struct model_family *f = &g->families[i];
        bool end = i == g->n_families;
        if (told == 0 && (end || strcmp(f->name, "push_failure_time_seconds") > 0))
            told++, dump_made_up_family(g, false, out);
        if (told == 1 && (end || strcmp(f->name, "push_time_seconds") > 0))
            told++, dump_made_up_family(g, true, out);
        if (end)
            break;
        buffer_printf(out, " at %lld ", (long long)f->time);
        dump_name(out, f->name, f->type, f->help, f->unit);
        dump_family_block(out, f);
    }
}

void model_dump_groups(const struct model *m, struct buffer *out)
{
    for (int g = 0; g < m->n_groups; g++)
        dump_group_and_families(&m->groups[g], out);
    buffer_byte(out, '\0');
    out->len--;
}
