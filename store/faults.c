#include "faults.h"

#include "go_quote.h"
#include "prototext.h"

#include <stdarg.h>

/* Enough to fill an error's message; a push may have a million faults. */
enum { SENTENCES_MAX = ERROR_MESSAGE_MAX };

static bool wants_more(const struct faults *f)
{
    return !f->silent && !f->sentences.failed && f->sentences.len < SENTENCES_MAX;
}

void faults_add(struct faults *f, const char *format, ...)
{
    va_list args;

    f->count++;
    if (!wants_more(f))
        return;
    buffer_text(&f->sentences, "* ");
    va_start(args, format);
    buffer_vprintf(&f->sentences, format, args);
    va_end(args);
    buffer_byte(&f->sentences, '\n');
}

void faults_add_metric(struct faults *f, struct slice family, const struct label *labels,
                       size_t n_labels, struct slice payload, const char *what, ...)
{
    va_list args;

    f->count++;
    if (!wants_more(f))
        return;
    buffer_text(&f->sentences, "* collected metric ");
    go_quote(&f->sentences, family);
    buffer_text(&f->sentences, " { ");
    prototext_metric(&f->sentences, labels, n_labels, payload);
    buffer_text(&f->sentences, "} ");
    va_start(args, what);
    buffer_vprintf(&f->sentences, what, args);
    va_end(args);
    buffer_byte(&f->sentences, '\n');
}

void faults_write(const struct faults *f, struct buffer *out)
{
    if (f->count == 0)
        return;
    if (f->sentences.failed) {
        buffer_text(out, "no memory to say why");
        return;
    }
    if (f->count > 1) {
        buffer_printf(out, "%zu error(s) occurred:\n", f->count);
        buffer_bytes(out, f->sentences.p, f->sentences.len);
    } else {
        buffer_bytes(out, f->sentences.p + 2, f->sentences.len - 3); /* no "* ", no newline */
    }
}

void faults_free(struct faults *f)
{
    buffer_free(&f->sentences);
}
