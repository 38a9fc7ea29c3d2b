#include "query.h"

#include "percent.h"

static bool decode(struct slice in, struct arena *a, struct slice *out)
{
    char *to = arena_alloc(a, in.len);
    if (!to)
        return false;
    *out = (struct slice){to, 0};
    for (size_t i = 0; i < in.len; i++) {
        int byte = percent_byte((struct slice){in.p + i, in.len - i});
        if (byte >= 0)
            i += PERCENT_ESCAPE_LENGTH - 1;
        else
            byte = in.p[i] == '+' ? ' ' : in.p[i];
        to[out->len++] = (char)byte;
    }
    return true;
}

/* Cuts s at the first `at`; the rest is empty where there is none. */
static struct slice cut(struct slice s, char at, struct slice *rest)
{
    const char *end = s.len > 0 ? memchr(s.p, at, s.len) : NULL;
    if (!end) {
        *rest = (struct slice){s.p + s.len, 0};
        return s;
    }
    size_t before = (size_t)(end - s.p);
    *rest = (struct slice){end + 1, s.len - before - 1};
    return (struct slice){s.p, before};
}

bool query_next(struct slice *query, struct arena *a, struct query_parameter *out)
{
    struct slice value;
    struct slice parameter = cut(*query, '&', query);
    struct slice name = cut(parameter, '=', &value);
    return decode(name, a, &out->name) && decode(value, a, &out->value);
}

bool query_number(struct slice value, uint64_t max, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] < '0' || value.p[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(value.p[i] - '0');
        if (digit > max || *out > (max - digit) / 10)
            return false;
        *out = *out * 10 + digit;
    }
    return value.len > 0;
}
