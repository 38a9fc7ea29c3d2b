/* Whether limits let a group grow. */
#ifndef LIMIT_CHECK_H
#define LIMIT_CHECK_H

#include "contents.h"

/* Whether `group` (NULL: a new one) may have so many metrics. What makes nothing grow is allowed
 * even beyond a limit: a restored file may have led there. False: ERROR_LIMIT, and *e names the
 * limit and the figures. */
bool limit_check(const struct store_limits *limits, const struct contents *c,
                 const struct group *group, size_t metrics, struct error *e);

#endif
