/* A media type with its parameters, such as a Content-Type header holds.
 * Source: RFC 2045 section 5.1 and RFC 2231 (continued and encoded parameters), as Go's
 * mime.ParseMediaType reads them. */
#ifndef MEDIA_TYPE_H
#define MEDIA_TYPE_H

#include "slice.h"

enum {
    MEDIA_TYPE_TEXT_MAX = 1024,
    MEDIA_TYPE_PARAMETERS_MAX = 24,
};

struct media_type {
    struct slice type; /* lower case */
    struct media_type_parameter {
        struct slice name; /* lower case; still with the "*0*" of RFC 2231 */
        struct slice value;
    } parameters[MEDIA_TYPE_PARAMETERS_MAX];
    size_t n_parameters;
    bool extended;                  /* a name has a "*" */
    char text[MEDIA_TYPE_TEXT_MAX]; /* what the slices point into: do not copy the struct */
    size_t used;
};

/* False if the text is no media type, or a longer one than any sensible sender writes. */
bool media_type_parse(struct media_type *m, const char *text);

/* Whether the parameter is there and has exactly this value. */
bool media_type_parameter_is(const struct media_type *m, const char *name, const char *value);

#endif
