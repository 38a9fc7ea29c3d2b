#include "buffer.h"
#include "crc32c.h"
#include "request_body.h"
#include "suite.h"

#include <snappy-c.h>
#include <stdint.h>
#include <zlib.h>
#include <zstd.h>

enum { LIMIT = 1 << 20 };

static const char text[] = "# TYPE some_metric counter\n"
                           "some_metric{label=\"val1\"} 42\n"
                           "some_metric{label=\"val2\"} 43\n"
                           "some_metric{label=\"val3\"} 44\n";

static const struct slice plain = {text, sizeof(text) - 1};

static void add_little_endian(struct buffer *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buffer_byte(out, (char)(value >> 8 * i));
}

/* zlib's own format choice: 31 gzip, 15 zlib, -15 raw. */
static void deflate_with(struct buffer *out, struct slice s, int window_bits)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)s.p, .avail_in = (uInt)s.len};

    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&z, s.len) + 64;
    z.next_out = (Bytef *)buffer_reserve(out, bound);
    z.avail_out = (uInt)bound;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += bound - z.avail_out;
    deflateEnd(&z);
}

static void gzip(struct buffer *out, struct slice s)
{
    deflate_with(out, s, 31);
}

static void zlib(struct buffer *out, struct slice s)
{
    deflate_with(out, s, 15);
}

static void raw_deflate(struct buffer *out, struct slice s)
{
    deflate_with(out, s, -15);
}

static void two_members(struct buffer *out, struct slice s)
{
    gzip(out, (struct slice){s.p, s.len / 3});
    gzip(out, (struct slice){s.p + s.len / 3, s.len - s.len / 3});
}

static void zstd(struct buffer *out, struct slice s)
{
    size_t bound = ZSTD_compressBound(s.len);
    char *to = buffer_reserve(out, bound);
    size_t n = ZSTD_compress(to, bound, s.p, s.len, 3);
    ck_assert(!ZSTD_isError(n));
    out->len += n;
}

static void two_frames(struct buffer *out, struct slice s)
{
    zstd(out, (struct slice){s.p, s.len / 3});
    zstd(out, (struct slice){s.p + s.len / 3, s.len - s.len / 3});
}

/* A frame that does not say how long it is. */
static void zstd_stream(struct buffer *out, struct slice s)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    size_t bound = ZSTD_compressBound(s.len) + 64;
    ZSTD_outBuffer to = {buffer_reserve(out, bound), bound, 0};
    ZSTD_inBuffer from = {s.p, s.len / 2, 0};

    ck_assert(!ZSTD_isError(ZSTD_compressStream2(c, &to, &from, ZSTD_e_flush)));
    from.size = s.len;
    ck_assert_uint_eq(ZSTD_compressStream2(c, &to, &from, ZSTD_e_end), 0);
    out->len += to.pos;
    ZSTD_freeCCtx(c);
}

static void snappy_block(struct buffer *out, struct slice s)
{
    size_t n = snappy_max_compressed_length(s.len);
    char *to = buffer_reserve(out, n);
    ck_assert_int_eq(snappy_compress(s.p, s.len, to, &n), SNAPPY_OK);
    out->len += n;
}

static void snappy_chunk(struct buffer *out, int type, uint32_t sum, struct slice data)
{
    buffer_byte(out, (char)type);
    add_little_endian(out, (uint32_t)data.len + 4, 3);
    add_little_endian(out, sum, 4);
    buffer_slice_append(out, data);
}

static uint32_t masked(struct slice s)
{
    uint32_t sum = crc32c(s);

    return (sum >> 15 | sum << 17) + 0xa282ead8;
}

#define IDENTIFIER "\xff\x06\x00\x00sNaPpY"

static void snappy_framed(struct buffer *out, struct slice s)
{
    buffer_slice_append(out, SLICE_LITERAL(IDENTIFIER));
    for (bool compressed = true; s.len > 0; compressed = !compressed) {
        struct slice part = {s.p, s.len < 65536 ? s.len : 65536};
        struct buffer block = {0};
        if (compressed)
            snappy_block(&block, part);
        snappy_chunk(out, compressed ? 0 : 1, masked(part),
                     compressed ? buffer_slice(&block) : part);
        buffer_free(&block);
        buffer_slice_append(out, SLICE_LITERAL("\xfe\x02\x00\x00pp\x80\x00\x00\x00"));
        s.p += part.len;
        s.len -= part.len;
    }
}

static const struct codec {
    const char *encoding;
    void (*encode)(struct buffer *out, struct slice s);
    bool has_checksum; /* so that no flipped bit goes unnoticed, but in headers */
} codecs[] = {
    {"gzip", gzip, true},
    {"GZip", two_members, true},
    {" gzip\t", gzip, true},
    {"deflate", zlib, true},
    {"deflate", raw_deflate, false},
    {"zstd", zstd, false},
    {"ZSTD", two_frames, false},
    {"zstd", zstd_stream, false},
    {"snappy", snappy_framed, true},
    {"snappy", snappy_block, false},
};

static const int N_CODECS = sizeof(codecs) / sizeof(*codecs);

static struct slice decoded;
static struct error error;
static struct arena arena;

/* Decodes a copy of exactly its size, so that a sanitizer sees each byte read beside it. */
static bool decode(struct slice body, const char *encoding, size_t limit)
{
    char *copy = malloc(body.len);

    arena_reset(&arena);
    error = (struct error){0};
    if (body.len > 0)
        memcpy(copy, body.p, body.len);
    bool ok = request_body_decode((struct slice){copy, body.len}, encoding, limit, &arena, &decoded,
                                  &error);
    free(copy);
    return ok;
}

static void forget(void)
{
    arena_free(&arena);
}

START_TEST(undoes)
{
    struct buffer packed = {0};

    codecs[_i].encode(&packed, plain);
    ck_assert_msg(decode(buffer_slice(&packed), codecs[_i].encoding, LIMIT), "%s", error.message);
    ck_assert(slice_equal(decoded, plain));
    buffer_free(&packed);
}
END_TEST

START_TEST(undoes_large_ones)
{
    struct buffer whole = {0}, packed = {0};

    for (unsigned i = 0; whole.len < LIMIT - 64; i++)
        buffer_printf(&whole, "m{l=\"%u\"} %u\n", i, i * 7919);
    codecs[_i].encode(&packed, buffer_slice(&whole));
    ck_assert_msg(decode(buffer_slice(&packed), codecs[_i].encoding, LIMIT), "%s", error.message);
    ck_assert(slice_equal(decoded, buffer_slice(&whole)));
    buffer_free(&whole);
    buffer_free(&packed);
}
END_TEST

START_TEST(keeps_to_the_limit)
{
    struct buffer packed = {0};

    codecs[_i].encode(&packed, plain);
    for (size_t limit = 0; limit < plain.len; limit++) {
        ck_assert_msg(!decode(buffer_slice(&packed), codecs[_i].encoding, limit), "limit %zu",
                      limit);
        ck_assert_msg(error.code == ERROR_TOO_LARGE, "limit %zu: %s", limit, error.message);
    }
    ck_assert(decode(buffer_slice(&packed), codecs[_i].encoding, plain.len));
    buffer_free(&packed);
}
END_TEST

START_TEST(refuses_bombs)
{
    static char zeroes[16 << 20];
    struct buffer packed = {0};

    codecs[_i].encode(&packed, (struct slice){zeroes, sizeof(zeroes)});
    ck_assert(!decode(buffer_slice(&packed), codecs[_i].encoding, LIMIT));
    ck_assert_int_eq(error.code, ERROR_TOO_LARGE);
    buffer_free(&packed);
}
END_TEST

START_TEST(refuses_what_is_cut_off)
{
    struct buffer packed = {0};

    codecs[_i].encode(&packed, plain);
    for (size_t n = 1; n < packed.len; n++) {
        if (!decode((struct slice){packed.p, n}, codecs[_i].encoding, LIMIT)) {
            ck_assert_int_eq(error.code, ERROR_INVALID);
            continue;
        }
        /* Between members, frames or chunks is an end. */
        ck_assert_msg(decoded.len < plain.len || codecs[_i].encode == snappy_framed, "cut at %zu",
                      n);
        ck_assert(codecs[_i].encode == two_members || codecs[_i].encode == two_frames ||
                  codecs[_i].encode == snappy_framed);
    }
    buffer_free(&packed);
}
END_TEST

/* No bit flipped may crash, or go beyond the limit, or, with a checksum, change what comes out. */
START_TEST(survives_flipped_bits)
{
    enum { TIGHT = 400 };
    struct buffer packed = {0};

    codecs[_i].encode(&packed, plain);
    for (size_t bit = 0; bit < packed.len * 8; bit++) {
        packed.p[bit / 8] ^= (char)(1 << bit % 8);
        bool ok = decode(buffer_slice(&packed), codecs[_i].encoding, TIGHT);
        ck_assert_msg(ok || error.code != ERROR_NONE, "bit %zu", bit);
        if (ok)
            ck_assert_uint_le(decoded.len, TIGHT);
        /* One bit makes a chunk of snappy's one to be skipped. */
        bool skipped = codecs[_i].encode == snappy_framed && decoded.len == 0;
        if (ok && codecs[_i].has_checksum && !skipped)
            ck_assert_msg(slice_equal(decoded, plain), "bit %zu", bit);
        packed.p[bit / 8] ^= (char)(1 << bit % 8);
    }
    buffer_free(&packed);
}
END_TEST

START_TEST(survives_garbage)
{
    uint32_t random = 12345 + (uint32_t)_i;
    struct buffer packed = {0};

    for (int round = 0; round < 300; round++) {
        buffer_clear(&packed);
        codecs[_i].encode(&packed, plain);
        for (int change = 0; change < 8; change++) {
            random = random * 1664525 + 1013904223;
            packed.p[(random >> 8) % packed.len] = (char)(random >> 3);
        }
        random = random * 1664525 + 1013904223;
        packed.len -= (random >> 8) % packed.len;
        if (decode(buffer_slice(&packed), codecs[_i].encoding, LIMIT))
            ck_assert_uint_le(decoded.len, LIMIT);
    }
    buffer_free(&packed);
}
END_TEST

static const char *const ignored[] = {NULL,         "",      "identity", "br",           "x-gzip",
                                      "gzip, gzip", "gzip,", "gzi",      "gzip identity"};

START_TEST(ignores_other_encodings)
{
    struct slice out;

    ck_assert(request_body_decode(plain, ignored[_i], 1, &arena, &out, &error));
    ck_assert(out.p == plain.p && out.len == plain.len);
}
END_TEST

START_TEST(takes_empty_bodies)
{
    static const char *const encodings[] = {"snappy", "zstd", "deflate", "br", NULL};

    for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++) {
        ck_assert(decode(SLICE_LITERAL(""), encodings[i], LIMIT));
        ck_assert_uint_eq(decoded.len, 0);
    }
    ck_assert(!decode(SLICE_LITERAL(""), "gzip", LIMIT));
    ck_assert_str_eq(error.message, "EOF");
    for (int i = 0; i < N_CODECS; i++) {
        struct buffer packed = {0};
        codecs[i].encode(&packed, SLICE_LITERAL(""));
        ck_assert_msg(decode(buffer_slice(&packed), codecs[i].encoding, 0), "codec %d: %s", i,
                      error.message);
        ck_assert_uint_eq(decoded.len, 0);
        buffer_free(&packed);
    }
}
END_TEST

/* A gzip member of `plain` with other flags, and fields between header and data. */
static void gzip_with_fields(struct buffer *out, char flags, struct slice fields)
{
    struct buffer whole = {0};

    gzip(&whole, plain);
    buffer_bytes(out, whole.p, 3);
    buffer_byte(out, flags);
    buffer_bytes(out, whole.p + 4, 6);
    buffer_slice_append(out, fields);
    buffer_bytes(out, whole.p + 10, whole.len - 10);
    buffer_free(&whole);
}

static const struct {
    char flags;
    struct slice fields;
    const char *message; /* NULL: fine */
} gzip_fields[] = {
    {0, {"", 0}, NULL},
    {(char)0xe0, {"", 0}, NULL},
    {1, {"", 0}, NULL},
    {4,
     {"\x03\x00"
      "abc",
      5},
     NULL},
    {4,
     {"\xff\xff"
      "abc",
      5},
     "unexpected EOF"},
    {8, {"name", 5}, NULL},
    {16, {"comment", 8}, NULL},
    {31 & ~2, {"\x01\x00xname\0comment", 16}, NULL},
    {2, {"\x00\x00", 2}, "gzip: invalid header"},
};

START_TEST(reads_gzip_headers)
{
    struct buffer packed = {0};

    gzip_with_fields(&packed, gzip_fields[_i].flags, gzip_fields[_i].fields);
    bool ok = decode(buffer_slice(&packed), "gzip", LIMIT);
    ck_assert_str_eq(error.message, gzip_fields[_i].message ? gzip_fields[_i].message : "");
    if (ok)
        ck_assert(slice_equal(decoded, plain));
    buffer_free(&packed);
}
END_TEST

START_TEST(checks_the_checksum_of_a_gzip_header)
{
    struct buffer packed = {0};

    gzip_with_fields(&packed, 2, SLICE_LITERAL("xx"));
    uLong sum = crc32(0, (const Bytef *)packed.p, 10);
    packed.p[10] = (char)sum;
    packed.p[11] = (char)(sum >> 8);
    ck_assert_msg(decode(buffer_slice(&packed), "gzip", LIMIT), "%s", error.message);
    buffer_free(&packed);
}
END_TEST

START_TEST(bounds_names_in_gzip_headers)
{
    struct buffer packed = {0};
    char name[600];

    memset(name, 'n', sizeof(name));
    name[511] = '\0';
    gzip_with_fields(&packed, 8, (struct slice){name, 512});
    ck_assert_msg(decode(buffer_slice(&packed), "gzip", LIMIT), "%s", error.message);
    packed.len = 0;
    name[511] = 'n';
    name[512] = '\0';
    gzip_with_fields(&packed, 8, (struct slice){name, 513});
    ck_assert(!decode(buffer_slice(&packed), "gzip", LIMIT));
    ck_assert_str_eq(error.message, "gzip: invalid header");
    buffer_free(&packed);
}
END_TEST

/* What is done to a well-formed body, and what comes of it. */
static const struct {
    const char *encoding;
    void (*encode)(struct buffer *out, struct slice s);
    int keep;   /* bytes kept, from the end if negative; 0: all */
    int change; /* offset of a byte to turn over, from the end if negative; 0: none */
    struct slice append;
    const char *message;
} broken[] = {
    {"gzip", gzip, 0, 0, {"x", 1}, "unexpected EOF"},
    {"gzip", gzip, 0, 0, {"0123456789", 10}, "gzip: invalid header"},
    {"gzip", gzip, 9, 0, {"", 0}, "unexpected EOF"},
    {"gzip", gzip, 10, 0, {"", 0}, "unexpected EOF"},
    {"gzip", gzip, -1, 0, {"", 0}, "unexpected EOF"},
    {"gzip", gzip, 0, 1, {"", 0}, "gzip: invalid header"},
    {"gzip", gzip, 0, 2, {"", 0}, "gzip: invalid header"},
    {"gzip", gzip, 0, -1, {"", 0}, "gzip: invalid checksum"},
    {"gzip", gzip, 0, -8, {"", 0}, "gzip: invalid checksum"},
    {"gzip", gzip, 10, 0, {"\xff\xff\xff", 3}, "flate: corrupt input before offset 1"},
    {"deflate", zlib, 0, -1, {"", 0}, "zlib: invalid checksum"},
    {"deflate", zlib, -1, 0, {"", 0}, "unexpected EOF"},
    {"deflate", zlib, 0, 0, {"x", 1}, "zlib: data behind the end of the stream"},
    {"deflate", raw_deflate, 0, 0, {"x", 1}, "zlib: data behind the end of the stream"},
    {"zstd", zstd, -1, 0, {"", 0}, "unexpected EOF"},
    {"zstd", zstd, 0, 0, {"x", 1}, "zstd: corrupt input"},
    {"zstd", zstd, 0, 0, {"\x28\xb5\x2f", 3}, "unexpected EOF"},
    {"zstd", zstd, 0, 0, {"xxxxxxxx", 8}, "zstd: corrupt input"},
    {"snappy", snappy_framed, -1, 0, {"", 0}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 4, {"", 0}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 14, {"", 0}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 0, {"\x02\x00\x00\x00", 4}, "snappy: unsupported input"},
    {"snappy", snappy_framed, 0, 0, {"\x7f\x00\x00\x00", 4}, "snappy: unsupported input"},
    {"snappy", snappy_framed, 0, 0, {"\xfe\xff\xff\xff", 4}, "snappy: unsupported input"},
    {"snappy", snappy_framed, 0, 0, {"\x80\x00\x00", 3}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 0, {"\x80\x01\x00\x00", 4}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 0, {"\x00\x03\x00\x00xyz", 7}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 0, {"\xff\x06\x00\x00sNaPpy", 10}, "snappy: corrupt input"},
    {"snappy", snappy_framed, 0, 0, {"\xff\x06\x00\x00sNaPpY", 10}, ""},
    {"snappy", snappy_framed, 0, 0, {"\x80\x00\x00\x00\xfd\x01\x00\x00x", 9}, ""},
    {"snappy", snappy_framed, 3, 0, {"\x02sNaPpY", 7}, "snappy: unsupported input"},
    {"snappy", snappy_block, -1, 0, {"", 0}, "snappy: corrupt input"},
    {"snappy", snappy_block, 0, 0, {"x", 1}, "snappy: corrupt input"},
};

START_TEST(names_what_is_wrong)
{
    struct buffer packed = {0};
    int keep = broken[_i].keep, change = broken[_i].change;

    broken[_i].encode(&packed, plain);
    if (keep != 0)
        packed.len = keep > 0 ? (size_t)keep : packed.len - (size_t)-keep;
    if (change != 0)
        packed.p[change > 0 ? (size_t)change : packed.len - (size_t)-change] ^= 0x55;
    buffer_slice_append(&packed, broken[_i].append);
    bool ok = decode(buffer_slice(&packed), broken[_i].encoding, LIMIT);
    ck_assert_str_eq(error.message, broken[_i].message);
    ck_assert(ok == (broken[_i].message[0] == '\0'));
    buffer_free(&packed);
}
END_TEST

static const struct {
    struct slice body;
    const char *encoding;
    enum error_code code;
} claims[] = {
    /* 4 GiB less one byte out of six bytes. */
    {SLICE_LITERAL("\xff\xff\xff\xff\x0f\x00"), "snappy", ERROR_INVALID},
    /* 2 MiB out of nothing much, as a zstd frame of a single segment says it. */
    {SLICE_LITERAL("\x28\xb5\x2f\xfd\xa0\x00\x00\x20\x00\x01\x00\x00"), "zstd", ERROR_INVALID},
    /* A window of 16 MiB. */
    {SLICE_LITERAL("\x28\xb5\x2f\xfd\x00\x70\x01\x00\x00"), "zstd", ERROR_INVALID},
};

START_TEST(does_not_believe_claims)
{
    ck_assert(!decode(claims[_i].body, claims[_i].encoding, LIMIT));
    ck_assert_msg(error.code == claims[_i].code, "%s", error.message);
}
END_TEST

START_TEST(refuses_a_claim_beyond_the_limit_before_decoding)
{
    struct buffer packed = {0};

    /* 2 MiB in a body long enough to be believed; what follows the length is nonsense. */
    buffer_bytes(&packed, "\x80\x80\x80\x01", 4);
    for (int i = 0; i < 200000; i++)
        buffer_byte(&packed, (char)0xff);
    ck_assert(!decode(buffer_slice(&packed), "snappy", LIMIT));
    ck_assert_int_eq(error.code, ERROR_TOO_LARGE);
    buffer_free(&packed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("request_body");
    TCase *tc = tcase_create("request_body");

    tcase_add_checked_fixture(tc, NULL, forget);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, undoes, 0, N_CODECS);
    tcase_add_loop_test(tc, undoes_large_ones, 0, N_CODECS);
    tcase_add_loop_test(tc, keeps_to_the_limit, 0, N_CODECS);
    tcase_add_loop_test(tc, refuses_bombs, 0, N_CODECS);
    tcase_add_loop_test(tc, refuses_what_is_cut_off, 0, N_CODECS);
    tcase_add_loop_test(tc, survives_flipped_bits, 0, N_CODECS);
    tcase_add_loop_test(tc, survives_garbage, 0, N_CODECS);
    tcase_add_loop_test(tc, ignores_other_encodings, 0, sizeof(ignored) / sizeof(*ignored));
    tcase_add_test(tc, takes_empty_bodies);
    tcase_add_loop_test(tc, reads_gzip_headers, 0, sizeof(gzip_fields) / sizeof(*gzip_fields));
    tcase_add_test(tc, checks_the_checksum_of_a_gzip_header);
    tcase_add_test(tc, bounds_names_in_gzip_headers);
    tcase_add_loop_test(tc, names_what_is_wrong, 0, sizeof(broken) / sizeof(*broken));
    tcase_add_loop_test(tc, does_not_believe_claims, 0, sizeof(claims) / sizeof(*claims));
    tcase_add_test(tc, refuses_a_claim_beyond_the_limit_before_decoding);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
