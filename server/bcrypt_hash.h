/* Hashes of passwords as bcrypt writes them: "$2b$", two digits of cost, "$", 22 letters of salt,
 * 31 of the hash. */
#ifndef BCRYPT_HASH_H
#define BCRYPT_HASH_H

#include "slice.h"

enum { BCRYPT_HASH_LENGTH = 60, BCRYPT_HASH_RESULT = 31 };

/* Reads what Go's bcrypt takes: "$2$" too, any letter for the version, since Go does not look at
 * it, and what is behind the hash does not count. `to` becomes a string that begins with "$2b$".
 * Returns why it is none; NULL if it is one. */
const char *bcrypt_hash_read(struct slice text, char to[BCRYPT_HASH_LENGTH + 1]);

#endif
