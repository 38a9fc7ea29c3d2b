#include "request_body.h"

#include "body_codecs.h"

#include <strings.h>

static const struct codec {
    const char *name;
    bool (*decode)(struct slice body, size_t limit, struct arena *a, struct slice *out,
                   struct error *e);
    bool refuses_empty;
} codecs[] = {
    {"gzip", body_gunzip, true},
    {"snappy", body_unsnappy, false},
    {"zstd", body_unzstd, false},
    {"deflate", body_inflate, false},
};

static const struct codec *find(const char *encoding)
{
    size_t n;

    encoding += strspn(encoding, " \t");
    n = strlen(encoding);
    while (n > 0 && (encoding[n - 1] == ' ' || encoding[n - 1] == '\t'))
        n--;
    for (size_t i = 0; i < sizeof(codecs) / sizeof(*codecs); i++)
        if (strlen(codecs[i].name) == n && strncasecmp(codecs[i].name, encoding, n) == 0)
            return &codecs[i];
    return NULL;
}

bool request_body_decode(struct slice body, const char *encoding, size_t limit, struct arena *a,
                         struct slice *out, struct error *e)
{
    const struct codec *codec = encoding ? find(encoding) : NULL;

    if (!codec || (body.len == 0 && !codec->refuses_empty)) {
        *out = body;
        return true;
    }
    return codec->decode(body, limit, a, out, e);
}
