/* Takes a command line apart into flags and their values, as kingpin does. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include "arena.h"
#include "error.h"
#include "flags.h"

struct command_line_item {
    const struct flag *flag;
    const char *value; /* of a switch: "true" or "false" */
};

struct command_line {
    struct command_line_item *items; /* in the arena, in the order given */
    size_t n_items;
};

/* Reads argv behind the program's name. What stood before a mistake is in *c even when this fails:
 * --version counts before one. Values borrow from argv or, those of @files, are in the arena. */
bool command_line_parse(struct command_line *c, int argc, char **argv, struct arena *a,
                        struct error *e);

#endif
