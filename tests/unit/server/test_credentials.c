#include "credentials.h"
#include "suite.h"

static const struct {
    const char *header, *user, *password; /* user NULL: refused */
} cases[] = {
    {"Basic YTpwdw==", "a", "pw"},
    {"basic YTpwdw==", "a", "pw"},
    {"BASIC YTpwdw==", "a", "pw"},
    {"Basic YTpiOmM=", "a", "b:c"},
    {"Basic OnB3", "", "pw"},
    {"Basic YTo=", "a", ""},
    {"Basic Og==", "", ""},
    {"Basic w7w6KysvPz8=", "\xc3\xbc", "++/??"},
    {"Basic Pz4/Oj8+Pw==", "?>?", "?>?"},
    {"Basic YTpwdx==", "a", "pw"}, /* Go does not look at the last bits */
    {"", NULL, NULL},
    {"Basic", NULL, NULL},
    {"Basic ", NULL, NULL},
    {"Basic  YTpwdw==", NULL, NULL},
    {"Basic\tYTpwdw==", NULL, NULL},
    {"Basic YTpwdw", NULL, NULL},
    {"Basic YTpwdw=", NULL, NULL},
    {"Basic YTpwdw===", NULL, NULL},
    {"Basic YTpwdw== ", NULL, NULL},
    {"Basic YT pwdw==", NULL, NULL},
    {"Basic YTp=dw==", NULL, NULL},
    {"Basic ====", NULL, NULL},
    {"Basic YXB3", NULL, NULL}, /* no colon */
    {"Basic Pz4_Oj8-Pw==", NULL, NULL},
    {"Bearer YTpwdw==", NULL, NULL},
    {"BasicYTpwdw==", NULL, NULL},
};

START_TEST(reads)
{
    struct credentials c;
    bool ok = credentials_read(slice_of(cases[_i].header), &c);
    ck_assert_msg(ok == (cases[_i].user != NULL), "%s", cases[_i].header);
    if (!ok)
        return;
    ck_assert(slice_equal(c.user, slice_of(cases[_i].user)));
    ck_assert(slice_equal(c.password, slice_of(cases[_i].password)));
    credentials_forget(&c);
    ck_assert_int_eq(c.bytes[0], 0);
}
END_TEST

START_TEST(keeps_a_nul)
{
    struct credentials c;
    ck_assert(credentials_read(slice_of("Basic YTpwdwB4"), &c));
    ck_assert(slice_equal(c.password, SLICE_LITERAL("pw\0x")));
}
END_TEST

/* "Basic " and n letters of base64, which decode to "a:" and As. */
static struct slice long_header(char *to, size_t letters)
{
    char *end = stpcpy(to, "Basic YTo6");
    while ((size_t)(end - to) < letters + 6)
        *end++ = 'Q';
    return (struct slice){to, letters + 6};
}

START_TEST(knows_its_limit)
{
    static char header[8192];
    struct credentials c;
    ck_assert(credentials_read(long_header(header, CREDENTIALS_MAX / 3 * 4), &c));
    ck_assert_uint_eq(c.password.len, CREDENTIALS_MAX / 3 * 3 - 2);
    ck_assert(!credentials_read(long_header(header, CREDENTIALS_MAX / 3 * 4 + 4), &c));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("credentials");
    TCase *tcase = tcase_create("credentials");
    tcase_add_loop_test(tcase, reads, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tcase, keeps_a_nul);
    tcase_add_test(tcase, knows_its_limit);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
