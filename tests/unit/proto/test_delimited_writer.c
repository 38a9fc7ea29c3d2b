#include "delimited_writer.h"

#include "delimited_reader.h"
#include "encode.h"
#include "metric_wire.h"
#include "suite.h"

static struct buffer out;
static struct arena arena;

static void teardown(void)
{
    buffer_free(&out);
    arena_free(&arena);
    encode_free();
}

static struct slice wire(size_t n, const struct label *labels, struct slice payload)
{
    size_t size = metric_wire_size(labels, n, payload);
    char *bytes = encode_alloc(size);
    metric_wire_put(bytes, labels, n, payload);
    return (struct slice){bytes, size};
}

static void expect(struct slice want)
{
    struct slice got = buffer_slice(&out);
    ck_assert(!out.failed);
    ck_assert_msg(slice_equal(got, want), "\"%.*s\", not \"%.*s\"", SLICE_ARGS(got),
                  SLICE_ARGS(want));
}

START_TEST(head_of_a_family)
{
    delimited_writer_family(&out, TEXT("m"), true, TEXT("Help."), METRIC_GAUGE, TEXT("s"), 0,
                            ESCAPING_NONE);
    expect(TEXT("\x0f\x0a\x01m\x12\x05Help.\x18\x01\x2a\x01s"));
}
END_TEST

START_TEST(what_is_not_there_is_left_out)
{
    delimited_writer_family(&out, TEXT("m"), false, TEXT(""), METRIC_COUNTER, TEXT(""), 0,
                            ESCAPING_NONE);
    expect(TEXT("\x05\x0a\x01m\x18\0"));
    buffer_clear(&out);
    delimited_writer_family(&out, TEXT("m"), true, TEXT(""), METRIC_COUNTER, TEXT(""), 0,
                            ESCAPING_NONE);
    expect(TEXT("\x07\x0a\x01m\x12\0\x18\0"));
}
END_TEST

START_TEST(length_counts_the_metrics)
{
    struct slice gauge = TEXT("\x12\x09\x09\0\0\0\0\0\0\xf0\x3f");
    struct slice metrics =
        MESSAGE(wire(1, (struct label[]){{TEXT("a"), TEXT("1")}}, gauge), wire(0, NULL, gauge));
    struct family_list list;
    struct error error;

    for (int i = 0; i < 2; i++) {
        char name[] = {(char)('a' + i), '\0'};
        delimited_writer_family(&out, slice_of(name), true, TEXT("h"), METRIC_GAUGE, TEXT(""),
                                metrics.len, ESCAPING_NONE);
        buffer_slice_append(&out, metrics);
    }
    bool ok = delimited_reader_read(buffer_slice(&out), &arena, &list, &error);
    ck_assert_msg(ok, "%s", error.message);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_uint_eq(list.families[1].n_metrics, 2);
    ck_assert(slice_equal(list.families[1].name, TEXT("b")));
    ck_assert(slice_equal(list.families[1].metrics[1].payload, gauge));
}
END_TEST

START_TEST(escaped_name)
{
    delimited_writer_family(&out, TEXT("m.x"), false, TEXT(""), METRIC_GAUGE, TEXT(""), 0,
                            ESCAPING_VALUES);
    expect(TEXT("\x0d\x0a\x09U__m_2e_x\x18\x01"));
}
END_TEST

START_TEST(metrics_without_such_names_stay)
{
    struct slice metrics =
        MESSAGE(wire(1, (struct label[]){{TEXT("a"), TEXT("\xc3\xa9")}}, TEXT("\x12\0")),
                wire(1, (struct label[]){{TEXT("a_b"), TEXT("1")}}, TEXT("")));

    for (enum escaping e = ESCAPING_NONE; e <= ESCAPING_VALUES; e++) {
        buffer_clear(&out);
        delimited_writer_escape_metrics(&out, metrics, e);
        expect(metrics);
    }
    buffer_clear(&out);
    delimited_writer_escape_metrics(&out, TEXT(""), ESCAPING_VALUES);
    expect(TEXT(""));
}
END_TEST

START_TEST(escaped_labels)
{
    struct label plain[] = {{TEXT("a"), TEXT("1")}};
    struct label dotted[] = {{TEXT("a.b"), TEXT("1.2")}, {TEXT("c:"), TEXT("3")}};
    struct label escaped[] = {{TEXT("a_b"), TEXT("1.2")}, {TEXT("c_"), TEXT("3")}};
    struct slice payload = TEXT("\x12\0\xa2\x06\x01x");
    struct slice metrics = MESSAGE(wire(1, plain, payload), wire(2, dotted, payload),
                                   wire(2, dotted, payload), wire(1, plain, payload));

    delimited_writer_escape_metrics(&out, metrics, ESCAPING_UNDERSCORES);
    expect(MESSAGE(wire(1, plain, payload), wire(2, escaped, payload), wire(2, escaped, payload),
                   wire(1, plain, payload)));
    buffer_clear(&out);
    delimited_writer_escape_metrics(&out, metrics, ESCAPING_NONE);
    expect(metrics);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delimited_writer");
    TCase *tc = tcase_create("delimited_writer");
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, head_of_a_family);
    tcase_add_test(tc, what_is_not_there_is_left_out);
    tcase_add_test(tc, length_counts_the_metrics);
    tcase_add_test(tc, escaped_name);
    tcase_add_test(tc, metrics_without_such_names_stay);
    tcase_add_test(tc, escaped_labels);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
