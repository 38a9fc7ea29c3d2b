/* The table of flags, and how the text of a value becomes a member of struct options and text
 * again. */
#ifndef FLAGS_H
#define FLAGS_H

#include "buffer.h"
#include "error.h"
#include "options.h"

enum flag_kind {
    FLAG_SWITCH,     /* bool */
    FLAG_TEXT,       /* const char * */
    FLAG_URL,        /* const char *, parsed to check it */
    FLAG_ADDRESSES,  /* const char **, repeatable */
    FLAG_DURATION,   /* int64_t, any */
    FLAG_TIMEOUT,    /* int64_t, 1 ms and more */
    FLAG_SIZE,       /* size_t, 1 and more */
    FLAG_COUNT,      /* unsigned */
    FLAG_LEVEL,      /* enum log_level */
    FLAG_FORMAT,     /* enum log_format */
    FLAG_DURABILITY, /* enum durability */
    FLAG_DAMAGE,     /* enum damage_policy */
    /* These do something and have no value; hidden ones are not in the help. */
    FLAG_HELP,
    FLAG_HELP_LONG,
    FLAG_HELP_MAN,
    FLAG_COMPLETION_WORDS,
    FLAG_COMPLETION_BASH,
    FLAG_COMPLETION_ZSH,
    FLAG_VERSION,
};

struct flag {
    const char *name; /* without "--" */
    char letter;      /* of the short form, 0: none */
    bool hidden;
    enum flag_kind kind;
    size_t offset;         /* of its member in struct options */
    const char *otherwise; /* value when it is not given, as one would write it */
    const char *help;
};

extern const struct flag flags[];
extern const size_t flags_count;

/* Whether a flag stands alone, without a value behind it. */
bool flag_is_switch(const struct flag *f);

/* Whether a flag sets an option, rather than doing something at once. */
bool flag_is_option(const struct flag *f);

/* Sets the member of *o. The value is borrowed. Fails with the original's messages. */
bool flag_set(const struct flag *f, struct options *o, const char *value, struct error *e);

/* Appends the member of *o as the API shows it. */
void flag_print(const struct flag *f, const struct options *o, struct buffer *out);

#endif
