/* The body of a text push. */
#include "text_reader.h"

#include "fuzz.h"
#include "names.h"
#include "utf8.h"

static void check_names(const struct family *f, bool utf8_names)
{
    FUZZ_REQUIRE(f->name.len > 0 && utf8_is_valid(f->name), "a name");
    FUZZ_REQUIRE(utf8_names || names_is_legacy_metric(f->name), "%.*s", SLICE_ARGS(f->name));
    FUZZ_REQUIRE(utf8_is_valid(f->help), "the help of %.*s", SLICE_ARGS(f->name));
    for (size_t i = 0; i < f->n_metrics; i++) {
        const struct metric *m = &f->metrics[i];
        FUZZ_REQUIRE(m->payload.p && !m->lacks_value, "metric %zu of %.*s", i, SLICE_ARGS(f->name));
        for (size_t j = 0; j < m->n_labels; j++)
            FUZZ_REQUIRE(utf8_is_valid(m->labels[j].name) && utf8_is_valid(m->labels[j].value) &&
                             (utf8_names || names_is_legacy_label(m->labels[j].name)),
                         "a label of %.*s", SLICE_ARGS(f->name));
    }
}

static bool read_all(struct slice body, bool utf8_names, struct arena *a)
{
    static const char place[] = "text format parsing error in line ";
    struct family_list list;
    struct error e;
    if (!text_reader_read(body, utf8_names, a, &list, &e)) {
        FUZZ_REQUIRE(e.code == ERROR_INVALID && strncmp(e.message, place, strlen(place)) == 0, "%s",
                     e.message);
        return false;
    }
    for (size_t i = 0; i < list.count; i++)
        check_names(&list.families[i], utf8_names);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = {(const char *)data, size};
    struct arena a = {0};
    if (read_all(body, false, &a))
        FUZZ_REQUIRE(read_all(body, true, &a), "what passes with legacy names");
    else
        read_all(body, true, &a);
    arena_free(&a);
    return 0;
}
