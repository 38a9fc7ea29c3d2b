#include "negotiation.h"
#include "suite.h"

#define PROTO     "application/vnd.google.protobuf"
#define MESSAGE   "proto=io.prometheus.client.MetricFamily"
#define DELIMITED PROTO ";" MESSAGE ";encoding=delimited"

/* As the published server answered them, version 1.11.2. */
static const struct {
    const char *accept;
    enum exposition_format format;
    enum escaping escaping;
} expositions[] = {
    {NULL, FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"*/*", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=0.5,text/plain", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=0.5,text/plain;q=0.4", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/plain," DELIMITED, FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"text/plain;version=1.0.0," DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {PROTO ";" MESSAGE ";encoding=foo", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {PROTO, FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED ";escaping=dots", FORMAT_DELIMITED, ESCAPING_DOTS},
    {"text/html;escaping=values", FORMAT_TEXT, ESCAPING_VALUES},
    {"text/plain;escaping=dots,text/html;q=0.5;escaping=values", FORMAT_TEXT, ESCAPING_DOTS},
    {"text/html;escaping=values;q=0.4,text/plain;escaping=dots", FORMAT_TEXT, ESCAPING_DOTS},
    {"text/plain;escaping=bogus", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"text/plain;escaping=allow-utf-8", FORMAT_TEXT, ESCAPING_NONE},
    {"*/*;q=0.1," DELIMITED ";q=0.05", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/plain;q=0," DELIMITED ";q=0", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=0", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/*", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"application/*", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"APPLICATION/VND.GOOGLE.PROTOBUF;" MESSAGE ";encoding=delimited", FORMAT_TEXT,
     ESCAPING_UNDERSCORES},
    {DELIMITED "; q=x,text/plain;q=0.1", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED "; q= 0.5,text/plain;q=0.4", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED "; q=0.5 ,text/plain;q=0.4", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {DELIMITED "; q=0.5 ; a=b,text/plain;q=0.4", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {PROTO ";" MESSAGE ";encoding=\"delimited\"", FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {" " PROTO " ; " MESSAGE " ; encoding = delimited ", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {DELIMITED ";version=0.0.4", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/plain;version=\"0.0.4\"," DELIMITED ";q=0.1", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/plain;version=0.0.4;version=2," DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text," DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"*;q=0.1,text/html;q=0.2," DELIMITED ";q=0.1", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"a/b/c," DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {";q=1," DELIMITED, FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=0.5;escaping=values,*/*;escaping=dots", FORMAT_DELIMITED, ESCAPING_VALUES},
    {"*/*;q=0.9;escaping=dots," DELIMITED ";q=0.1", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"x/y;q=0.9;escaping=dots,z/*;q=0.1;escaping=values", FORMAT_TEXT, ESCAPING_VALUES},
    {"z/*;q=0.9;escaping=dots,x/y;q=0.1;escaping=values", FORMAT_TEXT, ESCAPING_DOTS},
    {"x/y;q=0.5;escaping=dots,x/z;q=0.5;escaping=values", FORMAT_TEXT, ESCAPING_VALUES},
    {"text/plain;q=inf," DELIMITED, FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {"text/plain;q=5," DELIMITED, FORMAT_TEXT, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=-1,*/*", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {DELIMITED ";q=nan,text/plain", FORMAT_DELIMITED, ESCAPING_UNDERSCORES},
    {"text/plain;q=nan," DELIMITED, FORMAT_TEXT, ESCAPING_UNDERSCORES},
};

START_TEST(chooses_an_exposition)
{
    struct exposition_choice got = negotiation_exposition(expositions[_i].accept);

    ck_assert_msg(got.format == expositions[_i].format, "format of %s", expositions[_i].accept);
    ck_assert_msg(got.escaping == expositions[_i].escaping, "escaping of %s",
                  expositions[_i].accept);
}
END_TEST

START_TEST(survives_endless_accepts)
{
    static char accept[100000];

    for (size_t i = 0; i + 4 < sizeof(accept); i += 4)
        memcpy(accept + i, "a/b,", 4);
    ck_assert_int_eq(negotiation_exposition(accept).format, FORMAT_TEXT);
    memset(accept, ';', sizeof(accept) - 1);
    ck_assert_int_eq(negotiation_exposition(accept).format, FORMAT_TEXT);
    memset(accept, 'x', sizeof(accept) - 1);
    ck_assert(!negotiation_is_delimited(accept));
}
END_TEST

START_TEST(writes_content_types)
{
    char text[160];

    negotiation_content_type((struct exposition_choice){FORMAT_TEXT, ESCAPING_DOTS}, text,
                             sizeof(text));
    ck_assert_str_eq(text, "text/plain; version=0.0.4; charset=utf-8; escaping=dots");
    negotiation_content_type((struct exposition_choice){FORMAT_DELIMITED, ESCAPING_NONE}, text,
                             sizeof(text));
    ck_assert_str_eq(text, PROTO "; " MESSAGE "; encoding=delimited; escaping=allow-utf-8");
}
END_TEST

/* Likewise, but for zstd. */
static const struct {
    const char *accept;
    enum coding coding;
} codings[] = {
    {NULL, CODING_IDENTITY},
    {"", CODING_IDENTITY},
    {"gzip", CODING_GZIP},
    {"GZIP", CODING_IDENTITY},
    {"gzip;q=0", CODING_IDENTITY},
    {"*", CODING_IDENTITY},
    {"*;q=0.5", CODING_IDENTITY},
    {"identity;q=0.5,gzip;q=0.6", CODING_GZIP},
    {"identity;q=0.6,gzip;q=0.5", CODING_IDENTITY},
    {"gzip,identity", CODING_IDENTITY},
    {"identity;q=0", CODING_IDENTITY},
    {"gzip ; q=0.5", CODING_GZIP},
    {"gzip;Q=0.5", CODING_IDENTITY},
    {"gzip;q=2", CODING_IDENTITY},
    {"gzip;q=", CODING_IDENTITY},
    {"gzip;x=1", CODING_IDENTITY},
    {"br, gzip", CODING_GZIP},
    {"br;q=1.0, gzip;q=0.8, *;q=0.1", CODING_GZIP},
    {"x-gzip", CODING_IDENTITY},
    {"\"gzip\"", CODING_IDENTITY},
    {"gzip;q=1.", CODING_GZIP},
    {"gzip;q=0.0", CODING_IDENTITY},
    {"gzip;q=0.001", CODING_GZIP},
    {"gzip,,", CODING_GZIP},
    {"*;q=0,gzip", CODING_GZIP},
    {"*;q=0", CODING_IDENTITY},
    {"gzip;q=1;x=y,identity", CODING_GZIP},
    {";gzip", CODING_IDENTITY},
    {", gzip", CODING_IDENTITY},
    {"br gzip", CODING_IDENTITY},
    {"gzip/x", CODING_IDENTITY},
    {"identity;q=0.5, *;q=0.6", CODING_IDENTITY},
    {"zstd", CODING_ZSTD},
    {"zstd;q=0", CODING_IDENTITY},
    {"zstd, gzip", CODING_GZIP},
    {"zstd, gzip;q=0.9", CODING_ZSTD},
    {"gzip, deflate, br, zstd", CODING_GZIP},
};

START_TEST(chooses_a_coding)
{
    ck_assert_msg(negotiation_coding(codings[_i].accept) == codings[_i].coding, "%s",
                  codings[_i].accept);
}
END_TEST

START_TEST(names_codings)
{
    ck_assert_ptr_null(negotiation_coding_name(CODING_IDENTITY));
    ck_assert_str_eq(negotiation_coding_name(CODING_GZIP), "gzip");
    ck_assert_str_eq(negotiation_coding_name(CODING_ZSTD), "zstd");
}
END_TEST

static const struct {
    const char *type;
    bool delimited;
} types[] = {
    {NULL, false},
    {"", false},
    {"text/plain", false},
    {DELIMITED, true},
    {PROTO "; encoding=delimited ; " MESSAGE, true},
    {"APPLICATION/VND.GOOGLE.PROTOBUF;ENCODING=delimited;PROTO=io.prometheus.client.MetricFamily",
     true},
    {PROTO ";encoding=Delimited;" MESSAGE, false},
    {PROTO ";encoding=delimited", false},
    {PROTO ";" MESSAGE, false},
    {DELIMITED ";", true},
    {DELIMITED " ; ", true},
    {DELIMITED ";;", false},
    {PROTO ";;encoding=delimited;" MESSAGE, false},
    {PROTO ";encoding=\"delimited\";" MESSAGE, true},
    {PROTO ";encoding=\"deli\\mited\";" MESSAGE, false},
    {PROTO ";encoding = delimited;" MESSAGE, true},
    {DELIMITED ";encoding=delimited", true},
    {DELIMITED ";encoding=x", false},
    {DELIMITED ";a=", false},
    {DELIMITED ";a=\"\"", true},
    {DELIMITED ";a=\"\\\"", false},
    {DELIMITED ";a=\"\\\"\"", true},
    {DELIMITED ";a", false},
    {DELIMITED ";a=\"x", false},
    {DELIMITED ";a=b c", false},
    {DELIMITED ";a=\"b\"c", false},
    {DELIMITED ";a=\"\xe9\"", true},
    {DELIMITED ";a=\xe9", false},
    {PROTO ";" MESSAGE ";encoding*=utf-8''delimited", true},
    {PROTO ";" MESSAGE ";encoding*=UTF-8'en'%64elimited", true},
    {PROTO ";" MESSAGE ";encoding*=latin1''delimited", false},
    {PROTO ";" MESSAGE ";encoding*=utf-8'delimited", false},
    {DELIMITED ";encoding*=utf-8''%6", true},
    {DELIMITED ";encoding*=utf-8''x", false},
    {PROTO ";" MESSAGE ";encoding*1=mited;encoding*0=deli", true},
    {PROTO ";" MESSAGE ";encoding*0*=utf-8''%64eli;encoding*1*=%6dited", true},
    {PROTO ";" MESSAGE ";encoding*0*=utf-8''%64eli;encoding*1=mited", true},
    {PROTO ";" MESSAGE ";encoding*0*=x;encoding*1=delimited", true},
    {PROTO ";" MESSAGE ";encoding*0=deli;encoding*2=mited", false},
    {PROTO ";" MESSAGE ";encoding*0*=utf-8''deli%6;encoding*1=mited", false},
    {PROTO ";" MESSAGE ";encoding*0=deli;encoding*1*=mited%6", false},
    {PROTO ";" MESSAGE ";encoding*0=deli;encoding*0*=x;encoding*1=mited", true},
    {PROTO ";" MESSAGE ";encoding*=utf-8''delimited;encoding*0=x", true},
    {DELIMITED ";encoding*0=x", false},
    {DELIMITED ";encoding*2=x", true},
    {DELIMITED ";*=x", true},
    {"x/y;" MESSAGE ";encoding=delimited", false},
    {PROTO "/x;" MESSAGE ";encoding=delimited", false},
    {"/;" MESSAGE ";encoding=delimited", false},
    {"/" DELIMITED, false},
    {PROTO ",text/plain;" MESSAGE ";encoding=delimited", false},
    {"\t" DELIMITED, true},
};

START_TEST(tells_protobuf_from_text)
{
    ck_assert_msg(negotiation_is_delimited(types[_i].type) == types[_i].delimited, "%s",
                  types[_i].type);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("negotiation");
    TCase *tc = tcase_create("negotiation");

    tcase_add_loop_test(tc, chooses_an_exposition, 0, sizeof(expositions) / sizeof(*expositions));
    tcase_add_test(tc, survives_endless_accepts);
    tcase_add_test(tc, writes_content_types);
    tcase_add_loop_test(tc, chooses_a_coding, 0, sizeof(codings) / sizeof(*codings));
    tcase_add_test(tc, names_codings);
    tcase_add_loop_test(tc, tells_protobuf_from_text, 0, sizeof(types) / sizeof(*types));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
