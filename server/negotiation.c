#include "negotiation.h"

#include "media_type.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const char protobuf_type[] = "application/vnd.google.protobuf";
static const char protobuf_message[] = "io.prometheus.client.MetricFamily";

enum {
    /* Prometheus sends about ten clauses; what a sane client puts behind so many is not its first
       choice. */
    MAX_CLAUSES = 64,
};

/* One clause of Accept, as far as it matters. */
struct clause {
    struct slice type, subtype;
    float q;
    struct slice version, proto, encoding, escaping; /* empty: not given */
};

/* What stands before the separator or the end; *s goes behind it. */
static struct slice next_part(struct slice *s, char separator)
{
    const char *at = s->len > 0 ? memchr(s->p, separator, s->len) : NULL;
    struct slice part = {s->p, at ? (size_t)(at - s->p) : s->len};

    s->p += part.len + (at != NULL);
    s->len -= part.len + (at != NULL);
    return part;
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && s.p[0] == ' ')
        s.p++, s.len--;
    while (s.len > 0 && s.p[s.len - 1] == ' ')
        s.len--;
    return s;
}

static bool is(struct slice s, const char *text)
{
    return slice_equal(s, slice_of(text));
}

/* As Go's ParseFloat, of which only the value is looked at: 0 when it is none. */
static float read_quality(struct slice s)
{
    char text[64], *end;

    if (s.len == 0 || s.len >= sizeof(text) || isspace((unsigned char)s.p[0]))
        return 0;
    memcpy(text, s.p, s.len);
    text[s.len] = '\0';
    float q = strtof(text, &end);
    return *end == '\0' ? q : 0;
}

static void read_parameter(struct clause *c, struct slice part)
{
    struct slice value = part;
    struct slice name = trim(next_part(&value, '='));

    if (value.len == 0 || memchr(value.p, '=', value.len))
        return;
    if (is(name, "q"))
        c->q = read_quality(value);
    else if (is(name, "version"))
        c->version = trim(value);
    else if (is(name, "proto"))
        c->proto = trim(value);
    else if (is(name, "encoding"))
        c->encoding = trim(value);
    else if (is(name, "escaping"))
        c->escaping = trim(value);
}

static bool read_clause(struct clause *c, struct slice text)
{
    struct slice parameters = trim(text);
    struct slice subtype = next_part(&parameters, ';');
    struct slice type = next_part(&subtype, '/');

    *c = (struct clause){.type = trim(type), .q = 1};
    if (subtype.len > 0 && !memchr(subtype.p, '/', subtype.len))
        c->subtype = trim(subtype);
    else if (subtype.len == 0 && is(c->type, "*"))
        c->subtype = c->type;
    else
        return false;
    while (parameters.len > 0)
        read_parameter(c, next_part(&parameters, ';'));
    return true;
}

/* Not an order in the mathematical sense, but the original's: wildcards come behind whatever their
 * q. */
static bool is_before(const struct clause *a, const struct clause *b)
{
    return a->q > b->q || (!is(a->type, "*") && is(b->type, "*")) ||
           (!is(a->subtype, "*") && is(b->subtype, "*"));
}

static size_t read_clauses(struct slice accept, struct clause *clauses)
{
    size_t n = 0;

    while (accept.len > 0 && n < MAX_CLAUSES) {
        struct clause c;
        if (!read_clause(&c, next_part(&accept, ',')))
            continue;
        size_t at = n++;
        for (; at > 0 && is_before(&c, &clauses[at - 1]); at--)
            clauses[at] = clauses[at - 1];
        clauses[at] = c;
    }
    return n;
}

static void take_escaping(struct slice token, enum escaping *escaping)
{
    static const enum escaping all[] = {ESCAPING_NONE, ESCAPING_UNDERSCORES, ESCAPING_DOTS,
                                        ESCAPING_VALUES};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (is(token, names_escaping_token(all[i])))
            *escaping = all[i];
}

struct exposition_choice negotiation_exposition(const char *accept)
{
    struct exposition_choice choice = {FORMAT_TEXT, ESCAPING_UNDERSCORES};
    struct clause clauses[MAX_CLAUSES];
    size_t n = accept ? read_clauses(slice_of(accept), clauses) : 0;

    for (size_t i = 0; i < n; i++) {
        const struct clause *c = &clauses[i];
        take_escaping(c->escaping, &choice.escaping);
        if (is(c->type, "application") && is(c->subtype, "vnd.google.protobuf") &&
            is(c->proto, protobuf_message) && is(c->encoding, "delimited")) {
            choice.format = FORMAT_DELIMITED;
            break;
        }
        if (is(c->type, "text") && is(c->subtype, "plain") &&
            (c->version.len == 0 || is(c->version, "0.0.4")))
            break;
    }
    return choice;
}

void negotiation_content_type(struct exposition_choice choice, char *to, size_t size)
{
    const char *escaping = names_escaping_token(choice.escaping);

    if (choice.format == FORMAT_DELIMITED)
        snprintf(to, size, "%s; proto=%s; encoding=delimited; escaping=%s", protobuf_type,
                 protobuf_message, escaping);
    else
        snprintf(to, size, "text/plain; version=0.0.4; charset=utf-8; escaping=%s", escaping);
}

/* One member of Accept-Encoding: "gzip;q=0.5". */
struct coding_clause {
    struct slice name;
    double q;
};

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* "0", "0.25", "1.": a first digit of 0 or 1, then any digits. */
static bool read_coding_quality(const char **p, double *q)
{
    double unit = 1;

    if (**p != '0' && **p != '1')
        return false;
    *q = *(*p)++ - '0';
    if (**p != '.')
        return true;
    for ((*p)++; isdigit((unsigned char)**p); (*p)++) {
        unit /= 10;
        *q += (**p - '0') * unit;
    }
    return true;
}

/* Reads a member and what separates it from the next; false at the end or a syntax error. */
static bool read_coding_clause(const char **p, struct coding_clause *c)
{
    size_t n = 0;

    while ((unsigned char)(*p)[n] > ' ' && (unsigned char)(*p)[n] < 0x7f &&
           !strchr("\"(),:;<=>?@[]\\{}", (*p)[n]))
        n++;
    c->name = (struct slice){*p, n};
    c->q = 1;
    if (n == 0)
        return false;
    *p = skip_blanks(*p + n);
    if (**p == ';') {
        *p = skip_blanks(*p + 1);
        if (strncmp(*p, "q=", 2) != 0)
            return false;
        *p += 2;
        if (!read_coding_quality(p, &c->q))
            return false;
        *p = skip_blanks(*p);
    }
    /* Behind anything but a comma nothing is read any more. */
    *p = **p == ',' ? skip_blanks(*p + 1) : *p + strlen(*p);
    return true;
}

/* How much a coding is wanted, by its name or a wildcard: the best of all clauses, -1 if by none.
 */
static double coding_quality(const char *accept_encoding, const char *name)
{
    struct coding_clause c;
    double best = -1;

    while (read_coding_clause(&accept_encoding, &c))
        if (c.q > best && (is(c.name, "*") || is(c.name, name)))
            best = c.q;
    return best;
}

enum coding negotiation_coding(const char *accept_encoding)
{
    if (!accept_encoding)
        return CODING_IDENTITY;
    double identity = coding_quality(accept_encoding, "identity");
    double gzip = coding_quality(accept_encoding, "gzip");
    double zstd = coding_quality(accept_encoding, "zstd");

    if (zstd > 0 && zstd > gzip && zstd > identity)
        return CODING_ZSTD;
    return gzip > 0 && gzip > identity ? CODING_GZIP : CODING_IDENTITY;
}

const char *negotiation_coding_name(enum coding coding)
{
    return coding == CODING_GZIP ? "gzip" : coding == CODING_ZSTD ? "zstd" : NULL;
}

bool negotiation_is_delimited(const char *content_type)
{
    struct media_type m;

    return content_type && media_type_parse(&m, content_type) &&
           slice_equal(m.type, slice_of(protobuf_type)) &&
           media_type_parameter_is(&m, "encoding", "delimited") &&
           media_type_parameter_is(&m, "proto", protobuf_message);
}
