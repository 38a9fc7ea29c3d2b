#include "snapshot_format.h"

void snapshot_put_header(struct buffer *out, struct journal_position at)
{
    char position[12];
    uint64_t number = htole64(at.number);
    uint32_t chain = htole32(at.chain);

    memcpy(mempcpy(position, &number, sizeof(number)), &chain, sizeof(chain));
    uint32_t crc = htole32(crc32c((struct slice){position, sizeof(position)}));
    buffer_slice_append(out, snapshot_header);
    buffer_bytes(out, position, sizeof(position));
    buffer_bytes(out, &crc, sizeof(crc));
}

static void skip(struct slice *file, size_t n)
{
    file->p += n;
    file->len -= n;
}

/* The position behind the magic; false when it does not verify. */
static bool read_position(const char *from, struct journal_position *at)
{
    uint32_t crc;
    memcpy(&at->number, from, sizeof(at->number));
    memcpy(&at->chain, from + 8, sizeof(at->chain));
    memcpy(&crc, from + 12, sizeof(crc));
    *at = (struct journal_position){le64toh(at->number), le32toh(at->chain)};
    return le32toh(crc) == crc32c((struct slice){from, 12}) && at->number > 0;
}

bool snapshot_take_header(struct slice *file, struct journal_position *at, bool *known)
{
    *at = journal_beginning;
    *known = slice_has_prefix(*file, snapshot_header_1);
    if (*known) {
        skip(file, SNAPSHOT_HEADER_1_SIZE);
        return true;
    }
    if (!slice_has_prefix(*file, snapshot_header) || file->len < SNAPSHOT_HEADER_SIZE)
        return false;
    *known = read_position(file->p + snapshot_header.len, at);
    skip(file, SNAPSHOT_HEADER_SIZE);
    return true;
}
