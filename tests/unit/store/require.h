/* An assertion for inner loops: check's own ones report their place every time they hold. */
#ifndef REQUIRE_H
#define REQUIRE_H

#include <check.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("%s", #condition);                                                        \
    } while (0)

#endif
