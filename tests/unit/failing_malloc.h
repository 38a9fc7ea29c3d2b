/* Allocations that fail, one after the other, and memory that must come back.
 *
 * For one file of a test, which is linked with --wrap for the functions below (CMakeLists.txt): all
 * allocations of our code pass here, those of shared libraries do not. Check's own assertions
 * allocate: use REQUIRE where pieces are counted. */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static long fail_in; /* the how manieth allocation from now fails; 0: none */
static size_t live_pieces, live_bytes;

static bool fails(void)
{
    return fail_in > 0 && --fail_in == 0;
}

static void *count_in(void *p)
{
    if (p) {
        live_pieces++;
        live_bytes += malloc_usable_size(p);
    }
    return p;
}

static void count_out(void *p)
{
    if (p) {
        live_pieces--;
        live_bytes -= malloc_usable_size(p);
    }
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : count_in(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : count_in(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
    if (fails())
        return NULL;
    count_out(p);
    return count_in(__real_realloc(p, size));
}

void __wrap_free(void *p)
{
    count_out(p);
    __real_free(p);
}

char *__wrap_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

int __wrap_asprintf(char **out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    *out = __wrap_malloc((size_t)n + 1);
    if (!*out)
        return -1;
    va_start(args, format);
    vsnprintf(*out, (size_t)n + 1, format, args);
    va_end(args);
    return n;
}

/* Fails the n-th allocation from now. */
static inline void fail_allocation(long n)
{
    fail_in = n;
}

/* Ends that; whether there was an n-th. */
static inline bool allocation_failed(void)
{
    bool failed = fail_in == 0;
    fail_in = 0;
    return failed;
}

#endif
