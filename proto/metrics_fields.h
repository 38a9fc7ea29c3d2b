/* Field numbers of metrics.proto, for what is read and written by hand. */
#ifndef METRICS_FIELDS_H
#define METRICS_FIELDS_H

enum {
    FAMILY_NAME = 1,
    FAMILY_HELP = 2,
    FAMILY_TYPE = 3,
    FAMILY_METRIC = 4,
    FAMILY_UNIT = 5,
    METRIC_LABEL = 1,
    METRIC_TIMESTAMP = 6,
    HISTOGRAM_ZERO_THRESHOLD = 6,
    HISTOGRAM_ZERO_COUNT = 7,
    HISTOGRAM_NEGATIVE_SPAN = 9,
    HISTOGRAM_POSITIVE_SPAN = 12,
    VALUE_SAMPLE = 3, /* Summary.quantile, Histogram.bucket */
    LABEL_NAME = 1,
    LABEL_VALUE = 2,
};

#endif
