/* What a scrape keeps of a run of blocks for the next one (store_view_keep): its text, its text
 * compressed, or both. */
#ifndef RENDERING_H
#define RENDERING_H

#include "slice.h"

#include <stdint.h>

struct rendering {
    uint32_t text_size, text_crc; /* of the text, also when it is not kept */
    uint32_t coded_size;          /* 0: not kept compressed */
    bool has_text;
    char bytes[]; /* text, then coded */
};

/* `text` may be left out by .p NULL; then its size and crc are still to be given. NULL: memory is
 * out. */
struct rendering *rendering_new(struct slice text, uint32_t text_size, uint32_t text_crc,
                                struct slice coded);

void rendering_free(void *rendering);

static inline struct slice rendering_text(const struct rendering *r)
{
    return (struct slice){r->bytes, r->has_text ? r->text_size : 0};
}

static inline struct slice rendering_coded(const struct rendering *r)
{
    return (struct slice){r->bytes + (r->has_text ? r->text_size : 0), r->coded_size};
}

#endif
