/* Runs a target over files instead of under libFuzzer: any compiler will do, and each run is the
 * same. Arguments are files and folders of files; a folder that is missing or has none is an error,
 * so that a target cannot lose its corpus unnoticed. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#pragma weak LLVMFuzzerInitialize

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

/* The input lies in memory of exactly its size, so that no byte behind it can be read unnoticed. */
static void run_file(const char *path, size_t size)
{
    uint8_t *bytes = malloc(size);
    FILE *file = fopen(path, "rb");
    if (!file || (!bytes && size > 0) || fread(bytes, 1, size, file) != size)
        fail(path, strerror(errno));
    fclose(file);
    /* Said before, so that a crash shows which file it was. */
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static unsigned run(const char *path);

static unsigned run_folder(const char *path)
{
    struct dirent **entries;
    unsigned files = 0;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0)
        fail(path, strerror(errno));
    for (int i = 0; i < n; i++) {
        char *name;
        if (entries[i]->d_name[0] != '.') {
            if (asprintf(&name, "%s/%s", path, entries[i]->d_name) < 0)
                fail(path, "out of memory");
            files += run(name);
            free(name);
        }
        free(entries[i]);
    }
    free(entries);
    if (files == 0)
        fail(path, "no files");
    return files;
}

static unsigned run(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        fail(path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return run_folder(path);
    run_file(path, (size_t)st.st_size);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    if (argc < 2)
        fail(argv[0], "no files given");
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        files += run(argv[i]);
    printf("%u files\n", files);
    return EXIT_SUCCESS;
}
