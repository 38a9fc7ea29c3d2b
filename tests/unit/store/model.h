/* The naive twin of the store: flat arrays, everything checked again from scratch after each push.
 *
 * It follows SPEC section 5 (README, "Push") literally and shares no code with the store. Strings
 * are C strings that outlive the model. */
#ifndef MODEL_H
#define MODEL_H

#include "buffer.h"
#include "family.h"

#include <stdint.h>

enum {
    MODEL_LABELS = 12,
    MODEL_METRICS = 4,
    MODEL_FAMILIES = 10,
    MODEL_GROUPS = 40,
    MODEL_OWN = 4,
};

struct model_label {
    const char *name, *value;
};

struct model_metric {
    struct model_label labels[MODEL_LABELS]; /* pushed: as in the body; stored: final and sorted */
    int n_labels;
    unsigned char value; /* stands for the payload, see model_payload() */
    bool has_timestamp;
};

struct model_family {
    const char *name, *help, *unit; /* help NULL: none */
    enum metric_type type;
    struct model_metric metrics[MODEL_METRICS];
    int n_metrics;
    int64_t time;
};

struct model_group {
    struct model_label key[MODEL_LABELS]; /* sorted by name */
    int n_key;
    int64_t created, success, failure;
    struct model_family families[MODEL_FAMILIES]; /* sorted by name */
    int n_families;
};

struct model_own_family {
    const char *name, *help;
    enum metric_type type;
};

struct model {
    struct model_group groups[MODEL_GROUPS]; /* in the order of a scrape */
    int n_groups;
    struct model_own_family own[MODEL_OWN];
    int n_own;
    bool unchecked;
    size_t groups_max, series_max, group_series_max; /* 0: no limit */
};

enum model_outcome { MODEL_APPLIED, MODEL_REFUSED, MODEL_UNTOUCHED };

enum model_outcome model_push(struct model *m, const struct model_label *key, int n_key,
                              const struct model_family *families, int n_families, bool replace,
                              int64_t now);
bool model_delete(struct model *m, const struct model_label *key, int n_key);

/* Whether a scrape of all this would be consistent. */
bool model_is_consistent(const struct model *m);

struct model_statistics {
    size_t groups, families, series;
};
struct model_statistics model_statistics(const struct model *m);

/* What a view shows of it, in the form of dump.h. */
void model_dump_families(const struct model *m, struct buffer *out);
void model_dump_groups(const struct model *m, struct buffer *out);

/* The payload that stands for a value: a message of the type's field. At most MODEL_PAYLOAD bytes.
 */
enum { MODEL_PAYLOAD = 16 };
size_t model_payload(enum metric_type type, double value, char *to);

#endif
