/* Bytes on a connection: whatever comes, and however it is cut, the server answers or closes, and
 * serves the next client. The first byte says how many bytes are sent at a time; 0 is all. */
#include "fuzz.h"
#include "in_process.h"
#include "text_reader.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    in_process_start();
    return 0;
}

static void check_next_client(void)
{
    struct arena a = {0};
    struct family_list list;
    struct error e;
    struct reply r = in_process_request("GET", SLICE_LITERAL("/metrics"), "", SLICE_LITERAL(""));
    FUZZ_REQUIRE(r.status == 200, "%d", r.status);
    FUZZ_REQUIRE(text_reader_read(r.body, true, &a, &list, &e), "%s", e.message);
    arena_free(&a);
    reply_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {(const char *)data, size};
    size_t step = (unsigned char)fuzz_take_byte(&bytes, 0);
    in_process_open();
    struct buffer got = in_process_exchange(bytes, step > 0 ? step : bytes.len);
    FUZZ_REQUIRE(got.len == 0 || slice_has_prefix(buffer_slice(&got), SLICE_LITERAL("HTTP/1.")),
                 "%.*s", (int)got.len, got.p);
    check_next_client();
    in_process_close();
    buffer_free(&got);
    return 0;
}
