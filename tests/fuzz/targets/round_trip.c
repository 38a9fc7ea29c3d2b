/* What was pushed comes back: read, stored, written, read again and stored again, it is the same,
 * as far as the format carries it. The first byte says how the rest is read: 't' text, 'u' text
 * with UTF-8 names, else protobuf. */
#include "delimited_reader.h"
#include "exposed.h"
#include "fuzz.h"
#include "text_reader.h"

static const struct exposition_choice as_text = {FORMAT_TEXT, ESCAPING_NONE};
static const struct exposition_choice as_protobuf = {FORMAT_DELIMITED, ESCAPING_NONE};

/* A store that took the body in; NULL if it, or the reader, refused. */
static struct store *push(struct slice body, char format, struct error *e)
{
    static const int64_t now_ns = 1700000000000000000;
    struct label job = {SLICE_LITERAL("job"), SLICE_LITERAL("j")};
    struct group_key key = {&job, 1};
    struct arena a = {0};
    struct family_list list;
    struct store *s = store_new((struct store_options){0});
    bool ok = format == 't' || format == 'u' ? text_reader_read(body, format == 'u', &a, &list, e)
                                             : delimited_reader_read(body, &a, &list, e);
    ok = ok && store_push(s, key, &list, STORE_REPLACE, now_ns, &a, e) == STORE_APPLIED;
    arena_free(&a);
    if (ok)
        return s;
    store_free(s);
    return NULL;
}

/* A store of what the first one shows, and what that is. NULL if it cannot be read. */
static struct store *again(struct store *s, struct exposition_choice choice, struct buffer *shown)
{
    struct error e;
    exposed_write(s, choice, shown);
    struct store *next = push(buffer_slice(shown), choice.format == FORMAT_TEXT ? 'u' : 'p', &e);
    FUZZ_REQUIRE(next || (choice.format == FORMAT_TEXT && exposed_is_negative_count(&e)),
                 "%s in what was stored:\n%.*s", e.message, (int)shown->len, shown->p);
    return next;
}

static void require_equal(const struct buffer *a, const struct buffer *b)
{
    FUZZ_REQUIRE(slice_equal(buffer_slice(a), buffer_slice(b)), "%.*s\nbecame\n%.*s", (int)a->len,
                 a->p, (int)b->len, b->p);
}

/* Blanks at the beginning of a help text are not told from those before it; an empty one is none.
 */
static bool text_carries_help(struct slice help)
{
    return help.len > 0 && help.p[0] != ' ' && help.p[0] != '\t';
}

/* Text rounds counts, leaves out quantiles and bounds that are no numbers, and has no gauge
 * histograms. */
static bool text_carries_all(struct store *s)
{
    struct store_view *v = store_view_open(s);
    struct store_family f;
    bool all = true;
    while (all && store_view_next_family(v, &f))
        all = (f.type == METRIC_COUNTER || f.type == METRIC_GAUGE || f.type == METRIC_UNTYPED) &&
              (!f.has_help || text_carries_help(f.help));
    store_view_close(v);
    return all;
}

static void check_protobuf(struct store *s)
{
    struct buffer first = {0}, second = {0};
    struct store *next = again(s, as_protobuf, &first);
    exposed_write(next, as_protobuf, &second);
    require_equal(&first, &second);
    store_free(next);
    buffer_free(&first);
    buffer_free(&second);
}

static void check_text(struct store *s)
{
    struct buffer first = {0}, second = {0}, third = {0};
    struct store *next = again(s, as_text, &first);
    struct store *last = next ? again(next, as_text, &second) : NULL;
    if (last) {
        exposed_write(last, as_text, &third);
        if (text_carries_all(s))
            require_equal(&first, &second);
        require_equal(&second, &third);
        store_free(last);
    }
    if (next)
        store_free(next);
    buffer_free(&first);
    buffer_free(&second);
    buffer_free(&third);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice body = {(const char *)data, size};
    struct error e;
    char format = fuzz_take_byte(&body, 't');
    struct store *s = push(body, format, &e);
    if (!s)
        return 0;
    exposed_require_readable(s);
    check_protobuf(s);
    check_text(s);
    store_free(s);
    return 0;
}
