/* The persistence file. The first byte: 'f' the rest is the file; else it is the content of
 * records, each with its length in two bytes before it, that get right checksums and a right
 * trailer: behind a wrong checksum nothing is looked at. */
#include "snapshot.h"
#include "buffer.h"
#include "crc32c.h"
#include "exposed.h"
#include "fuzz.h"

#include <endian.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct slice header = SLICE_LITERAL("PGWSNAP\x01");

static void append_u32(struct buffer *out, uint32_t value)
{
    value = htole32(value);
    buffer_bytes(out, &value, sizeof(value));
}

static void append_record(struct buffer *out, struct slice content)
{
    append_u32(out, (uint32_t)content.len);
    append_u32(out, crc32c(content));
    buffer_slice_append(out, content);
}

static void append_trailer(struct buffer *out, uint64_t records)
{
    records = htole64(records);
    append_u32(out, UINT32_MAX);
    buffer_bytes(out, &records, sizeof(records));
    append_u32(out, crc32c((struct slice){(const char *)&records, sizeof(records)}));
}

static void make_file(struct slice records, struct buffer *out)
{
    uint64_t n = 0;
    buffer_slice_append(out, header);
    while (records.len >= 2) {
        size_t length = (unsigned char)records.p[0] | (size_t)(unsigned char)records.p[1] << 8;
        records = (struct slice){records.p + 2, records.len - 2};
        struct slice content = {records.p, length < records.len ? length : records.len};
        if (content.len > 0) { /* no writer makes an empty one: it is taken for damage */
            append_record(out, content);
            n++;
        }
        records = (struct slice){records.p + content.len, records.len - content.len};
    }
    append_trailer(out, n);
}

static enum snapshot_outcome load(struct store *s, struct slice file,
                                  struct snapshot_report *report, struct error *e)
{
    char path[32];
    int fd = memfd_create("snapshot", MFD_CLOEXEC);
    FUZZ_REQUIRE(fd >= 0 && write(fd, file.p, file.len) == (ssize_t)file.len, "a file in memory");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    enum snapshot_outcome outcome = snapshot_load(s, path, report, e);
    close(fd);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct buffer file = {0};
    struct snapshot_report report;
    struct error e = {0};
    struct store *s = store_new((struct store_options){0});
    bool raw = fuzz_take_byte(&in, 'f') == 'f';
    if (raw)
        buffer_slice_append(&file, in);
    else
        make_file(in, &file);

    enum snapshot_outcome outcome = load(s, buffer_slice(&file), &report, &e);
    FUZZ_REQUIRE(outcome != SNAPSHOT_FAILED, "%s", e.message);
    FUZZ_REQUIRE(raw || (outcome == SNAPSHOT_LOADED) == (report.refused == 0), "%s", e.message);
    FUZZ_REQUIRE(outcome == SNAPSHOT_LOADED || e.message[0], "no reason");
    /* A later record of the same group replaces it. */
    FUZZ_REQUIRE(store_statistics(s).groups <= report.groups, "%zu groups, %zu reported",
                 store_statistics(s).groups, report.groups);
    exposed_require_readable(s);
    store_free(s);
    buffer_free(&file);
    return 0;
}
