/* A chunked body: the same comes out wherever it is cut. */
#include "chunk_reader.h"

#include "buffer.h"
#include "fuzz.h"

struct outcome {
    enum chunk_status status;
    struct buffer body;
    size_t left; /* bytes behind the end */
    char error[256];
};

/* Each piece lies alone in memory. */
static enum chunk_status read_piece(struct chunk_reader *c, struct slice piece, struct outcome *out)
{
    char *copy = malloc(piece.len);
    struct slice rest = {memcpy(copy, piece.p, piece.len), piece.len}, data;
    enum chunk_status status;
    while ((status = chunk_reader_next(c, &rest, &data)) == CHUNK_DATA) {
        FUZZ_REQUIRE(data.len > 0, "an empty piece");
        buffer_slice_append(&out->body, data);
    }
    FUZZ_REQUIRE(status != CHUNK_MORE || rest.len == 0, "%zu bytes not taken", rest.len);
    out->left = rest.len;
    free(copy);
    return status;
}

static struct outcome read_in_steps(struct slice in, size_t step)
{
    struct chunk_reader c = {0};
    struct outcome out = {.status = CHUNK_MORE};
    while (in.len > 0 && out.status == CHUNK_MORE) {
        struct slice piece = {in.p, in.len < step ? in.len : step};
        in.p += piece.len;
        in.len -= piece.len;
        out.status = read_piece(&c, piece, &out);
    }
    out.left += in.len;
    if (out.status == CHUNK_BAD)
        snprintf(out.error, sizeof(out.error), "%s", c.error);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t steps[] = {1, 3, 16};
    struct slice in = {(const char *)data, size};
    struct outcome whole = read_in_steps(in, size);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct outcome cut = read_in_steps(in, steps[i]);
        FUZZ_REQUIRE(cut.status == whole.status && strcmp(cut.error, whole.error) == 0,
                     "cut every %zu bytes: %d %s, else %d %s", steps[i], (int)cut.status, cut.error,
                     (int)whole.status, whole.error);
        if (whole.status != CHUNK_BAD)
            FUZZ_REQUIRE(slice_equal(buffer_slice(&cut.body), buffer_slice(&whole.body)) &&
                             cut.left == whole.left,
                         "cut every %zu bytes", steps[i]);
        buffer_free(&cut.body);
    }
    buffer_free(&whole.body);
    return 0;
}
