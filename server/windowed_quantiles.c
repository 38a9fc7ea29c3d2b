#include "windowed_quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    AGES = 5,
    STEPS_PER_OCTAVE = 64, /* the six bits below the exponent */
    MANTISSA_BITS = 52,
    STEP_SHIFT = MANTISSA_BITS - 6,
    EXPONENT_BIAS = 1023,
};

static const uint64_t AGE_NS = 120ull * 1000000000ull;

struct age {
    uint64_t count;
    double least, greatest; /* of the values, if there are any */
    uint32_t *steps;
};

struct windowed_quantiles {
    uint64_t newest; /* the newest age bucket: the clock in units of AGE_NS */
    uint64_t total_count;
    double total_sum;
    double floor, ceiling;
    uint64_t first_step; /* of `floor` */
    size_t n_steps;
    struct age ages[AGES]; /* the k-th is at k % AGES */
    uint32_t steps[];
};

/* The exponent and the upper six bits of the mantissa: ascending with the value, for values above
 * 0. */
static uint64_t step_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits >> STEP_SHIFT;
}

/* The middle of a step. */
static double value_of(uint64_t step)
{
    uint64_t bits = step << STEP_SHIFT | 1ull << (STEP_SHIFT - 1);
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

struct windowed_quantiles *windowed_quantiles_new(int least_exponent, int greatest_exponent)
{
    size_t n_steps = (size_t)(greatest_exponent - least_exponent) * STEPS_PER_OCTAVE + 1;
    struct windowed_quantiles *w = calloc(1, sizeof(*w) + AGES * n_steps * sizeof(w->steps[0]));
    if (!w)
        return NULL;
    w->floor = ldexp(1, least_exponent);
    w->ceiling = ldexp(1, greatest_exponent);
    w->first_step = step_of(w->floor);
    w->n_steps = n_steps;
    for (size_t i = 0; i < AGES; i++)
        w->ages[i].steps = w->steps + i * n_steps;
    return w;
}

void windowed_quantiles_free(struct windowed_quantiles *w)
{
    free(w);
}

/* Forgets the age buckets whose time has come. */
static void turn(struct windowed_quantiles *w, uint64_t now_ns)
{
    uint64_t now = now_ns / AGE_NS;
    if (now <= w->newest)
        return;
    uint64_t passed = now - w->newest < AGES ? now - w->newest : AGES;
    for (uint64_t i = 0; i < passed; i++) {
        struct age *age = &w->ages[(now - i) % AGES];
        if (age->count == 0)
            continue;
        memset(age->steps, 0, w->n_steps * sizeof(age->steps[0]));
        age->count = 0;
    }
    w->newest = now;
}

void windowed_quantiles_observe(struct windowed_quantiles *w, uint64_t now_ns, double value)
{
    turn(w, now_ns);
    w->total_count++;
    w->total_sum += value;
    struct age *age = &w->ages[w->newest % AGES];
    if (age->count == 0 || value < age->least)
        age->least = value;
    if (age->count == 0 || value > age->greatest)
        age->greatest = value;
    age->count++;
    /* Written so that NaN counts as the floor. */
    double inside = value > w->floor ? value : w->floor;
    inside = inside < w->ceiling ? inside : w->ceiling;
    age->steps[step_of(inside) - w->first_step]++;
}

static double between(double value, double least, double greatest)
{
    if (value < least)
        return least;
    return value > greatest ? greatest : value;
}

/* The rank-th smallest is the first value of which the first `rank` have been passed. */
static uint64_t rank_of(double q, uint64_t count)
{
    uint64_t rank = (uint64_t)ceil(q * (double)count);
    if (rank < 1)
        return 1;
    return rank > count ? count : rank;
}

void windowed_quantiles_query(struct windowed_quantiles *w, uint64_t now_ns, const double *ranks,
                              size_t count, double *out)
{
    turn(w, now_ns);
    uint64_t in_window = 0;
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < AGES; i++) {
        const struct age *age = &w->ages[i];
        in_window += age->count;
        if (age->count > 0) {
            least = fmin(least, age->least);
            greatest = fmax(greatest, age->greatest);
        }
    }
    uint64_t passed = 0;
    size_t step = 0;
    for (size_t i = 0; i < count; i++) {
        if (in_window == 0) {
            out[i] = NAN;
            continue;
        }
        uint64_t rank = rank_of(ranks[i], in_window);
        while (passed < rank) {
            for (size_t a = 0; a < AGES; a++)
                passed += w->ages[a].steps[step];
            step++;
        }
        if (rank == 1)
            out[i] = least;
        else if (rank == in_window)
            out[i] = greatest;
        else
            out[i] = between(value_of(w->first_step + step - 1), least, greatest);
    }
}

uint64_t windowed_quantiles_count(const struct windowed_quantiles *w)
{
    return w->total_count;
}

double windowed_quantiles_sum(const struct windowed_quantiles *w)
{
    return w->total_sum;
}
