#include "dump.h"
#include "gob_reader.h"
#include "require.h"
#include "steps.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>

/* Files that the Go Pushgateway, and Go's own encoder, have written: gob/make-fixtures. */

static struct buffer file;
static struct store *store;
static struct snapshot_report report;
static struct error error;

static void read_fixture(const char *name, struct buffer *out)
{
    char path[512];
    snprintf(path, sizeof(path), GOB_FIXTURES "/%s", name);
    FILE *f = fopen(path, "rb");
    size_t n;

    ck_assert_msg(f != NULL, "%s", path);
    do {
        char *to = buffer_reserve(out, 65536);
        n = fread(to, 1, 65536, f);
        out->len += n;
    } while (n > 0);
    fclose(f);
}

/* Loads bytes into a fresh store; where they end, memory ends, so that a sanitizer sees more. */
static bool load(struct slice bytes)
{
    store_free(store);
    store = store_new((struct store_options){0});
    report = (struct snapshot_report){0};
    error = (struct error){0};
    return gob_reader_load(store, bytes, &report, &error);
}

static bool load_fixture(const char *name)
{
    buffer_clear(&file);
    read_fixture(name, &file);
    return load(buffer_slice(&file));
}

static void tear_down(void)
{
    buffer_free(&file);
    store_free(store);
    store = NULL;
}

/* --- What the Go Pushgateway has written --------------------------------------------------------
 */

static const char *const versions[] = {"1.5.1", "1.11.2"};

START_TEST(all_of_a_file_is_read)
{
    char name[64];
    struct buffer told = {0};

    snprintf(name, sizeof(name), "%s.gob", versions[_i]);
    ck_assert_msg(load_fixture(name), "%s", error.message);
    ck_assert(report.is_gob);
    ck_assert_uint_eq(report.groups, 9);
    ck_assert_uint_eq(report.refused + report.families_refused, 0);
    snprintf(name, sizeof(name), "%s.dump", versions[_i]);
    read_fixture(name, &told);
    buffer_byte(&told, '\0');
    steps_check(store, dump_store_groups, told.p);
    buffer_free(&told);
}
END_TEST

START_TEST(what_is_inconsistent_is_left_out)
{
    char name[64];

    snprintf(name, sizeof(name), "%s-unchecked.gob", versions[_i]);
    ck_assert_msg(load_fixture(name), "%s", error.message);
    ck_assert_uint_eq(report.groups, 5);
    ck_assert_uint_eq(report.refused, 1);          /* one of {job=e} and {job=e,instance=""} */
    ck_assert_uint_eq(report.families_refused, 3); /* a type, a series twice, a collision */
    ck_assert_int_eq(strncmp(error.message, PMII, strlen(PMII)), 0);
    ck_assert_uint_eq(store_statistics(store).groups, 5);
    ck_assert_uint_eq(store_statistics(store).families, 2 + 3); /* fine, type, h or h_count */
}
END_TEST

/* --- What Go writes of other types, or of these with odd contents --------------------------------
 */

#define M_AT                                                                                       \
    "family m gauge help(0)= unit=\n block of 1\n{instance=;job=a;} 120909000000000000f03f\n"
#define N_AT                                                                                       \
    "family n gauge help(0)= unit=\n block of 1\n{instance=;job=a;} 120909000000000000f03f\n"
#define TIME(name, did)                                                                            \
    "family " name                                                                                 \
    " gauge help(1)=Last Unix time when changing this group in the Pushgateway " did               \
    ". unit=\n block of 1\n{instance=;job=a;} 1209090000000000000000\n"
#define BORN "1700000000123456789"
#define NO_TIMES                                                                                   \
    " at " BORN " " TIME("push_failure_time_seconds",                                              \
                         "failed") " at " BORN " " TIME("push_time_seconds", "succeeded")
#define GROUP_A "group {job=a;} born " BORN " ok 0 failed 0, "

static const struct {
    const char *name, *groups;
    size_t refused, families_refused;
    const char *message;
} odd[] = {
    {"other-fields.gob", GROUP_A "3 families\n at " BORN " " M_AT NO_TIMES, 0, 0, NULL},
    {"number-keys.gob", GROUP_A "3 families\n at " BORN " " M_AT NO_TIMES, 0, 0, NULL},
    {"no-groups.gob", "", 0, 0, NULL},
    {"never.gob",
     "group {job=a;} born 0 ok 0 failed 0, 3 families\n at 0 " M_AT " at 0 " TIME(
         "push_failure_time_seconds", "failed") " at 0 " TIME("push_time_seconds", "succeeded"),
     0, 0, NULL},
    {"no-family.gob", GROUP_A "3 families\n at " BORN " " N_AT NO_TIMES, 0, 1,
     "family without a name (family 1 \"\", byte 0)"},
    {"wrong-name.gob", GROUP_A "3 families\n at " BORN " " N_AT NO_TIMES, 0, 1,
     "family \"m\" under the name \"x\""},
    {"no-job.gob", GROUP_A "3 families\n at " BORN " " M_AT NO_TIMES, 1, 0,
     "a group without a job"},
    {"bad-label.gob", GROUP_A "3 families\n at " BORN " " M_AT NO_TIMES, 1, 0,
     "a group with the improper label name \"__x\""},
};

START_TEST(odd_files_are_read)
{
    ck_assert_msg(load_fixture(odd[_i].name), "%s", error.message);
    ck_assert(report.is_gob);
    ck_assert_uint_eq(report.refused, odd[_i].refused);
    ck_assert_uint_eq(report.families_refused, odd[_i].families_refused);
    if (odd[_i].message)
        ck_assert_str_eq(error.message, odd[_i].message);
    steps_check(store, dump_store_groups, odd[_i].groups);
}
END_TEST

static const struct {
    const char *name, *message;
    bool is_gob;
} others[] = {
    {"interface.gob", "an interface value, which cannot be read (byte 241)", true},
    {"deep.gob", "values nested more than 32 deep (byte 843)", true},
    {"string.gob", "not the persistence file of a Pushgateway (byte 3)", false},
    {"other-map.gob", "not the persistence file of a Pushgateway (byte 60)", false},
    {"odd.go", "not a persistence file: type 24 cannot be defined (byte 1)", false},
};

START_TEST(other_files_are_told)
{
    ck_assert(!load_fixture(others[_i].name));
    ck_assert_str_eq(error.message, others[_i].message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
    ck_assert_int_eq(report.is_gob, others[_i].is_gob);
    ck_assert_uint_eq(store_statistics(store).groups, 0);
}
END_TEST

/* --- What Go cannot write ------------------------------------------------------------------------
 */

/* Changes of the file two-of-each.gob: of each byte string to one as long. */
static const struct {
    const char *from, *to;
    bool whole;
    size_t refused, families_refused;
    const char *message;
} patches[] = {
    {"\x03jab", "\x03job", true, 1, 0, "a group with two labels \"job\""},
    {"\x01n", "\x01m", true, 0, 1, "two families \"m\" in a group"},
    {"\x10\x02", "\x10\x03", false, 0, 0, "not a time of Go (byte "},
    {"\x06Labels\x01\xff", "\x06Labels\x01\x78", false, 0, 0, "not a persistence file: "},
    {"\x06Labels", "\x06labels", false, 0, 0, "not the persistence file of a Pushgateway (byte "},
    {"\x07Metrics", "\x07metrics", false, 0, 0, "not the persistence file of a Pushgateway (byte "},
    {"\x09Timestamp", "\x09timestamp", true, 0, 0, ""},
    {"\x0c\x01\x0c", "\x0c\x01\x0a", true, 0, 0, ""}, /* labels are []byte */
    {"\x0c\x01\x0c", "\x0c\x01\x04", false, 0, 0, "type 2 is not bytes (byte "},
    {"\x0c\x01\x0c", "\x0c\x01\x7e", false, 0, 0,
     "a value of type 63, which is not defined (byte "},
};

/* Returns how many were found. */
static int patch(struct buffer *b, const char *from, const char *to)
{
    size_t n = strlen(from);
    int found = 0;

    for (size_t i = 0; i + n <= b->len; i++) {
        if (memcmp(b->p + i, from, n) == 0) {
            memcpy(b->p + i, to, n);
            found++;
        }
    }
    return found;
}

START_TEST(patched_files_are_told)
{
    read_fixture("two-of-each.gob", &file);
    ck_assert_uint_eq(strlen(patches[_i].from), strlen(patches[_i].to));
    ck_assert_int_gt(patch(&file, patches[_i].from, patches[_i].to), 0);
    ck_assert_msg(load(buffer_slice(&file)) == patches[_i].whole, "%s", error.message);
    ck_assert_uint_eq(report.refused, patches[_i].refused);
    ck_assert_uint_eq(report.families_refused, patches[_i].families_refused);
    ck_assert_msg(strncmp(error.message, patches[_i].message, strlen(patches[_i].message)) == 0,
                  "%s", error.message);
}
END_TEST

/* --- Damage --------------------------------------------------------------------------------------
 */

/* Under valgrind not each byte, but all kinds of places. */
static size_t stride(void)
{
    return getenv("PGW_TEST_STEPS") ? 97 : 1;
}

static void require_place(size_t size)
{
    const char *at = strstr(error.message, "(byte ");
    REQUIRE(error.code == ERROR_INVALID);
    REQUIRE(at != NULL);
    REQUIRE(strtoull(at + strlen("(byte "), NULL, 10) <= size);
}

/* Copied, so that nothing lies behind the last byte. */
static bool load_copy(struct slice bytes)
{
    char *copy = malloc(bytes.len + 1);
    REQUIRE(copy);
    memcpy(copy + 1, bytes.p, bytes.len);
    bool ok = load((struct slice){copy + 1, bytes.len});
    free(copy);
    return ok;
}

START_TEST(a_cut_file_is_read_up_to_the_cut)
{
    char name[64];
    size_t groups = 0;

    snprintf(name, sizeof(name), "%s.gob", versions[_i]);
    read_fixture(name, &file);
    for (size_t n = 0; n < file.len; n += stride()) {
        REQUIRE(!load_copy((struct slice){file.p, n}));
        require_place(n);
        REQUIRE(report.groups >= groups && report.groups <= 9);
        REQUIRE(store_statistics(store).groups == report.groups);
        groups = report.groups;
    }
    ck_assert_uint_gt(groups, 0);
}
END_TEST

/* Loads the file with the bits of a byte changed. */
static void load_flipped(size_t at, int mask)
{
    struct buffer shown = {0};

    file.p[at] = (char)(file.p[at] ^ mask);
    if (!load_copy(buffer_slice(&file)))
        require_place(file.len);
    file.p[at] = (char)(file.p[at] ^ mask);
    REQUIRE(store_inconsistency(store) == NULL);
    if (at % 8 == 0)
        dump_store_families(store, &shown);
    buffer_free(&shown);
}

START_TEST(a_flipped_byte_does_no_harm)
{
    static const int masks[] = {0xff, 0x80, 0x01, 0x02, 0x04};

    read_fixture("1.11.2.gob", &file);
    for (size_t n = 0; n < file.len; n += stride())
        load_flipped(n, masks[n % 5]);
}
END_TEST

START_TEST(a_flipped_bit_does_no_harm)
{
    read_fixture("two-of-each.gob", &file);
    for (size_t n = 0; n < 8 * file.len; n += stride())
        load_flipped(n / 8, 1 << n % 8);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("gob_reader");
    TCase *tc = tcase_create("gob_reader");

    tcase_add_checked_fixture(tc, NULL, tear_down);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, all_of_a_file_is_read, 0, COUNT(versions));
    tcase_add_loop_test(tc, what_is_inconsistent_is_left_out, 0, COUNT(versions));
    tcase_add_loop_test(tc, odd_files_are_read, 0, COUNT(odd));
    tcase_add_loop_test(tc, other_files_are_told, 0, COUNT(others));
    tcase_add_loop_test(tc, patched_files_are_told, 0, COUNT(patches));
    tcase_add_loop_test(tc, a_cut_file_is_read_up_to_the_cut, 0, COUNT(versions));
    tcase_add_test(tc, a_flipped_byte_does_no_harm);
    tcase_add_test(tc, a_flipped_bit_does_no_harm);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
