/* Reads the persistence file of the Go Pushgateway: one gob value, of these types
 * (github.com/prometheus/pushgateway, package storage):
 *
 *   map[string]MetricGroup      by grouping key, which the labels say again (before version 0.10 it
 *                               is a number)
 *   MetricGroup                 struct with Labels, a map[string]string, and Metrics, a
 *                               map[string]TimestampedMetricFamily
 *   TimestampedMetricFamily     struct with Timestamp, a time.Time, and GobbableMetricFamily
 *
 * A time is bytes as go_time.h has it, a family an encoded io.prometheus.client.MetricFamily. The
 * families push_time_seconds and push_failure_time_seconds are the group's times. */
#ifndef GOB_READER_H
#define GOB_READER_H

#include "snapshot.h"

/* Loads a file into an empty store. A group that is inconsistent with the groups before it, or with
 * what the store takes in, goes in without the families that are to blame; *e tells of the first.
 * Fails with ERROR_INVALID, naming the byte, when the file is damaged or another program's: the
 * groups before that byte are then in the store. Fails with ERROR_NO_MEMORY, too. */
bool gob_reader_load(struct store *s, struct slice file, struct snapshot_report *report,
                     struct error *e);

#endif
