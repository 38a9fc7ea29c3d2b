#include "exposition_output.h"

#include "gzip_writer.h"

enum { KEPT_MAX = 64 << 10 }; /* text of a run: a longer one is as cheap to make as to keep */

bool exposition_output_compress(struct exposition_output *o)
{
    o->gzip = gzip_writer_new();
    return o->gzip != NULL;
}

void exposition_output_free(struct exposition_output *o)
{
    gzip_writer_free(o->gzip);
    buffer_free(&o->pending);
}

static bool compress(struct exposition_output *o, struct slice text, struct gzip_segment *segment)
{
    *segment = gzip_writer_compress(o->gzip, text);
    if (!segment->coded.p) {
        o->failed = true;
        return false;
    }
    gzip_writer_append(o->gzip, segment, o->piece);
    return true;
}

/* Sends pending text on its way as a segment. */
static void flush(struct exposition_output *o)
{
    struct gzip_segment segment;
    o->failed = o->failed || o->pending.failed;
    if (o->gzip && o->pending.len > 0 && !o->failed)
        compress(o, buffer_slice(&o->pending), &segment);
    buffer_clear(&o->pending);
}

void exposition_output_begin_piece(struct exposition_output *o, struct buffer *piece)
{
    o->piece = piece;
    if (o->gzip && !o->begun)
        gzip_writer_begin(o->gzip, piece);
    o->begun = true;
}

void exposition_output_end_piece(struct exposition_output *o, bool last)
{
    exposition_output_abandon_run(o);
    flush(o);
    if (o->gzip && last)
        gzip_writer_end(o->gzip, o->piece);
    if (o->gzip)
        gzip_writer_rest(o->gzip); /* the client may be slow to take the piece, */
    if (!o->pending.failed)
        buffer_free(&o->pending); /* and there may be many like it */
}

bool exposition_output_take(struct exposition_output *o, const struct rendering *kept)
{
    if (!o->gzip) {
        buffer_slice_append(o->piece, rendering_text(kept));
        return kept->has_text;
    }
    if (kept->coded_size == 0)
        return false;
    flush(o);
    struct gzip_segment segment = {rendering_coded(kept), kept->text_size, kept->text_crc};
    gzip_writer_append(o->gzip, &segment, o->piece);
    return true;
}

void exposition_output_begin_run(struct exposition_output *o)
{
    o->in_run = true;
    o->has_start = false;
}

static struct slice run_text(const struct exposition_output *o)
{
    const struct buffer *written = o->gzip ? &o->pending : o->piece;
    return (struct slice){written->p + o->run_start, written->len - o->run_start};
}

void exposition_output_start_run(struct exposition_output *o)
{
    if (o->in_run && o->has_start && run_text(o).len > KEPT_MAX)
        exposition_output_abandon_run(o);
    if (!o->in_run || o->has_start)
        return;
    flush(o); /* a segment of its own */
    o->has_start = true;
    o->run_start = exposition_output_text(o)->len;
}

void exposition_output_abandon_run(struct exposition_output *o)
{
    o->in_run = false;
}

static struct rendering *keep_coded(struct exposition_output *o, struct slice text,
                                    const struct rendering *kept)
{
    struct gzip_segment segment;
    struct slice kept_text = kept && kept->has_text ? rendering_text(kept) : (struct slice){0};
    if (!compress(o, text, &segment))
        return NULL;
    struct rendering *made =
        rendering_new(kept_text, segment.text_size, segment.text_crc, segment.coded);
    buffer_clear(&o->pending);
    return made;
}

struct rendering *exposition_output_end_run(struct exposition_output *o,
                                            const struct rendering *kept)
{
    struct buffer *written = exposition_output_text(o);
    bool keeps = o->in_run && o->has_start && !written->failed;

    o->in_run = false;
    if (!keeps)
        return NULL;
    struct slice text = run_text(o);
    if (text.len > KEPT_MAX)
        return NULL;
    if (o->gzip)
        return keep_coded(o, text, kept);
    struct slice coded = kept ? rendering_coded(kept) : (struct slice){0};
    return rendering_new(text, (uint32_t)text.len, kept ? kept->text_crc : 0, coded);
}
