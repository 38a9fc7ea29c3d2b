/* Short words for what tests of the store do and look at. */
#ifndef STEPS_H
#define STEPS_H

#include "buffer.h"
#include "store.h"

#define PMII                        "pushed metrics are invalid or inconsistent with existing metrics: "
#define METRIC(name, labels, value) "collected metric \"" name "\" { " labels value "} "
#define LABEL(name, value)          "label:{name:\"" name "\" value:\"" value "\"} "
#define JOB_A                       LABEL("instance", "") LABEL("job", "a")
#define JOB_B                       LABEL("instance", "") LABEL("job", "b")
#define GAUGE                       "gauge:{value:1}"
#define BEFORE                      "was collected before with the same name and label values"

enum step_kind { NO_STEP, PUT, POST, DELETE, WIPE };

struct step {
    enum step_kind kind;
    const char *key, *body; /* as notation.h */
    enum store_outcome outcome;
    const char *message; /* of what is refused */
};

/* A store with own families "own", a summary, and "lonely_sum", a gauge. */
struct store *steps_store(bool unchecked);
struct store *steps_limited_store(struct store_limits limits);

/* Does a step. A deletion without effect counts as STORE_UNTOUCHED. */
enum store_outcome steps_act(struct store *s, const struct step *step, int64_t now,
                             struct error *e);

/* Does a step whose outcome must be the wanted one. */
void steps_push(struct store *s, enum step_kind kind, const char *key, const char *body,
                int64_t now, enum store_outcome wanted);

/* Checks what one of dump.h's functions, or the next, says of the store. */
void steps_check(struct store *s, void (*dump)(struct store *s, struct buffer *out),
                 const char *wanted);

/* The groups' lines alone. */
void steps_dump_times(struct store *s, struct buffer *out);

#endif
