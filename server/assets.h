/* The files of ui/, embedded at build time (cmake/EmbedAssets.cmake). */
#ifndef ASSETS_H
#define ASSETS_H

#include <stddef.h>

struct asset {
    const char *name; /* "style.css" */
    const unsigned char *bytes;
    size_t length;
};

extern const struct asset assets[];
extern const size_t assets_count;

#endif
