#include "metric_value.h"
#include "metric_wire.h"
#include "suite.h"
#include "text_reader.h"
#include "text_writer.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static struct error error;
static struct family_list list;
static struct buffer shown;

static void setup(void)
{
    arena = (struct arena){0};
    error = (struct error){0};
    list = (struct family_list){0};
    shown = (struct buffer){0};
}

static void teardown(void)
{
    arena_free(&arena);
    buffer_free(&shown);
}

/* Reads from a copy of just the size, so that a sanitizer sees reading beyond it. */
static bool read_text(struct slice body, bool utf8_names)
{
    struct slice copy = {NULL, 0};
    if (body.len > 0) {
        copy = (struct slice){malloc(body.len), body.len};
        memcpy((char *)copy.p, body.p, body.len);
    }
    bool ok = text_reader_read(copy, utf8_names, &arena, &list, &error);
    if (ok) { /* the result borrows from the copy */
        for (size_t i = 0; i < list.count; i++) {
            const struct family *f = &list.families[i];
            struct buffer metrics = {0};
            text_writer_family(&shown, f->name, f->has_help, f->help, f->type, ESCAPING_NONE);
            for (size_t j = 0; j < f->n_metrics; j++) {
                const struct metric *m = &f->metrics[j];
                size_t size = metric_wire_size(m->labels, m->n_labels, m->payload);
                char *to = buffer_reserve(&metrics, size);
                metric_wire_put(to, m->labels, m->n_labels, m->payload);
                metrics.len += size;
                if (m->has_timestamp)
                    buffer_byte(&shown, '@');
            }
            text_writer_metrics(&shown, f->name, f->type, buffer_slice(&metrics), ESCAPING_NONE,
                                &arena);
            buffer_free(&metrics);
        }
        ck_assert(!shown.failed);
    }
    free((char *)copy.p);
    return ok;
}

/* What is read, as the text writer shows it; '@' before the metrics of a family for each that has a
 * timestamp. */
static const struct {
    struct slice body;
    bool utf8_names;
    struct slice want;
} good[] = {
    {SLICE_LITERAL(""), false, SLICE_LITERAL("")},
    {SLICE_LITERAL("\n"), false, SLICE_LITERAL("")},
    {SLICE_LITERAL("   "), false, SLICE_LITERAL("")},
    {SLICE_LITERAL("\n \t\n  "), false, SLICE_LITERAL("")},
    {SLICE_LITERAL("# comment\n"), false, SLICE_LITERAL("")},
    {SLICE_LITERAL(
         "#\n#  \n# HELP\n# TYPE \n# HELP m\n# HELP m\n# HELP m \n# help m x\n# Type m gauge\n"),
     false, SLICE_LITERAL("")},
    {SLICE_LITERAL("# HELP m x\n# TYPE m gauge\n"), false, SLICE_LITERAL("")},
    {SLICE_LITERAL("m 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 1\n")},
    {SLICE_LITERAL("\n\tm\t1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 1\n")},
    {SLICE_LITERAL("m.5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 0.5\n")},
    {SLICE_LITERAL("m+5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 5\n")},
    {SLICE_LITERAL("m{}5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 5\n")},
    {SLICE_LITERAL("m { } 5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 5\n")},
    {SLICE_LITERAL("m{a=\"b\"}-Inf\n"), false,
     SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} -Inf\n")},
    {SLICE_LITERAL("m{ a = \"b\" , c\t=\t\"d\" , } 1\n"), false,
     SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\",c=\"d\"} 1\n")},
    {SLICE_LITERAL("m{a=\"b\",}1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} 1\n")},
    {SLICE_LITERAL("a:b_1 7\n"), false, SLICE_LITERAL("# TYPE a:b_1 untyped\na:b_1 7\n")},
    {SLICE_LITERAL("m 1 1700000000000\n"), false, SLICE_LITERAL("# TYPE m untyped\n@m 1\n")},
    {SLICE_LITERAL("m 1 -1\n"), false, SLICE_LITERAL("# TYPE m untyped\n@m 1\n")},
    {SLICE_LITERAL("m.5 1\n"), false, SLICE_LITERAL("# TYPE m untyped\n@m 0.5\n")},
    {SLICE_LITERAL("# HELP m some \\\\ \\n \"help\" \\\" \377\n# TYPE m CoUnTeR\nm 1\n"), false,
     SLICE_LITERAL("# HELP m some \\\\ \\n \"help\" \" \357\277\275\n# TYPE m counter\nm 1\n")},
    {SLICE_LITERAL("#HELP m x\n#TYPE m gauge\nm 1\n"), false,
     SLICE_LITERAL("# HELP m x\n# TYPE m gauge\nm 1\n")},
    {SLICE_LITERAL("# TYPE m gauge\nm 1\n# HELP m after samples\nm{a=\"b\"} 2\n"), false,
     SLICE_LITERAL("# HELP m after samples\n# TYPE m gauge\nm 1\nm{a=\"b\"} 2\n")},
    {SLICE_LITERAL("# TYPE m ga\\ug\\e\nm 1\n"), false, SLICE_LITERAL("# TYPE m gauge\nm 1\n")},
    {SLICE_LITERAL("m{a=\"\\\\ \\n \\\" \t \r \000 \303\251\"} 1\n"), false,
     SLICE_LITERAL("# TYPE m untyped\nm{a=\"\\\\ \\n \\\" \t \r \000 \303\251\"} 1\n")},
    {SLICE_LITERAL("m{a=\"\"} 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm{a=\"\"} 1\n")},
    {SLICE_LITERAL("m{__x=\"y\"} 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm{__x=\"y\"} 1\n")},
    {SLICE_LITERAL("\"m\" 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 1\n")},
    {SLICE_LITERAL("{m} 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 1\n")},
    {SLICE_LITERAL("{\"m\",a=\"b\"} 1\n"), false,
     SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} 1\n")},
    {SLICE_LITERAL("{a=\"b\",\"m\"} 1\n"), false,
     SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} 1\n")},
    {SLICE_LITERAL("m{\"a\"=\"b\"} 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} 1\n")},
    {SLICE_LITERAL("m\"n\"{b\"c\"=\"d\"} 1\n"), false,
     SLICE_LITERAL("# TYPE mn untyped\nmn{bc=\"d\"} 1\n")},
    {SLICE_LITERAL("{\"m\"}5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 5\n")},
    {SLICE_LITERAL("{ \"m\" , } 5\n"), false, SLICE_LITERAL("# TYPE m untyped\nm 5\n")},
    {SLICE_LITERAL("\"m\"{a=\"b\"} 1\n"), false, SLICE_LITERAL("# TYPE m untyped\nm{a=\"b\"} 1\n")},
    {SLICE_LITERAL("b 1\na 2\nb 3\n"), false,
     SLICE_LITERAL("# TYPE b untyped\nb 1\nb 3\n# TYPE a untyped\na 2\n")},
    {SLICE_LITERAL("# TYPE m \305\277ummary\nm_sum 1\n"), false,
     SLICE_LITERAL("# TYPE m summary\nm_sum 1\nm_count 0\n")},
    {SLICE_LITERAL("# TYPE m h\304\261stogram\nm_sum 1\n"), false,
     SLICE_LITERAL("# TYPE m histogram\nm_bucket{le=\"+Inf\"} 0\nm_sum 1\nm_count 0\n")},
    {SLICE_LITERAL(
         "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.99\"} 2\ns_sum 3.5\ns_count 4\n"),
     false,
     SLICE_LITERAL("# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.99\"} 2\ns_sum "
                   "3.5\ns_count 4\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count{a=\"1\"} 4\ns{quantile=\"0.9\",a=\"2\"} "
                   "1\ns{a=\"1\",quantile=\"0.5\"} 7\ns_sum{a=\"2\"} 5\n"),
     false,
     SLICE_LITERAL(
         "# TYPE s summary\ns{a=\"1\",quantile=\"0.5\"} 7\ns_sum{a=\"1\"} 0\ns_count{a=\"1\"} "
         "4\ns{a=\"2\",quantile=\"0.9\"} 1\ns_sum{a=\"2\"} 5\ns_count{a=\"2\"} 0\n")},
    {SLICE_LITERAL("# TYPE s summary\ns{a=\"1\",b=\"2\",quantile=\"0.5\"} "
                   "1\ns{b=\"2\",quantile=\"0.9\",a=\"1\"} 2\n"),
     false,
     SLICE_LITERAL("# TYPE s summary\ns{a=\"1\",b=\"2\",quantile=\"0.5\"} "
                   "1\ns{a=\"1\",b=\"2\",quantile=\"0.9\"} 2\ns_sum{a=\"1\",b=\"2\"} "
                   "0\ns_count{a=\"1\",b=\"2\"} 0\n")},
    {SLICE_LITERAL("# TYPE s summary\ns{quantile=\"NaN\"} 1\ns 2\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 0\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count 1.9\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 1\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count -1\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 1.8446744073709552e+19\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count NaN\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 9.223372036854776e+18\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count -Inf\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 9.223372036854776e+18\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count 2e19\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 9.223372036854776e+18\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count 1e19\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 1e+19\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count -1e30\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 0\ns_count 9.223372036854776e+18\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_bucket 1\ns_sum 2\n"), false,
     SLICE_LITERAL("# TYPE s summary\ns_sum 2\ns_count 0\n# TYPE s_bucket untyped\ns_bucket 1\n")},
    {SLICE_LITERAL("s_sum 1\n# TYPE s summary\ns_sum 2\ns_count 3\n"), false,
     SLICE_LITERAL(
         "# TYPE s_sum untyped\ns_sum 1\ns_sum 2\n# TYPE s summary\ns_sum 0\ns_count 3\n")},
    {SLICE_LITERAL("# HELP s x\ns_sum 1\n# TYPE s summary\ns_count 3\n"), false,
     SLICE_LITERAL(
         "# HELP s x\n# TYPE s summary\ns_sum 0\ns_count 3\n# TYPE s_sum untyped\ns_sum 1\n")},
    {SLICE_LITERAL(
         "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"),
     false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum "
                   "3\nh_count 2\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_count 2\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum "
                   "0\nh_count 2\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"5\"} 5\nh_bucket{le=\"0.5\"} 1\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"5\"} 5\nh_bucket{le=\"0.5\"} "
                   "1\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh 5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh{le=\"1\"} 5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 0\nh_sum "
                   "0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"NaN\"} 5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\",le=\"2\"} 5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"2\"} 5\nh_bucket{le=\"+Inf\"} 0\nh_sum "
                   "0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket 5\nh_sum{le=\"7\"} 2\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 2\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 0.5\nh_bucket{le=\"2\"} 3\nh_count 4\n"),
     false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 0.5\nh_bucket{le=\"2\"} "
                   "3\nh_bucket{le=\"+Inf\"} 4\nh_sum 0\nh_count 4\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_count 4.5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"+Inf\"} 4.5\nh_sum "
                   "0\nh_count 4.5\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} NaN\nh_count 4\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} NaN\nh_bucket{le=\"+Inf\"} 4\nh_sum "
                   "0\nh_count 4\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_count 5\nh_count 2.5\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2.5\nh_sum 0\nh_count 2.5\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_count 1e19\nh_bucket{le=\"1\"} 18446744073709551616\n"),
     false,
     SLICE_LITERAL(
         "# TYPE h histogram\nh_bucket{le=\"1\"} 1.8446744073709552e+19\nh_bucket{le=\"+Inf\"} "
         "1e+19\nh_sum 0\nh_count 1e+19\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_count -0\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h gaugehistogram\nh_bucket{le=\"1\"} 1\nh_count 2\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum "
                   "0\nh_count 2\n")},
    {SLICE_LITERAL("# TYPE h Gauge_Histogram\nh_sum -2\n"), false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum -2\nh_count 0\n")},
    {SLICE_LITERAL("# TYPE h histogram\n# HELP h_sum x\nh_count{a=\"1\"} 1\nh_count{a=\"2\"} "
                   "2\nh_bucket{a=\"1\",le=\"1\"} 1\n"),
     false,
     SLICE_LITERAL("# HELP h x\n# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\"} "
                   "1\nh_bucket{a=\"1\",le=\"+Inf\"} 1\nh_sum{a=\"1\"} 0\nh_count{a=\"1\"} "
                   "1\nh_bucket{a=\"2\",le=\"+Inf\"} 2\nh_sum{a=\"2\"} 0\nh_count{a=\"2\"} 2\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_count_sum 1\n"), false,
     SLICE_LITERAL("# TYPE h_count_sum untyped\nh_count_sum 1\n")},
    {SLICE_LITERAL("# TYPE s summary\ns_count 1\nx 2\n{quantile=\"0.5\",a=\"b\",\"s\"} "
                   "3\n{\"x\",quantile=\"y\"} 5\n"),
     false,
     SLICE_LITERAL(
         "# TYPE s summary\ns_sum 0\ns_count 1\ns{a=\"b\",quantile=\"0.5\"} 3\ns_sum{a=\"b\"} "
         "0\ns_count{a=\"b\"} 0\n# TYPE x untyped\nx 2\nx{quantile=\"y\"} 5\n")},
    {SLICE_LITERAL("# TYPE h histogram\nh_count 1\nx 2\n{le=\"1\",\"h_bucket\"} "
                   "3\n{\"h_bucket\",le=\"2\"} 4\n"),
     false,
     SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 3\nh_bucket{le=\"2\"} "
                   "4\nh_bucket{le=\"+Inf\"} 1\nh_sum 0\nh_count 1\n# TYPE x untyped\nx 2\n")},
    {SLICE_LITERAL("_count 1\n_sum 2\n_bucket 3\n"), false,
     SLICE_LITERAL("# TYPE _count untyped\n_count 1\n# TYPE _sum untyped\n_sum 2\n# TYPE _bucket "
                   "untyped\n_bucket 3\n")},
    {SLICE_LITERAL("\"m.x\" 1\n"), true, SLICE_LITERAL("# TYPE \"m.x\" untyped\n{\"m.x\"} 1\n")},
    {SLICE_LITERAL("{\"m.x\",\"a.b\"=\"c\"} 1\n"), true,
     SLICE_LITERAL("# TYPE \"m.x\" untyped\n{\"m.x\",\"a.b\"=\"c\"} 1\n")},
    {SLICE_LITERAL("# HELP \"m.x\" y\n# TYPE \"m.x\" gauge\n{\"m.x\"} 1\n"), true,
     SLICE_LITERAL("# HELP \"m.x\" y\n# TYPE \"m.x\" gauge\n{\"m.x\"} 1\n")},
    {SLICE_LITERAL("{\"\303\251\\n\\\\\\\"\"} 1\n"), true,
     SLICE_LITERAL("# TYPE \"\303\251\\n\\\\\\\"\" untyped\n{\"\303\251\\n\\\\\\\"\"} 1\n")},
    {SLICE_LITERAL("{\"s.x_sum\"} 1\n"), true,
     SLICE_LITERAL("# TYPE \"s.x_sum\" untyped\n{\"s.x_sum\"} 1\n")},
    {SLICE_LITERAL("# TYPE \"s.x\" summary\n{\"s.x_sum\"} 1\n{\"s.x\",quantile=\"0.5\"} 2\n"), true,
     SLICE_LITERAL("# TYPE \"s.x\" summary\n{\"s.x\",quantile=\"0.5\"} 2\n{\"s.x_sum\"} "
                   "1\n{\"s.x_count\"} 0\n")},
    {SLICE_LITERAL("m{\"le\"=\"x\"} 1\n"), true,
     SLICE_LITERAL("# TYPE m untyped\nm{le=\"x\"} 1\n")},
    {SLICE_LITERAL("m{\"\\n\"=\"x\"} 1\n"), true,
     SLICE_LITERAL("# TYPE m untyped\nm{\"\\n\"=\"x\"} 1\n")},
};

START_TEST(reads)
{
    bool ok = read_text(good[_i].body, good[_i].utf8_names);
    ck_assert_msg(ok, "%s", error.message);
    buffer_byte(&shown, '\0');
    ck_assert_str_eq(shown.p, good[_i].want.p);
    ck_assert_uint_eq(shown.len, good[_i].want.len + 1);
    ck_assert_mem_eq(shown.p, good[_i].want.p, good[_i].want.len);
}
END_TEST

/* After "text format parsing error in line ". */
static const struct {
    struct slice body;
    bool utf8_names;
    const char *message;
} bad[] = {
    {SLICE_LITERAL("m"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m 1"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("# comment"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("#"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("# HELP m x"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("# TYPE m gauge"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m{"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m{a=\"b\""), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m{a=\"b\"}"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m 1\nm"), false, "2: unexpected end of input stream"},
    {SLICE_LITERAL("  m"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("# HELP m a\\"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m{a=\"\\"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("m 1 2"), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("\n\n m 1"), false, "3: unexpected end of input stream"},
    {SLICE_LITERAL("m{a=\"1\",a=\"2\""), false, "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("h{le=\"x\""), false, "1: unexpected end of input stream"},
    {SLICE_LITERAL("1m 1\n"), false, "1: invalid metric name"},
    {SLICE_LITERAL("m-x 1\n"), false, "1: expected float as value, got \"-x\""},
    {SLICE_LITERAL("m.x 1\n"), false, "1: expected float as value, got \".x\""},
    {SLICE_LITERAL(".5\n"), false, "1: invalid metric name"},
    {SLICE_LITERAL("m\n"), false, "1: expected float as value, got \"\""},
    {SLICE_LITERAL("m \n"), false, "1: expected float as value, got \"\""},
    {SLICE_LITERAL("m{}\n"), false, "1: expected float as value, got \"\""},
    {SLICE_LITERAL("m x\n"), false, "1: expected float as value, got \"x\""},
    {SLICE_LITERAL("m 0x1\n"), false, "1: expected float as value, got \"0x1\""},
    {SLICE_LITERAL("m 1_000\n"), false, "1: expected float as value, got \"1_000\""},
    {SLICE_LITERAL("m 1p1\n"), false, "1: expected float as value, got \"1p1\""},
    {SLICE_LITERAL("m 1e309\n"), false, "1: expected float as value, got \"1e309\""},
    {SLICE_LITERAL("m +nan\n"), false, "1: expected float as value, got \"+nan\""},
    {SLICE_LITERAL("m 1,5\n"), false, "1: expected float as value, got \"1,5\""},
    {SLICE_LITERAL("m 1\r\n"), false, "1: expected float as value, got \"1\\r\""},
    {SLICE_LITERAL("\rm 1\n"), false, "1: invalid metric name"},
    {SLICE_LITERAL("m 1 \n"), false, "1: expected integer as timestamp, got \"\""},
    {SLICE_LITERAL("m 1\t\n"), false, "1: expected integer as timestamp, got \"\""},
    {SLICE_LITERAL("m 1 x\n"), false, "1: expected integer as timestamp, got \"x\""},
    {SLICE_LITERAL("m 1 1.5\n"), false, "1: expected integer as timestamp, got \"1.5\""},
    {SLICE_LITERAL("m 1 2 \n"), false, "1: spurious string after timestamp: \" \""},
    {SLICE_LITERAL("m 1 2 3\n"), false, "1: spurious string after timestamp: \" 3\""},
    {SLICE_LITERAL("m 1 2 \\3\\\n"), false, "1: spurious string after timestamp: \" 3\""},
    {SLICE_LITERAL("m 1 99999999999999999999\n"), false,
     "1: expected integer as timestamp, got \"99999999999999999999\""},
    {SLICE_LITERAL("m{a}\n"), false, "1: expected '=' after label name, found '}'"},
    {SLICE_LITERAL("m{a b=\"c\"} 1\n"), false, "1: expected '=' after label name, found 'b'"},
    {SLICE_LITERAL("m{1=\"b\"} 1\n"), false, "1: invalid label name for metric \"m\""},
    {SLICE_LITERAL("m{,} 1\n"), false, "1: invalid label name for metric \"m\""},
    {SLICE_LITERAL("m{a=\"b\",,} 1\n"), false, "1: invalid label name for metric \"m\""},
    {SLICE_LITERAL("m{a=b} 1\n"), false, "1: expected '\"' at start of label value, found 'b'"},
    {SLICE_LITERAL("m{a='b'} 1\n"), false, "1: expected '\"' at start of label value, found '\\''"},
    {SLICE_LITERAL("m{a:\"b\"} 1\n"), false, "1: expected '=' after label name, found ':'"},
    {SLICE_LITERAL("m{a=\"b\" c=\"d\"} 1\n"), false, "1: unexpected end of label value \"b\""},
    {SLICE_LITERAL("m{a=\"b\"] 1\n"), false, "1: unexpected end of label value \"b\""},
    {SLICE_LITERAL("m{a=\"b\n\"} 1\n"), false, "1: label value \"b\" contains unescaped new-line"},
    {SLICE_LITERAL("m{a=\"\\x\"} 1\n"), false, "1: invalid escape sequence '\\x'"},
    {SLICE_LITERAL("m{a=\"\\\351\"} 1\n"), false, "1: invalid escape sequence '\\\303\251'"},
    {SLICE_LITERAL("m{a=\"\377\"} 1\n"), false, "1: invalid label value \"\\xff\""},
    {SLICE_LITERAL("m{a=\"x\303(\"} 1\n"), false, "1: invalid label value \"x\\xc3(\""},
    {SLICE_LITERAL("m{a=\"\\n\377\"} 1\n"), false, "1: invalid label value \"\\n\\xff\""},
    {SLICE_LITERAL("m{a\351=\"b\"} 1\n"), false,
     "1: expected '=' after label name, found '\303\251'"},
    {SLICE_LITERAL("m{a\"=\"b\"} 1\n"), false, "1: expected '=' after label name, found 'b'"},
    {SLICE_LITERAL("m{a\000=\"b\"} 1\n"), false, "1: expected '=' after label name, found '\\x00'"},
    {SLICE_LITERAL("m{a'=\"b\"} 1\n"), false, "1: expected '=' after label name, found '\\''"},
    {SLICE_LITERAL("m{__name__=\"x\"} 1\n"), false, "1: label name \"__name__\" is reserved"},
    {SLICE_LITERAL("m{a=\"1\",a=\"2\"} 1\n"), false, "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("m{a=\"1\",b=\"2\",a=} 1\n"), false,
     "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("m{a=\"1\",a=\"\\q\"} 1\n"), false, "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("m{a=\"1\",a=\"2\""), false, "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("\"m.x\" 1\n"), false, "1: invalid metric name \"m.x\""},
    {SLICE_LITERAL("\"m 1\n"), false, "1: metric name \"m 1\" contains unescaped new-line"},
    {SLICE_LITERAL("\"m\\q\" 1\n"), false, "1: invalid escape sequence '\\q'"},
    {SLICE_LITERAL("\"\" 1\n"), false, "1: invalid metric name"},
    {SLICE_LITERAL("m\"x y\" 1\n"), false, "1: invalid metric name \"mx y\""},
    {SLICE_LITERAL("{\"m.x\"} 1\n"), false, "1: invalid metric name \"m.x\""},
    {SLICE_LITERAL("{\"m\n\"} 1\n"), false, "1: label name \"m\" contains unescaped new-line"},
    {SLICE_LITERAL("{m,n} 1\n"), false, "1: multiple metric names for metric \"m\""},
    {SLICE_LITERAL("{\"m\",\"n\"} 1\n"), false, "1: multiple metric names for metric \"m\""},
    {SLICE_LITERAL("{m:x} 1\n"), false, "1: unexpected end of metric name ':'"},
    {SLICE_LITERAL("{m;a=\"b\"} 1\n"), false, "1: unexpected end of metric name ';'"},
    {SLICE_LITERAL("{m\n"), false, "1: unexpected end of metric name '\\n'"},
    {SLICE_LITERAL("{m a=\"b\"} 1\n"), false, "1: unexpected end of metric name 'a'"},
    {SLICE_LITERAL("m{\"a.b\"=\"c\"} 1\n"), false, "1: invalid label name \"a.b\""},
    {SLICE_LITERAL("m{\"\"=\"c\"} 1\n"), false, "1: invalid label name for metric \"m\""},
    {SLICE_LITERAL("m{\"a\"} 1\n"), false, "1: expected '=' after label name, found '}'"},
    {SLICE_LITERAL("{\"\"} 1\n"), false, "1: invalid label name for metric \"\""},
    {SLICE_LITERAL("{,\"m\"} 1\n"), false, "1: invalid label name for metric \"\""},
    {SLICE_LITERAL("{\"m\303\251\302\240\302\255\342\200\250\360\237\230\200\177\000\377\"} 1\n"),
     false,
     "1: invalid metric name \"m\303\251\\u00a0\\u00ad\\u2028\360\237\230\200\\x7f\\x00\\xff\""},
    {SLICE_LITERAL("{a=\"1\",a=\"2\",\"m\"} 1\n"), false,
     "1: duplicate label names for metric \"\""},
    {SLICE_LITERAL("# HELP m.x y\n"), false, "1: invalid metric name in comment"},
    {SLICE_LITERAL("# HELP 1m y\n"), false, "1: invalid metric name in comment"},
    {SLICE_LITERAL("# HELP \"m.x\" y\n"), false, "1: invalid metric name \"m.x\""},
    {SLICE_LITERAL("# HELP \"m\\q\" y\n"), false, "1: invalid escape sequence '\\q'"},
    {SLICE_LITERAL("# HELP m a\\q\n"), false, "1: invalid escape sequence '\\q'"},
    {SLICE_LITERAL("# HELP m a\\\n"), false, "1: invalid escape sequence '\\\n'"},
    {SLICE_LITERAL("# HELP m a\n# HELP m a\n"), false, "2: second HELP line for metric name \"m\""},
    {SLICE_LITERAL("# HELP \"\" a\n"), false, "1: invalid metric name \"\""},
    {SLICE_LITERAL("#HELP m{a=\"b\"} x\n"), false, "1: invalid metric name in comment"},
    {SLICE_LITERAL("# TYPE m gauge\n# TYPE m gauge\n"), false,
     "2: second TYPE line for metric name \"m\", or TYPE reported after samples"},
    {SLICE_LITERAL("m 1\n# TYPE m gauge\n"), false,
     "2: second TYPE line for metric name \"m\", or TYPE reported after samples"},
    {SLICE_LITERAL("# TYPE m unknown\n"), false, "1: unknown metric type \"unknown\""},
    {SLICE_LITERAL("# TYPE m info\n"), false, "1: unknown metric type \"info\""},
    {SLICE_LITERAL("# TYPE m gauge \n"), false, "1: unknown metric type \"gauge \""},
    {SLICE_LITERAL("# TYPE m gau\"ge\n"), false, "1: unknown metric type \"gau\\\"ge\""},
    {SLICE_LITERAL("# TYPE m ga\\u\\gex\n"), false, "1: unknown metric type \"gaugex\""},
    {SLICE_LITERAL("# TYPE m.x gauge\n"), false, "1: invalid metric name in comment"},
    {SLICE_LITERAL("# TYPE h histogram\n# TYPE h_count counter\n"), false,
     "2: second TYPE line for metric name \"h\", or TYPE reported after samples"},
    {SLICE_LITERAL("# TYPE s summary\n# HELP s a\n# HELP s_sum b\n"), false,
     "3: second HELP line for metric name \"s\""},
    {SLICE_LITERAL("# TYPE m \342\204\252elvin\n"), false,
     "1: unknown metric type \"\342\204\252elvin\""},
    {SLICE_LITERAL("# TYPE s summary\ns{quantile=\"x\"} 1\n"), false,
     "2: expected float as value for 'quantile' label, got \"x\""},
    {SLICE_LITERAL("# TYPE s summary\ns{quantile=\"1e309\"} 1\n"), false,
     "2: expected float as value for 'quantile' label, got \"1e309\""},
    {SLICE_LITERAL("# TYPE s summary\ns{quantile=\"+nan\"} 1\n"), false,
     "2: expected float as value for 'quantile' label, got \"+nan\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"\"} 1\n"), false,
     "2: expected float as value for 'le' label, got \"\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"0x1\"} 1\n"), false,
     "2: expected float as value for 'le' label, got \"0x1\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1"), false,
     "2: unexpected end of input stream"},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"x\""), false,
     "2: expected float as value for 'le' label, got \"x\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} -1\n"), false,
     "2: negative bucket population for histogram \"h\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_count -1\n"), false,
     "2: negative count for histogram \"h\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_count -0.5\n"), false,
     "2: negative count for histogram \"h\""},
    {SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} -Inf\n"), false,
     "2: negative bucket population for histogram \"h\""},
    {SLICE_LITERAL("# TYPE h gaugehistogram\nh_count -2\n"), false,
     "2: negative count for histogram \"h\""},
    {SLICE_LITERAL("ok 1\n\n\n# x\nbad{ 1\n"), false, "5: invalid label name for metric \"bad\""},
    {SLICE_LITERAL("\"m\377\" 1\n"), true, "1: invalid metric name \"m\\xff\""},
    {SLICE_LITERAL("{\"m\377\"} 1\n"), true, "1: invalid metric name \"m\\xff\""},
    {SLICE_LITERAL("{\"m\0\"} 1\n"), true, "1: invalid metric name \"m\\x00\""},
    {SLICE_LITERAL("m{\"a\0\"=\"b\"} 1\n"), true, "1: invalid label name \"a\\x00\""},
    {SLICE_LITERAL("m{\"a\377\"=\"b\"} 1\n"), true, "1: invalid label name \"a\\xff\""},
    {SLICE_LITERAL("m.x 1\n"), true, "1: expected float as value, got \".x\""},
    {SLICE_LITERAL("m{a.b=\"c\"} 1\n"), true, "1: expected '=' after label name, found '.'"},
    {SLICE_LITERAL("\"\" 1\n"), true, "1: invalid metric name"},
    {SLICE_LITERAL("m{\"\"=\"b\"} 1\n"), true, "1: invalid label name for metric \"m\""},
    {SLICE_LITERAL("{\"m.x\",\"n\"} 1\n"), true, "1: multiple metric names for metric \"m.x\""},
    {SLICE_LITERAL("# HELP \"m\377\" x\n"), true, "1: invalid metric name \"m\\xff\""},
    {SLICE_LITERAL("m{\"a.b\"=\"1\",\"a.b\"=\"2\"} 1\n"), true,
     "1: duplicate label names for metric \"m\""},
    {SLICE_LITERAL("m{\"a\n\"=\"b\"} 1\n"), true,
     "1: label name \"a\" contains unescaped new-line"},
    {SLICE_LITERAL("\"m\n\" 1\n"), true, "1: metric name \"m\" contains unescaped new-line"},
    /* Where the original adds to the metric of the line before, or breaks down. */
    {SLICE_LITERAL("{} 1\n"), false, "1: invalid metric name"},
    {SLICE_LITERAL("m 1\n{a=\"b\"} 1\n"), false, "2: invalid metric name"},
    {SLICE_LITERAL("# TYPE m gauge\n{a=\"b\"} 1\n"), true, "2: invalid metric name"},
    {SLICE_LITERAL("# TYPE s summary\nx 1\n{quantile=\"x\",\"s\"} 1\n"), false,
     "3: expected float as value for 'quantile' label, got \"x\""},
};

START_TEST(refuses)
{
    char want[ERROR_MESSAGE_MAX];
    snprintf(want, sizeof(want), "text format parsing error in line %s", bad[_i].message);
    ck_assert_msg(!read_text(bad[_i].body, bad[_i].utf8_names), "%s", want);
    ck_assert_int_eq(error.code, ERROR_INVALID);
    ck_assert_str_eq(error.message, want);
}
END_TEST

static const char everything[] =
    "# HELP m some \\\\ help\\n\n"
    "# TYPE m counter\n"
    "m{a=\"b\", c = \"d\\\\\",} 1.5\n"
    "# a comment\n\n"
    "{\"m\",\"e\"=\"\xc3\xa9\"} 2\n"
    "# TYPE s summary\n"
    "s{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\n"
    "# TYPE h histogram\n"
    "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n";

/* Cut off anywhere but at a line's end, a body is refused, and nothing behind it is read. */
START_TEST(refuses_cut_off_bodies)
{
    for (size_t n = 0; n < sizeof(everything); n++) {
        bool whole = n == 0 || everything[n - 1] == '\n';
        teardown();
        setup();
        bool ok = read_text((struct slice){everything, n}, false);
        ck_assert_msg(ok == whole, "%zu bytes: %s", n, error.message);
        if (!whole)
            ck_assert_ptr_nonnull(strstr(error.message, "unexpected end of input stream"));
    }
}
END_TEST

/* Appends `n` labels l0, l1, ... to the buffer, from the last to the first if `backwards`. */
static void append_labels(struct buffer *b, int n, bool backwards)
{
    for (int i = 0; i < n; i++)
        buffer_printf(b, "l%d=\"v\",", backwards ? n - 1 - i : i);
}

static const int label_counts[] = {1, 2, 16, 17, 18, 1000};

START_TEST(reads_many_labels)
{
    struct buffer body = {0};
    int n = label_counts[_i];
    buffer_text(&body, "m{");
    append_labels(&body, n, false);
    buffer_text(&body, "} 1\n");
    ck_assert_msg(read_text(buffer_slice(&body), false), "%s", error.message);
    ck_assert_uint_eq(list.families[0].metrics[0].n_labels, (size_t)n);
    buffer_free(&body);
}
END_TEST

START_TEST(finds_a_doubled_label_among_many)
{
    struct buffer body = {0};
    buffer_text(&body, "m{");
    append_labels(&body, label_counts[_i], false);
    buffer_text(&body, "l0=\"other\", and an error behind");
    ck_assert(!read_text(buffer_slice(&body), false));
    ck_assert_str_eq(error.message,
                     "text format parsing error in line 1: duplicate label names for "
                     "metric \"m\"");
    buffer_free(&body);
}
END_TEST

START_TEST(puts_together_labels_in_any_order)
{
    struct buffer body = {0};
    buffer_text(&body, "# TYPE s summary\ns_sum{");
    append_labels(&body, label_counts[_i], false);
    buffer_text(&body, "} 1\ns_count{x=\"y\"} 5\ns_count{");
    append_labels(&body, label_counts[_i], true);
    buffer_text(&body, "} 2\n");
    ck_assert_msg(read_text(buffer_slice(&body), false), "%s", error.message);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.families[0].n_metrics, 2);
    buffer_free(&body);
}
END_TEST

START_TEST(keeps_many_families_and_metrics_apart)
{
    enum { FAMILIES = 500, METRICS = 20 };
    struct buffer body = {0};
    for (int j = 0; j < METRICS; j++) {
        for (int i = 0; i < FAMILIES; i++)
            buffer_printf(&body, "f%d{j=\"%d\"} %d\n", i, j, i * j);
    }
    ck_assert_msg(read_text(buffer_slice(&body), false), "%s", error.message);
    ck_assert_uint_eq(list.count, FAMILIES);
    buffer_clear(&body);
    for (int i = 0; i < FAMILIES; i++) {
        buffer_printf(&body, "# TYPE f%d untyped\n", i);
        for (int j = 0; j < METRICS; j++)
            buffer_printf(&body, "f%d{j=\"%d\"} %d\n", i, j, i * j);
    }
    ck_assert(slice_equal(buffer_slice(&body), buffer_slice(&shown)));
    buffer_free(&body);
}
END_TEST

static Io__Prometheus__Client__Histogram *only_histogram(void)
{
    struct metric_value value;
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.families[0].n_metrics, 1);
    bool ok = metric_value_read(list.families[0].metrics[0].payload, list.families[0].type, &arena,
                                &value, &error);
    ck_assert_msg(ok, "%s", error.message);
    ck_assert_ptr_nonnull(value.histogram);
    return value.histogram;
}

/* One count that is no whole number makes all of them floats, and none is left as an integer. */
START_TEST(makes_float_histograms)
{
    ck_assert(read_text(SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 2\n"
                                      "h_bucket{le=\"2\"} 2.5\nh_count 3\n"),
                        false));
    const Io__Prometheus__Client__Histogram *h = only_histogram();
    ck_assert(!h->has_sample_count && h->has_sample_count_float);
    ck_assert_double_eq(h->sample_count_float, 3);
    ck_assert_uint_eq(h->n_bucket, 2);
    ck_assert(!h->bucket[0]->has_cumulative_count && !h->bucket[1]->has_cumulative_count);
    ck_assert_double_eq(h->bucket[0]->cumulative_count_float, 2);
    ck_assert_double_eq(h->bucket[1]->cumulative_count_float, 2.5);
}
END_TEST

START_TEST(keeps_integer_histograms)
{
    ck_assert(read_text(SLICE_LITERAL("# TYPE h histogram\nh_bucket{le=\"1\"} 2\n"
                                      "h_count 18446744073709549568\n"),
                        false));
    const Io__Prometheus__Client__Histogram *h = only_histogram();
    ck_assert(h->has_sample_count && !h->has_sample_count_float && !h->has_sample_sum);
    ck_assert(h->sample_count == UINT64_C(18446744073709549568));
    ck_assert(h->bucket[0]->has_cumulative_count && !h->bucket[0]->has_cumulative_count_float);
    ck_assert(h->bucket[0]->cumulative_count == 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text_reader");
    TCase *tc = tcase_create("text_reader");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, reads, 0, COUNT(good));
    tcase_add_loop_test(tc, refuses, 0, COUNT(bad));
    tcase_add_test(tc, refuses_cut_off_bodies);
    tcase_add_loop_test(tc, reads_many_labels, 0, COUNT(label_counts));
    tcase_add_loop_test(tc, finds_a_doubled_label_among_many, 0, COUNT(label_counts));
    tcase_add_loop_test(tc, puts_together_labels_in_any_order, 0, COUNT(label_counts));
    tcase_add_test(tc, keeps_many_families_and_metrics_apart);
    tcase_add_test(tc, makes_float_histograms);
    tcase_add_test(tc, keeps_integer_histograms);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
