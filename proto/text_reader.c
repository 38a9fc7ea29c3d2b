/* One line after the other, each from left to right, as the published parser does: of several
 * errors the same one is found first. What it accepts by accident is accepted too, but for lines
 * that have no metric name at all ("{} 1"), which it adds to the metric of the line before. */
#include "text_reader.h"

#include "metric_value.h"
#include "names.h"
#include "number.h"
#include "text_assembly.h"
#include "text_families.h"
#include "text_lexer.h"
#include "text_type.h"
#include "utf8.h"

#include <math.h>
#include <stdlib.h>

enum { NESTED_LOOP_MAX = 16 }; /* above, label names are sorted to find one that is doubled */

struct reader {
    struct text_lexer lexer;
    bool utf8_names;
    struct text_families families;
    struct text_assembly assembly;

    /* What the last name stands for; NULL before the first. */
    const struct text_name *name;

    /* Of the current line. */
    bool name_in_braces; /* the line began with '{' ... */
    bool name_seen;      /* ... and the name has come */
    const char *list;    /* its '{' */
    struct label *labels;
    size_t n_labels, labels_capacity;
    double bound; /* quantile or le; NaN if there is none */
};

/* The label that says which quantile or bucket a line is of; empty if the family has none such, or
 * if the line's family is not known yet. */
static struct slice bound_label(const struct reader *r)
{
    if (!r->name || (r->name_in_braces && !r->name_seen) || !r->name->family->has_type)
        return (struct slice){"", 0};
    switch (r->name->family->family.type) {
    case METRIC_SUMMARY:
        return SLICE_LITERAL("quantile");
    case METRIC_HISTOGRAM:
    case METRIC_GAUGE_HISTOGRAM:
        return SLICE_LITERAL("le");
    default:
        return (struct slice){"", 0};
    }
}

static const char *quoted_family(struct reader *r)
{
    struct slice name = {"", 0};
    if (r->name)
        name = r->name->family->family.name;
    return text_lexer_quoted(&r->lexer, name);
}

/* --- Names ------------------------------------------------------------------------------------ */

static bool is_metric_name(const struct reader *r, struct slice name)
{
    if (r->utf8_names)
        return names_is_name(name);
    return names_is_legacy_metric(name);
}

static bool is_label_name(const struct reader *r, struct slice name)
{
    if (r->utf8_names)
        return names_is_name(name);
    return names_is_legacy_label(name);
}

static bool enter_family(struct reader *r, struct slice name)
{
    const struct text_name *known = text_families_find(&r->families, name);
    if (!known) {
        if (!is_metric_name(r, name))
            return text_lexer_fail(&r->lexer, "invalid metric name %s",
                                   text_lexer_quoted(&r->lexer, name));
        known = text_families_add(&r->families, name);
        if (!known)
            return error_no_memory(r->lexer.error);
    }
    r->name = known;
    return true;
}

/* Enters the family of a sample, which has a type from now on. */
static bool enter_sample(struct reader *r, struct slice name)
{
    if (!enter_family(r, name))
        return false;
    struct text_family *family = r->name->family;
    if (!family->has_type) {
        family->has_type = true;
        family->family.type = METRIC_UNTYPED;
    }
    return true;
}

/* --- Comments --------------------------------------------------------------------------------- */

static bool read_help(struct reader *r)
{
    struct family *family = &r->name->family->family;
    if (family->has_help)
        return text_lexer_fail(&r->lexer, "second HELP line for metric name %s", quoted_family(r));
    if (!text_lexer_take_escaped_rest(&r->lexer, &family->help))
        return false;
    /* The original keeps what is not UTF-8, and every Prometheus refuses the scrape over it. */
    if (!utf8_repair(&family->help, r->lexer.arena))
        return error_no_memory(r->lexer.error);
    family->has_help = true;
    return text_lexer_take_newline(&r->lexer);
}

static bool read_type(struct reader *r)
{
    struct text_family *family = r->name->family;
    struct slice text;
    if (family->has_type)
        return text_lexer_fail(
            &r->lexer, "second TYPE line for metric name %s, or TYPE reported after samples",
            quoted_family(r));
    if (!text_lexer_take_plain_rest(&r->lexer, &text))
        return false;
    if (!text_type_find(text, &family->family.type))
        return text_lexer_fail(&r->lexer, "unknown metric type %s",
                               text_lexer_quoted(&r->lexer, text));
    family->has_type = true;
    return text_lexer_take_newline(&r->lexer);
}

static bool read_comment(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    struct slice name;
    bool quoted;

    l->p++;
    text_lexer_skip_blanks(l);
    struct slice keyword = text_lexer_take_word(l);
    bool is_help = slice_equal(keyword, SLICE_LITERAL("HELP"));
    if (!is_help && !slice_equal(keyword, SLICE_LITERAL("TYPE"))) {
        text_lexer_skip_line(l);
        return text_lexer_take_newline(l);
    }
    text_lexer_skip_blanks(l);
    if (!text_lexer_take_name(l, TEXT_LEXER_METRIC_NAME, &name, &quoted))
        return false;
    if (*l->p == '\n')
        return text_lexer_take_newline(l); /* says nothing */
    if (!text_lexer_is_blank(*l->p))
        return text_lexer_fail(l, "invalid metric name in comment");
    if (!enter_family(r, name))
        return false;
    text_lexer_skip_blanks(l);
    if (*l->p == '\n')
        return text_lexer_take_newline(l);
    return is_help ? read_help(r) : read_type(r);
}

/* --- Labels ----------------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return slice_compare(((const struct label *)a)->name, ((const struct label *)b)->name);
}

/* True also when memory is out. */
static bool has_doubled_name_sorted(const struct label *labels, size_t n)
{
    struct label *copy = malloc(n * sizeof(*copy));
    if (!copy)
        return true;
    memcpy(copy, labels, n * sizeof(*copy));
    qsort(copy, n, sizeof(*copy), compare_names);
    bool doubled = false;
    for (size_t i = 1; i < n && !doubled; i++)
        doubled = slice_equal(copy[i - 1].name, copy[i].name);
    free(copy);
    return doubled;
}

static bool has_doubled_name(const struct label *labels, size_t n)
{
    if (n > NESTED_LOOP_MAX)
        return has_doubled_name_sorted(labels, n);
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (slice_equal(labels[i].name, labels[j].name))
                return true;
        }
    }
    return false;
}

static bool check_doubled(struct reader *r)
{
    if (!has_doubled_name(r->labels, r->n_labels))
        return true;
    r->lexer.p = r->list; /* so that it is not taken for an early end */
    return text_lexer_fail(&r->lexer, "duplicate label names for metric %s", quoted_family(r));
}

static struct label *add_label(struct reader *r, struct slice name)
{
    if (r->n_labels == r->labels_capacity) {
        size_t capacity = r->labels_capacity ? r->labels_capacity * 2 : 16;
        struct label *grown = realloc(r->labels, capacity * sizeof(*grown));
        if (!grown)
            return NULL;
        r->labels = grown;
        r->labels_capacity = capacity;
    }
    struct label *label = &r->labels[r->n_labels++];
    *label = (struct label){.name = name};
    return label;
}

/* Takes blanks and `"value`; the cursor then stands at the last quote. */
static bool read_label_value(struct reader *r, struct slice *out)
{
    struct text_lexer *l = &r->lexer;
    text_lexer_skip_blanks(l);
    if (*l->p != '"')
        return text_lexer_fail(l, "expected '\"' at start of label value, found %s",
                               text_lexer_quoted_byte(l, *l->p));
    return text_lexer_take_value(l, out);
}

static bool set_bound(struct reader *r, struct slice value)
{
    struct text_lexer *l = &r->lexer;
    if (number_parse_float(value, &r->bound))
        return true;
    return text_lexer_fail(l, "expected float as value for '%.*s' label, got %s",
                           SLICE_ARGS(bound_label(r)), text_lexer_quoted(l, value));
}

/* Takes the bound from among the labels that stood before the name. */
static bool take_bound(struct reader *r)
{
    struct slice name = bound_label(r);
    for (size_t i = 0; name.len > 0 && i < r->n_labels; i++) {
        if (!slice_equal(r->labels[i].name, name))
            continue;
        if (!set_bound(r, r->labels[i].value))
            return false;
        r->n_labels--;
        memmove(&r->labels[i], &r->labels[i + 1], (r->n_labels - i) * sizeof(r->labels[0]));
        break; /* none is there twice */
    }
    return true;
}

/* A label, its name taken already and the cursor at '='. */
static bool read_label(struct reader *r, struct slice name, bool quoted)
{
    struct text_lexer *l = &r->lexer;
    struct slice value = {0};

    if (slice_equal(name, SLICE_LITERAL("__name__")))
        return text_lexer_fail(l, "label name \"__name__\" is reserved");
    if (quoted && !is_label_name(r, name))
        return text_lexer_fail(l, "invalid label name %s", text_lexer_quoted(l, name));

    bool is_bound = slice_equal(name, bound_label(r));
    struct label *label = NULL;
    if (!is_bound && !(label = add_label(r, name)))
        return error_no_memory(l->error);
    l->p++;
    if (!read_label_value(r, &value))
        return false;
    if (is_bound && !set_bound(r, value))
        return false;
    if (label)
        label->value = value;
    l->p++;
    text_lexer_skip_blanks(l);
    if (*l->p != ',' && *l->p != '}')
        return text_lexer_fail(l, "unexpected end of label value %s", text_lexer_quoted(l, value));
    return true;
}

/* The metric's name where a label could stand; the cursor is behind it. */
static bool read_name_in_braces(struct reader *r, struct slice name)
{
    struct text_lexer *l = &r->lexer;
    if (r->name_seen)
        return text_lexer_fail(l, "multiple metric names for metric %s", quoted_family(r));
    if (*l->p != ',' && *l->p != '}')
        return text_lexer_fail(l, "unexpected end of metric name %s",
                               text_lexer_quoted_byte(l, *l->p));
    if (!check_doubled(r) || !enter_sample(r, name))
        return false;
    r->name_seen = true;
    return take_bound(r);
}

/* One element of the list and its separator, which the cursor then stands at. */
static bool read_list_element(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    struct slice name;
    bool quoted;

    if (!text_lexer_take_name(l, TEXT_LEXER_LABEL_NAME, &name, &quoted))
        return false;
    if (name.len == 0)
        return text_lexer_fail(l, "invalid label name for metric %s", quoted_family(r));
    text_lexer_skip_blanks(l);
    if (*l->p == '=')
        return read_label(r, name, quoted);
    if (r->name_in_braces)
        return read_name_in_braces(r, name);
    return text_lexer_fail(l, "expected '=' after label name, found %s",
                           text_lexer_quoted_byte(l, *l->p));
}

static bool read_list(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    do {
        l->p++; /* '{' or ',' */
        text_lexer_skip_blanks(l);
        if (*l->p == '}')
            break;
        if (!read_list_element(r))
            return false;
    } while (*l->p == ',');
    if (r->name_in_braces && !r->name_seen)
        return text_lexer_fail(l, "invalid metric name");
    l->p++;
    text_lexer_skip_blanks(l);
    return true;
}

/* The original looks for a doubled name at each label, so that error comes before those behind it.
 */
static bool read_labels(struct reader *r)
{
    r->list = r->lexer.p;
    bool ok = read_list(r);
    if (!ok && r->lexer.error->code != ERROR_INVALID)
        return false;
    return check_doubled(r) && ok;
}

/* --- Samples ---------------------------------------------------------------------------------- */

static struct metric *add_number(struct reader *r, double value)
{
    struct text_family *family = r->name->family;
    struct label *labels = arena_alloc(r->lexer.arena, r->n_labels * sizeof(*labels));
    if (!labels)
        return NULL;
    if (r->n_labels > 0)
        memcpy(labels, r->labels, r->n_labels * sizeof(*labels));
    struct metric *metric = text_families_add_metric(&r->families, family, labels, r->n_labels);
    if (!metric)
        return NULL;
    metric->payload = metric_value_write_number(value, family->family.type, r->lexer.arena);
    return metric->payload.p ? metric : NULL;
}

static struct metric *get_assembled(struct reader *r, struct text_assembled **out)
{
    struct text_family *family = r->name->family;
    bool is_new;
    struct text_assembled *assembled = text_assembly_get(&r->assembly, family, family->family.type,
                                                         r->labels, r->n_labels, &is_new);
    if (!assembled)
        return NULL;
    *out = assembled;
    if (!is_new)
        return &family->family.metrics[assembled->metric];
    assembled->metric = family->family.n_metrics;
    return text_families_add_metric(&r->families, family, assembled->labels, assembled->n_labels);
}

/* The metric that the sample is a part of; NULL after an error. */
static struct metric *add_part(struct reader *r, double value)
{
    struct text_assembled *assembled;
    struct metric *metric = get_assembled(r, &assembled);
    if (!metric) {
        error_no_memory(r->lexer.error);
        return NULL;
    }
    switch (text_assembly_add(&r->assembly, assembled, r->name->role, r->bound, value)) {
    case TEXT_ASSEMBLY_NEGATIVE_COUNT:
        text_lexer_fail(&r->lexer, "negative count for histogram %s", quoted_family(r));
        return NULL;
    case TEXT_ASSEMBLY_NEGATIVE_BUCKET:
        text_lexer_fail(&r->lexer, "negative bucket population for histogram %s", quoted_family(r));
        return NULL;
    case TEXT_ASSEMBLY_NO_MEMORY:
        error_no_memory(r->lexer.error);
        return NULL;
    case TEXT_ASSEMBLY_OK:
        break;
    }
    return metric;
}

static bool read_timestamp(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    struct slice rest;
    int64_t timestamp;

    text_lexer_skip_blanks(l);
    struct slice word = text_lexer_take_word(l);
    if (!number_parse_int(word, &timestamp))
        return text_lexer_fail(l, "expected integer as timestamp, got %s",
                               text_lexer_quoted(l, word));
    if (*l->p == '\n')
        return true;
    if (!text_lexer_take_plain_rest(l, &rest))
        return false;
    return text_lexer_fail(l, "spurious string after timestamp: %s", text_lexer_quoted(l, rest));
}

static bool read_value(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    struct metric *metric;
    double value;

    struct slice word = text_lexer_take_word(l);
    if (!number_parse_float(word, &value))
        return text_lexer_fail(l, "expected float as value, got %s", text_lexer_quoted(l, word));
    if (text_families_is_assembled(r->name->family->family.type)) {
        metric = add_part(r, value);
        if (!metric)
            return false;
    } else {
        metric = add_number(r, value);
        if (!metric)
            return error_no_memory(l->error);
    }
    if (*l->p != '\n') {
        if (!read_timestamp(r))
            return false;
        metric->has_timestamp = true;
    }
    return text_lexer_take_newline(l);
}

static bool read_sample(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    r->name_in_braces = *l->p == '{';
    r->name_seen = false;
    r->n_labels = 0;
    r->bound = NAN;
    if (!r->name_in_braces) {
        struct slice name;
        bool quoted;
        if (!text_lexer_take_name(l, TEXT_LEXER_METRIC_NAME, &name, &quoted))
            return false;
        if (name.len == 0)
            return text_lexer_fail(l, "invalid metric name");
        if (!enter_sample(r, name))
            return false;
        text_lexer_skip_blanks(l);
    }
    if (*l->p == '{' && !read_labels(r))
        return false;
    return read_value(r);
}

/* --- The body --------------------------------------------------------------------------------- */

static bool read_line(struct reader *r)
{
    struct text_lexer *l = &r->lexer;
    l->line++;
    text_lexer_skip_blanks(l);
    if (l->p >= l->end)
        return true; /* blanks alone need no newline */
    if (*l->p == '\n')
        return text_lexer_take_newline(l);
    return *l->p == '#' ? read_comment(r) : read_sample(r);
}

static bool read_lines(struct reader *r, const char *begin, const char *end)
{
    r->lexer.p = begin;
    r->lexer.end = end;
    while (r->lexer.p < r->lexer.end) {
        if (!read_line(r))
            return false;
    }
    return true;
}

/* What stands behind the last newline is read from a copy that has one. */
static bool read_unended_line(struct reader *r, struct slice line)
{
    if (line.len == 0)
        return true;
    char *copy = arena_alloc(r->lexer.arena, line.len + 1);
    if (!copy)
        return error_no_memory(r->lexer.error);
    memcpy(copy, line.p, line.len);
    copy[line.len] = '\n';
    return read_lines(r, copy, copy + line.len);
}

static bool read_body(struct reader *r, struct slice body)
{
    if (body.len == 0)
        return true;
    const char *newline = memrchr(body.p, '\n', body.len);
    size_t ended = newline ? (size_t)(newline + 1 - body.p) : 0;
    if (ended > 0 && !read_lines(r, body.p, body.p + ended))
        return false;
    return read_unended_line(r, (struct slice){body.p + ended, body.len - ended});
}

static bool finish(struct reader *r, struct family_list *out)
{
    for (struct text_assembled *m = r->assembly.first; m; m = m->next) {
        const struct text_family *family = m->family;
        struct slice payload = text_assembly_payload(&r->assembly, m);
        if (!payload.p)
            return error_no_memory(r->lexer.error);
        family->family.metrics[m->metric].payload = payload;
    }
    return text_families_list(&r->families, out) || error_no_memory(r->lexer.error);
}

bool text_reader_read(struct slice body, bool utf8_names, struct arena *a, struct family_list *out,
                      struct error *e)
{
    struct reader r = {
        .lexer = {.arena = a, .error = e},
        .utf8_names = utf8_names,
        .families = {.arena = a},
        .assembly = {.arena = a},
    };
    bool ok = read_body(&r, body) && finish(&r, out);
    buffer_free(&r.lexer.token);
    free(r.labels);
    return ok;
}
