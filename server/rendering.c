#include "rendering.h"

#include <stdlib.h>

struct rendering *rendering_new(struct slice text, uint32_t text_size, uint32_t text_crc,
                                struct slice coded)
{
    size_t kept = text.p ? text.len : 0;
    struct rendering *r = malloc(sizeof(*r) + kept + coded.len);
    if (!r)
        return NULL;
    *r = (struct rendering){.text_size = text_size,
                            .text_crc = text_crc,
                            .coded_size = (uint32_t)coded.len,
                            .has_text = text.p != NULL};
    if (kept > 0)
        memcpy(r->bytes, text.p, kept);
    if (coded.len > 0)
        memcpy(r->bytes + kept, coded.p, coded.len);
    return r;
}

void rendering_free(void *rendering)
{
    free(rendering);
}
