/* YAML documents against a table of the keys that may stand in each mapping: libyaml reads, this
 * checks types and names, and every complaint begins with its line.
 *
 * Values are held to what the Go server's YAML library takes: any plain or quoted word is a text,
 * switches are plain words of YAML 1.1 (yes, on, true, ...), an empty value or null leaves the
 * default. */
#ifndef YAML_READER_H
#define YAML_READER_H

#include "arena.h"
#include "error.h"

#include <stdint.h>
#include <yaml.h>

struct yaml_reader {
    yaml_document_t *document;
    struct arena *memory; /* of what is read */
    struct error *error;
};

/* One key of a mapping. `to` of read() is the mapping's struct plus the offset. */
struct yaml_key {
    const char *name;
    bool (*read)(struct yaml_reader *r, const yaml_node_t *value, void *to);
    size_t offset;
};

/* Parses the first document of `text` and has read() called with its root; not at all if the text
 * holds nothing. False: *e says what is wrong, with "line N: " in front. */
bool yaml_reader_run(struct slice text, struct arena *memory, struct error *e,
                     bool (*read)(struct yaml_reader *r, const yaml_node_t *root, void *to),
                     void *to);

/* Fails with "line N: " and the message. */
bool yaml_reader_fail(struct yaml_reader *r, const yaml_node_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Nothing, or one of the words that mean nothing. */
bool yaml_reader_is_null(const yaml_node_t *node);

/* A mapping of known keys, each at most once; at most 32 of them. */
bool yaml_reader_mapping(struct yaml_reader *r, const yaml_node_t *node, const char *what,
                         const struct yaml_key *keys, size_t n_keys, void *to);

/* A mapping of any keys to texts. */
bool yaml_reader_pairs(struct yaml_reader *r, const yaml_node_t *node, const char *what,
                       bool (*pair)(struct yaml_reader *r, const yaml_node_t *key_node,
                                    struct slice key, struct slice value, void *to),
                       void *to);

/* A sequence of texts. */
bool yaml_reader_list(struct yaml_reader *r, const yaml_node_t *node,
                      bool (*item)(struct yaml_reader *r, const yaml_node_t *node, const char *text,
                                   void *to),
                      void *to);

/* For yaml_key.read: `to` is a const char *, a bool, an int64_t, an int64_t of nanoseconds. Texts
 * hold no NUL and live in the arena. */
bool yaml_reader_text(struct yaml_reader *r, const yaml_node_t *node, void *to);
bool yaml_reader_switch(struct yaml_reader *r, const yaml_node_t *node, void *to);
bool yaml_reader_number(struct yaml_reader *r, const yaml_node_t *node, void *to);
bool yaml_reader_duration(struct yaml_reader *r, const yaml_node_t *node, void *to);

#endif
