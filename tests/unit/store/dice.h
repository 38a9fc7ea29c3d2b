/* Random numbers that can be had again: a test prints its seed when it fails, and takes one from
 * PGW_TEST_SEED. */
#ifndef DICE_H
#define DICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct dice {
    uint64_t state;
};

/* The seed to use: the one asked for in the environment, or `usual`. */
static inline uint64_t dice_seed(uint64_t usual)
{
    const char *asked = getenv("PGW_TEST_SEED");
    return asked ? strtoull(asked, NULL, 0) : usual;
}

/* 64 random bits (splitmix64). */
static inline uint64_t dice_bits(struct dice *d)
{
    uint64_t z = (d->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* A number below n. */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
    return (uint32_t)(dice_bits(d) % n);
}

static inline bool dice_percent(struct dice *d, uint32_t percent)
{
    return dice_below(d, 100) < percent;
}

#endif
