/* What is wrong with a push, or with an unchecked store, in the words of the original: one
 * sentence, or a list of them. */
#ifndef FAULTS_H
#define FAULTS_H

#include "buffer.h"
#include "error.h"
#include "family.h"

/* Embedded in its owner; starts as all zeroes. */
struct faults {
    size_t count;
    bool silent;             /* only count */
    struct buffer sentences; /* the first few, each after "* " and before a newline */
};

void faults_add(struct faults *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds `collected metric "name" { ... } <what>`. */
void faults_add_metric(struct faults *f, struct slice family, const struct label *labels,
                       size_t n_labels, struct slice payload, const char *what, ...)
    __attribute__((format(printf, 6, 7)));

/* The sentence, or "N error(s) occurred:" and the list. */
void faults_write(const struct faults *f, struct buffer *out);

void faults_free(struct faults *f);

#endif
