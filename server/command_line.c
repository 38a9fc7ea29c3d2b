/* The words to be read form a stack: the file that an "@file" names goes on top of it. */
#include "command_line.h"

#include "go_quote.h"
#include "utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_FILES = 64 }; /* a file that names itself ends here */

struct word {
    const char *text;
    struct word *next;
};

struct reader {
    struct word *words;  /* not read yet */
    bool only_arguments; /* "--" was read: what follows are no flags */
    unsigned n_files;
    struct command_line *line;
    struct arena *arena;
    struct error *e;
};

static const struct flag *find_name(struct slice name)
{
    for (size_t i = 0; i < flags_count; i++)
        if (slice_equal(slice_of(flags[i].name), name))
            return &flags[i];
    return NULL;
}

static const struct flag *find_letter(char letter)
{
    for (size_t i = 0; i < flags_count; i++)
        if (flags[i].letter != 0 && flags[i].letter == letter)
            return &flags[i];
    return NULL;
}

static const char *next_word(struct reader *r)
{
    const char *text = r->words->text;

    r->words = r->words->next;
    return text;
}

/* Puts a word where `at` points; returns where the one behind it goes, NULL when memory is out. */
static struct word **insert_word(struct reader *r, struct word **at, const char *text)
{
    struct word *word = arena_alloc(r->arena, sizeof(*word));
    if (!word)
        return NULL;
    *word = (struct word){text, *at};
    *at = word;
    return &word->next;
}

static bool add_item(struct reader *r, const struct flag *flag, const char *value)
{
    struct command_line *c = r->line;
    size_t size = c->n_items * sizeof(*c->items);
    struct command_line_item *grown =
        arena_grow(r->arena, c->items, size, size + sizeof(*c->items));
    if (!grown)
        return error_no_memory(r->e);
    c->items = grown;
    c->items[c->n_items++] = (struct command_line_item){flag, value};
    return true;
}

/* Puts the lines of a file on top of the words to be read. */
static bool insert_lines(struct reader *r, FILE *file, const char *name)
{
    struct word **at = &r->words;
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool ok = true;

    while (ok && (n = getline(&line, &size, file)) >= 0) {
        if (n > 0 && line[n - 1] == '\n')
            line[--n] = '\0';
        if (n > 0 && line[n - 1] == '\r')
            line[--n] = '\0';
        if (line[0] == '#')
            continue;
        struct slice copy = arena_copy(r->arena, (struct slice){line, (size_t)n + 1});
        ok = copy.p && (at = insert_word(r, at, copy.p));
    }
    free(line);
    if (!ok)
        return error_no_memory(r->e);
    if (!ferror(file))
        return true;
    return error_set(r->e, ERROR_IO, "failed to read arguments from \"%s\": read %s: %s", name,
                     name, errno == EISDIR ? "is a directory" : strerror(errno));
}

static bool insert_file(struct reader *r, const char *name)
{
    if (*name == '\0')
        return error_set(r->e, ERROR_INVALID, "expected @ file to expand arguments from");
    if (++r->n_files > MAX_FILES)
        return error_set(r->e, ERROR_INVALID, "too many arguments files, \"%s\" among them", name);
    FILE *file = fopen(name, "re");
    if (!file)
        return error_set(r->e, ERROR_IO, "failed to open arguments file \"%s\": open %s: %s", name,
                         name, errno == ENOENT ? "no such file or directory" : strerror(errno));
    bool ok = insert_lines(r, file, name);
    fclose(file);
    return ok;
}

/* Deals with each "@file" and "--" on top, so that what is on top then is a word in itself. */
static bool expand(struct reader *r)
{
    while (r->words && !r->only_arguments) {
        const char *text = r->words->text;
        if (text[0] == '@') {
            next_word(r);
            if (!insert_file(r, text + 1))
                return false;
        } else if (strcmp(text, "--") == 0) {
            next_word(r);
            r->only_arguments = true;
        } else {
            break;
        }
    }
    return true;
}

static bool unexpected(struct reader *r, const char *word)
{
    return error_set(r->e, ERROR_INVALID, "unexpected %s", word);
}

/* `word` without its dashes is "name" or "name=value". */
static bool read_long(struct reader *r, const char *word)
{
    const char *equals = strchr(word, '=');
    struct slice name = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const struct flag *flag = find_name(name);
    bool negated = false;

    if (!flag && slice_has_prefix(name, SLICE_LITERAL("no-"))) {
        flag = find_name((struct slice){name.p + 3, name.len - 3});
        negated = true;
    }
    if (!flag || (negated && !flag_is_switch(flag)))
        return error_set(r->e, ERROR_INVALID, "unknown long flag '--%.*s'", SLICE_ARGS(name));
    if (flag_is_switch(flag)) {
        const char *value = negated ? "false" : "true";
        /* The original refuses this; being asked in so many words is no reason to. */
        bool spelled_out = equals && !negated && flag_is_option(flag) &&
                           (strcmp(equals, "=true") == 0 || strcmp(equals, "=false") == 0);
        if (!add_item(r, flag, spelled_out ? equals + 1 : value))
            return false;
        return !equals || spelled_out || unexpected(r, equals + 1);
    }
    if (equals)
        return add_item(r, flag, equals + 1);
    if (!expand(r) || !r->words || (r->words->text[0] == '-' && !r->only_arguments))
        return error_set(r->e, ERROR_INVALID, "expected argument for flag '--%s'", flag->name);
    return add_item(r, flag, next_word(r));
}

/* `letters` are one or more short flags; all there are are switches. */
static bool read_short(struct reader *r, const char *letters)
{
    do {
        const struct flag *flag = find_letter(*letters);
        if (!flag) {
            uint32_t code_point;
            int n = *letters == '\0' ? 0 : (int)utf8_decode(slice_of(letters), &code_point);
            return error_set(r->e, ERROR_INVALID, "unknown short flag '-%.*s'", n, letters);
        }
        if (!add_item(r, flag, "true"))
            return false;
    } while (*++letters != '\0');
    return true;
}

static bool read_word(struct reader *r)
{
    const char *word = next_word(r);

    if (r->only_arguments)
        return unexpected(r, word);
    if (strncmp(word, "--", 2) == 0)
        return read_long(r, word + 2);
    if (word[0] == '-')
        return read_short(r, word + 1);
    return unexpected(r, word);
}

bool command_line_parse(struct command_line *c, int argc, char **argv, struct arena *a,
                        struct error *e)
{
    struct reader r = {.line = c, .arena = a, .e = e};
    struct word **at = &r.words;

    *c = (struct command_line){0};
    for (int i = 1; i < argc; i++)
        if (!(at = insert_word(&r, at, argv[i])))
            return error_no_memory(e);
    while (expand(&r)) {
        if (!r.words)
            return true;
        if (!read_word(&r))
            return false;
    }
    return false;
}
