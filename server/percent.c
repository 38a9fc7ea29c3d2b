#include "percent.h"

#include "hex.h"

int percent_byte(struct slice s)
{
    if (s.len < PERCENT_ESCAPE_LENGTH || s.p[0] != '%')
        return -1;
    int high = hex_digit(s.p[1]), low = hex_digit(s.p[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}
