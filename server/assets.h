/* The files of ui/, embedded at build time (cmake/EmbedAssets.cmake). */
#ifndef ASSETS_H
#define ASSETS_H

#include "slice.h"

#include <stddef.h>

struct asset {
    const char *name; /* "style.css" */
    const char *hash; /* of the content: another one in a build with another content */
    const unsigned char *bytes;
    size_t length;
    const unsigned char *gzip; /* the same compressed */
    size_t gzip_length;
};

extern const struct asset assets[];
extern const size_t assets_count;

/* NULL if there is none of this name. */
const struct asset *assets_find(struct slice name);

#endif
