/* The journal. The first byte: 'f' the rest is a segment; else it is the content of records, each
 * with its length in two bytes before it, that get right checksums: behind a wrong one nothing is
 * looked at. */
#include "journal.h"
#include "crc32c.h"
#include "exposed.h"
#include "fuzz.h"
#include "journal_format.h"

#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

static char folder[] = "/tmp/fuzz_journal_XXXXXX";
static char path[sizeof(folder) + 8], *segment;

static void remove_folder(void)
{
    unlink(segment);
    rmdir(folder);
    free(segment);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    FUZZ_REQUIRE(mkdtemp(folder), "a folder");
    snprintf(path, sizeof(path), "%s/file", folder);
    segment = journal_segment_name(path, journal_beginning.number);
    FUZZ_REQUIRE(segment && atexit(remove_folder) == 0, "out of memory");
    return 0;
}

static void append_u32(struct buffer *out, uint32_t value)
{
    value = htole32(value);
    buffer_bytes(out, &value, sizeof(value));
}

static void append_record(struct buffer *out, uint32_t *chain, struct slice content)
{
    size_t head = out->len;
    *chain = crc32c_extend(*chain, content);
    append_u32(out, (uint32_t)content.len);
    append_u32(out, *chain);
    append_u32(out, crc32c((struct slice){out->p + head, JOURNAL_RECORD_HEAD_CHECKED}));
    buffer_slice_append(out, content);
}

static void make_segment(struct slice records, struct buffer *out)
{
    uint32_t chain = journal_beginning.chain;
    FUZZ_REQUIRE(journal_put_header(out, journal_beginning), "out of memory");
    while (records.len >= 2) {
        size_t length = (unsigned char)records.p[0] | (size_t)(unsigned char)records.p[1] << 8;
        records = (struct slice){records.p + 2, records.len - 2};
        struct slice content = {records.p, length < records.len ? length : records.len};
        append_record(out, &chain, content);
        records = (struct slice){records.p + content.len, records.len - content.len};
    }
}

static void write_segment(struct slice bytes)
{
    int fd = open(segment, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_REQUIRE(fd >= 0 && write(fd, bytes.p, bytes.len) == (ssize_t)bytes.len && close(fd) == 0,
                 "%s", segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct buffer bytes = {0};
    struct journal_report report = {0};
    struct error e = {0};
    struct store *s = store_new((struct store_options){0});
    bool raw = fuzz_take_byte(&in, 'f') == 'f';
    if (raw)
        buffer_slice_append(&bytes, in);
    else
        make_segment(in, &bytes);
    write_segment(buffer_slice(&bytes));

    enum journal_outcome outcome = journal_replay(s, path, &journal_beginning, &report, &e);
    FUZZ_REQUIRE(outcome != JOURNAL_FAILED, "%s", e.message);
    FUZZ_REQUIRE((outcome == JOURNAL_REPLAYED && report.refused == 0) || e.message[0], "no reason");
    FUZZ_REQUIRE(store_statistics(s).groups <= report.records, "%zu groups, %zu records",
                 store_statistics(s).groups, report.records);
    exposed_require_readable(s);
    store_free(s);
    buffer_free(&bytes);
    return 0;
}
