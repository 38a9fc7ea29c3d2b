#include "duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t INT64_LIMIT = (uint64_t)1 << 63; /* the magnitude of INT64_MIN */

static const struct unit {
    const char *name;
    uint64_t ns;
} units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\xc2\xb5s", 1000}, /* U+00B5, micro sign */
    {"\xce\xbcs", 1000}, /* U+03BC, Greek mu */
    {"ms", 1000000},
    {"s", 1000000000},
    {"m", 60 * UINT64_C(1000000000)},
    {"h", 3600 * UINT64_C(1000000000)},
};

/* Quotes for messages: Go shows every byte that is not plain ASCII as \x.. here. */
struct quoted {
    char text[256];
};

static struct quoted quote(const char *s, size_t n)
{
    struct quoted q;
    size_t at = 0;

    q.text[at++] = '"';
    for (size_t i = 0; i < n && at + 6 < sizeof(q.text); i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\')
            at += (size_t)sprintf(q.text + at, "\\%c", c);
        else if (c < ' ' || c >= 0x7f)
            at += (size_t)sprintf(q.text + at, "\\x%02x", c);
        else
            q.text[at++] = (char)c;
    }
    q.text[at++] = '"';
    q.text[at] = '\0';
    return q;
}

static bool bad_duration(struct error *e, const char *text)
{
    return error_set(e, ERROR_INVALID, "time: invalid duration %s", quote(text, strlen(text)).text);
}

/* Whole part: false when it does not fit. */
static bool read_whole(const char **p, uint64_t *value)
{
    for (*value = 0; isdigit((unsigned char)**p); (*p)++) {
        if (*value > INT64_LIMIT / 10)
            return false;
        *value = *value * 10 + (uint64_t)(**p - '0');
        if (*value > INT64_LIMIT)
            return false;
    }
    return true;
}

/* Fraction: digits beyond what an int64 holds are skipped. */
static void read_fraction(const char **p, uint64_t *value, double *scale)
{
    bool full = false;

    *value = 0;
    *scale = 1;
    for (; isdigit((unsigned char)**p); (*p)++) {
        if (full || *value > (INT64_LIMIT - 1) / 10 ||
            *value * 10 + (uint64_t)(**p - '0') > INT64_LIMIT) {
            full = true;
            continue;
        }
        *value = *value * 10 + (uint64_t)(**p - '0');
        *scale *= 10;
    }
}

static const struct unit *find_unit(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (strlen(units[i].name) == n && memcmp(units[i].name, name, n) == 0)
            return &units[i];
    return NULL;
}

/* One term such as "1.5h", its nanoseconds added to *sum. */
static bool read_term(const char **p, const char *text, uint64_t *sum, struct error *e)
{
    uint64_t whole, fraction = 0;
    double scale = 1;
    const char *start = *p;

    if (**p != '.' && !isdigit((unsigned char)**p))
        return bad_duration(e, text);
    if (!read_whole(p, &whole))
        return bad_duration(e, text);
    bool has_digits = *p != start;
    if (**p == '.') {
        const char *digits = ++*p;
        read_fraction(p, &fraction, &scale);
        has_digits = has_digits || *p != digits;
    }
    if (!has_digits)
        return bad_duration(e, text);

    size_t n = strcspn(*p, ".0123456789");
    if (n == 0)
        return error_set(e, ERROR_INVALID, "time: missing unit in duration %s",
                         quote(text, strlen(text)).text);
    const struct unit *unit = find_unit(*p, n);
    if (!unit)
        return error_set(e, ERROR_INVALID, "time: unknown unit %s in duration %s",
                         quote(*p, n).text, quote(text, strlen(text)).text);
    *p += n;
    if (whole > INT64_LIMIT / unit->ns)
        return bad_duration(e, text);
    uint64_t ns = whole * unit->ns;
    if (fraction > 0)
        ns += (uint64_t)((double)fraction * ((double)unit->ns / scale));
    if (ns > INT64_LIMIT || *sum + ns > INT64_LIMIT)
        return bad_duration(e, text);
    *sum += ns;
    return true;
}

bool duration_parse(const char *text, int64_t *ns, struct error *e)
{
    const char *p = text;
    bool negative = *p == '-';
    uint64_t sum = 0;

    if (*p == '-' || *p == '+')
        p++;
    if (strcmp(p, "0") == 0) {
        *ns = 0;
        return true;
    }
    if (*p == '\0')
        return bad_duration(e, text);
    while (*p != '\0')
        if (!read_term(&p, text, &sum, e))
            return false;
    if (!negative && sum == INT64_LIMIT)
        return bad_duration(e, text);
    *ns = negative && sum > 0 ? -(int64_t)(sum - 1) - 1 : (int64_t)sum;
    return true;
}

/* "1.5ms" from 1500000 and 1000000: no zeroes at the end of the fraction. */
static int format_fraction(char *to, size_t size, uint64_t ns, uint64_t unit_ns, const char *unit)
{
    int digits = unit_ns == 1000000000 ? 9 : unit_ns == 1000000 ? 6 : 3;
    uint64_t fraction = ns % unit_ns;

    if (fraction == 0)
        return snprintf(to, size, "%" PRIu64 "%s", ns / unit_ns, unit);
    for (; fraction % 10 == 0; digits--)
        fraction /= 10;
    return snprintf(to, size, "%" PRIu64 ".%0*" PRIu64 "%s", ns / unit_ns, digits, fraction, unit);
}

void duration_format(int64_t ns, char to[DURATION_TEXT_MAX])
{
    uint64_t rest = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    size_t size = DURATION_TEXT_MAX;
    char *p = to;

    if (ns < 0) {
        *p++ = '-';
        size--;
    }
    if (rest == 0) {
        snprintf(p, size, "0s");
    } else if (rest < 1000) {
        snprintf(p, size, "%" PRIu64 "ns", rest);
    } else if (rest < 1000000) {
        format_fraction(p, size, rest, 1000, "\xc2\xb5s");
    } else if (rest < 1000000000) {
        format_fraction(p, size, rest, 1000000, "ms");
    } else {
        uint64_t minutes = rest / 60000000000, hours = minutes / 60;
        int n = 0;
        if (hours > 0)
            n = snprintf(p, size, "%" PRIu64 "h%" PRIu64 "m", hours, minutes % 60);
        else if (minutes > 0)
            n = snprintf(p, size, "%" PRIu64 "m", minutes);
        format_fraction(p + n, size - (size_t)n, rest % 60000000000, 1000000000, "s");
    }
}
