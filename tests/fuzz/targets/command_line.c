/* The command line: an argument a line. Arguments that name files to read more from are left out.
 */
#include "buffer.h"
#include "byte_size.h"
#include "duration.h"
#include "external_url.h"
#include "fuzz.h"
#include "options.h"

enum { ARGUMENTS_MAX = 16 };

static void visit(const char *name, const char *value, void *context)
{
    (void)context;
    FUZZ_REQUIRE(name[0] && value, "a flag");
}

static void check_options(int argc, char **argv, FILE *sink)
{
    struct options o = {0};
    if (options_parse(&o, argc, argv, sink, sink) == OPTIONS_RUN) {
        FUZZ_REQUIRE(o.n_listen_addresses > 0 && o.max_request_size > 0, "options");
        FUZZ_REQUIRE(o.route_prefix[0] == '\0' || o.route_prefix[0] == '/', "%s", o.route_prefix);
        FUZZ_REQUIRE(options_visit(&o, visit, NULL), "out of memory");
    }
    options_free(&o);
}

/* What is printed of a value is read as this value. */
static void check_values(const char *text)
{
    char printed[DURATION_TEXT_MAX], size_printed[BYTE_SIZE_TEXT_MAX];
    int64_t ns, ns_again;
    size_t bytes, bytes_again;
    struct arena a = {0};
    const char *path;
    struct error e;
    if (duration_parse(text, &ns, &e)) {
        duration_format(ns, printed);
        FUZZ_REQUIRE(duration_parse(printed, &ns_again, &e) && ns == ns_again, "%s", printed);
    }
    if (byte_size_parse(text, &bytes, &e)) {
        byte_size_format(bytes, size_printed);
        FUZZ_REQUIRE(byte_size_parse(size_printed, &bytes_again, &e) && bytes == bytes_again, "%s",
                     size_printed);
    }
    if (external_url_path(text, &a, &path, &e))
        FUZZ_REQUIRE(path[0] == '\0' || path[0] == '/' || strchr(text, '%') || text[0] != '/', "%s",
                     path);
    arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    static char program[] = "pushgateway";
    char *argv[ARGUMENTS_MAX + 1] = {program}, *printed;
    size_t printed_size;
    int argc = 1;
    while (in.len > 0 && argc < ARGUMENTS_MAX) {
        char *argument = fuzz_text(fuzz_take_line(&in));
        check_values(argument);
        if (argument[0] == '@')
            free(argument);
        else
            argv[argc++] = argument;
    }
    FILE *sink = open_memstream(&printed, &printed_size);
    check_options(argc, argv, sink);
    fclose(sink);
    free(printed);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    return 0;
}
