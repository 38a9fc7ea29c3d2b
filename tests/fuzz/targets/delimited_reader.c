/* The body of a protobuf push. */
#include "delimited_reader.h"

#include "fuzz.h"
#include "metric_value.h"
#include "utf8.h"

static void check_family(const struct family *f, struct arena *a)
{
    struct metric_value value;
    struct error e;
    FUZZ_REQUIRE(f->name.len > 0 && utf8_is_valid(f->name), "a name");
    FUZZ_REQUIRE(utf8_is_valid(f->help), "the help of %.*s", SLICE_ARGS(f->name));
    FUZZ_REQUIRE(utf8_is_valid(f->unit), "the unit of %.*s", SLICE_ARGS(f->name));
    FUZZ_REQUIRE((int)f->type >= 0 && (int)f->type < METRIC_TYPES, "%d", (int)f->type);
    for (size_t i = 0; i < f->n_metrics; i++) {
        const struct metric *m = &f->metrics[i];
        bool has_value = metric_value_read(m->payload, f->type, a, &value, &e);
        FUZZ_REQUIRE(has_value != m->lacks_value, "%s", has_value ? "has a value" : e.message);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = {(const char *)data, size};
    struct arena a = {0};
    struct family_list list;
    struct error e;
    if (!delimited_reader_read(body, &a, &list, &e)) {
        FUZZ_REQUIRE(e.code == ERROR_INVALID && e.message[0], "%s", e.message);
        list.count = 0;
    }
    for (size_t i = 0; i < list.count; i++) {
        check_family(&list.families[i], &a);
        for (size_t j = 0; j < i; j++)
            FUZZ_REQUIRE(!slice_equal(list.families[i].name, list.families[j].name), "%.*s twice",
                         SLICE_ARGS(list.families[i].name));
    }
    arena_free(&a);
    return 0;
}
