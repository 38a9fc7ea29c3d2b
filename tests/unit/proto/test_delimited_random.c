/* The delimited reader against protobuf-c: random families encoded by generated code come through
 * reader and metric_wire unchanged; what is cut or has a bit flipped is refused or still sound. */
#include "delimited_reader.h"
#include "histogram_check.h"
#include "metric_value.h"
#include "metric_wire.h"
#include "metrics.pb-c.h"

#include "encode.h"
#include "suite.h"

enum { BODIES = 100, DAMAGED_BODIES = 6 };

/* A body and what is in it. */
struct sample {
    Io__Prometheus__Client__MetricFamily *families[4];
    size_t n_families;
    struct slice body;
    size_t ends[4]; /* of each family in the body */
};

static struct arena arena; /* what the reader makes */
static uint64_t random_state;

static void teardown(void)
{
    arena_free(&arena);
    encode_free();
}

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static size_t random_below(size_t n)
{
    return (size_t)(random_bits() >> 16) % n;
}

static bool coin(void)
{
    return random_below(2) == 0;
}

static double random_double(void)
{
    static const double odd[] = {0.0, -0.0, 1.0, -1e300, 4.9e-324, 1.0 / 3};
    return random_below(4) == 0 ? wire_double(random_bits())
                                : odd[random_below(sizeof(odd) / sizeof(odd[0]))];
}

/* All sizes of varint alike. */
static uint64_t random_number(void)
{
    return random_bits() >> random_below(64);
}

static ProtobufCBinaryData random_text(size_t at_least)
{
    static const char letters[] = "abcXYZ019_:. \n\"\\";
    size_t len = at_least + random_below(random_below(20) == 0 ? 300 : 8);
    char *text = encode_alloc(len);
    for (size_t i = 0; i < len; i++)
        text[i] = letters[random_below(sizeof(letters) - 1)];
    return (ProtobufCBinaryData){len, (uint8_t *)text};
}

/* Optional fields of random presence. */
#define SOMETIMES(message, field, value)                                                           \
    do {                                                                                           \
        if (coin()) {                                                                              \
            (message)->has_##field = true;                                                         \
            (message)->field = (value);                                                            \
        }                                                                                          \
    } while (0)

/* Fills an array of n messages that `make` makes. */
#define SEVERAL(message, field, n, make)                                                           \
    do {                                                                                           \
        (message)->n_##field = (n);                                                                \
        (message)->field = (void *)encode_alloc((message)->n_##field * sizeof(void *));            \
        for (size_t i_ = 0; i_ < (message)->n_##field; i_++)                                       \
            (message)->field[i_] = make();                                                         \
    } while (0)

#define MAKE(Type, type)                                                                           \
    Io__Prometheus__Client__##Type *m = (void *)encode_alloc(sizeof(*m));                          \
    io__prometheus__client__##type##__init(m)

static Io__Prometheus__Client__Timestamp *make_timestamp(void)
{
    MAKE(Timestamp, timestamp);
    SOMETIMES(m, seconds, (int64_t)random_number());
    SOMETIMES(m, nanos, (int32_t)random_number());
    return m;
}

static Io__Prometheus__Client__LabelPair *make_label(void)
{
    MAKE(LabelPair, label_pair);
    SOMETIMES(m, name, random_text(0));
    SOMETIMES(m, value, random_text(0));
    return m;
}

static Io__Prometheus__Client__Exemplar *make_exemplar(void)
{
    MAKE(Exemplar, exemplar);
    SEVERAL(m, label, random_below(3), make_label);
    SOMETIMES(m, value, random_double());
    m->timestamp = coin() ? make_timestamp() : NULL;
    return m;
}

static Io__Prometheus__Client__Gauge *make_gauge(void)
{
    MAKE(Gauge, gauge);
    SOMETIMES(m, value, random_double());
    return m;
}

static Io__Prometheus__Client__Untyped *make_untyped(void)
{
    MAKE(Untyped, untyped);
    SOMETIMES(m, value, random_double());
    return m;
}

static Io__Prometheus__Client__Counter *make_counter(void)
{
    MAKE(Counter, counter);
    SOMETIMES(m, value, random_double());
    m->exemplar = coin() ? make_exemplar() : NULL;
    m->created_timestamp = coin() ? make_timestamp() : NULL;
    return m;
}

static Io__Prometheus__Client__Quantile *make_quantile(void)
{
    MAKE(Quantile, quantile);
    SOMETIMES(m, quantile, random_double());
    SOMETIMES(m, value, random_double());
    return m;
}

static Io__Prometheus__Client__Summary *make_summary(void)
{
    MAKE(Summary, summary);
    SOMETIMES(m, sample_count, random_number());
    SOMETIMES(m, sample_sum, random_double());
    SEVERAL(m, quantile, random_below(5), make_quantile);
    m->created_timestamp = coin() ? make_timestamp() : NULL;
    return m;
}

static Io__Prometheus__Client__Bucket *make_bucket(void)
{
    MAKE(Bucket, bucket);
    SOMETIMES(m, cumulative_count, random_number());
    SOMETIMES(m, upper_bound, random_double());
    SOMETIMES(m, cumulative_count_float, random_double());
    m->exemplar = random_below(4) == 0 ? make_exemplar() : NULL;
    return m;
}

static Io__Prometheus__Client__BucketSpan *make_span(void)
{
    MAKE(BucketSpan, bucket_span);
    m->has_offset = m->has_length = true;
    m->offset = (int32_t)random_below(100);
    m->length = (uint32_t)random_below(4);
    return m;
}

/* Lays buckets into the spans of one side, so that they add up. */
static int64_t *make_deltas(Io__Prometheus__Client__BucketSpan **spans, size_t n_spans, size_t *n,
                            uint64_t *observations)
{
    int64_t *deltas, before = 0;
    *n = 0;
    for (size_t i = 0; i < n_spans; i++)
        *n += spans[i]->length;
    deltas = (void *)encode_alloc(*n * sizeof(*deltas));
    for (size_t i = 0; i < *n; i++) {
        int64_t count = (int64_t)random_below(1000);
        deltas[i] = count - before;
        before = count;
        *observations += (uint64_t)count;
    }
    return deltas;
}

static void make_native(Io__Prometheus__Client__Histogram *m)
{
    m->has_schema = m->has_zero_threshold = m->has_zero_count = m->has_sample_count = true;
    m->schema = (int32_t)random_below(13) - 4;
    m->zero_threshold = 1e-128;
    m->zero_count = random_below(5);
    SEVERAL(m, positive_span, random_below(3), make_span);
    SEVERAL(m, negative_span, random_below(3), make_span);
    m->sample_count = m->zero_count;
    m->positive_delta =
        make_deltas(m->positive_span, m->n_positive_span, &m->n_positive_delta, &m->sample_count);
    m->negative_delta =
        make_deltas(m->negative_span, m->n_negative_span, &m->n_negative_delta, &m->sample_count);
    SEVERAL(m, exemplars, random_below(3), make_exemplar);
}

static Io__Prometheus__Client__Histogram *make_histogram(void)
{
    MAKE(Histogram, histogram);
    SOMETIMES(m, sample_count, random_number());
    SOMETIMES(m, sample_sum, (double)random_below(1000));
    SEVERAL(m, bucket, random_below(6), make_bucket);
    m->created_timestamp = coin() ? make_timestamp() : NULL;
    if (coin())
        make_native(m);
    return m;
}

static Io__Prometheus__Client__Metric *make_metric(enum metric_type type)
{
    MAKE(Metric, metric);
    SEVERAL(m, label, random_below(4), make_label);
    bool other = random_below(10) == 0; /* a value that is not the type's may stand beside it */
    m->gauge = type == METRIC_GAUGE || other ? make_gauge() : NULL;
    m->counter = type == METRIC_COUNTER || other ? make_counter() : NULL;
    m->summary = type == METRIC_SUMMARY || other ? make_summary() : NULL;
    m->untyped = type == METRIC_UNTYPED || other ? make_untyped() : NULL;
    bool histogram = type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM;
    m->histogram = histogram || other ? make_histogram() : NULL;
    if (random_below(10) == 0)
        SOMETIMES(m, timestamp_ms, (int64_t)random_number());
    return m;
}

/* The name must end in the unit, or it is dropped. */
static void end_in_unit(Io__Prometheus__Client__MetricFamily *m)
{
    static char unit[] = "_bytes";
    char *name = encode_alloc(strlen(unit) + 1);
    name[0] = (char)m->name.data[0];
    memcpy(name + 1, unit, strlen(unit));
    m->name = (ProtobufCBinaryData){strlen(unit) + 1, (uint8_t *)name};
    m->has_unit = true;
    m->unit = (ProtobufCBinaryData){strlen(unit) - 1, (uint8_t *)unit + 1};
}

static Io__Prometheus__Client__MetricFamily *make_family(size_t number)
{
    MAKE(MetricFamily, metric_family);
    enum metric_type type = (enum metric_type)random_below(METRIC_TYPES);
    m->has_name = m->has_type = true;
    m->name = random_text(1);
    m->name.data[0] = (uint8_t)('A' + number); /* each of its own */
    m->type = (Io__Prometheus__Client__MetricType)type;
    SOMETIMES(m, help, random_text(0));
    if (coin())
        end_in_unit(m);
    m->n_metric = random_below(4);
    m->metric = (void *)encode_alloc(m->n_metric * sizeof(void *));
    for (size_t i = 0; i < m->n_metric; i++)
        m->metric[i] = make_metric(type);
    return m;
}

static struct slice pack(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    char *bytes = encode_alloc(size);
    protobuf_c_message_pack(message, (uint8_t *)bytes);
    return (struct slice){bytes, size};
}

static void make_sample(struct sample *out, uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15 + 1;
    *out = (struct sample){.n_families = 1 + random_below(4)};
    for (size_t i = 0; i < out->n_families; i++) {
        out->families[i] = make_family(i);
        struct slice family = encode_delimited(pack(&out->families[i]->base));
        out->body = MESSAGE(out->body, family);
        out->ends[i] = out->body.len;
    }
}

static struct slice text_of(ProtobufCBinaryData data)
{
    return (struct slice){(const char *)data.data, data.len};
}

/* As the store keeps it and a scrape sends it, decoded again. */
static struct slice through_metric_wire(const struct metric *metric)
{
    size_t size = metric_wire_size(metric->labels, metric->n_labels, metric->payload);
    char *bytes = encode_alloc(size);
    struct wire_field field;

    metric_wire_put(bytes, metric->labels, metric->n_labels, metric->payload);
    struct slice wire = {bytes, size};
    ck_assert(wire_take_field(&wire, &field));
    ck_assert_uint_eq(wire.len, 0);
    Io__Prometheus__Client__Metric *decoded = io__prometheus__client__metric__unpack(
        NULL, field.bytes.len, (const uint8_t *)field.bytes.p);
    ck_assert_ptr_nonnull(decoded);
    struct slice packed = pack(&decoded->base);
    io__prometheus__client__metric__free_unpacked(decoded, NULL);
    return packed;
}

/* A label without its name or value comes out with an empty one. */
static void complete_labels(Io__Prometheus__Client__Metric *metric)
{
    for (size_t i = 0; i < metric->n_label; i++)
        metric->label[i]->has_name = metric->label[i]->has_value = true;
}

static void compare(const struct family *got, const Io__Prometheus__Client__MetricFamily *want)
{
    ck_assert(slice_equal(got->name, text_of(want->name)));
    ck_assert_int_eq(got->has_help, want->has_help);
    ck_assert(slice_equal(got->help, text_of(want->help)));
    ck_assert(slice_equal(got->unit, text_of(want->unit)));
    ck_assert_int_eq(got->type, want->type);
    ck_assert_uint_eq(got->n_metrics, want->n_metric);
    for (size_t i = 0; i < got->n_metrics; i++) {
        complete_labels(want->metric[i]);
        ck_assert_int_eq(got->metrics[i].has_timestamp, want->metric[i]->has_timestamp_ms);
        ck_assert(slice_equal(through_metric_wire(&got->metrics[i]), pack(&want->metric[i]->base)));
    }
}

START_TEST(comes_through)
{
    struct sample sample;
    struct family_list list;
    struct error error;

    make_sample(&sample, (uint64_t)_i);
    bool ok = delimited_reader_read(sample.body, &arena, &list, &error);
    ck_assert_msg(ok, "seed %d: %s", _i, error.message);
    ck_assert_uint_eq(list.count, sample.n_families);
    for (size_t i = 0; i < list.count; i++)
        compare(&list.families[i], sample.families[i]);
}
END_TEST

/* Reads a copy that ends where its memory ends, so that sanitizers see a byte too many. */
static bool read_copy(struct slice body, struct family_list *list, char **copy)
{
    struct error error = {0};
    *copy = malloc(body.len ? body.len : 1);
    if (body.len > 0)
        memcpy(*copy, body.p, body.len);
    bool ok = delimited_reader_read((struct slice){*copy, body.len}, &arena, list, &error);
    if (!ok) {
        ck_assert_int_eq(error.code, ERROR_INVALID);
        ck_assert_uint_gt(strlen(error.message), 0);
    }
    return ok;
}

START_TEST(cut_anywhere)
{
    struct sample sample;

    make_sample(&sample, (uint64_t)_i);
    for (size_t cut = 0, whole = 0; cut < sample.body.len; cut++) {
        struct family_list list;
        char *copy;
        if (cut == sample.ends[whole])
            whole++;
        bool at_an_end = cut == (whole ? sample.ends[whole - 1] : 0);
        bool ok = read_copy((struct slice){sample.body.p, cut}, &list, &copy);
        ck_assert_msg(ok == at_an_end, "seed %d, cut at %zu", _i, cut);
        if (ok)
            ck_assert_uint_eq(list.count, whole);
        free(copy);
        arena_reset(&arena);
    }
}
END_TEST

/* What was let in must be readable ever after. */
static void check_sound(const struct family_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct family *family = &list->families[i];
        for (size_t j = 0; j < family->n_metrics; j++) {
            struct metric_value value;
            struct error error;
            if (family->metrics[j].lacks_value)
                continue;
            bool ok =
                metric_value_read(family->metrics[j].payload, family->type, &arena, &value, &error);
            ck_assert_msg(ok, "%s", error.message);
            if (value.histogram)
                ck_assert(histogram_check(value.histogram, &error));
        }
    }
}

START_TEST(flipped_bits)
{
    struct sample sample;
    size_t accepted = 0;

    make_sample(&sample, (uint64_t)_i);
    char *flipped = encode_alloc(sample.body.len);
    memcpy(flipped, sample.body.p, sample.body.len);
    for (size_t bit = 0; bit < 8 * sample.body.len; bit++) {
        struct family_list list;
        char *copy;
        flipped[bit / 8] ^= (char)(1 << bit % 8);
        if (read_copy((struct slice){flipped, sample.body.len}, &list, &copy)) {
            accepted++;
            check_sound(&list);
        }
        free(copy);
        arena_reset(&arena);
        flipped[bit / 8] ^= (char)(1 << bit % 8);
    }
    /* Texts and numbers are most of a body: else the test has tested nothing. */
    ck_assert_uint_gt(accepted, sample.body.len / 8);
    ck_assert_uint_lt(accepted, 8 * sample.body.len);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("delimited_random");
    TCase *tc = tcase_create("delimited_random");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_loop_test(tc, comes_through, 0, BODIES);
    tcase_add_loop_test(tc, cut_anywhere, 0, DAMAGED_BODIES);
    tcase_add_loop_test(tc, flipped_bits, 0, DAMAGED_BODIES);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
