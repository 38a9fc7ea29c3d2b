#include "family.h"

static const struct {
    const char *lower, *upper;
} type_names[METRIC_TYPES] = {
    [METRIC_COUNTER] = {"counter", "COUNTER"},
    [METRIC_GAUGE] = {"gauge", "GAUGE"},
    [METRIC_SUMMARY] = {"summary", "SUMMARY"},
    [METRIC_UNTYPED] = {"untyped", "UNTYPED"},
    [METRIC_HISTOGRAM] = {"histogram", "HISTOGRAM"},
    [METRIC_GAUGE_HISTOGRAM] = {"gaugehistogram", "GAUGE_HISTOGRAM"},
};

const char *metric_type_name(enum metric_type type)
{
    return type_names[type].lower;
}

const char *metric_type_upper_name(enum metric_type type)
{
    return type_names[type].upper;
}
