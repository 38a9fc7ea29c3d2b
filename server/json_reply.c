#include "json_reply.h"

#include "store.h"

void json_reply_begin(struct json_writer *w)
{
    json_writer_object(w);
    json_writer_key(w, SLICE_LITERAL("status"));
    json_writer_text(w, "success");
    json_writer_key(w, SLICE_LITERAL("data"));
}

void json_reply_end(struct json_writer *w)
{
    json_writer_end_object(w);
}

bool json_steps_open(struct json_steps *s, struct store *store)
{
    *s = (struct json_steps){.view = store_view_open(store)};
    return s->view != NULL;
}

void json_steps_close(struct json_steps *s)
{
    if (s->view)
        store_view_close(s->view);
    arena_free(&s->scratch);
}

enum stream_status json_steps_produce(struct json_steps *s, struct buffer *out,
                                      bool (*step)(void *context), void *context)
{
    if (store_view_is_lost(s->view))
        return STREAM_FAILED;
    s->w.out = out;
    while (out->len < STREAM_PIECE && !s->done) {
        if (!step(context) || out->failed)
            return STREAM_FAILED;
    }
    return s->done ? STREAM_DONE : STREAM_MORE;
}
