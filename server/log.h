/* Lines on stderr: logfmt or JSON, laid out as those of the Go server, so that what reads its logs
 * reads these:
 *
 *   ts=2026-01-02T03:04:05.678Z level=error caller=push.c:12 msg="failed to push" err="..."
 *
 *   log_write(LOG_ERROR, "failed to push", "client", client, "err", message, NULL)
 *
 * Fields are pairs of strings, ended by NULL; values are cut so that a line takes at most
 * LOG_LINE_MAX bytes. Nothing is allocated, and a line below the level costs one comparison. The
 * logger is the process's: one level, one format, set once by main().
 *
 * A line is one write(2), at most the PIPE_BUF that a pipe takes whole. The loop must not hang
 * because nobody reads stderr, and stderr cannot be made non-blocking, as it may be shared with
 * other processes. So each line first waits for room, 20 ms at most; once that was in vain, lines
 * are dropped without waiting until there is room again, and the next line is preceded by one that
 * tells how many are missing. */
#ifndef LOG_H
#define LOG_H

#include "options.h"

enum { LOG_LINE_MAX = 4096 };

void log_setup(enum log_level level, enum log_format format);

bool log_enabled(enum log_level level);

#define log_write(level, ...)                                                                      \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line(level, __FILE_NAME__, __func__, __LINE__, __VA_ARGS__);                       \
    } while (0)

/* For log_write(). The function's name is shown at level debug only. */
void log_line(enum log_level level, const char *file, const char *function, int line,
              const char *message, ...) __attribute__((sentinel));

#endif
