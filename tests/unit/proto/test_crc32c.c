#include "crc32c.h"
#include "suite.h"

/* RFC 3720, appendix B.4, and the check value that every description of the checksum names. */
START_TEST(knows_published_sums)
{
    char bytes[32];

    ck_assert_uint_eq(crc32c(SLICE_LITERAL("")), 0);
    ck_assert_uint_eq(crc32c(SLICE_LITERAL("123456789")), 0xe3069283);
    memset(bytes, 0, sizeof(bytes));
    ck_assert_uint_eq(crc32c((struct slice){bytes, sizeof(bytes)}), 0x8a9136aa);
    memset(bytes, 0xff, sizeof(bytes));
    ck_assert_uint_eq(crc32c((struct slice){bytes, sizeof(bytes)}), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (char)i;
    ck_assert_uint_eq(crc32c((struct slice){bytes, sizeof(bytes)}), 0x46dd794e);
}
END_TEST

START_TEST(extends)
{
    static const char text[] = "123456789";

    for (size_t n = 0; n < sizeof(text); n++) {
        uint32_t front = crc32c((struct slice){text, n});
        ck_assert_uint_eq(crc32c_extend(front, (struct slice){text + n, 9 - n}), 0xe3069283);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crc32c");
    TCase *tc = tcase_create("crc32c");

    tcase_add_test(tc, knows_published_sums);
    tcase_add_test(tc, extends);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
