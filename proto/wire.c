/* Groups: an old form of nested message without a length. Nobody sends them, but they are part of
 * the format, and what may hold unknown fields must be able to step over one. */
#include "wire.h"

bool wire_skip_group(struct slice *in, uint32_t number)
{
    uint32_t open[WIRE_GROUPS_MAX];
    int depth = 0;
    struct slice rest = *in;

    open[depth++] = number;
    while (depth > 0) {
        struct slice after = rest;
        uint64_t tag;
        if (!wire_take_varint(&after, &tag) || tag < 1 << 3 || tag >> 3 > WIRE_FIELD_MAX)
            return false;
        switch (tag & 7) {
        case WIRE_GROUP_START:
            if (depth == WIRE_GROUPS_MAX)
                return false;
            open[depth++] = (uint32_t)(tag >> 3);
            rest = after;
            break;
        case WIRE_GROUP_END:
            if (open[--depth] != tag >> 3)
                return false;
            rest = after;
            break;
        default: {
            struct wire_field skipped;
            if (!wire_take_field(&rest, &skipped))
                return false;
        }
        }
    }
    *in = rest;
    return true;
}
