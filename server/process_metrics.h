/* What the system says about this process, read when it is asked for.
 * Source: proc(5), getrlimit(2); the figures are those of the published process collector. */
#ifndef PROCESS_METRICS_H
#define PROCESS_METRICS_H

#include <stdbool.h>

/* What could not be read is NaN, and not shown. */
struct process_metrics {
    double cpu_seconds; /* user and system */
    double open_fds, max_fds;
    double resident_bytes;
    double virtual_bytes, max_virtual_bytes;
    double start_time_seconds;    /* since 1970 */
    double network_receive_bytes; /* of the network namespace, all processes in it */
    double network_transmit_bytes;
};

struct process_metrics process_metrics_read(void);

#endif
