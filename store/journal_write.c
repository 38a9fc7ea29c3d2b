#include "crc32c.h"
#include "delimited_writer.h"
#include "journal.h"
#include "journal.pb-c.h"
#include "journal_format.h"
#include "metric_wire.h"
#include "wire.h"

#include <endian.h>

static char *put_u32(char *to, uint32_t v)
{
    v = htole32(v);
    return mempcpy(to, &v, sizeof(v));
}

static char *put_u64(char *to, uint64_t v)
{
    v = htole64(v);
    return mempcpy(to, &v, sizeof(v));
}

/* Ends a head: the checksum of its n bytes. */
static void put_check(char *head, size_t n)
{
    put_u32(head + n, crc32c((struct slice){head, n}));
}

bool journal_put_header(struct buffer *out, struct journal_position at)
{
    char *head = buffer_reserve(out, JOURNAL_HEADER_SIZE);
    if (!head)
        return false;
    char *to = mempcpy(head, journal_magic.p, journal_magic.len);
    to = put_u64(to, at.number);
    put_u32(to, at.chain);
    put_check(head, JOURNAL_HEADER_CHECKED);
    out->len += JOURNAL_HEADER_SIZE;
    return true;
}

static ProtobufCBinaryData binary(struct slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)(uintptr_t)s.p};
}

static bool set_labels(Pushgateway__Journal__Record *record, struct group_key key, struct arena *a)
{
    Pushgateway__Journal__Label *labels = arena_alloc(a, key.n_labels * sizeof(*labels));
    record->label = arena_alloc(a, key.n_labels * sizeof(*record->label));
    if (!labels || !record->label)
        return false;
    for (size_t i = 0; i < key.n_labels; i++) {
        pushgateway__journal__label__init(&labels[i]);
        labels[i].name = binary(key.labels[i].name);
        labels[i].value = binary(key.labels[i].value);
        record->label[i] = &labels[i];
    }
    record->n_label = key.n_labels;
    return true;
}

static size_t metrics_size(const struct family *f)
{
    size_t size = 0;
    for (size_t i = 0; i < f->n_metrics; i++)
        size +=
            metric_wire_size(f->metrics[i].labels, f->metrics[i].n_labels, f->metrics[i].payload);
    return size;
}

static void put_family(struct buffer *out, const struct family *f)
{
    size_t size = metrics_size(f);
    delimited_writer_family(out, f->name, f->has_help, f->help, f->type, f->unit, size,
                            ESCAPING_NONE);
    char *to = buffer_reserve(out, size);
    if (!to)
        return;
    for (size_t i = 0; i < f->n_metrics; i++)
        to = metric_wire_put(to, f->metrics[i].labels, f->metrics[i].n_labels,
                             f->metrics[i].payload);
    out->len += size;
}

static bool put_record(struct buffer *out, uint32_t *chain,
                       const Pushgateway__Journal__Record *record, struct error *e)
{
    size_t size = pushgateway__journal__record__get_packed_size(record);
    if (size > UINT32_MAX)
        return error_set(e, ERROR_TOO_LARGE, "a push of more than 4 GiB");
    char *head = buffer_reserve(out, JOURNAL_RECORD_HEAD_SIZE + size);
    if (!head) {
        out->failed = false; /* what was there before is as good as it was */
        return error_no_memory(e);
    }
    char *content = head + JOURNAL_RECORD_HEAD_SIZE;
    pushgateway__journal__record__pack(record, (uint8_t *)content);
    *chain = crc32c_extend(*chain, (struct slice){content, size});
    put_u32(put_u32(head, (uint32_t)size), *chain);
    put_check(head, JOURNAL_RECORD_HEAD_CHECKED);
    out->len += JOURNAL_RECORD_HEAD_SIZE + size;
    return true;
}

bool journal_put_push(struct buffer *out, uint32_t *chain, struct group_key key,
                      const struct family_list *families, enum store_mode mode, int64_t now_ns,
                      struct arena *scratch, struct error *e)
{
    Pushgateway__Journal__Record record = PUSHGATEWAY__JOURNAL__RECORD__INIT;
    struct buffer encoded = {0};

    for (size_t i = 0; i < families->count; i++)
        put_family(&encoded, &families->families[i]);
    record.kind = mode == STORE_REPLACE ? PUSHGATEWAY__JOURNAL__RECORD__KIND__REPLACE
                                        : PUSHGATEWAY__JOURNAL__RECORD__KIND__MERGE;
    record.has_time_ns = record.has_families = true;
    record.time_ns = now_ns;
    record.families = binary(buffer_slice(&encoded));
    bool ok = !encoded.failed && set_labels(&record, key, scratch);
    ok = ok ? put_record(out, chain, &record, e) : error_no_memory(e);
    buffer_free(&encoded);
    return ok;
}

bool journal_put_refusal(struct buffer *out, uint32_t *chain, struct group_key key, int64_t now_ns,
                         struct arena *scratch, struct error *e)
{
    Pushgateway__Journal__Record record = PUSHGATEWAY__JOURNAL__RECORD__INIT;
    record.kind = PUSHGATEWAY__JOURNAL__RECORD__KIND__REFUSE;
    record.has_time_ns = true;
    record.time_ns = now_ns;
    return set_labels(&record, key, scratch) ? put_record(out, chain, &record, e)
                                             : error_no_memory(e);
}

bool journal_put_deletion(struct buffer *out, uint32_t *chain, struct group_key key,
                          struct arena *scratch, struct error *e)
{
    Pushgateway__Journal__Record record = PUSHGATEWAY__JOURNAL__RECORD__INIT;
    record.kind = PUSHGATEWAY__JOURNAL__RECORD__KIND__DELETE;
    return set_labels(&record, key, scratch) ? put_record(out, chain, &record, e)
                                             : error_no_memory(e);
}

bool journal_put_wipe(struct buffer *out, uint32_t *chain, struct error *e)
{
    Pushgateway__Journal__Record record = PUSHGATEWAY__JOURNAL__RECORD__INIT;
    record.kind = PUSHGATEWAY__JOURNAL__RECORD__KIND__WIPE;
    return put_record(out, chain, &record, e);
}
