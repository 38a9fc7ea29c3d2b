#include "body_codecs.h"

#include <stdint.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    LARGEST_WINDOW_LOG = 23, /* 8 MiB */
    BEST_RATIO = 32768,      /* a run of 128 KiB takes 4 bytes */
};

static bool failed(size_t status, struct error *e)
{
    switch (ZSTD_getErrorCode(status)) {
    case ZSTD_error_memory_allocation:
        return error_no_memory(e);
    case ZSTD_error_frameParameter_windowTooLarge:
        return error_set(e, ERROR_INVALID, "zstd: window is larger than 8 MiB");
    default:
        return error_set(e, ERROR_INVALID, "zstd: corrupt input");
    }
}

static bool run(ZSTD_DCtx *context, struct slice body, struct body_output *o, struct error *e)
{
    ZSTD_inBuffer in = {body.p, body.len, 0};

    for (;;) {
        if (body_output_room(o) == 0 && o->len < o->limit && !body_output_reserve(o, 1, e))
            return false;
        /* Full to the limit: a byte beside it finds out whether there is more to come. */
        char beyond;
        bool full = body_output_room(o) == 0;
        ZSTD_outBuffer out = {full ? &beyond : o->p + o->len, full ? 1 : body_output_room(o), 0};
        size_t before = in.pos;
        size_t status = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(status))
            return failed(status, e);
        if (full && out.pos > 0)
            return body_output_too_large(o, e);
        if (!full)
            o->len += out.pos;
        /* 0 says that a frame has ended, and all of it is written: only there may the body end. */
        if (status == 0 && in.pos == in.size)
            return true;
        if (in.pos == before && out.pos == 0)
            return error_set(e, ERROR_INVALID, "unexpected EOF");
    }
}

bool body_unzstd(struct slice body, size_t limit, struct arena *a, struct slice *out,
                 struct error *e)
{
    struct body_output o;
    unsigned long long claimed = ZSTD_getFrameContentSize(body.p, body.len);
    size_t expected = body.len < SIZE_MAX / 4 ? body.len * 4 : body.len;

    if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed != ZSTD_CONTENTSIZE_ERROR) {
        if (claimed / BEST_RATIO > body.len)
            return error_set(e, ERROR_INVALID, "zstd: corrupt input");
        expected = claimed < limit ? (size_t)claimed + 1 : limit;
    }
    if (!body_output_start(&o, a, limit, expected, e))
        return false;
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context)
        return error_no_memory(e);
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, LARGEST_WINDOW_LOG);
    bool ok = run(context, body, &o, e);
    ZSTD_freeDCtx(context);
    if (ok)
        *out = (struct slice){o.p, o.len};
    return ok;
}
