#include "chunk_reader.h"

#include "hex.h"

#include "go_quote.h"

#include <stdio.h>

/* What a line of a chunked body, extensions and all, may take; and all trailers together. */
enum { LINE_MAX = 4096, TRAILERS_MAX = 64 << 10 };

enum state {
    LENGTH,     /* in the digits */
    BLANKS,     /* behind them, before a ';' or the end of the line */
    EXTENSION,  /* behind a ';' */
    LENGTH_END, /* behind the CR of the line */
    DATA,
    DATA_CR, /* behind the data: its CR LF */
    DATA_LF,
    TRAILER, /* in a line behind the last chunk */
};

static enum chunk_status fail(struct chunk_reader *c, const char *error)
{
    c->error = error;
    return CHUNK_BAD;
}

static void begin_line(struct chunk_reader *c, enum state state)
{
    c->state = state;
    c->left = 0;
    c->digits = 0;
    c->line = 0;
    c->colon = false;
}

/* A byte of the line with the chunk's length. */
static enum chunk_status take_length(struct chunk_reader *c, char byte)
{
    if (++c->line > LINE_MAX)
        return fail(c, "header line too long");
    if (c->state == LENGTH_END) {
        if (byte != '\n')
            return fail(c, "invalid byte in chunk length");
        if (c->left == 0)
            begin_line(c, TRAILER);
        else
            c->state = DATA;
        return CHUNK_MORE;
    }
    if (byte == '\n')
        return fail(c, "chunked line ends with bare LF");
    if (byte == '\r' && c->digits == 0)
        return fail(c, "empty hex number for chunk length");
    if (byte == '\r')
        c->state = LENGTH_END;
    else if (c->state == EXTENSION)
        return CHUNK_MORE;
    else if (byte == ';')
        c->state = EXTENSION;
    else if (byte == ' ' || byte == '\t')
        c->state = BLANKS;
    else if (c->state == BLANKS || hex_digit(byte) < 0)
        return fail(c, "invalid byte in chunk length");
    else if (++c->digits > 16)
        return fail(c, "http chunk length too large");
    else
        c->left = c->left << 4 | (unsigned)hex_digit(byte);
    return CHUNK_MORE;
}

static enum chunk_status fail_trailer(struct chunk_reader *c)
{
    struct buffer quoted = {0};
    size_t n = c->line < sizeof(c->front) ? c->line : sizeof(c->front);
    go_quote(&quoted, (struct slice){c->front, n});
    struct slice q = quoted.failed ? SLICE_LITERAL("") : buffer_slice(&quoted);
    snprintf(c->message, sizeof(c->message), "malformed MIME header: missing colon: %.*s",
             SLICE_ARGS(q));
    buffer_free(&quoted);
    return fail(c, c->message);
}

/* A byte behind the last chunk: lines up to an empty one. */
static enum chunk_status take_trailer(struct chunk_reader *c, char byte)
{
    if (++c->trailers > TRAILERS_MAX)
        return fail(c, "http: suspiciously long trailer after chunked body");
    if (byte == '\n') {
        if (c->line == 0)
            return CHUNK_END;
        if (!c->colon)
            return fail_trailer(c);
        begin_line(c, TRAILER);
    } else if (byte != '\r') {
        if (c->line < sizeof(c->front))
            c->front[c->line] = byte;
        c->line++;
        c->colon = c->colon || byte == ':';
    }
    return CHUNK_MORE;
}

enum chunk_status chunk_reader_next(struct chunk_reader *c, struct slice *in, struct slice *data)
{
    while (in->len > 0) {
        if (c->state == DATA) {
            size_t n = in->len < c->left ? in->len : (size_t)c->left;
            *data = (struct slice){in->p, n};
            *in = (struct slice){in->p + n, in->len - n};
            c->left -= n;
            if (c->left == 0)
                c->state = DATA_CR;
            return CHUNK_DATA;
        }
        char byte = *in->p;
        *in = (struct slice){in->p + 1, in->len - 1};
        enum chunk_status status = CHUNK_MORE;
        switch (c->state) {
        case DATA_CR:
            if (byte != '\r')
                return fail(c, "malformed chunked encoding");
            c->state = DATA_LF;
            break;
        case DATA_LF:
            if (byte != '\n')
                return fail(c, "malformed chunked encoding");
            begin_line(c, LENGTH);
            break;
        case TRAILER:
            status = take_trailer(c, byte);
            break;
        default:
            status = take_length(c, byte);
            break;
        }
        if (status != CHUNK_MORE)
            return status;
    }
    return CHUNK_MORE;
}
