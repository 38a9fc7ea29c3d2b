#include "grouping_key.h"

#include "go_quote.h"
#include "names.h"

#include <stdio.h>
#include <stdlib.h>

/* A label with its place in the URL, so that of equal names the last can win. */
struct placed_label {
    struct label label;
    size_t place;
};

static bool fail_quoting(struct error *e, const char *what, struct slice text, const char *why)
{
    struct buffer quoted = {0};
    go_quote(&quoted, text);
    bool known = !quoted.failed;
    if (known)
        error_set(e, ERROR_INVALID, "%s%.*s%s", what, SLICE_ARGS(quoted), why);
    buffer_free(&quoted);
    return known ? false : error_no_memory(e);
}

/* Takes what stands before the next '/' off *path, and the '/'. */
static struct slice take_part(struct slice *path)
{
    const char *slash = path->len > 0 ? memchr(path->p, '/', path->len) : NULL;
    struct slice part = {path->p, slash ? (size_t)(slash - path->p) : path->len};
    size_t taken = part.len + (slash != NULL);
    if (taken > 0) {
        path->p += taken;
        path->len -= taken;
    }
    return part;
}

/* Cuts "@base64" off a name. */
static bool take_base64_suffix(struct slice *name)
{
    static const struct slice suffix = {"@base64", 7};
    if (!slice_has_suffix(*name, suffix))
        return false;
    name->len -= suffix.len;
    return true;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

enum base64_result { BASE64_OK, BASE64_CORRUPT, BASE64_NO_MEMORY };

/* As Go does: any padding at the end, line breaks skipped, bits that are left over ignored. When
 * corrupt, *out has what was decoded in whole groups of four characters, and *offset tells where it
 * stopped. */
static enum base64_result decode_base64(struct slice text, struct arena *a, struct slice *out,
                                        size_t *offset)
{
    while (text.len > 0 && text.p[text.len - 1] == '=')
        text.len--;
    char *to = arena_alloc(a, text.len / 4 * 3 + 3);
    if (!to)
        return BASE64_NO_MEMORY;
    *out = (struct slice){to, 0};
    uint32_t bits = 0;
    size_t n = 0; /* characters in bits */
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\r' || text.p[i] == '\n')
            continue;
        int value = base64_value(text.p[i]);
        if (value < 0) {
            *offset = i;
            return BASE64_CORRUPT;
        }
        bits = bits << 6 | (uint32_t)value;
        if (++n == 4) {
            to[out->len++] = (char)(bits >> 16);
            to[out->len++] = (char)(bits >> 8);
            to[out->len++] = (char)bits;
            n = 0;
        }
    }
    if (n == 1) {
        *offset = text.len - 1;
        return BASE64_CORRUPT;
    }
    bits <<= 6 * (4 - n);
    if (n >= 2)
        to[out->len++] = (char)(bits >> 16);
    if (n == 3)
        to[out->len++] = (char)(bits >> 8);
    return BASE64_OK;
}

static bool fail_base64(struct error *e, const char *what, struct slice shown, size_t offset)
{
    char why[64];
    snprintf(why, sizeof(why), ": illegal base64 data at input byte %zu", offset);
    return fail_quoting(e, what, shown, why);
}

static bool parse_job(struct slice *path, struct arena *a, struct slice *job, struct error *e)
{
    struct slice name = take_part(path), decoded;
    bool is_base64 = take_base64_suffix(&name);
    size_t offset;

    *job = take_part(path);
    if (!is_base64)
        return true;
    switch (decode_base64(*job, a, &decoded, &offset)) {
    case BASE64_NO_MEMORY:
        return error_no_memory(e);
    case BASE64_CORRUPT:
        return fail_base64(e, "invalid base64 encoding in job name ", decoded, offset);
    case BASE64_OK:
        break;
    }
    *job = decoded;
    return true;
}

/* Undoes U__ escaping, if that changes the name. */
static bool unescape(struct slice *name, struct arena *a, struct error *e)
{
    struct buffer plain = {0};
    if (!slice_has_prefix(*name, SLICE_LITERAL("U__")))
        return true;
    names_unescape_values(&plain, *name);
    name->p = NULL;
    if (!plain.failed)
        *name = arena_copy(a, buffer_slice(&plain));
    buffer_free(&plain);
    return name->p ? true : error_no_memory(e);
}

static bool is_label_name(struct slice name, bool utf8_names)
{
    return utf8_names ? names_is_name(name) : names_is_legacy_label(name);
}

static bool parse_value(struct slice name, struct slice text, struct arena *a, struct slice *value,
                        struct error *e)
{
    char what[ERROR_MESSAGE_MAX];
    size_t offset;
    switch (decode_base64(text, a, value, &offset)) {
    case BASE64_NO_MEMORY:
        return error_no_memory(e);
    case BASE64_CORRUPT:
        snprintf(what, sizeof(what), "invalid base64 encoding for label %.*s=", SLICE_ARGS(name));
        return fail_base64(e, what, text, offset);
    case BASE64_OK:
        break;
    }
    return true;
}

static bool parse_label(struct slice *path, bool utf8_names, struct arena *a, struct label *out,
                        struct error *e)
{
    struct slice written = take_part(path), value = take_part(path);
    bool is_base64 = take_base64_suffix(&written);
    struct slice name = written;

    if (utf8_names && !unescape(&name, a, e))
        return false;
    if (!is_label_name(name, utf8_names) || slice_has_prefix(name, SLICE_LITERAL("__")))
        return fail_quoting(e, "improper label name ", written, "");
    *out = (struct label){name, value};
    return !is_base64 || parse_value(written, value, a, &out->value, e);
}

static int compare_labels(const void *a, const void *b)
{
    const struct placed_label *left = a, *right = b;
    int order = slice_compare(left->label.name, right->label.name);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static bool sort_labels(struct placed_label *placed, size_t n, struct arena *a,
                        struct group_key *out, struct error *e)
{
    struct label *labels = arena_alloc(a, n * sizeof(*labels));
    size_t kept = 0;
    if (!labels)
        return error_no_memory(e);
    qsort(placed, n, sizeof(*placed), compare_labels);
    for (size_t i = 0; i < n; i++) {
        bool again = i + 1 < n && slice_equal(placed[i].label.name, placed[i + 1].label.name);
        if (!again)
            labels[kept++] = placed[i].label;
    }
    *out = (struct group_key){labels, kept};
    return true;
}

static size_t count_parts(struct slice path)
{
    size_t n = 1;
    for (size_t i = 0; i < path.len; i++)
        n += path.p[i] == '/';
    return n;
}

bool grouping_key_parse(struct slice path, bool utf8_names, struct arena *a, struct group_key *out,
                        struct error *e)
{
    struct slice job;
    if (!parse_job(&path, a, &job, e))
        return false;

    size_t n_parts = path.len > 0 ? count_parts(path) : 0;
    if (n_parts % 2 != 0) {
        /* The message shows the '/' before the labels too. */
        return fail_quoting(e, "odd number of components in label string ",
                            (struct slice){path.p - 1, path.len + 1}, "");
    }
    size_t n = 0;
    struct placed_label *placed = arena_alloc(a, (n_parts / 2 + 1) * sizeof(*placed));
    if (!placed)
        return error_no_memory(e);
    for (; n < n_parts / 2; n++) {
        placed[n].place = n;
        if (!parse_label(&path, utf8_names, a, &placed[n].label, e))
            return false;
    }
    if (job.len == 0)
        return error_set(e, ERROR_INVALID, "job name is required");
    placed[n] = (struct placed_label){{SLICE_LITERAL("job"), job}, n};
    return sort_labels(placed, n + 1, a, out, e);
}
