#include "notation.h"

#include "model.h"
#include "require.h"

static void *take(struct arena *a, size_t size)
{
    void *p = arena_zalloc(a, size);
    REQUIRE(p);
    return p;
}

/* Cuts the part before `end` off *rest; all of it if there is no `end`. */
static struct slice cut(struct slice *rest, char end)
{
    const char *at = rest->len > 0 ? memchr(rest->p, end, rest->len) : NULL;
    struct slice part = *rest;
    if (at) {
        part.len = (size_t)(at - rest->p);
        *rest = (struct slice){at + 1, rest->len - part.len - 1};
    } else {
        *rest = (struct slice){NULL, 0};
    }
    return part;
}

static struct slice cut_word(struct slice *rest)
{
    struct slice word = {0};
    while (rest->len > 0 && word.len == 0)
        word = cut(rest, ' ');
    return word;
}

static struct label *read_labels(struct slice text, struct arena *a, size_t *n)
{
    struct label *labels = take(a, (text.len + 1) * sizeof(*labels));
    for (*n = 0; text.len > 0; ++*n) {
        struct slice value = cut(&text, ',');
        labels[*n].name = cut(&value, '=');
        labels[*n].value = value;
    }
    return labels;
}

struct group_key notation_key(const char *text, struct arena *a)
{
    struct group_key key;
    key.labels = read_labels(slice_of(text), a, &key.n_labels);
    return key;
}

static enum metric_type read_type(struct slice name)
{
    for (unsigned type = 0; type < METRIC_TYPES; type++)
        if (slice_equal(name, slice_of(metric_type_name(type))))
            return type;
    ck_abort_msg("type %.*s", SLICE_ARGS(name));
}

static struct family *find_or_add(struct family_list *list, struct slice name, struct arena *a)
{
    enum { METRICS_MAX = 16 };
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->families[i].name, name))
            return &list->families[i];
    struct family *f = &list->families[list->count++];
    f->name = name;
    f->metrics = take(a, METRICS_MAX * sizeof(*f->metrics));
    return f;
}

static void read_metric(struct slice text, struct family_list *list, struct arena *a)
{
    struct slice name = cut_word(&text), type = cut_word(&text), word;
    struct family *f = find_or_add(list, name, a);
    struct metric m = {.payload.p = take(a, MODEL_PAYLOAD)};

    f->type = read_type(type);
    m.payload.len = model_payload(f->type, 1, (char *)m.payload.p);
    while ((word = cut_word(&text)).len > 0) {
        if (*word.p == '-')
            return;
        if (*word.p == '@') {
            m.has_timestamp = true;
        } else if (*word.p == '?') {
            f->has_help = true;
            f->help = (struct slice){word.p + 1, word.len - 1};
        } else {
            m.labels = read_labels(word, a, &m.n_labels);
        }
    }
    f->metrics[f->n_metrics++] = m;
}

struct family_list notation_body(const char *text, struct arena *a)
{
    struct slice rest = slice_of(text);
    struct family_list list = {take(a, (rest.len + 1) * sizeof(struct family)), 0};
    while (rest.len > 0)
        read_metric(cut(&rest, ';'), &list, a);
    return list;
}
