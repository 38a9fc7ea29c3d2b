/* Lines on stderr: logfmt or JSON, with time, level, source, msg and fields, as the original's slog.
 *
 *   log_write(LOG_ERROR, "failed to push", "client", client, "err", message, NULL)
 *
 * Fields are pairs of strings, ended by NULL. Nothing is allocated for a line below the level. The
 * logger is the process's: one level, one format, set once by main(). */
#ifndef LOG_H
#define LOG_H

#include "options.h"

void log_setup(enum log_level level, enum log_format format);

bool log_enabled(enum log_level level);

#define log_write(level, ...)                                                                      \
    do {                                                                                           \
        if (log_enabled(level))                                                                    \
            log_line(level, __FILE_NAME__, __LINE__, __VA_ARGS__);                                 \
    } while (0)

void log_line(enum log_level level, const char *file, int line, const char *message, ...)
    __attribute__((sentinel));

#endif
