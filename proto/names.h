/* What may be the name of a metric or a label, and how names that are not legacy ones are escaped.
 * Source: the Prometheus data model, and the UTF-8 escaping schemes of the exposition formats. */
#ifndef NAMES_H
#define NAMES_H

#include "buffer.h"
#include "slice.h"

/* [a-zA-Z_:][a-zA-Z0-9_:]* */
bool names_is_legacy_metric(struct slice name);

/* [a-zA-Z_][a-zA-Z0-9_]* */
bool names_is_legacy_label(struct slice name);

/* Valid UTF-8 as Go's utf8.ValidString: no surrogates, no overlong forms, at most U+10FFFF. */
bool names_is_utf8(struct slice text);

/* What every name must be: not empty, UTF-8, and without NUL, which Prometheus' text parser takes
 * for the end. */
bool names_is_name(struct slice name);

/* How names are shown to a scraper that does not take all of them; `escaping=` in Accept. */
enum escaping {
    ESCAPING_NONE,        /* allow-utf-8 */
    ESCAPING_UNDERSCORES, /* underscores */
    ESCAPING_DOTS,        /* dots */
    ESCAPING_VALUES,      /* values */
};

/* The token of a scheme as it stands in a Content-Type. */
const char *names_escaping_token(enum escaping escaping);

/* Appends the name of a metric under a scheme, as a scrape shows it (model.EscapeMetricFamily): a
 * legacy name comes out as it is under every scheme, also under "dots"; another as model.EscapeName
 * writes it. What is not UTF-8 counts as U+FFFD. */
void names_escape(struct buffer *out, struct slice name, enum escaping escaping);

/* The same for the name of a label, which may have no ':'. The original leaves it there, and
 * Prometheus refuses the scrape over it. */
void names_escape_label(struct buffer *out, struct slice name, enum escaping escaping);

/* Undoes "values" escaping (U__...), as model.UnescapeName does: what does not decode is appended
 * as it stands. */
void names_unescape_values(struct buffer *out, struct slice name);

#endif
