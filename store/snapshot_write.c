#include "delimited_writer.h"
#include "folder.h"
#include "gob_keep.h"
#include "snapshot.h"
#include "snapshot.pb-c.h"
#include "snapshot_format.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { WRITE_SIZE = 1 << 20 };

struct writer {
    int fd;
    struct buffer out;   /* encoded, not yet written */
    struct arena arena;  /* of the record being made */
    struct buffer texts; /* its encoded families, one after the other */
    uint64_t records;
};

static bool write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.p, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes.p += n;
        bytes.len -= (size_t)n;
    }
    return true;
}

static bool flush(struct writer *w, struct error *e)
{
    if (w->out.failed)
        return error_no_memory(e);
    if (!write_all(w->fd, buffer_slice(&w->out)))
        return error_set(e, ERROR_IO, "write: %s", strerror(errno));
    buffer_clear(&w->out);
    return true;
}

static void put_u32(struct buffer *out, uint32_t v)
{
    v = htole32(v);
    buffer_bytes(out, &v, sizeof(v));
}

static void put_u64(struct buffer *out, uint64_t v)
{
    v = htole64(v);
    buffer_bytes(out, &v, sizeof(v));
}

static ProtobufCBinaryData binary(struct slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)(uintptr_t)s.p};
}

static bool put_labels(struct writer *w, const struct group_key *key,
                       Pushgateway__Snapshot__Group *record)
{
    Pushgateway__Snapshot__Label *labels = arena_alloc(&w->arena, key->n_labels * sizeof(*labels));
    record->label = arena_alloc(&w->arena, key->n_labels * sizeof(*record->label));
    if (!labels || !record->label)
        return false;
    for (size_t i = 0; i < key->n_labels; i++) {
        pushgateway__snapshot__label__init(&labels[i]);
        labels[i].name = binary(key->labels[i].name);
        labels[i].value = binary(key->labels[i].value);
        record->label[i] = &labels[i];
    }
    record->n_label = key->n_labels;
    return true;
}

/* Encodes a family without the length that stands before a delimited one. */
static struct slice encode_family(struct writer *w, const struct store_group_family *f)
{
    const struct store_family *family = &f->family;
    struct slice metrics = f->block.metrics;

    buffer_clear(&w->texts);
    delimited_writer_family(&w->texts, family->name, family->has_help, family->help, family->type,
                            family->unit, metrics.len, ESCAPING_NONE);
    buffer_slice_append(&w->texts, metrics);
    if (w->texts.failed)
        return (struct slice){NULL, 0};
    struct slice encoded = buffer_slice(&w->texts);
    uint64_t length;
    wire_take_varint(&encoded, &length);
    return arena_copy(&w->arena, encoded);
}

/* The two families that the store makes up are saved as the group's times. */
static bool is_made_up(struct slice name)
{
    return slice_equal(name, SLICE_LITERAL("push_time_seconds")) ||
           slice_equal(name, SLICE_LITERAL("push_failure_time_seconds"));
}

static bool put_families(struct writer *w, struct store_view *view, size_t n,
                         Pushgateway__Snapshot__Group *record)
{
    Pushgateway__Snapshot__Family *families = arena_alloc(&w->arena, n * sizeof(*families));
    record->family = arena_alloc(&w->arena, n * sizeof(*record->family));
    if (!families || !record->family)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct store_group_family f;
        store_view_group_family(view, i, &f);
        if (is_made_up(f.family.name))
            continue;
        Pushgateway__Snapshot__Family *out = &families[record->n_family];
        pushgateway__snapshot__family__init(out);
        struct slice encoded = encode_family(w, &f);
        if (!encoded.p)
            return false;
        out->metric_family = binary(encoded);
        out->time_ns = f.time_ns;
        record->family[record->n_family++] = out;
    }
    return true;
}

static bool put_group(struct writer *w, struct store_view *view, const struct store_group *group,
                      struct error *e)
{
    Pushgateway__Snapshot__Group record = PUSHGATEWAY__SNAPSHOT__GROUP__INIT;
    bool ok =
        put_labels(w, &group->key, &record) && put_families(w, view, group->n_families, &record);
    record.created_ns = group->created_ns;
    record.push_time_ns = group->push_time_ns;
    record.push_failure_time_ns = group->push_failure_time_ns;
    size_t size = ok ? pushgateway__snapshot__group__get_packed_size(&record) : 0;
    if (size >= SNAPSHOT_TRAILER_MARK)
        return error_set(e, ERROR_TOO_LARGE, "a group of more than 4 GiB");
    uint8_t *packed = ok ? arena_alloc(&w->arena, size) : NULL;
    if (!packed)
        return error_no_memory(e);
    struct slice content = {(const char *)packed,
                            pushgateway__snapshot__group__pack(&record, packed)};
    put_u32(&w->out, (uint32_t)content.len);
    put_u32(&w->out, crc32c(content));
    buffer_slice_append(&w->out, content);
    arena_reset(&w->arena);
    w->records++;
    return w->out.len < WRITE_SIZE || flush(w, e);
}

static bool put_all(struct writer *w, struct store_view *view, struct journal_position at,
                    struct error *e)
{
    struct store_group group;

    snapshot_put_header(&w->out, at);
    while (store_view_next_group(view, &group))
        if (!put_group(w, view, &group, e))
            return false;
    put_u32(&w->out, SNAPSHOT_TRAILER_MARK);
    uint64_t records = htole64(w->records);
    put_u64(&w->out, w->records);
    put_u32(&w->out, crc32c((struct slice){(const char *)&records, sizeof(records)}));
    return flush(w, e);
}

static bool write_to(int fd, struct store *s, struct journal_position at, struct error *e)
{
    struct writer w = {.fd = fd};
    struct store_view *view = store_view_open(s);
    bool ok = view ? put_all(&w, view, at, e) : error_no_memory(e);

    if (view)
        store_view_close(view);
    buffer_free(&w.out);
    buffer_free(&w.texts);
    arena_free(&w.arena);
    if (ok && fsync(fd) != 0)
        ok = error_set(e, ERROR_IO, "fsync: %s", strerror(errno));
    return ok;
}

static char *temporary_name(const char *path)
{
    char *name;
    return asprintf(&name, "%s.tmp", path) < 0 ? NULL : name;
}

/* Puts the new file in the place of the old one, which is kept if it is another program's. */
static bool replace(const char *temporary, const char *path, struct error *e)
{
    bool kept;
    if (!gob_keep(path, &kept, e) || (kept && !folder_sync(path, e)))
        return false;
    return rename(temporary, path) == 0 ||
           error_set(e, ERROR_IO, "rename to %s: %s", path, strerror(errno));
}

/* A new file in the place of what an earlier try may have left. */
static int create(const char *name, struct error *e)
{
    int fd = unlink(name) == 0 || errno == ENOENT
                 ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)
                 : -1;
    if (fd < 0)
        error_set(e, ERROR_IO, "create %s: %s", name, strerror(errno));
    return fd;
}

bool snapshot_save(struct store *s, const char *path, struct journal_position at, struct error *e)
{
    char *temporary = temporary_name(path);
    int fd = temporary ? create(temporary, e) : -1;
    bool ok = temporary ? fd >= 0 : error_no_memory(e);

    if (fd >= 0) {
        ok = write_to(fd, s, at, e);
        if (close(fd) != 0 && ok)
            ok = error_set(e, ERROR_IO, "close: %s", strerror(errno));
        ok = ok && replace(temporary, path, e);
        if (!ok)
            unlink(temporary);
    }
    free(temporary);
    return ok && folder_sync(path, e);
}

bool snapshot_prepare(const char *path, struct error *e)
{
    char *temporary = temporary_name(path);
    if (!temporary)
        return error_no_memory(e);
    int fd = create(temporary, e);
    if (fd >= 0) {
        close(fd);
        unlink(temporary);
    }
    free(temporary);
    return fd >= 0;
}
