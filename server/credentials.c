#include "credentials.h"

#include <strings.h>

/* The six bits of a base64 letter; 255: none. */
static unsigned bits_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 255;
}

/* Length of what `text` decodes to, -1 if it is not base64. `to` has room for 3 bytes of 4. */
static long decode(struct slice text, char *to)
{
    size_t padding = 0, n = 0;
    if (text.len % 4 != 0)
        return -1;
    while (padding < 2 && text.len > 0 && text.p[text.len - 1] == '=')
        text.len--, padding++;
    for (size_t i = 0; i < text.len; i += 4) {
        unsigned group = 0;
        size_t letters = text.len - i < 4 ? text.len - i : 4;
        for (size_t j = 0; j < 4; j++) {
            unsigned bits = j < letters ? bits_of(text.p[i + j]) : 0;
            if (bits > 63)
                return -1;
            group = group << 6 | bits;
        }
        for (size_t j = 0; j + 1 < letters; j++)
            to[n++] = (char)(group >> (16 - 8 * j) & 0xff);
    }
    return (long)n;
}

bool credentials_read(struct slice header, struct credentials *c)
{
    static const struct slice scheme = {"Basic ", 6};
    if (header.len < scheme.len || strncasecmp(header.p, scheme.p, scheme.len) != 0)
        return false;
    struct slice text = {header.p + scheme.len, header.len - scheme.len};
    if (text.len / 4 * 3 > sizeof(c->bytes))
        return false;
    long n = decode(text, c->bytes);
    const char *colon = n > 0 ? memchr(c->bytes, ':', (size_t)n) : NULL;
    if (!colon)
        return false;
    c->user = (struct slice){c->bytes, (size_t)(colon - c->bytes)};
    c->password = (struct slice){colon + 1, (size_t)n - c->user.len - 1};
    return true;
}

void credentials_forget(struct credentials *c)
{
    explicit_bzero(c, sizeof(*c));
}
