/* The persistence file of the Go Pushgateway. */
#include "exposed.h"
#include "fuzz.h"
#include "gob_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice file = {(const char *)data, size};
    struct snapshot_report report = {0};
    struct error e = {0};
    struct store *s = store_new((struct store_options){0});
    bool whole = gob_reader_load(s, file, &report, &e);
    FUZZ_REQUIRE(whole || e.code == ERROR_INVALID, "%d: %s", (int)e.code, e.message);
    FUZZ_REQUIRE((whole && report.refused == 0) || e.message[0], "no reason");
    exposed_require_readable(s);
    store_free(s);
    return 0;
}
