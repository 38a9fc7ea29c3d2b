/* The texts that flags such as --help and --version print. `program` is the name it was started by.
 */
#ifndef OPTIONS_HELP_H
#define OPTIONS_HELP_H

#include <stdio.h>

void options_help(FILE *out, const char *program);

/* A man page for groff. */
void options_help_man(FILE *out, const char *program);

/* Each flag on a line of its own: what the completion scripts ask for. */
void options_help_words(FILE *out);

void options_help_bash(FILE *out, const char *program);
void options_help_zsh(FILE *out, const char *program);

void options_help_version(FILE *out);

#endif
