/* Takes names, strings and words off a text body.
 *
 * The cursor `p` always stands at a byte of the body, or at `end`. Scanning needs no bounds: every
 * line ends in a newline, and behind a last line without one stands a newline that is not the
 * body's, at `end`. A line that comes to stand there has ended too early, whatever else may be
 * wrong with it. */
#ifndef TEXT_LEXER_H
#define TEXT_LEXER_H

#include "arena.h"
#include "buffer.h"
#include "error.h"

struct text_lexer {
    const char *p, *end;
    size_t line;         /* of the cursor, from 1 */
    struct arena *arena; /* for what has escapes */
    struct buffer token; /* scratch; freed by the owner */
    struct slice latest; /* the last bare metric name */
    struct error *error;
};

/* Fills the error with "text format parsing error in line N: ..."; returns false. */
bool text_lexer_fail(struct text_lexer *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For messages: the text or byte in quotes, as Go's %q writes them. In the arena. */
const char *text_lexer_quoted(struct text_lexer *l, struct slice text);
const char *text_lexer_quoted_byte(struct text_lexer *l, char byte);

static inline bool text_lexer_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static inline void text_lexer_skip_blanks(struct text_lexer *l)
{
    while (text_lexer_is_blank(*l->p))
        l->p++;
}

enum text_lexer_name {
    TEXT_LEXER_METRIC_NAME,
    TEXT_LEXER_LABEL_NAME, /* without ':' */
};

/* Takes a name, bare or quoted or both in a row; an empty one if none stands here. What has quotes
 * may hold anything, *was_quoted tells. */
bool text_lexer_take_name(struct text_lexer *l, enum text_lexer_name kind, struct slice *out,
                          bool *was_quoted);

/* Takes a label's value, which must be UTF-8. The cursor stands at its first quote, and then at its
 * last. */
bool text_lexer_take_value(struct text_lexer *l, struct slice *out);

/* Takes the bytes up to a blank or the newline. */
struct slice text_lexer_take_word(struct text_lexer *l);

/* Takes the rest of the line, up to the newline: with escapes undone, or with all backslashes left
 * out, which Go does where it knows no escapes. */
bool text_lexer_take_escaped_rest(struct text_lexer *l, struct slice *out);
bool text_lexer_take_plain_rest(struct text_lexer *l, struct slice *out);

/* Takes the newline that stands here. */
bool text_lexer_take_newline(struct text_lexer *l);

/* Goes to the newline of this line. */
void text_lexer_skip_line(struct text_lexer *l);

#endif
