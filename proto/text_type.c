#include "text_type.h"

/* Takes a code point off *s as Go's ToUpper makes it; 0 for what is no ASCII then. */
static char take_upper(struct slice *s)
{
    /* Two letters outside ASCII have their capitals in it. */
    static const struct slice dotless_i = {"\xc4\xb1", 2}, long_s = {"\xc5\xbf", 2};
    char upper = 0;
    size_t n = 1;
    if (slice_has_prefix(*s, dotless_i) || slice_has_prefix(*s, long_s)) {
        upper = slice_has_prefix(*s, dotless_i) ? 'I' : 'S';
        n = 2;
    } else if ((unsigned char)*s->p < 0x80) {
        upper = *s->p >= 'a' && *s->p <= 'z' ? (char)(*s->p - 'a' + 'A') : *s->p;
    }
    s->p += n;
    s->len -= n;
    return upper;
}

static bool equals_in_upper(struct slice text, const char *upper)
{
    while (text.len > 0 && *upper && take_upper(&text) == *upper)
        upper++;
    return text.len == 0 && !*upper;
}

bool text_type_find(struct slice text, enum metric_type *out)
{
    for (int type = 0; type < METRIC_TYPES; type++) {
        if (equals_in_upper(text, metric_type_upper_name((enum metric_type)type))) {
            *out = (enum metric_type)type;
            return true;
        }
    }
    *out = METRIC_GAUGE_HISTOGRAM;
    return equals_in_upper(text, "GAUGEHISTOGRAM");
}
