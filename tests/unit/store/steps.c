#include "steps.h"

#include "dump.h"
#include "notation.h"
#include "require.h"

static struct store *make_store(struct store_options options)
{
    struct store *s = store_new(options);
    ck_assert_ptr_nonnull(s);
    ck_assert(
        store_reserve_family(s, SLICE_LITERAL("own"), SLICE_LITERAL("Own help."), METRIC_SUMMARY));
    ck_assert(store_reserve_family(s, SLICE_LITERAL("lonely_sum"), SLICE_LITERAL("Alone."),
                                   METRIC_GAUGE));
    return s;
}

struct store *steps_store(bool unchecked)
{
    return make_store((struct store_options){.unchecked = unchecked});
}

struct store *steps_limited_store(struct store_limits limits)
{
    return make_store((struct store_options){.limits = limits});
}

enum store_outcome steps_act(struct store *s, const struct step *step, int64_t now, struct error *e)
{
    struct arena a = {0};
    enum store_outcome outcome = STORE_APPLIED;
    *e = (struct error){0};
    if (step->kind == WIPE) {
        ck_assert(store_wipe(s));
    } else if (step->kind == DELETE) {
        bool deleted;
        ck_assert(store_delete(s, notation_key(step->key, &a), &a, &deleted));
        if (!deleted)
            outcome = STORE_UNTOUCHED;
    } else {
        struct family_list body = notation_body(step->body, &a);
        outcome = store_push(s, notation_key(step->key, &a), &body,
                             step->kind == PUT ? STORE_REPLACE : STORE_MERGE, now, &a, e);
    }
    arena_free(&a);
    return outcome;
}

void steps_push(struct store *s, enum step_kind kind, const char *key, const char *body,
                int64_t now, enum store_outcome wanted)
{
    struct step step = {.kind = kind, .key = key, .body = body};
    struct error e;
    enum store_outcome outcome = steps_act(s, &step, now, &e);
    ck_assert_msg(outcome == wanted, "outcome %d: %s", (int)outcome, e.message);
}

void steps_check(struct store *s, void (*dump)(struct store *s, struct buffer *out),
                 const char *wanted)
{
    struct buffer got = {0};
    dump(s, &got);
    ck_assert_str_eq(got.p, wanted);
    buffer_free(&got);
}

void steps_dump_times(struct store *s, struct buffer *out)
{
    struct store_view *v = store_view_open(s);
    struct store_group group;
    while (store_view_next_group(v, &group))
        dump_group(out, &group);
    store_view_close(v);
    buffer_byte(out, '\0');
}
