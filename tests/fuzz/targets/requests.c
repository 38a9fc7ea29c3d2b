/* Requests, one after the other, and after them a scrape in every format: no push can break one.
 *
 * The first line has a letter for each flag: 'u' --push.enable-utf8-names, 'c'
 * --push.disable-consistency-check. Then come requests, divided by lines "==":
 *
 *   PUT p /metrics/job/j         method, letters for headers, target
 *   <the body>
 *
 * Letters: 'p' the body is protobuf, 'P' protobuf is wanted, 'z' zstd and 'g' gzip are wanted. */
#include "delimited_reader.h"
#include "exposed.h"
#include "fuzz.h"
#include "in_process.h"
#include "negotiation.h"
#include "text_reader.h"

#include <jansson.h>

enum { REQUESTS_MAX = 8 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    in_process_start();
    return 0;
}

static bool has_letter(struct slice letters, char letter)
{
    return letters.len > 0 && memchr(letters.p, letter, letters.len);
}

/* --- The requests ----------------------------------------------------------------------------- */

/* A target that would be no target is another fuzz target's business (connection). */
static void keep_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            *text = '/';
}

static void send_request(struct slice request)
{
    static const char protobuf[] =
        "Content-Type: application/vnd.google.protobuf; encoding=delimited; "
        "proto=io.prometheus.client.MetricFamily\r\n";
    static const char *const methods[] = {"PUT", "POST", "GET", "DELETE", "OPTIONS", "HEAD"};
    struct slice line = fuzz_take_line(&request);
    struct slice method = fuzz_take_until(&line, SLICE_LITERAL(" "));
    struct slice letters = fuzz_take_until(&line, SLICE_LITERAL(" "));
    struct buffer headers = {0};
    const char *known = methods[(unsigned char)(method.len ? method.p[0] : 0) % 5];
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (slice_equal(method, slice_of(methods[i])))
            known = methods[i];
    if (strcmp(known, "HEAD") == 0)
        return; /* its reply claims a length that does not come */
    buffer_text(&headers, has_letter(letters, 'p') ? protobuf : "");
    buffer_text(&headers, has_letter(letters, 'P')
                              ? "Accept: application/vnd.google.protobuf; encoding=delimited; "
                                "proto=io.prometheus.client.MetricFamily\r\n"
                              : "");
    buffer_text(&headers, has_letter(letters, 'g') ? "Accept-Encoding: gzip\r\n" : "");
    buffer_text(&headers, has_letter(letters, 'z') ? "Accept-Encoding: zstd\r\n" : "");
    buffer_byte(&headers, '\0');
    char *target = fuzz_text(line);
    keep_printable(target);
    struct reply r = in_process_request(
        known, target[0] == '/' ? slice_of(target) : SLICE_LITERAL("/metrics/job/j"), headers.p,
        request);
    FUZZ_REQUIRE(r.status >= 200 && r.status <= 500, "%d", r.status);
    reply_free(&r);
    free(target);
    buffer_free(&headers);
}

/* --- What must work after them ---------------------------------------------------------------- */

/* Names that differ may become the same by escaping: then text says something of one of them twice.
 */
static bool is_excused(const struct error *why, enum escaping escaping)
{
    return exposed_is_negative_count(why) ||
           (escaping != ESCAPING_NONE &&
            (strstr(why->message, "second TYPE line") || strstr(why->message, "second HELP line")));
}

static void check_scrape(enum exposition_format format, enum escaping escaping, const char *coding,
                         bool checked)
{
    char accept[160], headers[256];
    struct arena a = {0};
    struct family_list list;
    struct error e;
    negotiation_content_type((struct exposition_choice){format, escaping}, accept, sizeof(accept));
    snprintf(headers, sizeof(headers), "Accept: %s\r\n%s", accept, coding);
    struct reply r =
        in_process_request("GET", SLICE_LITERAL("/metrics"), headers, SLICE_LITERAL(""));
    FUZZ_REQUIRE(r.status == 200 || (r.status == 500 && !checked), "%d: %.*s", r.status,
                 SLICE_ARGS(r.body));
    if (r.status == 200 && checked) {
        bool ok = format == FORMAT_TEXT ? text_reader_read(r.body, true, &a, &list, &e)
                                        : delimited_reader_read(r.body, &a, &list, &e);
        FUZZ_REQUIRE(ok || is_excused(&e, escaping), "%s in\n%.*s", e.message, SLICE_ARGS(r.body));
    }
    arena_free(&a);
    reply_free(&r);
}

static void check_api(void)
{
    json_error_t why;
    struct reply r =
        in_process_request("GET", SLICE_LITERAL("/api/v1/metrics"), "", SLICE_LITERAL(""));
    FUZZ_REQUIRE(r.status == 200, "%d", r.status);
    json_t *json = json_loadb(r.body.p, r.body.len, JSON_ALLOW_NUL, &why);
    FUZZ_REQUIRE(json, "%s in\n%.*s", why.text, SLICE_ARGS(r.body));
    json_decref(json);
    reply_free(&r);
}

static void check_page(void)
{
    struct reply r = in_process_request("GET", SLICE_LITERAL("/"), "", SLICE_LITERAL(""));
    FUZZ_REQUIRE(r.status == 200, "%d", r.status);
    reply_free(&r);
}

static void check_all(bool checked)
{
    for (enum escaping e = ESCAPING_NONE; e <= ESCAPING_VALUES; e++) {
        check_scrape(FORMAT_TEXT, e, "", checked);
        check_scrape(FORMAT_DELIMITED, e, "", checked);
    }
    check_scrape(FORMAT_TEXT, ESCAPING_UNDERSCORES, "Accept-Encoding: gzip\r\n", checked);
    check_scrape(FORMAT_DELIMITED, ESCAPING_UNDERSCORES, "Accept-Encoding: zstd\r\n", checked);
    check_api();
    check_page();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    struct slice flags = fuzz_take_line(&in);
    struct options *o = in_process_options();
    o->enable_utf8_names = has_letter(flags, 'u');
    o->disable_consistency_check = has_letter(flags, 'c');
    in_process_open();
    for (int i = 0; i < REQUESTS_MAX && in.len > 0; i++)
        send_request(fuzz_take_until(&in, SLICE_LITERAL("\n==\n")));
    check_all(!o->disable_consistency_check);
    in_process_close();
    return 0;
}
