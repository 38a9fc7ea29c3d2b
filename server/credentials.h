/* User and password from an Authorization header, scheme Basic (RFC 7617). */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "slice.h"

enum { CREDENTIALS_MAX = 2048 }; /* of user, colon and password */

struct credentials {
    struct slice user, password; /* into bytes */
    char bytes[CREDENTIALS_MAX];
};

/* Reads the header's value as Go's http.Request.BasicAuth() does: the scheme in any case, one
 * blank, padded base64. False if it is anything else, or too long. */
bool credentials_read(struct slice header, struct credentials *c);

/* Leaves nothing of them in memory. */
void credentials_forget(struct credentials *c);

#endif
