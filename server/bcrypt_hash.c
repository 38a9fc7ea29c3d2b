#include "bcrypt_hash.h"

static bool is_bcrypt_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
           c == '/';
}

const char *bcrypt_hash_read(struct slice text, char to[BCRYPT_HASH_LENGTH + 1])
{
    enum { SHORTEST = 59, COST = 4, BEHIND_COST = 7 };
    if (text.len < SHORTEST)
        return "too short";
    if (text.p[0] != '$' || text.p[1] != '2')
        return "it does not begin with $2";
    size_t at = text.p[2] == '$' ? 3 : 4;
    if (text.p[at - 1] != '$' || text.p[at + 2] != '$')
        return "no cost between $ and $";
    int cost = (text.p[at] - '0') * 10 + (text.p[at + 1] - '0');
    if (text.p[at] < '0' || text.p[at] > '3' || text.p[at + 1] < '0' || text.p[at + 1] > '9' ||
        cost < 4 || cost > 31)
        return "the cost is not between 04 and 31";
    if (text.len - at < BCRYPT_HASH_LENGTH - COST)
        return "too short";
    memcpy(to, "$2b$", COST);
    memcpy(to + COST, text.p + at, BCRYPT_HASH_LENGTH - COST);
    to[BCRYPT_HASH_LENGTH] = '\0';
    for (size_t i = BEHIND_COST; i < BCRYPT_HASH_LENGTH; i++)
        if (!is_bcrypt_letter(to[i]))
            return "a letter that bcrypt does not use";
    return NULL;
}
