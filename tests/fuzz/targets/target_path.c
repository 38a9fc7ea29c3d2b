/* The target of a request: its path, the grouping key in it, its query. The input is the target as
 * it stands in the request line, after a byte: 'u' for UTF-8 names. */
#include "fuzz.h"
#include "grouping_key.h"
#include "name_filter.h"
#include "names.h"
#include "target.h"

static void check_key(struct slice path, bool utf8_names, struct arena *a)
{
    struct group_key key;
    struct error e;
    bool has_job = false;
    if (!grouping_key_parse(path, utf8_names, a, &key, &e)) {
        FUZZ_REQUIRE(e.code == ERROR_INVALID && e.message[0], "%s", e.message);
        return;
    }
    for (size_t i = 0; i < key.n_labels; i++) {
        struct slice name = key.labels[i].name;
        FUZZ_REQUIRE(i == 0 || slice_compare(key.labels[i - 1].name, name) < 0, "%.*s",
                     SLICE_ARGS(name));
        FUZZ_REQUIRE(utf8_names ? names_is_utf8(name) : names_is_legacy_label(name), "%.*s",
                     SLICE_ARGS(name));
        has_job = has_job || (slice_equal(name, SLICE_LITERAL("job")) && key.labels[i].value.len);
    }
    FUZZ_REQUIRE(has_job, "a job");
}

/* Cleaning twice is cleaning once; encoding and decoding gives the same. */
static void check_clean(struct slice path)
{
    struct buffer clean = {0}, encoded = {0};
    target_clean(path, &clean);
    FUZZ_REQUIRE(target_is_clean(buffer_slice(&clean)), "%.*s", (int)clean.len, clean.p);
    if (target_is_clean(path))
        FUZZ_REQUIRE(slice_equal(buffer_slice(&clean), path), "%.*s", SLICE_ARGS(path));
    target_encode(path, &encoded);
    char *decoded = malloc(encoded.len + 1);
    long length = target_decode(buffer_slice(&encoded), decoded);
    FUZZ_REQUIRE(length >= 0 && slice_equal((struct slice){decoded, (size_t)length}, path),
                 "%.*s is encoded as %.*s", SLICE_ARGS(path), (int)encoded.len, encoded.p);
    free(decoded);
    buffer_free(&clean);
    buffer_free(&encoded);
}

static void check_query(struct slice query, struct arena *a)
{
    struct name_filter filter = {0};
    FUZZ_REQUIRE(name_filter_parse(&filter, query, a), "out of memory");
    for (size_t i = 0; i < filter.count; i++)
        FUZZ_REQUIRE(name_filter_passes(&filter, filter.names[i]), "%.*s",
                     SLICE_ARGS(filter.names[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct slice before = SLICE_LITERAL("/metrics/");
    struct slice text = {(const char *)data, size};
    struct arena a = {0};
    struct target target;
    bool utf8_names = fuzz_take_byte(&text, 'l') == 'u';
    if (target_split(text, &target)) {
        char *decoded = arena_alloc(&a, target.path.len + 1);
        long length = target_decode(target.path, decoded);
        struct slice path = {decoded, length < 0 ? 0 : (size_t)length};
        check_query(target.query, &a);
        if (length > 0)
            check_clean(path);
        if (slice_has_prefix(path, before) && path.len > before.len)
            check_key((struct slice){path.p + before.len, path.len - before.len}, utf8_names, &a);
    }
    arena_free(&a);
    return 0;
}
