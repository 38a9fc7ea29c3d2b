#include "assets.h"

const struct asset *assets_find(struct slice name)
{
    for (size_t i = 0; i < assets_count; i++) {
        if (slice_equal(slice_of(assets[i].name), name))
            return &assets[i];
    }
    return NULL;
}
