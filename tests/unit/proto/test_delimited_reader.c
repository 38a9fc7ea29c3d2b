#include "delimited_reader.h"

#include "encode.h"
#include "suite.h"

#include <stdio.h>

static struct arena arena;
static struct error error;
static struct family_list list;

static void setup(void)
{
    arena = (struct arena){0};
    error = (struct error){0};
}

static void teardown(void)
{
    arena_free(&arena);
    encode_free();
}

static struct slice named(const char *name)
{
    return BYTES(1, slice_of(name));
}

static struct slice typed(enum metric_type type)
{
    return VARINT(3, type);
}

static struct slice label(const char *name, const char *value)
{
    return BYTES(1, MESSAGE(BYTES(1, slice_of(name)), BYTES(2, slice_of(value))));
}

static struct slice gauge(double v)
{
    return BYTES(2, DOUBLE(1, v));
}

static struct slice metric(struct slice content)
{
    return BYTES(4, content);
}

static struct slice gauge_family(const char *name, double v)
{
    return encode_delimited(MESSAGE(named(name), typed(METRIC_GAUGE), metric(gauge(v))));
}

static bool read(struct slice body)
{
    return delimited_reader_read(body, &arena, &list, &error);
}

static void accept(struct slice body)
{
    bool ok = read(body);
    ck_assert_msg(ok, "%s", error.message);
}

static void refuse(struct slice body, const char *message)
{
    ck_assert_msg(!read(body), "accepted, not refused: %s", message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
    ck_assert_msg(strstr(error.message, message) != NULL, "%s, not: %s", error.message, message);
}

static void refuse_family(struct slice message, const char *why)
{
    refuse(encode_delimited(message), why);
}

static const struct metric *only_metric(void)
{
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.families[0].n_metrics, 1);
    return &list.families[0].metrics[0];
}

#define ck_assert_slice_eq(got, want)                                                              \
    do {                                                                                           \
        struct slice got_ = (got), want_ = (want);                                                 \
        ck_assert_msg(slice_equal(got_, want_), "\"%.*s\", not \"%.*s\"", SLICE_ARGS(got_),        \
                      SLICE_ARGS(want_));                                                          \
    } while (0)

START_TEST(whole_family)
{
    accept(
        encode_delimited(MESSAGE(named("up_seconds"), BYTES(2, TEXT("Is up.")), typed(METRIC_GAUGE),
                                 metric(MESSAGE(label("b", "2"), label("a", ""), gauge(1))),
                                 metric(gauge(2)), BYTES(5, TEXT("seconds")))));
    ck_assert_uint_eq(list.count, 1);
    const struct family *family = &list.families[0];
    ck_assert_slice_eq(family->name, TEXT("up_seconds"));
    ck_assert_slice_eq(family->help, TEXT("Is up."));
    ck_assert_slice_eq(family->unit, TEXT("seconds"));
    ck_assert(family->has_help);
    ck_assert_int_eq(family->type, METRIC_GAUGE);
    ck_assert_uint_eq(family->n_metrics, 2);
    const struct metric *first = &family->metrics[0];
    ck_assert_uint_eq(first->n_labels, 2);
    ck_assert_slice_eq(first->labels[0].name, TEXT("b"));
    ck_assert_slice_eq(first->labels[0].value, TEXT("2"));
    ck_assert_slice_eq(first->labels[1].name, TEXT("a"));
    ck_assert_slice_eq(first->labels[1].value, TEXT(""));
    ck_assert_slice_eq(first->payload, gauge(1));
    ck_assert(!first->has_timestamp);
    ck_assert_uint_eq(family->metrics[1].n_labels, 0);
    ck_assert_slice_eq(family->metrics[1].payload, gauge(2));
}
END_TEST

START_TEST(nothing_copied_where_labels_come_first)
{
    struct slice body =
        encode_delimited(MESSAGE(named("m"), typed(METRIC_GAUGE),
                                 metric(MESSAGE(label("a", "1"), label("b", "2"), gauge(1)))));
    accept(body);
    const char *payload = only_metric()->payload.p;
    ck_assert(payload > body.p && payload < body.p + body.len);
}
END_TEST

START_TEST(fields_in_any_order)
{
    accept(encode_delimited(
        MESSAGE(metric(MESSAGE(gauge(1), label("a", "1"), BYTES(20, TEXT("x")), label("b", "2"))),
                typed(METRIC_GAUGE), named("m"))));
    const struct metric *got = only_metric();
    ck_assert_uint_eq(got->n_labels, 2);
    ck_assert_slice_eq(got->labels[0].name, TEXT("a"));
    ck_assert_slice_eq(got->labels[1].name, TEXT("b"));
    ck_assert_slice_eq(got->payload, MESSAGE(gauge(1), BYTES(20, TEXT("x"))));
}
END_TEST

START_TEST(defaults)
{
    accept(encode_delimited(MESSAGE(named("m"), metric(BYTES(3, TEXT(""))))));
    ck_assert_int_eq(list.families[0].type, METRIC_COUNTER);
    ck_assert(!list.families[0].has_help);
    ck_assert_uint_eq(list.families[0].unit.len, 0);

    accept(encode_delimited(MESSAGE(named("m"), BYTES(2, TEXT("")))));
    ck_assert(list.families[0].has_help);
    ck_assert_uint_eq(list.families[0].n_metrics, 0);

    accept(encode_delimited(
        MESSAGE(named("m"), typed(METRIC_GAUGE),
                metric(MESSAGE(BYTES(1, TEXT("")), BYTES(1, BYTES(2, TEXT("v"))), gauge(1))))));
    ck_assert_uint_eq(only_metric()->n_labels, 2);
    ck_assert_slice_eq(only_metric()->labels[0].name, TEXT(""));
    ck_assert_slice_eq(only_metric()->labels[0].value, TEXT(""));
    ck_assert_slice_eq(only_metric()->labels[1].value, TEXT("v"));

    accept(TEXT(""));
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(last_of_a_field_counts)
{
    accept(encode_delimited(
        MESSAGE(named("x"), named("m"), typed(METRIC_COUNTER), typed(METRIC_GAUGE),
                BYTES(2, TEXT("x")), BYTES(2, TEXT("help")),
                metric(MESSAGE(BYTES(1, MESSAGE(BYTES(1, TEXT("x")), BYTES(1, TEXT("a")),
                                                BYTES(2, TEXT("x")), BYTES(2, TEXT("1")))),
                               gauge(1))))));
    ck_assert_slice_eq(list.families[0].name, TEXT("m"));
    ck_assert_slice_eq(list.families[0].help, TEXT("help"));
    ck_assert_int_eq(list.families[0].type, METRIC_GAUGE);
    ck_assert_slice_eq(only_metric()->labels[0].name, TEXT("a"));
    ck_assert_slice_eq(only_metric()->labels[0].value, TEXT("1"));
}
END_TEST

START_TEST(unknown_fields)
{
    struct slice group = TEXT("\xa3\x01\x08\x01\xa4\x01");
    struct slice unknown = MESSAGE(VARINT(30, 5), group, BYTES(31, TEXT("x")));

    accept(encode_delimited(MESSAGE(unknown, named("m"), typed(METRIC_GAUGE), unknown,
                                    metric(MESSAGE(BYTES(1, MESSAGE(unknown, BYTES(1, TEXT("a")))),
                                                   unknown, BYTES(2, unknown))))));
    ck_assert_slice_eq(only_metric()->labels[0].name, TEXT("a"));
    ck_assert_slice_eq(only_metric()->payload, MESSAGE(unknown, BYTES(2, unknown)));
}
END_TEST

/* Family and labels are written anew for a scrape, so what Go takes for unknown there may pass. */
START_TEST(wrong_wire_types_in_what_is_written_anew)
{
    accept(encode_delimited(MESSAGE(VARINT(1, 5), named("m"), BYTES(3, TEXT("x")),
                                    typed(METRIC_GAUGE), VARINT(2, 1), VARINT(4, 1),
                                    metric(MESSAGE(BYTES(1, VARINT(1, 5)), gauge(1))))));
    ck_assert_slice_eq(only_metric()->labels[0].name, TEXT(""));
    ck_assert(!list.families[0].has_help);
}
END_TEST

START_TEST(value_of_every_type)
{
    static const struct {
        enum metric_type type;
        uint32_t field;
    } cases[METRIC_TYPES] = {
        {METRIC_COUNTER, 3}, {METRIC_GAUGE, 2},     {METRIC_SUMMARY, 4},
        {METRIC_UNTYPED, 5}, {METRIC_HISTOGRAM, 7}, {METRIC_GAUGE_HISTOGRAM, 7},
    };

    for (size_t i = 0; i < METRIC_TYPES; i++) {
        for (uint32_t field = 2; field <= 7; field++) {
            struct slice message =
                MESSAGE(named("m"), typed(cases[i].type),
                        metric(field == 6 ? VARINT(6, 5) : BYTES(field, TEXT(""))));
            accept(encode_delimited(message));
            ck_assert_int_eq(only_metric()->lacks_value, field != cases[i].field);
        }
    }
}
END_TEST

START_TEST(timestamp)
{
    accept(encode_delimited(
        MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(gauge(1), VARINT(6, 0))))));
    ck_assert(only_metric()->has_timestamp);
}
END_TEST

START_TEST(second_family_replaces_the_first)
{
    accept(MESSAGE(gauge_family("b", 1), gauge_family("a", 2), gauge_family("b", 3),
                   gauge_family("c", 4), gauge_family("b", 5), gauge_family("a", 6)));
    ck_assert_uint_eq(list.count, 3);
    ck_assert_slice_eq(list.families[0].name, TEXT("b"));
    ck_assert_slice_eq(list.families[0].metrics[0].payload, gauge(5));
    ck_assert_slice_eq(list.families[1].name, TEXT("a"));
    ck_assert_slice_eq(list.families[1].metrics[0].payload, gauge(6));
    ck_assert_slice_eq(list.families[2].name, TEXT("c"));
    ck_assert_slice_eq(list.families[2].metrics[0].payload, gauge(4));
}
END_TEST

START_TEST(names)
{
    static const char *const fine[] = {"a b", "1a", "m-x", "\xc3\xa9", "U__m_2e_x", "\n", " "};

    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        accept(gauge_family(fine[i], 1));
        ck_assert_slice_eq(list.families[0].name, slice_of(fine[i]));
    }
    refuse(gauge_family("", 1), "family without a name (family 1 \"\", byte ");
    refuse_family(MESSAGE(typed(METRIC_GAUGE), metric(gauge(1))), "family without a name");
    refuse(TEXT("\0"), "family without a name");
    refuse(gauge_family("m\xff", 1), "invalid metric name");
    refuse_family(MESSAGE(BYTES(1, TEXT("a\0b"))), "invalid metric name");
    /* Labels are the store's to judge. */
    accept(encode_delimited(MESSAGE(named("m"), typed(METRIC_GAUGE),
                                    metric(MESSAGE(label("\xff", "\xff"), gauge(1))))));
    ck_assert_slice_eq(only_metric()->labels[0].name, TEXT("\xff"));
}
END_TEST

START_TEST(help_is_repaired)
{
    static const struct {
        struct slice in, out;
    } cases[] = {
        {TEXT("\xff"), TEXT("\xef\xbf\xbd")},
        {TEXT("a\xc3\xa9\xff\xc3z\0"), TEXT("a\xc3\xa9\xef\xbf\xbd\xef\xbf\xbdz\0")},
        {TEXT("\xed\xa0\x80"), TEXT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")}, /* a surrogate */
        {TEXT("fine \xc3\xa9\n"), TEXT("fine \xc3\xa9\n")},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        accept(encode_delimited(MESSAGE(named("m"), BYTES(2, cases[i].in))));
        ck_assert_slice_eq(list.families[0].help, cases[i].out);
    }
}
END_TEST

/* Prometheus 3 refuses a whole protobuf scrape over a unit that the name does not end in. */
START_TEST(unit_that_does_not_fit_is_dropped)
{
    static const struct {
        const char *name, *unit;
        enum metric_type type;
        bool fits;
    } cases[] = {
        {"m_seconds", "seconds", METRIC_GAUGE, true},
        {"m_bytes_per_second", "bytes_per_second", METRIC_GAUGE, true},
        {"m_seconds_total", "seconds", METRIC_COUNTER, true},
        {"m_seconds", "seconds", METRIC_COUNTER, true},
        {"_s", "s", METRIC_GAUGE, true},
        {"m_seconds_total", "seconds", METRIC_GAUGE, false},
        {"m", "seconds", METRIC_GAUGE, false},
        {"seconds", "seconds", METRIC_GAUGE, false},
        {"mseconds", "seconds", METRIC_GAUGE, false},
        {"_total", "", METRIC_COUNTER, false},
        {"m", "\xff", METRIC_GAUGE, false},
        {"m.x_y_s", "y_s", METRIC_GAUGE, false}, /* escaped, the name may end otherwise */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice unit = slice_of(cases[i].unit);
        accept(
            encode_delimited(MESSAGE(named(cases[i].name), typed(cases[i].type), BYTES(5, unit))));
        ck_assert_slice_eq(list.families[0].unit, cases[i].fits ? unit : TEXT(""));
    }
}
END_TEST

START_TEST(types)
{
    refuse_family(MESSAGE(named("m"), VARINT(3, 6)), "unknown metric type 6 (family 1 \"m\"");
    refuse_family(MESSAGE(named("m"), VARINT(3, UINT64_MAX)), "unknown metric type -1");
    accept(encode_delimited(MESSAGE(named("m"), VARINT(3, 1ull << 32 | METRIC_GAUGE))));
    ck_assert_int_eq(list.families[0].type, METRIC_GAUGE); /* enums are 32 bits wide */
}
END_TEST

START_TEST(framing)
{
    struct slice good = gauge_family("m", 1);

    refuse(MESSAGE(good, TEXT("\x05x")), "unexpected EOF (family 2 \"\", byte 19)");
    refuse(MESSAGE(good, TEXT("\x80")), "unexpected EOF (family 2");
    refuse(TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "unexpected EOF");
    refuse(TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
           "proto: variable length integer overflow (family 1");
    refuse(TEXT("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "integer overflow");
}
END_TEST

START_TEST(malformed)
{
    static const char why[] = "proto: cannot parse invalid wire-format data";
    struct slice cut = TEXT("\x09\0\0\0\0\0\0\xf0");

    refuse_family(TEXT("\x0a\x05m"), why);
    refuse_family(MESSAGE(named("m"), TEXT("\0\0")), why);
    refuse_family(MESSAGE(named("m"), typed(METRIC_GAUGE), metric(BYTES(2, cut))), why);
    refuse_family(MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(gauge(1), TEXT("\x08")))),
                  why);
    refuse_family(
        MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(BYTES(1, TEXT("\x0a")), gauge(1)))),
        why);
    /* Not the value of the family's type, but handed on to scrapers all the same. */
    refuse_family(
        MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(gauge(1), BYTES(3, cut)))), why);
    /* Known fields of a wrong wire type: Prometheus drops the scrape. */
    refuse_family(MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(gauge(1), VARINT(3, 1)))),
                  why);
    refuse_family(MESSAGE(named("m"), typed(METRIC_GAUGE), metric(BYTES(2, VARINT(1, 1)))), why);
    refuse_family(MESSAGE(named("m"), typed(METRIC_GAUGE), metric(MESSAGE(VARINT(1, 1), gauge(1)))),
                  why);
}
END_TEST

START_TEST(place_is_named)
{
    struct slice good = gauge_family("first", 1);
    struct slice bad = MESSAGE(named("second"), typed(METRIC_GAUGE), metric(gauge(1)),
                               metric(BYTES(2, TEXT("x"))));
    char where[100];
    size_t byte = good.len + 1 + bad.len - metric(BYTES(2, TEXT("x"))).len;

    snprintf(where, sizeof(where),
             "invalid wire-format data (family 2 \"second\", metric 2, byte %zu)", byte);
    refuse(MESSAGE(good, encode_delimited(bad)), where);
}
END_TEST

START_TEST(long_name_in_an_error)
{
    char name[5000];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    refuse_family(MESSAGE(named(name), VARINT(3, 9)), "nnn\", byte ");
}
END_TEST

START_TEST(histograms)
{
    struct slice head = MESSAGE(named("h"), typed(METRIC_HISTOGRAM));
    struct slice bucket = BYTES(3, MESSAGE(VARINT(1, 1), DOUBLE(2, 1)));
    struct slice span = BYTES(12, VARINT(2, 1));
    struct slice group_inside = MESSAGE(TEXT("\xa3\x01\xa4\x01"), bucket);

    accept(encode_delimited(MESSAGE(head, metric(BYTES(7, MESSAGE(bucket, bucket))))));
    accept(encode_delimited(
        MESSAGE(head, metric(BYTES(7, MESSAGE(VARINT(1, 3), span, ZIGZAG(13, 3)))))));
    refuse_family(MESSAGE(head, metric(BYTES(7, MESSAGE(VARINT(1, 3), span)))),
                  "positive spans have room for 1 buckets, not 0 (family 1 \"h\", metric 1");
    refuse_family(MESSAGE(head, metric(BYTES(7, MESSAGE(span, ZIGZAG(5, 9), ZIGZAG(13, 0))))),
                  "unknown schema 9");
    refuse_family(MESSAGE(head, metric(BYTES(7, VARINT(3, 1)))), "invalid wire-format");
    /* Legal, but protobuf-c has no groups, and nobody could read it later. */
    refuse_family(MESSAGE(head, metric(BYTES(7, group_inside))), "malformed histogram");
    /* In two pieces that only together make a sound one. */
    accept(encode_delimited(MESSAGE(
        head, metric(MESSAGE(BYTES(7, MESSAGE(VARINT(1, 3), span)), BYTES(7, ZIGZAG(13, 3)))))));
    /* Not the value of the type: it only has to be well formed. */
    accept(encode_delimited(
        MESSAGE(named("g"), typed(METRIC_GAUGE), metric(MESSAGE(gauge(1), BYTES(7, span))))));
}
END_TEST

START_TEST(one_family_without_a_length)
{
    struct family family;
    struct slice message = MESSAGE(named("m"), typed(METRIC_GAUGE), metric(gauge(1)));

    ck_assert(delimited_reader_read_family(message, &arena, &family, &error));
    ck_assert_slice_eq(family.name, TEXT("m"));
    ck_assert_uint_eq(family.n_metrics, 1);
    ck_assert(!delimited_reader_read_family(TEXT("\x0a"), &arena, &family, &error));
    ck_assert_int_eq(error.code, ERROR_INVALID);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delimited_reader");
    TCase *tc = tcase_create("delimited_reader");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, whole_family);
    tcase_add_test(tc, nothing_copied_where_labels_come_first);
    tcase_add_test(tc, fields_in_any_order);
    tcase_add_test(tc, defaults);
    tcase_add_test(tc, last_of_a_field_counts);
    tcase_add_test(tc, unknown_fields);
    tcase_add_test(tc, wrong_wire_types_in_what_is_written_anew);
    tcase_add_test(tc, value_of_every_type);
    tcase_add_test(tc, timestamp);
    tcase_add_test(tc, second_family_replaces_the_first);
    tcase_add_test(tc, names);
    tcase_add_test(tc, help_is_repaired);
    tcase_add_test(tc, unit_that_does_not_fit_is_dropped);
    tcase_add_test(tc, types);
    tcase_add_test(tc, framing);
    tcase_add_test(tc, malformed);
    tcase_add_test(tc, place_is_named);
    tcase_add_test(tc, long_name_in_an_error);
    tcase_add_test(tc, histograms);
    tcase_add_test(tc, one_family_without_a_length);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
