#include "yaml_reader.h"

#include "duration.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- Complaints ------------------------------------------------------------------------------- */

bool yaml_reader_fail(struct yaml_reader *r, const yaml_node_t *at, const char *format, ...)
{
    char message[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return error_set(r->error, ERROR_INVALID, "line %zu: %s", at->start_mark.line + 1, message);
}

/* What libyaml found wrong; a reader's error has no line, but a position. */
static bool fail_syntax(const yaml_parser_t *parser, struct slice text, struct error *e)
{
    size_t line = parser->problem_mark.line;

    if (parser->error == YAML_MEMORY_ERROR)
        return error_no_memory(e);
    if (parser->error == YAML_READER_ERROR) {
        line = 0;
        for (size_t i = 0; i < text.len && i < parser->problem_offset; i++)
            line += text.p[i] == '\n';
    }
    return error_set(e, ERROR_INVALID, "line %zu: %s", line + 1,
                     parser->problem ? parser->problem : "not YAML");
}

static const char *kind_of(const yaml_node_t *node)
{
    switch (node->type) {
    case YAML_SEQUENCE_NODE:
        return "a list";
    case YAML_MAPPING_NODE:
        return "a mapping";
    default:
        return "a single value";
    }
}

static bool fail_kind(struct yaml_reader *r, const yaml_node_t *node, const char *expected)
{
    return yaml_reader_fail(r, node, "expected %s, found %s", expected, kind_of(node));
}

/* --- Scalars ---------------------------------------------------------------------------------- */

static struct slice scalar(const yaml_node_t *node)
{
    return (struct slice){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static bool is_plain(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool is_one_of(struct slice word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_equal(word, slice_of(words[i])))
            return true;
    return false;
}

bool yaml_reader_is_null(const yaml_node_t *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    return is_plain(node) && is_one_of(scalar(node), words, sizeof(words) / sizeof(*words));
}

static const char *copy(struct yaml_reader *r, struct slice text)
{
    char *to = arena_alloc(r->memory, text.len + 1);
    if (!to) {
        error_no_memory(r->error);
        return NULL;
    }
    if (text.len > 0)
        memcpy(to, text.p, text.len);
    to[text.len] = '\0';
    return to;
}

/* A single value whose bytes end where a string's do. */
static bool require_string(struct yaml_reader *r, const yaml_node_t *node, const char *expected)
{
    if (node->type != YAML_SCALAR_NODE)
        return fail_kind(r, node, expected);
    return !memchr(scalar(node).p, '\0', scalar(node).len) ||
           yaml_reader_fail(r, node, "a NUL character in %s", expected);
}

bool yaml_reader_text(struct yaml_reader *r, const yaml_node_t *node, void *to)
{
    const char **text = to;
    if (yaml_reader_is_null(node))
        return true;
    if (!require_string(r, node, "a text"))
        return false;
    *text = copy(r, scalar(node));
    return *text != NULL;
}

bool yaml_reader_switch(struct yaml_reader *r, const yaml_node_t *node, void *to)
{
    static const char *const on[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                     "True", "TRUE", "on",  "On",  "ON"};
    static const char *const off[] = {"n",     "N",     "no",  "No",  "NO", "false",
                                      "False", "FALSE", "off", "Off", "OFF"};
    if (yaml_reader_is_null(node))
        return true;
    if (is_plain(node) && is_one_of(scalar(node), on, sizeof(on) / sizeof(*on))) {
        *(bool *)to = true;
        return true;
    }
    if (is_plain(node) && is_one_of(scalar(node), off, sizeof(off) / sizeof(*off))) {
        *(bool *)to = false;
        return true;
    }
    return yaml_reader_fail(r, node, "expected true or false");
}

/* A whole number as plain word, decimal or 0x; a fraction is cut off. */
static bool parse_number(const yaml_node_t *node, int64_t *to)
{
    char *end;
    const char *text = (const char *)node->data.scalar.value;
    if (!is_plain(node) || scalar(node).len == 0)
        return false;
    errno = 0;
    *to = strtoll(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
    if (*end == '.' && end > text)
        end += 1 + strspn(end + 1, "0123456789");
    return errno == 0 && end == text + scalar(node).len;
}

bool yaml_reader_number(struct yaml_reader *r, const yaml_node_t *node, void *to)
{
    if (yaml_reader_is_null(node))
        return true;
    return parse_number(node, to) || yaml_reader_fail(r, node, "expected a whole number");
}

bool yaml_reader_duration(struct yaml_reader *r, const yaml_node_t *node, void *to)
{
    struct error e = {0};
    if (yaml_reader_is_null(node))
        return true;
    if (!require_string(r, node, "a duration"))
        return false;
    if (parse_number(node, to)) /* nanoseconds, to Go */
        return true;
    return duration_parse((const char *)node->data.scalar.value, to, &e) ||
           yaml_reader_fail(r, node, "%s", e.message);
}

/* --- Collections ------------------------------------------------------------------------------ */

static const yaml_node_t *node_at(struct yaml_reader *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

static const struct yaml_key *find_key(const struct yaml_key *keys, size_t n, struct slice name)
{
    for (size_t i = 0; i < n; i++)
        if (slice_equal(slice_of(keys[i].name), name))
            return &keys[i];
    return NULL;
}

bool yaml_reader_mapping(struct yaml_reader *r, const yaml_node_t *node, const char *what,
                         const struct yaml_key *keys, size_t n_keys, void *to)
{
    uint32_t seen = 0;
    if (yaml_reader_is_null(node))
        return true;
    if (node->type != YAML_MAPPING_NODE)
        return fail_kind(r, node, "a mapping");
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = node_at(r, pair->key), *value = node_at(r, pair->value);
        if (name->type != YAML_SCALAR_NODE)
            return fail_kind(r, name, "a key");
        const struct yaml_key *key = find_key(keys, n_keys, scalar(name));
        if (!key)
            return yaml_reader_fail(r, name, "unknown key \"%.*s\" in %s", SLICE_ARGS(scalar(name)),
                                    what);
        uint32_t bit = UINT32_C(1) << (key - keys);
        if (seen & bit)
            return yaml_reader_fail(r, name, "\"%s\" is given twice", key->name);
        seen |= bit;
        if (!key->read(r, value, (char *)to + key->offset))
            return false;
    }
    return true;
}

bool yaml_reader_pairs(struct yaml_reader *r, const yaml_node_t *node, const char *what,
                       bool (*pair)(struct yaml_reader *r, const yaml_node_t *key_node,
                                    struct slice key, struct slice value, void *to),
                       void *to)
{
    if (yaml_reader_is_null(node))
        return true;
    if (node->type != YAML_MAPPING_NODE)
        return fail_kind(r, node, what);
    const yaml_node_pair_t *p = node->data.mapping.pairs.start;
    for (; p < node->data.mapping.pairs.top; p++) {
        const yaml_node_t *name = node_at(r, p->key), *value = node_at(r, p->value);
        if (name->type != YAML_SCALAR_NODE)
            return fail_kind(r, name, "a key");
        if (value->type != YAML_SCALAR_NODE)
            return fail_kind(r, value, "a text");
        struct slice text = yaml_reader_is_null(value) ? SLICE_LITERAL("") : scalar(value);
        if (!pair(r, name, scalar(name), text, to))
            return false;
    }
    return true;
}

bool yaml_reader_list(struct yaml_reader *r, const yaml_node_t *node,
                      bool (*item)(struct yaml_reader *r, const yaml_node_t *node, const char *text,
                                   void *to),
                      void *to)
{
    if (yaml_reader_is_null(node))
        return true;
    if (node->type != YAML_SEQUENCE_NODE)
        return fail_kind(r, node, "a list");
    const yaml_node_item_t *i = node->data.sequence.items.start;
    for (; i < node->data.sequence.items.top; i++) {
        const char *text = "";
        if (!yaml_reader_text(r, node_at(r, *i), &text) || !item(r, node_at(r, *i), text, to))
            return false;
    }
    return true;
}

/* --- Documents -------------------------------------------------------------------------------- */

bool yaml_reader_run(struct slice text, struct arena *memory, struct error *e,
                     bool (*read)(struct yaml_reader *r, const yaml_node_t *root, void *to),
                     void *to)
{
    yaml_parser_t parser;
    yaml_document_t document;
    struct yaml_reader r = {.document = &document, .memory = memory, .error = e};

    if (!yaml_parser_initialize(&parser))
        return error_no_memory(e);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.len);
    bool ok = yaml_parser_load(&parser, &document);
    if (ok) {
        const yaml_node_t *root = yaml_document_get_root_node(&document);
        ok = !root || read(&r, root, to);
        yaml_document_delete(&document);
    } else {
        fail_syntax(&parser, text, e);
    }
    yaml_parser_delete(&parser);
    return ok;
}
