/* What every target is made of. A target gets bytes and says by FUZZ_REQUIRE() which promise they
 * have broken; crashes, leaks and undefined behaviour the sanitizers tell. See README.md. */
#ifndef FUZZ_H
#define FUZZ_H

#include "slice.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The names are libFuzzer's. The second one is optional. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the process, as a crash would; the message is printf's. */
#define FUZZ_REQUIRE(condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s is not so: ", __FILE__, __LINE__, #condition);              \
            fprintf(stderr, __VA_ARGS__);                                                          \
            fputc('\n', stderr);                                                                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Takes the first byte off the input; `otherwise` when it is empty. */
static inline char fuzz_take_byte(struct slice *in, char otherwise)
{
    if (in->len == 0)
        return otherwise;
    in->len--;
    return *in->p++;
}

/* Takes what stands before the next `separator`, or all, off the input. */
static inline struct slice fuzz_take_until(struct slice *in, struct slice separator)
{
    const char *at = memmem(in->p, in->len, separator.p, separator.len);
    struct slice taken = {in->p, at ? (size_t)(at - in->p) : in->len};
    size_t n = taken.len + (at ? separator.len : 0);
    in->p += n;
    in->len -= n;
    return taken;
}

static inline struct slice fuzz_take_line(struct slice *in)
{
    return fuzz_take_until(in, SLICE_LITERAL("\n"));
}

/* A NUL-terminated copy of what stands before the first NUL; to be freed. */
static inline char *fuzz_text(struct slice s)
{
    char *text = s.len > 0 ? strndup(s.p, s.len) : strdup("");
    FUZZ_REQUIRE(text, "out of memory");
    return text;
}

#endif
