/* Content-Encoding undone, within the limit. The first byte is the first letter of the encoding,
 * the rest the body. */
#include "request_body.h"
#include "compressor.h"
#include "fuzz.h"

enum { LIMIT = 1 << 16 };

static const char *encoding_of(char letter)
{
    static const char *const encodings[] = {"gzip", "snappy", "zstd", "deflate"};
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++)
        if (encodings[i][0] == letter)
            return encodings[i];
    return encodings[(unsigned char)letter % (sizeof(encodings) / sizeof(encodings[0]))];
}

static bool decode(struct slice body, const char *encoding, size_t limit, struct arena *a,
                   struct slice *out)
{
    struct error e;
    bool ok = request_body_decode(body, encoding, limit, a, out, &e);
    FUZZ_REQUIRE(ok || ((e.code == ERROR_INVALID || e.code == ERROR_TOO_LARGE) && e.message[0]),
                 "%s", e.message);
    FUZZ_REQUIRE(!ok || body.len == 0 || out->len <= limit, "%zu bytes", out->len);
    return ok;
}

/* What our own compressor makes of bytes becomes these bytes. */
static void check_compressor(struct slice bytes, enum coding coding, struct arena *a)
{
    struct compressor *c = compressor_new(coding);
    struct buffer packed = {0};
    struct slice unpacked;
    size_t half = bytes.len / 2;
    FUZZ_REQUIRE(
        compressor_add(c, (struct slice){bytes.p, half}, false, &packed) &&
            compressor_add(c, (struct slice){bytes.p + half, bytes.len - half}, true, &packed),
        "out of memory");
    FUZZ_REQUIRE(
        decode(buffer_slice(&packed), negotiation_coding_name(coding), bytes.len, a, &unpacked) &&
            slice_equal(bytes, unpacked),
        "%s", negotiation_coding_name(coding));
    buffer_free(&packed);
    compressor_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = {(const char *)data, size}, out, exact;
    struct arena a = {0};
    const char *encoding = encoding_of(fuzz_take_byte(&body, 'g'));
    if (decode(body, encoding, LIMIT, &a, &out) && body.len > 0) {
        FUZZ_REQUIRE(decode(body, encoding, out.len, &a, &exact) && slice_equal(out, exact),
                     "%zu bytes", out.len);
        FUZZ_REQUIRE(out.len == 0 || !decode(body, encoding, out.len - 1, &a, &exact), "%zu bytes",
                     out.len);
    }
    check_compressor(body, size % 2 ? CODING_GZIP : CODING_ZSTD, &a);
    arena_free(&a);
    return 0;
}
