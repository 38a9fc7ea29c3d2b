#include "byte_size.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
    const char *name;
    const char *other; /* the same unit, as most people write it */
    unsigned shift;
} units[] = {
    {"EiB", "EB", 60}, {"PiB", "PB", 50}, {"TiB", "TB", 40}, {"GiB", "GB", 30},
    {"MiB", "MB", 20}, {"KiB", "KB", 10}, {"B", "", 0},
};

static const size_t N_UNITS = sizeof(units) / sizeof(*units);

static const struct unit *find_unit(const char *name, size_t n)
{
    for (size_t i = 0; i < N_UNITS; i++) {
        const struct unit *u = &units[i];
        if ((strlen(u->name) == n && memcmp(u->name, name, n) == 0) ||
            (strlen(u->other) == n && memcmp(u->other, name, n) == 0))
            return u;
    }
    return NULL;
}

bool byte_size_parse(const char *text, size_t *bytes, struct error *e)
{
    double sum = 0;
    const char *p = text;

    do {
        size_t digits = strspn(p, ".0123456789");
        char *end;
        double number = strtod(p, &end);
        /* strtod() alone would take signs, blanks, exponents and "inf", too. */
        if (digits == 0 || end != p + digits)
            return error_set(e, ERROR_INVALID, "invalid size \"%s\"", text);
        p = end;
        size_t n = strcspn(p, ".0123456789");
        const struct unit *unit = find_unit(p, n);
        if (!unit)
            return error_set(e, ERROR_INVALID, "unknown unit \"%.*s\" in size \"%s\"", (int)n, p,
                             text);
        p += n;
        sum += ldexp(number, (int)unit->shift);
    } while (*p != '\0');
    if (sum >= ldexp(1, 63) || sum > (double)SIZE_MAX)
        return error_set(e, ERROR_INVALID, "size \"%s\" is too large", text);
    *bytes = (size_t)sum;
    return true;
}

void byte_size_format(size_t bytes, char to[BYTE_SIZE_TEXT_MAX])
{
    uint64_t rest = bytes;
    int at = 0;

    for (size_t i = 0; i < N_UNITS; i++) {
        uint64_t count = rest >> units[i].shift;
        if (count > 0 || (units[i].shift == 0 && at == 0))
            at += snprintf(to + at, BYTE_SIZE_TEXT_MAX - (size_t)at, "%llu%s",
                           (unsigned long long)count, units[i].name);
        rest -= count << units[i].shift;
    }
}
