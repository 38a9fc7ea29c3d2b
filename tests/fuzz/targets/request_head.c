/* The head of a request: found wherever it is cut, and read within its bytes. */
#include "request_head.h"
#include "fuzz.h"

/* The head's length when the bytes come in steps; *search goes on where the last step ended. */
static size_t find_in_steps(const char *bytes, size_t length, size_t step)
{
    struct request_head_search search = {0};
    size_t n = 0;
    for (size_t had = 0; had < length && n == 0;) {
        had = length - had > step ? had + step : length;
        n = request_head_find(bytes, had, &search);
    }
    return n;
}

static bool within(struct slice part, const char *bytes, size_t length)
{
    return part.p >= bytes && part.p + part.len <= bytes + length;
}

static void check_head(char *bytes, size_t length)
{
    struct request_head head;
    struct request_header header;
    request_head_parse(bytes, length, &head);
    if (head.refusal) {
        FUZZ_REQUIRE(head.refusal->status >= 400 && head.refusal->status < 600, "%d",
                     head.refusal->status);
        return;
    }
    FUZZ_REQUIRE(head.method.len > 0 && head.target.len > 0, "a request line");
    FUZZ_REQUIRE(within(head.method, bytes, length) && within(head.target, bytes, length) &&
                     within(head.headers, bytes, length),
                 "a part");
    FUZZ_REQUIRE(!head.chunked || head.content_length == 0, "two lengths");
    FUZZ_REQUIRE(!head.close || !head.keep_alive, "two wishes");
    while (request_head_next(&head.headers, &header))
        FUZZ_REQUIRE(header.name.len > 0 && within(header.name, bytes, length) &&
                         within(header.value, bytes, length),
                     "a header");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size);
    if (size > 0)
        memcpy(bytes, data, size);
    size_t n = find_in_steps(bytes, size, size);
    static const size_t steps[] = {1, 2, 7};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        FUZZ_REQUIRE(find_in_steps(bytes, size, steps[i]) == n, "cut every %zu bytes", steps[i]);
    FUZZ_REQUIRE(n <= size, "%zu of %zu", n, size);
    /* Alone in memory, so that nothing behind the head can be read. */
    bytes = realloc(bytes, n > 0 ? n : 1);
    if (n > 0)
        check_head(bytes, n);
    free(bytes);
    return 0;
}
