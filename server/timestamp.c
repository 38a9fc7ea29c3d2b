#include "timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const int64_t SECOND_NS = 1000000000;

static void format(int64_t seconds, const char *fraction, char *to)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char zone[32] = "Z";

    localtime_r(&when, &tm);
    int minutes = (int)(tm.tm_gmtoff / 60);
    if (minutes != 0)
        snprintf(zone, sizeof(zone), "%c%02d:%02d", minutes < 0 ? '-' : '+', abs(minutes) / 60,
                 abs(minutes) % 60);
    snprintf(to, TIMESTAMP_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%s%s", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction, zone);
}

static int64_t whole_seconds(int64_t ns)
{
    return ns / SECOND_NS - (ns % SECOND_NS < 0);
}

void timestamp_format_nano(int64_t ns, char *to)
{
    int64_t seconds = whole_seconds(ns);
    int64_t rest = ns - seconds * SECOND_NS;
    char fraction[16] = "";

    if (rest > 0) {
        int last = snprintf(fraction, sizeof(fraction), ".%09lld", (long long)rest) - 1;
        while (fraction[last] == '0')
            fraction[last--] = '\0';
    }
    format(seconds, fraction, to);
}

void timestamp_format(int64_t ns, char *to)
{
    format(whole_seconds(ns), "", to);
}
