#include "build_info.h"
#include "options.h"
#include "suite.h"

#include <unistd.h>

enum { MAX_ARGS = 8 };

/* What one command line came to. */
struct run {
    enum options_outcome outcome;
    struct options options;
    char *out, *err;
    size_t out_size, err_size;
};

static struct run run(const char *const args[])
{
    struct run r = {0};
    char *argv[MAX_ARGS + 2] = {(char *)"/usr/bin/pushgateway"};
    int argc = 1;

    while (argc <= MAX_ARGS && args[argc - 1]) {
        argv[argc] = (char *)args[argc - 1];
        argc++;
    }
    FILE *out = open_memstream(&r.out, &r.out_size);
    FILE *err = open_memstream(&r.err, &r.err_size);
    r.outcome = options_parse(&r.options, argc, argv, out, err);
    fclose(out);
    fclose(err);
    return r;
}

static void run_free(struct run *r)
{
    options_free(&r->options);
    free(r->out);
    free(r->err);
}

/* The flags as options_visit() tells them, one "name=value\n" behind the other. */
struct listing {
    char text[4096];
    size_t n;
};

static void add_to_listing(const char *name, const char *value, void *context)
{
    struct listing *l = context;

    l->n += (size_t)snprintf(l->text + l->n, sizeof(l->text) - l->n, "%s=%s\n", name, value);
}

static struct listing list(const struct options *o)
{
    struct listing l = {0};

    ck_assert(options_visit(o, add_to_listing, &l));
    return l;
}

static void assert_listed(const struct options *o, const char *line)
{
    struct listing l = list(o);

    ck_assert_msg(strstr(l.text, line) != NULL, "no %s in %s", line, l.text);
}

START_TEST(has_defaults)
{
    struct run r = run((const char *[]){NULL});

    ck_assert_int_eq(r.outcome, OPTIONS_RUN);
    ck_assert_str_eq(r.out, "");
    ck_assert_str_eq(r.err, "");
    ck_assert_uint_eq(r.options.max_request_size, 64 << 20);
    ck_assert_int_eq(r.options.idle_timeout_ns, 360000000000);
    ck_assert_str_eq(r.options.route_prefix, "");
    ck_assert_str_eq(r.options.external_prefix, "");
    ck_assert_str_eq(r.options.telemetry_route, "/metrics");
    ck_assert_str_eq(list(&r.options).text, "limit.groups=0\n"
                                            "limit.series=0\n"
                                            "limit.series-per-group=0\n"
                                            "log.format=logfmt\n"
                                            "log.level=info\n"
                                            "persistence.durability=interval\n"
                                            "persistence.file=\n"
                                            "persistence.interval=5m0s\n"
                                            "persistence.on-error=salvage\n"
                                            "push.disable-consistency-check=false\n"
                                            "push.enable-utf8-names=false\n"
                                            "web.config.file=\n"
                                            "web.enable-admin-api=false\n"
                                            "web.enable-lifecycle=false\n"
                                            "web.external-url=\n"
                                            "web.idle-timeout=6m0s\n"
                                            "web.listen-address=:9091\n"
                                            "web.max-buffered-size=1GiB\n"
                                            "web.max-connections=0\n"
                                            "web.max-header-size=1MiB4KiB\n"
                                            "web.max-request-size=64MiB\n"
                                            "web.read-timeout=30s\n"
                                            "web.route-prefix=\n"
                                            "web.systemd-socket=false\n"
                                            "web.telemetry-path=/metrics\n");
    run_free(&r);
}
END_TEST

static const struct {
    const char *args[MAX_ARGS];
    const char *line;
} good[] = {
    {{"--web.listen-address=127.0.0.1:1", "--web.listen-address", "[::1]:2"},
     "web.listen-address=127.0.0.1:1,[::1]:2\n"},
    {{"--persistence.interval=1.5h"}, "persistence.interval=1h30m0s\n"},
    {{"--persistence.interval", "-5m"}, NULL},
    {{"--persistence.interval=-5m"}, "persistence.interval=-5m0s\n"},
    {{"--web.enable-lifecycle"}, "web.enable-lifecycle=true\n"},
    {{"--web.enable-lifecycle=true"}, "web.enable-lifecycle=true\n"},
    {{"--web.enable-lifecycle=false"}, "web.enable-lifecycle=false\n"},
    {{"--no-web.enable-lifecycle", "--push.enable-utf8-names"}, "push.enable-utf8-names=true\n"},
    {{"--no-push.enable-utf8-names"}, "push.enable-utf8-names=false\n"},
    {{"--log.level=ERROR"}, "log.level=error\n"},
    {{"--log.format", "json"}, "log.format=json\n"},
    {{"--persistence.durability=push", "--persistence.file=a"}, "persistence.durability=push\n"},
    {{"--persistence.durability", "interval"}, "persistence.durability=interval\n"},
    {{"--persistence.file", ""}, "persistence.file=\n"},
    {{"--persistence.on-error=fail"}, "persistence.on-error=fail\n"},
    {{"--persistence.on-error", "salvage"}, "persistence.on-error=salvage\n"},
    {{"--persistence.file=a=b"}, "persistence.file=a=b\n"},
    {{"--persistence.file", "--", "--x"}, "persistence.file=--x\n"},
    {{"--"}, "persistence.file=\n"},
    {{"--web.max-request-size=1536KiB"}, "web.max-request-size=1MiB512KiB\n"},
    {{"--web.max-request-size=1.5MB"}, "web.max-request-size=1MiB512KiB\n"},
    {{"--web.max-request-size=1MiB1"}, "web.max-request-size=1MiB1B\n"},
    {{"--web.max-request-size=4096"}, "web.max-request-size=4KiB\n"},
    {{"--web.max-connections=17"}, "web.max-connections=17\n"},
    {{"--web.max-header-size=8KiB"}, "web.max-header-size=8KiB\n"},
    {{"--limit.series=100000"}, "limit.series=100000\n"},
    {{"--web.read-timeout=1ms"}, "web.read-timeout=1ms\n"},
    {{"--web.telemetry-path=own/metrics/"}, "web.telemetry-path=own/metrics/\n"},
    {{"--web.external-url=http://h:80/Bar%20x/"}, "web.route-prefix=/Bar x\n"},
    {{"--web.external-url=http://h:80/Bar%20x/"}, "web.external-url=http://h:80/Bar%20x/\n"},
};

START_TEST(takes)
{
    struct run r = run(good[_i].args);

    if (good[_i].line) {
        ck_assert_msg(r.outcome == OPTIONS_RUN, "%s", r.err);
        assert_listed(&r.options, good[_i].line);
    } else {
        ck_assert_int_eq(r.outcome, OPTIONS_BAD);
    }
    run_free(&r);
}
END_TEST

static const struct {
    const char *args[MAX_ARGS];
    const char *message;
} bad[] = {
    {{"--x"}, "unknown long flag '--x'"},
    {{"--x=y"}, "unknown long flag '--x'"},
    {{"--=x"}, "unknown long flag '--'"},
    {{"-x"}, "unknown short flag '-x'"},
    {{"-hx"}, "unknown short flag '-x'"},
    {{"-h=1"}, "unknown short flag '-='"},
    {{"-"}, "unknown short flag '-'"},
    {{"-\xc3\xa9"}, "unknown short flag '-\xc3\xa9'"},
    {{"--no-x"}, "unknown long flag '--no-x'"},
    {{"--no-persistence.file"}, "unknown long flag '--no-persistence.file'"},
    {{"foo", "bar"}, "unexpected foo"},
    {{"--", "foo"}, "unexpected foo"},
    {{"--", "--help"}, "unexpected --help"},
    {{""}, "unexpected "},
    {{"--help", "foo"}, "unexpected foo"},
    {{"--help", "--x"}, "unknown long flag '--x'"},
    {{"--x", "--version"}, "unknown long flag '--x'"},
    {{"--persistence.interval"}, "expected argument for flag '--persistence.interval'"},
    {{"--web.route-prefix", "-x"}, "expected argument for flag '--web.route-prefix'"},
    {{"--web.route-prefix", "@"}, "expected argument for flag '--web.route-prefix'"},
    {{"--persistence.durability=Push"}, "expected interval or push but got 'Push'"},
    {{"--persistence.durability=push"}, "--persistence.durability=push needs a --persistence.file"},
    {{"--persistence.on-error=Fail"}, "expected salvage or fail but got 'Fail'"},
    {{"--persistence.on-error="}, "expected salvage or fail but got ''"},
    {{"--persistence.interval="}, "time: invalid duration \"\""},
    {{"--persistence.interval=5"}, "time: missing unit in duration \"5\""},
    {{"--log.level=foo", "--log.format=bar"}, "unrecognized log level foo"},
    {{"--log.format=JSON"}, "unrecognized log format JSON"},
    {{"--log.level=debug", "--log.level=x"}, "flag 'log.level' cannot be repeated"},
    {{"--web.enable-lifecycle", "--no-web.enable-lifecycle"},
     "flag 'web.enable-lifecycle' cannot be repeated"},
    {{"--web.enable-lifecycle=maybe"}, "unexpected maybe"},
    {{"--no-web.enable-lifecycle=true"}, "unexpected true"},
    {{"--web.enable-lifecycle", "true"}, "unexpected true"},
    {{"--web.external-url=:bad"}, "invalid URL: parse \":bad\": missing protocol scheme"},
    {{"@/nonexistent"},
     "failed to open arguments file \"/nonexistent\": open /nonexistent: no such "
     "file or directory"},
    {{"@/"}, "failed to read arguments from \"/\": read /: is a directory"},
    {{"@"}, "expected @ file to expand arguments from"},
    {{"--web.max-request-size=x"}, "invalid size \"x\""},
    {{"--web.max-request-size=-1"}, "invalid size \"-1\""},
    {{"--web.max-request-size=1x"}, "unknown unit \"x\" in size \"1x\""},
    {{"--web.max-request-size=1e3"}, "invalid size \"1e3\""},
    {{"--web.max-request-size=0"}, "--web.max-request-size must be at least 1B"},
    {{"--web.max-request-size=16EiB"}, "size \"16EiB\" is too large"},
    {{"--limit.groups=many"}, "expected a whole number but got 'many'"},
    {{"--web.max-connections=-1"}, "expected a whole number but got '-1'"},
    {{"--web.max-connections=9999999999"}, "number '9999999999' is too large"},
    {{"--web.read-timeout=-1s"}, "--web.read-timeout must be at least 1ms"},
};

START_TEST(refuses)
{
    struct run r = run(bad[_i].args);
    char line[512];

    ck_assert_msg(r.outcome == OPTIONS_BAD, "case %d: %s", _i, bad[_i].message);
    ck_assert_str_eq(r.out, "");
    snprintf(line, sizeof(line), "pushgateway: error: %s, try --help\n", bad[_i].message);
    ck_assert_str_eq(r.err, line);
    run_free(&r);
}
END_TEST

static const struct {
    const char *args[MAX_ARGS];
    const char *begin;
} printing[] = {
    {{"--help"}, "usage: pushgateway [<flags>]\n"},
    {{"-h"}, "usage: pushgateway [<flags>]\n"},
    {{"-hh"}, "usage: pushgateway [<flags>]\n"},
    {{"--no-help"}, "usage: pushgateway [<flags>]\n"},
    {{"--help-long"}, "usage: pushgateway [<flags>]\n"},
    {{"--persistence.interval=abc", "--help"}, "usage: pushgateway [<flags>]\n"},
    {{"--version"}, "pushgateway, version " PGW_VERSION " (branch: "},
    {{"--version", "--x"}, "pushgateway, version "},
    {{"--version=1"}, "pushgateway, version "},
    {{"--help-man"}, ".TH PUSHGATEWAY 1"},
    {{"--completion-bash"}, "--help\n--web.systemd-socket\n--no-web.systemd-socket\n"},
    {{"--completion-script-bash"}, "_pushgateway_complete() {\n"},
    {{"--completion-script-zsh"}, "#compdef pushgateway\n"},
};

START_TEST(prints_and_exits)
{
    struct run r = run(printing[_i].args);

    ck_assert_int_eq(r.outcome, OPTIONS_EXIT);
    ck_assert_str_eq(r.err, "");
    ck_assert_msg(strncmp(r.out, printing[_i].begin, strlen(printing[_i].begin)) == 0, "%s", r.out);
    run_free(&r);
}
END_TEST

static void assert_in_help(const char *name, const char *value, void *context)
{
    char spelled[80];

    (void)value;
    snprintf(spelled, sizeof(spelled), "--%s", name);
    if (!strstr(context, spelled))
        snprintf(spelled, sizeof(spelled), "--[no-]%s", name);
    ck_assert_msg(strstr(context, spelled) != NULL, "no %s in the help", name);
}

START_TEST(helps_with_every_flag)
{
    struct run help = run((const char *[]){"--help", NULL});
    struct run plain = run((const char *[]){NULL});

    ck_assert(options_visit(&plain.options, assert_in_help, help.out));
    for (char *line = strtok(help.out, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_msg(strlen(line) <= 80 || strstr(line, "https://"), "long line: %s", line);
    run_free(&help);
    run_free(&plain);
}
END_TEST

START_TEST(says_how_it_was_built)
{
    struct run r = run((const char *[]){"--version", NULL});
    char line[128];

#ifdef PGW_SANITIZE
    ck_assert_str_eq(build_info.sanitizers, PGW_SANITIZE);
#else
    ck_assert_str_eq(build_info.sanitizers, "none");
#endif
    snprintf(line, sizeof(line), "  sanitizers:       %s\n", build_info.sanitizers);
    ck_assert_ptr_nonnull(strstr(r.out, line));
    ck_assert_ptr_nonnull(strstr(r.out, "  compiler:         "));
    run_free(&r);
}
END_TEST

static const struct {
    const char *url_flag, *prefix_flag;
    const char *external, *route;
} prefixes[] = {
    {"--web.external-url=", "--web.route-prefix=", "", ""},
    {"--web.external-url=http://h", "--web.route-prefix=", "", ""},
    {"--web.external-url=http://h/", "--web.route-prefix=", "", ""},
    {"--web.external-url=http://h/a/b/", "--web.route-prefix=", "/a/b", "/a/b"},
    {"--web.external-url=http://h/a", "--web.route-prefix=/", "/a", ""},
    {"--web.external-url=http://h/a", "--web.route-prefix=b", "/a", "/b"},
    {"--web.external-url=", "--web.route-prefix=/b/", "", "/b"},
    {"--web.external-url=", "--web.route-prefix=//", "", "/"},
    {"--web.external-url=foo", "--web.route-prefix=", "/foo", "/foo"},
    {"--web.external-url=//h/foo", "--web.route-prefix=", "/foo", "/foo"},
    {"--web.external-url=mailto:foo", "--web.route-prefix=", "", ""},
};

START_TEST(makes_prefixes)
{
    struct run r = run((const char *[]){prefixes[_i].url_flag, prefixes[_i].prefix_flag, NULL});

    ck_assert_msg(r.outcome == OPTIONS_RUN, "%s", r.err);
    ck_assert_str_eq(r.options.external_prefix, prefixes[_i].external);
    ck_assert_str_eq(r.options.route_prefix, prefixes[_i].route);
    run_free(&r);
}
END_TEST

static const struct {
    const char *flag, *route;
} routes[] = {
    {"--web.telemetry-path=/", "/"},
    {"--web.telemetry-path=", "/"},
    {"--web.telemetry-path=own", "/own"},
    {"--web.telemetry-path=/own//x/", "/own/x"},
    {"--web.telemetry-path=/./own/../x", "/x"},
    {"--web.telemetry-path=/../..", "/"},
    {"--web.telemetry-path=/.../..a", "/.../..a"},
};

START_TEST(cleans_the_telemetry_path)
{
    struct run r = run((const char *[]){routes[_i].flag, NULL});

    ck_assert_str_eq(r.options.telemetry_route, routes[_i].route);
    run_free(&r);
}
END_TEST

/* Writes `text` to a new file; *argument is "@" and its name. */
static void arguments_file(const char *text, char argument[32])
{
    strcpy(argument, "@/tmp/arguments-XXXXXX");
    int fd = mkstemp(argument + 1);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

START_TEST(reads_argument_files)
{
    char inner[32], outer[32], text[256];

    arguments_file("/tmp/x y\r\n--log.level=warn", inner);
    snprintf(text, sizeof(text), "# a comment\n--web.enable-lifecycle\n--persistence.file\n%s\n",
             inner);
    arguments_file(text, outer);
    struct run r = run((const char *[]){outer, "--web.max-connections=3", NULL});
    ck_assert_msg(r.outcome == OPTIONS_RUN, "%s", r.err);
    ck_assert_str_eq(r.options.persistence_file, "/tmp/x y");
    ck_assert_int_eq(r.options.log_level, LOG_WARN);
    ck_assert_uint_eq(r.options.max_connections, 3);
    ck_assert(r.options.enable_lifecycle);
    run_free(&r);
    unlink(inner + 1);
    unlink(outer + 1);
}
END_TEST

START_TEST(ends_with_a_file_that_names_itself)
{
    char argument[32];

    arguments_file("", argument);
    FILE *file = fopen(argument + 1, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s\n%s\n", argument, argument);
    fclose(file);
    struct run r = run((const char *[]){argument, NULL});
    ck_assert_int_eq(r.outcome, OPTIONS_BAD);
    ck_assert_ptr_nonnull(strstr(r.err, "too many arguments files"));
    run_free(&r);
    unlink(argument + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("options");
    TCase *tc = tcase_create("options");

    tcase_add_test(tc, has_defaults);
    tcase_add_loop_test(tc, takes, 0, sizeof(good) / sizeof(*good));
    tcase_add_loop_test(tc, refuses, 0, sizeof(bad) / sizeof(*bad));
    tcase_add_loop_test(tc, prints_and_exits, 0, sizeof(printing) / sizeof(*printing));
    tcase_add_test(tc, helps_with_every_flag);
    tcase_add_test(tc, says_how_it_was_built);
    tcase_add_loop_test(tc, makes_prefixes, 0, sizeof(prefixes) / sizeof(*prefixes));
    tcase_add_loop_test(tc, cleans_the_telemetry_path, 0, sizeof(routes) / sizeof(*routes));
    tcase_add_test(tc, reads_argument_files);
    tcase_add_test(tc, ends_with_a_file_that_names_itself);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
