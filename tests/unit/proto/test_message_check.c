#include "message_check.h"

#include "encode.h"
#include "metrics.pb-c.h"
#include "suite.h"

#define GAUGE     &io__prometheus__client__gauge__descriptor
#define COUNTER   &io__prometheus__client__counter__descriptor
#define SUMMARY   &io__prometheus__client__summary__descriptor
#define HISTOGRAM &io__prometheus__client__histogram__descriptor
#define EXEMPLARS "\x12\0\x12\0\x12\0\x12\0\x12\0\x12\0\x12\0\x12\0" /* eight times the one */
#define ONE       "\x09\0\0\0\0\0\0\xf0\x3f"

static const struct {
    const char *what;
    const ProtobufCMessageDescriptor *schema;
    struct slice encoded;
    bool ok, unusual;
} cases[] = {
    {"empty", GAUGE, TEXT(""), true, false},
    {"number", GAUGE, TEXT(ONE), true, false},
    {"twice", GAUGE, TEXT(ONE ONE), true, false},
    {"unknown fields", GAUGE, TEXT("\x10\x05\x1a\x01x" ONE), true, false},
    {"unknown group", GAUGE, TEXT("\x13\x14" ONE), true, true},
    {"long tag", GAUGE, TEXT("\x89\0\0\0\0\0\0\0\xf0\x3f"), true, true},
    {"known field of a wrong wire type", GAUGE, TEXT("\x08\x05"), false, false},
    {"cut", GAUGE, TEXT("\x09\0\0\0\0\0\0\xf0"), false, false},
    {"exemplar with label and time", COUNTER,
     TEXT("\x12\x0c\x0a\x06\x0a\x01t\x12\x01i\x1a\x02\x08\x05"), true, false},
    {"exemplar with a label that is not UTF-8", COUNTER,
     TEXT("\x12\x08\x0a\x06\x0a\x01t\x12\x01\xff"), false, false},
    {"exemplar cut", COUNTER, TEXT("\x12\x0b\x0a\x06\x0a\x01t\x12\x01i\x1a\x02\x08"), false, false},
    {"label in an exemplar cut", COUNTER, TEXT("\x12\x04\x0a\x02\x0a\x01"), false, false},
    {"time in an exemplar cut", COUNTER, TEXT("\x12\x03\x1a\x01\x08"), false, false},
    {"exemplar that is a number", COUNTER, TEXT("\x10\x05"), false, false},
    {"created", COUNTER, TEXT("\x1a\x04\x08\x05\x10\x07"), true, false},
    {"created of a wrong wire type", COUNTER, TEXT("\x1a\x02\x0a\0"), false, false},
    {"long length", COUNTER, TEXT("\x1a\x82\0\x08\x05"), true, true},
    {"long tag deep inside", COUNTER, TEXT("\x1a\x03\x88\0\x05"), true, true},
    {"quantile", SUMMARY, TEXT("\x08\x05\x1a\x09" ONE), true, false},
    {"quantile of a wrong wire type", SUMMARY, TEXT("\x1a\x02\x08\x05"), false, false},
    {"bucket", HISTOGRAM, TEXT("\x1a\x02\x08\x05"), true, false},
    {"bucket that is a number", HISTOGRAM, TEXT("\x18\x05"), false, false},
    {"deltas one by one", HISTOGRAM, TEXT("\x68\x02\x68\x04"), true, false},
    {"deltas packed", HISTOGRAM, TEXT("\x6a\x03\x02\x84\x01"), true, false},
    {"packed deltas cut", HISTOGRAM, TEXT("\x6a\x02\x02\x84"), false, false},
    {"counts packed", HISTOGRAM, TEXT("\x72\x08\0\0\0\0\0\0\0\0"), true, false},
    {"packed counts cut", HISTOGRAM, TEXT("\x72\x07\0\0\0\0\0\0\0"), false, false},
    {"packed number that is not repeated", HISTOGRAM, TEXT("\x0a\x01\x05"), false, false},
    {"merged sixteen times", COUNTER, TEXT("\x12\0" EXEMPLARS EXEMPLARS), true, false},
    {"merged once more", COUNTER, TEXT("\x12\0\x12\0" EXEMPLARS EXEMPLARS), false, false},
    {"merged once more, in all", HISTOGRAM,
     TEXT("\x1a\x12\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0"
          "\x1a\x14\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0"),
     false, false},
    {"repeated often", HISTOGRAM,
     TEXT("\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0"
          "\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0\x1a\0"),
     true, false},
    {"exemplars", HISTOGRAM, TEXT("\x82\x01\x02\x0a\0"), true, false},
};

START_TEST(check)
{
    struct message_findings found = {0};
    bool ok = message_check(cases[_i].schema, cases[_i].encoded, &found);

    ck_assert_msg(ok == cases[_i].ok, "%s", cases[_i].what);
    if (ok)
        ck_assert_msg(found.unusual == cases[_i].unusual, "%s: unusual %d", cases[_i].what,
                      found.unusual);
}
END_TEST

/* The reason for `unusual`: whatever is sound and not unusual must be readable to protobuf-c. */
START_TEST(protobuf_c_agrees)
{
    struct message_findings found = {0};
    if (!message_check(cases[_i].schema, cases[_i].encoded, &found) || found.unusual)
        return;
    ProtobufCMessage *message = protobuf_c_message_unpack(
        cases[_i].schema, NULL, cases[_i].encoded.len, (const uint8_t *)cases[_i].encoded.p);
    ck_assert_msg(message != NULL, "%s", cases[_i].what);
    protobuf_c_message_free_unpacked(message, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message_check");
    TCase *tc = tcase_create("message_check");
    tcase_add_checked_fixture(tc, NULL, encode_free);
    tcase_add_loop_test(tc, check, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_loop_test(tc, protobuf_c_agrees, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
