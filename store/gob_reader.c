#include "gob_reader.h"

#include "delimited_reader.h"
#include "go_time.h"
#include "gob_stream.h"
#include "label_names.h"
#include "metric_value.h"

#include <math.h>
#include <stdlib.h>

struct entry { /* of a group's map of families */
    struct slice name, message;
    int64_t time_ns;
};

struct read_group {
    struct label *labels;
    size_t n_labels, labels_room;
    struct entry *entries;
    size_t n_entries, entries_room;
};

struct reader {
    struct gob_decoder gob;
    struct store *store;
    struct snapshot_report *report;
    struct read_group group; /* being read */
    struct arena arena;      /* of it */
    struct error first;      /* why something was left out, the first time */
};

/* Room for one more element: memory grows with what has been read, not with what was claimed. */
static bool make_room(struct reader *r, void **array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return true;
    size_t more = n == 0 ? 8 : 2 * n;
    void *grown = arena_grow(&r->arena, *array, n * size, more * size);
    if (!grown)
        return error_no_memory(r->gob.error);
    *array = grown;
    *room = more;
    return true;
}

/* --- What the file says --------------------------------------------------------------------------
 */

static bool take_labels(struct reader *r, int64_t type)
{
    struct read_group *g = &r->group;
    const struct gob_type *map;
    size_t n;

    if (!gob_take_type(&r->gob, type, GOB_MAP, &map) || !gob_take_count(&r->gob, GOB_MAP, &n))
        return false;
    for (; n > 0; n--) {
        if (!make_room(r, (void **)&g->labels, g->n_labels, &g->labels_room, sizeof(*g->labels)))
            return false;
        struct label *label = &g->labels[g->n_labels++];
        if (!gob_take_bytes(&r->gob, map->key, &label->name) ||
            !gob_take_bytes(&r->gob, map->element, &label->value))
            return false;
    }
    return true;
}

static bool take_time(struct reader *r, int64_t type, int64_t *ns)
{
    const char *at = r->gob.rest.p;
    struct slice encoded;

    if (!gob_take_bytes(&r->gob, type, &encoded))
        return false;
    return go_time_read(encoded, ns) || gob_decoder_fail(&r->gob, at, "not a time of Go");
}

/* Of the last entry. */
static bool take_entry_field(struct gob_decoder *d, const struct gob_field *field, void *reader)
{
    struct reader *r = reader;
    struct entry *entry = &r->group.entries[r->group.n_entries - 1];
    if (slice_equal(field->name, SLICE_LITERAL("Timestamp")))
        return take_time(r, field->type, &entry->time_ns);
    if (slice_equal(field->name, SLICE_LITERAL("GobbableMetricFamily")))
        return gob_take_bytes(d, field->type, &entry->message);
    return gob_skip(d, field->type);
}

static bool take_entries(struct reader *r, int64_t type)
{
    struct read_group *g = &r->group;
    const struct gob_type *map;
    size_t n;

    if (!gob_take_type(&r->gob, type, GOB_MAP, &map) || !gob_take_count(&r->gob, GOB_MAP, &n))
        return false;
    for (; n > 0; n--) {
        if (!make_room(r, (void **)&g->entries, g->n_entries, &g->entries_room,
                       sizeof(*g->entries)))
            return false;
        struct entry *entry = &g->entries[g->n_entries++];
        *entry = (struct entry){0};
        if (!gob_take_bytes(&r->gob, map->key, &entry->name) ||
            !gob_take_struct(&r->gob, map->element, take_entry_field, r))
            return false;
    }
    return true;
}

static bool take_group_field(struct gob_decoder *d, const struct gob_field *field, void *reader)
{
    struct reader *r = reader;
    if (slice_equal(field->name, SLICE_LITERAL("Labels")))
        return take_labels(r, field->type);
    if (slice_equal(field->name, SLICE_LITERAL("Metrics")))
        return take_entries(r, field->type);
    return gob_skip(d, field->type);
}

/* --- What the store makes of it ------------------------------------------------------------------
 */

/* Notes why something is left out. False when it is not to blame: memory is out. */
static bool leave_out(struct reader *r, const struct error *why, size_t *count)
{
    if (why->code == ERROR_NO_MEMORY) {
        *r->gob.error = *why;
        return false;
    }
    if (r->first.code == ERROR_NONE)
        r->first = *why;
    ++*count;
    return true;
}

/* A name as a message shows it: its length is the file's. */
static struct slice shown(struct slice name)
{
    enum { SHOWN_MAX = 200 };
    return (struct slice){name.p, name.len < SHOWN_MAX ? name.len : SHOWN_MAX};
}

static int compare_labels(const void *a, const void *b)
{
    return slice_compare(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static bool check_labels(struct read_group *g, struct error *e)
{
    bool has_job = false;

    if (g->n_labels > 1)
        qsort(g->labels, g->n_labels, sizeof(*g->labels), compare_labels);
    for (size_t i = 0; i < g->n_labels; i++) {
        struct slice name = g->labels[i].name;
        if (!label_names_is_good(name))
            return error_set(e, ERROR_INVALID, "a group with the improper label name \"%.*s\"",
                             SLICE_ARGS(shown(name)));
        if (i > 0 && slice_equal(name, g->labels[i - 1].name))
            return error_set(e, ERROR_INVALID, "a group with two labels \"%.*s\"",
                             SLICE_ARGS(shown(name)));
        if (slice_equal(name, SLICE_LITERAL("job")) && g->labels[i].value.len > 0)
            has_job = true;
    }
    return has_job || error_set(e, ERROR_INVALID, "a group without a job");
}

static int compare_entries(const void *a, const void *b)
{
    return slice_compare(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static bool read_family(struct reader *r, const struct entry *entry, const struct entry *previous,
                        struct family *out, struct error *e)
{
    if (!delimited_reader_read_family(entry->message, &r->arena, out, e))
        return false;
    if (!slice_equal(out->name, entry->name))
        return error_set(e, ERROR_INVALID, "family \"%.*s\" under the name \"%.*s\"",
                         SLICE_ARGS(shown(out->name)), SLICE_ARGS(shown(entry->name)));
    if (previous && slice_equal(previous->name, entry->name))
        return error_set(e, ERROR_INVALID, "two families \"%.*s\" in a group",
                         SLICE_ARGS(shown(entry->name)));
    return true;
}

/* The moment that a family of push times shows. It shows its own time as a float of seconds, which
 * cannot tell nanoseconds; another one only if a client has pushed it. */
static int64_t shown_time(const struct family *f, int64_t own_ns, struct arena *a)
{
    struct metric_value value;
    struct error ignored;

    if (f->type != METRIC_GAUGE || f->n_metrics == 0 ||
        !metric_value_read(f->metrics[0].payload, METRIC_GAUGE, a, &value, &ignored))
        return 0;
    if (value.number == (double)own_ns / 1e9)
        return own_ns;
    bool is_time = value.number > 0 && value.number < (double)INT64_MAX / 1e9 - 1;
    return is_time ? (int64_t)llround(value.number * 1e9) : 0;
}

/* A family that shows 0 was made with its group, and no other is older. */
static void note_created(const struct entry *entry, struct store_saved_group *saved)
{
    if (entry->time_ns != 0 && (saved->created_ns == 0 || entry->time_ns < saved->created_ns))
        saved->created_ns = entry->time_ns;
}

/* Decodes the families of a group, but those that cannot be. */
static bool read_families(struct reader *r, struct read_group *g, struct store_saved_group *out)
{
    struct family *families = arena_alloc(&r->arena, g->n_entries * sizeof(*families));
    int64_t *times = arena_alloc(&r->arena, g->n_entries * sizeof(*times));
    struct error why;

    if (!families || !times)
        return error_no_memory(r->gob.error);
    out->families = (struct family_list){families, 0};
    out->times_ns = times;
    if (g->n_entries > 1)
        qsort(g->entries, g->n_entries, sizeof(*g->entries), compare_entries);
    for (size_t i = 0; i < g->n_entries; i++) {
        const struct entry *entry = &g->entries[i];
        struct family *family = &families[out->families.count];
        if (!read_family(r, entry, i > 0 ? entry - 1 : NULL, family, &why)) {
            if (!leave_out(r, &why, &r->report->families_refused))
                return false;
            continue;
        }
        note_created(entry, out);
        if (slice_equal(family->name, SLICE_LITERAL("push_time_seconds")))
            out->push_time_ns = shown_time(family, entry->time_ns, &r->arena);
        else if (slice_equal(family->name, SLICE_LITERAL("push_failure_time_seconds")))
            out->push_failure_time_ns = shown_time(family, entry->time_ns, &r->arena);
        else
            times[out->families.count++] = entry->time_ns;
    }
    return true;
}

/* Puts a group in without its families, then each that agrees with what is there. */
static bool restore_singly(struct reader *r, const struct store_saved_group *all)
{
    struct store_saved_group part = *all;
    struct error why;

    part.families.count = 0;
    if (!store_restore(r->store, &part, &r->arena, &why))
        return leave_out(r, &why, &r->report->refused);
    r->report->groups++;
    part.mode = STORE_MERGE;
    for (size_t i = 0; i < all->families.count; i++) {
        part.families = (struct family_list){&all->families.families[i], 1};
        part.times_ns = &all->times_ns[i];
        if (!store_restore(r->store, &part, &r->arena, &why) &&
            !leave_out(r, &why, &r->report->families_refused))
            return false;
    }
    return true;
}

static bool restore(struct reader *r, struct read_group *g)
{
    struct store_saved_group saved = {0};
    struct error why;

    if (!check_labels(g, &why))
        return leave_out(r, &why, &r->report->refused);
    saved.key = (struct group_key){g->labels, g->n_labels};
    if (!read_families(r, g, &saved))
        return false;
    if (!store_restore(r->store, &saved, &r->arena, &why))
        return restore_singly(r, &saved);
    r->report->groups++;
    return true;
}

/* --- The file ------------------------------------------------------------------------------------
 */

/* The type of the file's one value: a map of structs that have labels and metrics. */
static bool is_store(struct reader *r, int64_t type, const struct gob_type **map)
{
    *map = gob_types_find(&r->gob.types, type);
    const struct gob_type *group =
        (*map)->kind == GOB_MAP ? gob_types_find(&r->gob.types, (*map)->element) : NULL;

    return group && gob_type_field(group, "Labels") && gob_type_field(group, "Metrics");
}

static bool load_groups(struct reader *r, const struct gob_type *map)
{
    size_t n;

    if (!gob_take_count(&r->gob, GOB_MAP, &n))
        return false;
    for (; n > 0; n--) {
        r->group = (struct read_group){0};
        if (!gob_skip(&r->gob, map->key) ||
            !gob_take_struct(&r->gob, map->element, take_group_field, r) || !restore(r, &r->group))
            return false;
        arena_reset(&r->arena);
    }
    return gob_stream_end(&r->gob);
}

/* Until the types are known, it may be any file. */
static bool load(struct reader *r)
{
    const struct gob_type *map;
    int64_t type;

    if (!gob_stream_next(&r->gob, &type)) {
        struct error why = *r->gob.error;
        return error_set(r->gob.error, why.code, "not a persistence file: %s", why.message);
    }
    const char *at = r->gob.rest.p;
    r->report->is_gob = is_store(r, type, &map);
    if (!r->report->is_gob)
        return gob_decoder_fail(&r->gob, at, "not the persistence file of a Pushgateway");
    return load_groups(r, map);
}

bool gob_reader_load(struct store *s, struct slice file, struct snapshot_report *report,
                     struct error *e)
{
    struct reader r = {.store = s, .report = report};

    gob_decoder_init(&r.gob, file, e);
    bool whole = load(&r);
    if (whole && r.first.code != ERROR_NONE)
        *e = r.first;
    gob_decoder_free(&r.gob);
    arena_free(&r.arena);
    return whole;
}
