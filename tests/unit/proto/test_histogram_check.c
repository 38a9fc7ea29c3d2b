/* What is expected here was seen with Prometheus 3.5: what it drops a scrape for is refused. */
#include "histogram_check.h"

#include "encode.h"
#include "metric_value.h"
#include "suite.h"

#include <math.h>

static struct arena arena;

static void teardown(void)
{
    arena_free(&arena);
    encode_free();
}

#define COUNT(v)            VARINT(1, v)
#define SUM(v)              DOUBLE(2, v)
#define COUNT_FLOAT(v)      DOUBLE(4, v)
#define SCHEMA(v)           ZIGZAG(5, v)
#define ZERO_THRESHOLD(v)   DOUBLE(6, v)
#define ZERO_COUNT(v)       VARINT(7, v)
#define SPAN(o, l)          BYTES(12, MESSAGE(ZIGZAG(1, o), VARINT(2, l)))
#define NEGATIVE_SPAN(o, l) BYTES(9, MESSAGE(ZIGZAG(1, o), VARINT(2, l)))
#define DELTA(v)            ZIGZAG(13, v)
#define NEGATIVE_DELTA(v)   ZIGZAG(10, v)
#define BUCKET(v)           DOUBLE(14, v)
#define NEGATIVE_BUCKET(v)  DOUBLE(11, v)
/* Two buckets with 1 and 2 observations. */
#define TWO_BUCKETS MESSAGE(SPAN(0, 2), DELTA(1), DELTA(1))

/* refusal: a part of the message, or NULL if the histogram is fine. */
static void expect(struct slice message, const char *refusal, const char *what)
{
    struct metric_value value;
    struct error e = {0};

    ck_assert_msg(metric_value_read(BYTES(7, message), METRIC_HISTOGRAM, &arena, &value, &e), "%s",
                  what);
    bool ok = histogram_check(value.histogram, &e);
    ck_assert_msg(ok == !refusal, "%s: %s", what, e.message);
    if (refusal) {
        ck_assert_int_eq(e.code, ERROR_INVALID);
        ck_assert_msg(strstr(e.message, refusal) != NULL, "%s: %s", what, e.message);
        ck_assert_msg(histogram_check_is_needed(message), "%s", what);
    }
}

START_TEST(accepted)
{
    expect(MESSAGE(COUNT(3), SUM(5), TWO_BUCKETS), NULL, "two buckets");
    expect(MESSAGE(COUNT(4), ZERO_THRESHOLD(.1), ZERO_COUNT(1), TWO_BUCKETS), NULL, "zero bucket");
    expect(MESSAGE(COUNT(2), ZERO_COUNT(2)), NULL, "zero bucket alone");
    expect(MESSAGE(ZERO_THRESHOLD(.1)), NULL, "empty");
    expect(MESSAGE(COUNT(2), SPAN(-5, 1), SPAN(2, 0), SPAN(1, 1), DELTA(1), DELTA(0)), NULL,
           "gaps");
    expect(MESSAGE(COUNT(3), NEGATIVE_SPAN(0, 2), NEGATIVE_DELTA(2), NEGATIVE_DELTA(-1)), NULL,
           "negative side");
    expect(MESSAGE(COUNT(9), SUM(NAN), TWO_BUCKETS), NULL, "NaN observed: in no bucket");
    expect(MESSAGE(COUNT_FLOAT(2.5), SPAN(0, 1), BUCKET(.5)), NULL, "float, with another count");
    expect(MESSAGE(COUNT_FLOAT(2.5), SPAN(0, 1), BUCKET(NAN)), NULL, "NaN in a float bucket");
    expect(MESSAGE(COUNT(3), TWO_BUCKETS, BUCKET(7)), NULL, "float buckets in an integer one");
    for (int schema = -4; schema <= 8; schema++)
        expect(MESSAGE(COUNT(3), SCHEMA(schema), TWO_BUCKETS), NULL, "schema");
    expect(MESSAGE(COUNT(3), SCHEMA(-53), SPAN(0, 1), DELTA(3)), NULL, "custom bounds");
    expect(MESSAGE(COUNT(9), SCHEMA(9), DELTA(1)), NULL, "classic, whatever the schema");
    expect(MESSAGE(COUNT(1), BYTES(3, MESSAGE(VARINT(1, 7), DOUBLE(2, 1)))), NULL, "classic");
}
END_TEST

START_TEST(refused)
{
    expect(MESSAGE(COUNT(3), SCHEMA(9), TWO_BUCKETS), "unknown schema 9", "schema 9");
    expect(MESSAGE(COUNT(3), SCHEMA(-5), TWO_BUCKETS), "unknown schema -5", "schema -5");
    static const char no_bounds[] = "schema -53 without the custom bounds it is for";
    expect(MESSAGE(COUNT(3), SCHEMA(-53), TWO_BUCKETS), no_bounds, "custom bounds, two buckets");
    expect(MESSAGE(COUNT(3), SCHEMA(-53), SPAN(1, 1), DELTA(3)), no_bounds, "the second bucket");
    expect(MESSAGE(COUNT(3), SCHEMA(-53), SPAN(-1, 1), DELTA(3)), no_bounds, "the one before");
    expect(MESSAGE(COUNT(3), SCHEMA(-53), ZERO_COUNT(3)), no_bounds, "a zero bucket");
    expect(MESSAGE(SCHEMA(-53), ZERO_THRESHOLD(.5)), no_bounds, "a zero threshold");
    expect(MESSAGE(COUNT(3), SCHEMA(-53), NEGATIVE_SPAN(0, 1), NEGATIVE_DELTA(3)), no_bounds,
           "a negative side");
    expect(MESSAGE(COUNT(3), SCHEMA(53), TWO_BUCKETS), "unknown schema 53", "schema 53");
    expect(MESSAGE(COUNT(1), SPAN(0, 2), DELTA(1)), "room for 2 buckets, not 1", "few deltas");
    expect(MESSAGE(COUNT(3), SPAN(0, 1), DELTA(1), DELTA(1)), "room for 1 buckets, not 2", "many");
    expect(MESSAGE(COUNT(3), ZERO_COUNT(3), DELTA(1)), "room for 0 buckets, not 1", "no span");
    expect(MESSAGE(SPAN(0, 0xffffffff), SPAN(0, 1)), "room for 4294967296 buckets",
           "no wrap at 32");
    expect(MESSAGE(COUNT(3), SPAN(0, 1), SPAN(-1, 1), DELTA(1), DELTA(1)),
           "positive span 2 has the negative offset -1", "span backwards");
    expect(MESSAGE(COUNT(1), SPAN(0, 2), DELTA(1), DELTA(-3)), "bucket 2 has the negative count -2",
           "negative bucket");
    expect(MESSAGE(COUNT(1), NEGATIVE_SPAN(0, 1), NEGATIVE_DELTA(-1)), "negative bucket 1",
           "negative bucket on the negative side");
    expect(MESSAGE(SPAN(0, 2), DELTA(INT64_MAX), DELTA(INT64_MAX)), "negative count", "overflow");
    expect(MESSAGE(COUNT(9), TWO_BUCKETS), "3 observations in the buckets, but the count is 9",
           "count too high");
    expect(MESSAGE(COUNT(1), TWO_BUCKETS), "but the count is 1", "count too low");
    expect(MESSAGE(COUNT(1), SUM(NAN), TWO_BUCKETS), "but the count is 1", "too low, NaN observed");
    expect(MESSAGE(COUNT(2), ZERO_THRESHOLD(.1)), "0 observations", "count without buckets");
    expect(MESSAGE(COUNT_FLOAT(3), SPAN(0, 1), BUCKET(1), BUCKET(1)), "room for 1 buckets, not 2",
           "float, many");
    expect(MESSAGE(COUNT_FLOAT(3), TWO_BUCKETS), "room for 2 buckets, not 0", "float with deltas");
    expect(MESSAGE(COUNT_FLOAT(3), SPAN(0, 1), BUCKET(-1)), "negative count -1", "float, negative");
    expect(MESSAGE(COUNT_FLOAT(3), NEGATIVE_SPAN(0, 1), NEGATIVE_BUCKET(-1)), "negative bucket 1",
           "float, negative side");
    expect(MESSAGE(COUNT(2), SPAN(0, 2), BUCKET(1), BUCKET(1)), "room for 2 buckets, not 0",
           "integer with float buckets");
}
END_TEST

START_TEST(possible)
{
    ck_assert(!histogram_check_is_needed(TEXT("")));
    ck_assert(!histogram_check_is_needed(
        MESSAGE(COUNT(1), SUM(1), SCHEMA(3), DELTA(1), BYTES(3, VARINT(7, 1)))));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram_check");
    TCase *tc = tcase_create("histogram_check");
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, accepted);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, possible);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
