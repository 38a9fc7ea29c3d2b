/* Reading a body while each allocation in turn fails. */
#include "failing_malloc.h"

#include "buffer.h"
#include "delimited_reader.h"
#include "store/require.h"
#include "suite.h"
#include "text_reader.h"
#include "wire.h"

enum { FAMILIES = 400 };

static struct buffer body;

static void setup(void)
{
    body = (struct buffer){0};
}

static void teardown(void)
{
    buffer_free(&body);
}

typedef bool read_body(struct arena *a, struct family_list *out, struct error *e);

static bool read_text(struct arena *a, struct family_list *out, struct error *e)
{
    return text_reader_read(buffer_slice(&body), false, a, out, e);
}

static bool read_delimited(struct arena *a, struct family_list *out, struct error *e)
{
    return delimited_reader_read(buffer_slice(&body), a, out, e);
}

/* Reads until it goes through, failing a later allocation each time. */
static void read_against_all_odds(read_body *read, size_t families)
{
    size_t pieces = live_pieces;
    REQUIRE(!body.failed);
    for (long n = 1;; n++) {
        struct arena a = {0};
        struct family_list list;
        struct error e = {0};
        fail_allocation(n);
        bool ok = read(&a, &list, &e), failed = allocation_failed();
        if (ok)
            REQUIRE(list.count == families);
        else
            REQUIRE(e.code == ERROR_NO_MEMORY);
        arena_free(&a);
        REQUIRE(live_pieces == pieces);
        REQUIRE(failed || ok);
        if (!failed) {
            REQUIRE(n > 3);
            return;
        }
    }
}

/* All types, the parts of a histogram apart from each other, texts to be unescaped. */
START_TEST(a_text_body)
{
    for (int i = 0; i < FAMILIES; i++) {
        buffer_printf(&body, "# HELP h%d a \\\\ and \\n\n# TYPE h%d histogram\n", i, i);
        buffer_printf(&body, "# TYPE s%d summary\ns%d{quantile=\"0.5\"} 1\ns%d_sum 2\n", i, i, i);
        for (int k = 0; k < 3; k++)
            buffer_printf(&body, "h%d_bucket{k=\"\\\"%d\",le=\"1\"} 1\nh%d_sum{k=\"\\\"%d\"} 4\n",
                          i, k, i, k);
        buffer_printf(&body, "u%d{a=\"b\\n\"} 1e300\n", i);
    }
    for (int i = 0; i < FAMILIES; i++)
        buffer_printf(&body, "h%d_count{k=\"\\\"0\"} 3\n", i);
    read_against_all_odds(read_text, 3 * (size_t)FAMILIES);
}
END_TEST

static void put_bytes(struct buffer *out, uint32_t field, struct slice bytes)
{
    char head[2 * WIRE_VARINT_MAX];
    char *end = wire_put_varint(wire_put_varint(head, wire_tag(field, WIRE_BYTES)), bytes.len);
    buffer_bytes(out, head, (size_t)(end - head));
    buffer_slice_append(out, bytes);
}

/* A gauge with labels and a help text that is not UTF-8. */
static void put_family(const char *name)
{
    struct buffer family = {0}, metric = {0}, label = {0};
    char length[WIRE_VARINT_MAX];

    put_bytes(&label, 1, SLICE_LITERAL("l"));
    put_bytes(&label, 2, SLICE_LITERAL("v"));
    put_bytes(&metric, 1, buffer_slice(&label));
    put_bytes(&metric, 2, SLICE_LITERAL("\x09\x00\x00\x00\x00\x00\x00\xf0\x3f"));
    put_bytes(&family, 1, slice_of(name));
    put_bytes(&family, 2, SLICE_LITERAL("no \xff UTF-8"));
    buffer_bytes(&family, "\x18\x01", 2);
    for (int i = 0; i < 5; i++)
        put_bytes(&family, 4, buffer_slice(&metric));
    buffer_bytes(&body, length, (size_t)(wire_put_varint(length, family.len) - length));
    buffer_slice_append(&body, buffer_slice(&family));
    buffer_free(&family);
    buffer_free(&metric);
    buffer_free(&label);
}

/* Not in order and each name twice, so that there is something to sort out. */
START_TEST(a_delimited_body)
{
    char name[16];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = FAMILIES; i > 0; i--) {
            snprintf(name, sizeof(name), "m%d", i);
            put_family(name);
        }
    }
    read_against_all_odds(read_delimited, FAMILIES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader_memory");
    TCase *tc = tcase_create("reader_memory");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_text_body);
    tcase_add_test(tc, a_delimited_body);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
