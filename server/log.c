#include "log.h"

#include "go_quote.h"
#include "utf8.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 20,
    LONGEST_ESCAPE = 10, /* "\U000e0001" */
    /* What closes a line that was cut: dots, quote, brace, newline. */
    CLOSING = 8,
};

struct line {
    char text[LOG_LINE_MAX];
    size_t n;
};

static struct {
    enum log_level level;
    enum log_format format;
    unsigned long dropped; /* since the last line that came through */
} logger = {.level = LOG_INFO, .format = LOG_LOGFMT};

void log_setup(enum log_level level, enum log_format format)
{
    logger.level = level;
    logger.format = format;
}

bool log_enabled(enum log_level level)
{
    return level >= logger.level;
}

static bool has_room(const struct line *l, size_t n)
{
    return l->n + n + CLOSING <= sizeof(l->text);
}

static void put(struct line *l, const char *bytes, size_t n)
{
    memcpy(l->text + l->n, bytes, n);
    l->n += n;
}

static void put_text(struct line *l, const char *text)
{
    put(l, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static void put_escape(struct line *l, const char *format,
                                                             ...)
{
    va_list args;

    va_start(args, format);
    l->n += (size_t)vsnprintf(l->text + l->n, LONGEST_ESCAPE + 1, format, args);
    va_end(args);
}

/* The letter behind the backslash of an escape that both formats have; 0: none. */
static char common_escape(uint32_t c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* One character of a quoted string; n is its length in bytes, 0 if it is not UTF-8. */
static void put_json_character(struct line *l, const char *bytes, size_t n, uint32_t c)
{
    if (n == 0)
        put_text(l, "\\ufffd");
    else if (c < ' ' || c == 0x2028 || c == 0x2029)
        put_escape(l, "\\u%04x", c);
    else
        put(l, bytes, n);
}

static void put_logfmt_character(struct line *l, const char *bytes, size_t n, uint32_t c)
{
    static const char letters[] = "abtnvfr"; /* for 7, 8, ... 13 */

    if (n == 0)
        put_escape(l, "\\x%02x", (unsigned)(unsigned char)*bytes);
    else if (go_quote_is_printable(c))
        put(l, bytes, n);
    else if (c >= 7 && c <= 13)
        put_escape(l, "\\%c", letters[c - 7]);
    else if (c < ' ' || c == 0x7f)
        put_escape(l, "\\x%02x", c);
    else
        put_escape(l, c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
}

static void put_quoted(struct line *l, struct slice s)
{
    put_text(l, "\"");
    while (s.len > 0) {
        if (!has_room(l, LONGEST_ESCAPE)) {
            put_text(l, "...");
            break;
        }
        uint32_t c = 0;
        size_t n = utf8_decode(s, &c);
        if (n > 0 && common_escape(c) != 0)
            put_escape(l, "\\%c", common_escape(c));
        else if (logger.format == LOG_JSON)
            put_json_character(l, s.p, n, c);
        else
            put_logfmt_character(l, s.p, n, c);
        s.p += n > 0 ? n : 1;
        s.len -= n > 0 ? n : 1;
    }
    put_text(l, "\"");
}

/* Whether a value stands in quotes in logfmt. */
static bool needs_quotes(struct slice s)
{
    if (s.len == 0)
        return true;
    while (s.len > 0) {
        uint32_t c;
        size_t n = utf8_decode(s, &c);
        if (n == 0 || c == 0xfffd || c == ' ' || c == '=' || c == '"' || !go_quote_is_printable(c))
            return true;
        s.p += n;
        s.len -= n;
    }
    return false;
}

/* Keys are ours: short, and without characters to be escaped. */
static void put_field(struct line *l, const char *key, const char *text)
{
    struct slice value = slice_of(text ? text : "");

    if (!has_room(l, strlen(key) + 2 * (size_t)LONGEST_ESCAPE))
        return;
    if (logger.format == LOG_JSON) {
        put_text(l, l->n == 0 ? "{\"" : ",\"");
        put_text(l, key);
        put_text(l, "\":");
    } else {
        put_text(l, l->n == 0 ? "" : " ");
        put_text(l, key);
        put_text(l, "=");
    }
    if (logger.format == LOG_JSON || needs_quotes(value) || !has_room(l, value.len))
        put_quoted(l, value);
    else
        put(l, value.p, value.len);
}

static void begin_line(struct line *l, enum log_level level, const char *caller,
                       const char *message)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    char seconds[32], ts[48];
    struct timespec now;
    struct tm utc;

    l->n = 0;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(ts, sizeof(ts), "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
    put_field(l, "ts", ts);
    put_field(l, "level", levels[level]);
    put_field(l, "caller", caller);
    put_field(l, "msg", message);
}

static void end_line(struct line *l)
{
    put_text(l, logger.format == LOG_JSON ? "}\n" : "\n");
}

/* Whether stderr takes a line now, or within the wait. */
static bool wait_for_room(int wait_ms)
{
    struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};

    /* Interrupted by a signal: the wait is over, too. */
    return poll(&p, 1, wait_ms) > 0;
}

/* What cannot be written is lost: there is nowhere to report it. */
static void write_line(const struct line *l)
{
    size_t at = 0;

    while (at < l->n) {
        ssize_t n = write(STDERR_FILENO, l->text + at, l->n - at);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0)
            at += (size_t)n;
    }
}

static void write_dropped(void)
{
    struct line l;
    char count[24];

    snprintf(count, sizeof(count), "%lu", logger.dropped);
    begin_line(&l, LOG_WARN, __FILE_NAME__, "log messages were dropped, stderr took no more");
    put_field(&l, "count", count);
    end_line(&l);
    write_line(&l);
    logger.dropped = 0;
}

void log_line(enum log_level level, const char *file, const char *function, int line,
              const char *message, ...)
{
    int saved_errno = errno;
    struct line l;
    char caller[160];
    const char *key;
    va_list fields;

    if (!wait_for_room(logger.dropped > 0 ? 0 : PATIENCE_MS)) {
        logger.dropped++;
        errno = saved_errno;
        return;
    }
    if (logger.dropped > 0) {
        write_dropped();
        if (!wait_for_room(0)) {
            logger.dropped++;
            errno = saved_errno;
            return;
        }
    }
    if (logger.level == LOG_DEBUG)
        snprintf(caller, sizeof(caller), "%s(%s):%d", file, function, line);
    else
        snprintf(caller, sizeof(caller), "%s:%d", file, line);
    begin_line(&l, level, caller, message);
    va_start(fields, message);
    while ((key = va_arg(fields, const char *)))
        put_field(&l, key, va_arg(fields, const char *));
    va_end(fields);
    end_line(&l);
    write_line(&l);
    errno = saved_errno;
}
