#include "options.h"

#include "command_line.h"
#include "external_url.h"
#include "flags.h"
#include "options_help.h"

#include <stdlib.h>

enum { N_OPTIONS_MAX = 64 };

/* Does what a flag such as --version asks for; false if it is none of these. */
static bool act(const struct flag *f, FILE *out, const char *program)
{
    switch (f->kind) {
    case FLAG_HELP_LONG:
        options_help(out, program);
        return true;
    case FLAG_HELP_MAN:
        options_help_man(out, program);
        return true;
    case FLAG_COMPLETION_WORDS:
        options_help_words(out);
        return true;
    case FLAG_COMPLETION_BASH:
        options_help_bash(out, program);
        return true;
    case FLAG_COMPLETION_ZSH:
        options_help_zsh(out, program);
        return true;
    case FLAG_VERSION:
        options_help_version(out);
        return true;
    default:
        return false;
    }
}

static bool was_given(const struct command_line *c, size_t n_items, const struct flag *f)
{
    for (size_t i = 0; i < n_items; i++)
        if (c->items[i].flag == f)
            return true;
    return false;
}

static bool set_values(struct options *o, const struct command_line *c, struct error *e)
{
    for (size_t i = 0; i < c->n_items; i++) {
        const struct flag *f = c->items[i].flag;
        if (!flag_is_option(f))
            continue;
        if (f->kind != FLAG_ADDRESSES && was_given(c, i, f))
            return error_set(e, ERROR_INVALID, "flag '%s' cannot be repeated", f->name);
        if (!flag_set(f, o, c->items[i].value, e))
            return false;
    }
    return true;
}

static bool set_defaults(struct options *o, const struct command_line *c, struct error *e)
{
    for (size_t i = 0; i < flags_count; i++)
        if (flags[i].otherwise && !was_given(c, c->n_items, &flags[i]) &&
            !flag_set(&flags[i], o, flags[i].otherwise, e))
            return false;
    return true;
}

/* "" for "" and "/", else with a '/' in front and without one at its end. */
static bool make_prefix(struct options *o, const char *from, const char **prefix, struct error *e)
{
    size_t n = strlen(from);
    char *made = arena_alloc(&o->memory, n + 2);

    if (!made)
        return error_no_memory(e);
    bool slash = n > 0 && from[0] != '/';
    made[0] = '/';
    memcpy(made + slash, from, n);
    n += slash;
    if (n > 0 && made[n - 1] == '/')
        n--;
    made[n] = '\0';
    *prefix = made;
    return true;
}

/* The path of "/" and `from` without empty, "." and ".." segments. */
static bool make_route(struct options *o, const char *from, const char **route, struct error *e)
{
    char *made = arena_alloc(&o->memory, strlen(from) + 2);
    size_t n = 0;

    if (!made)
        return error_no_memory(e);
    while (*from != '\0') {
        size_t segment = strcspn(from, "/");
        if (segment == 2 && memcmp(from, "..", 2) == 0) {
            while (n > 0 && made[--n] != '/')
                ;
        } else if (segment > 0 && !(segment == 1 && from[0] == '.')) {
            made[n++] = '/';
            memcpy(made + n, from, segment);
            n += segment;
        }
        from += segment + (from[segment] == '/');
    }
    if (n == 0)
        made[n++] = '/';
    made[n] = '\0';
    *route = made;
    return true;
}

static bool derive(struct options *o, struct error *e)
{
    const char *path;

    if (o->durability == DURABILITY_PUSH && *o->persistence_file == '\0')
        return error_set(e, ERROR_INVALID,
                         "--persistence.durability=push needs a --persistence.file");
    return external_url_path(o->external_url, &o->memory, &path, e) &&
           make_prefix(o, path, &o->external_prefix, e) &&
           (o->route_prefix[0] != '\0' ? make_prefix(o, o->route_prefix, &o->route_prefix, e)
                                       : make_prefix(o, path, &o->route_prefix, e)) &&
           make_route(o, o->telemetry_path, &o->telemetry_route, e);
}

enum options_outcome options_parse(struct options *o, int argc, char **argv, FILE *out, FILE *err)
{
    const char *program = argc > 0 ? basename(argv[0]) : "pushgateway";
    struct command_line line;
    struct error e;

    *o = (struct options){0};
    /* In the original's order: --version comes before a mistake behind it, --help before bad
     * values. */
    bool ok = command_line_parse(&line, argc, argv, &o->memory, &e);
    for (size_t i = 0; i < line.n_items; i++)
        if (act(line.items[i].flag, out, program))
            return OPTIONS_EXIT;
    for (size_t i = 0; ok && i < line.n_items; i++) {
        if (line.items[i].flag->kind == FLAG_HELP) {
            options_help(out, program);
            return OPTIONS_EXIT;
        }
    }
    if (ok && set_values(o, &line, &e) && set_defaults(o, &line, &e) && derive(o, &e))
        return OPTIONS_RUN;
    fprintf(err, "%s: error: %s, try --help\n", program, e.message);
    return OPTIONS_BAD;
}

void options_free(struct options *o)
{
    arena_free(&o->memory);
    *o = (struct options){0};
}

static int compare_names(const void *a, const void *b)
{
    const struct flag *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

bool options_visit(const struct options *o,
                   void (*visit)(const char *name, const char *value, void *context), void *context)
{
    const struct flag *sorted[N_OPTIONS_MAX] = {NULL};
    struct buffer value = {0};
    size_t n = 0;

    for (size_t i = 0; i < flags_count && n < N_OPTIONS_MAX; i++)
        if (flag_is_option(&flags[i]))
            sorted[n++] = &flags[i];
    qsort(sorted, n, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < n && !value.failed; i++) {
        buffer_clear(&value);
        flag_print(sorted[i], o, &value);
        buffer_byte(&value, '\0');
        if (!value.failed)
            visit(sorted[i]->name, value.p, context);
    }
    bool ok = !value.failed;
    buffer_free(&value);
    return ok;
}
