#include "folder.h"
#include "journal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct slice infix = SLICE_LITERAL(".journal.");

char *journal_segment_name(const char *path, uint64_t number)
{
    char *name;
    int n = asprintf(&name, "%s%s%llu", path, infix.p, (unsigned long long)number);
    return n < 0 ? NULL : name;
}

/* The number in the name of a segment; 0: it is none. As we write it, without leading zeroes. */
static uint64_t number_in(const char *name, struct slice base)
{
    struct slice rest = slice_of(name);
    if (!slice_has_prefix(rest, base))
        return 0;
    rest = slice_of(rest.p + base.len);
    if (!slice_has_prefix(rest, infix))
        return 0;
    const char *digits = rest.p + infix.len;
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || n > 19 || digits[n] != '\0' || digits[0] == '0')
        return 0;
    return strtoull(digits, NULL, 10);
}

static bool add(struct journal_segments *list, uint64_t number)
{
    uint64_t *grown = realloc(list->numbers, (list->count + 1) * sizeof(*grown));
    if (!grown)
        return false;
    list->numbers = grown;
    list->numbers[list->count++] = number;
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool list_folder(DIR *folder, struct slice base, struct journal_segments *out,
                        struct error *e)
{
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        uint64_t number = number_in(entry->d_name, base);
        if (number > 0 && !add(out, number))
            return error_no_memory(e);
    }
    return errno == 0 || error_set(e, ERROR_IO, "reading the folder: %s", strerror(errno));
}

bool journal_list(const char *path, struct journal_segments *out, struct error *e)
{
    *out = (struct journal_segments){0};
    char *name = folder_of(path);
    if (!name)
        return error_no_memory(e);
    DIR *folder = opendir(name);
    bool ok = folder != NULL;
    if (ok)
        ok = list_folder(folder, slice_of(basename(path)), out, e);
    else
        error_set(e, ERROR_IO, "open %s: %s", name, strerror(errno));
    if (folder)
        closedir(folder);
    free(name);
    if (!ok) {
        free(out->numbers);
        *out = (struct journal_segments){0};
    } else if (out->count > 1) {
        qsort(out->numbers, out->count, sizeof(*out->numbers), compare_numbers);
    }
    return ok;
}

/* --- Doing something to each ---------------------------------------------------------------------
 */

static bool remove_one(const char *path, uint64_t number, struct error *e)
{
    char *name = journal_segment_name(path, number);
    if (!name)
        return error_no_memory(e);
    bool ok = unlink(name) == 0 || errno == ENOENT;
    if (!ok)
        error_set(e, ERROR_IO, "remove %s: %s", name, strerror(errno));
    free(name);
    return ok;
}

bool journal_remove_before(const char *path, uint64_t number, struct error *e)
{
    struct journal_segments all;
    if (!journal_list(path, &all, e))
        return false;
    bool ok = true;
    for (size_t i = 0; i < all.count && all.numbers[i] < number && ok; i++)
        ok = remove_one(path, all.numbers[i], e);
    free(all.numbers);
    return ok;
}

/* A name that is not taken; NULL when memory is out. */
static char *free_name(const char *name, const char *suffix)
{
    char *kept;
    if (asprintf(&kept, "%s.%s", name, suffix) < 0)
        return NULL;
    for (unsigned i = 2; access(kept, F_OK) == 0; i++) {
        free(kept);
        if (asprintf(&kept, "%s.%s-%u", name, suffix, i) < 0)
            return NULL;
    }
    return kept;
}

static bool keep_one(const char *path, uint64_t number, bool stays, const char *suffix,
                     struct error *e)
{
    char *name = journal_segment_name(path, number);
    char *kept = name ? free_name(name, suffix) : NULL;
    bool ok = kept != NULL;
    if (!ok)
        error_no_memory(e);
    else if ((stays ? link(name, kept) : rename(name, kept)) != 0)
        ok = error_set(e, ERROR_IO, "%s cannot be kept as %s: %s", name, kept, strerror(errno));
    free(name);
    free(kept);
    return ok;
}

bool journal_set_aside(const char *path, uint64_t number, bool first_stays, const char *suffix,
                       struct error *e)
{
    struct journal_segments all;
    if (!journal_list(path, &all, e))
        return false;
    bool ok = true;
    for (size_t i = 0; i < all.count && ok; i++)
        if (all.numbers[i] >= number)
            ok = keep_one(path, all.numbers[i], first_stays && all.numbers[i] == number, suffix, e);
    free(all.numbers);
    return ok && folder_sync(path, e);
}
