/* What this binary was made from and with: for --version, the log, the API and
 * pushgateway_build_info. */
#ifndef BUILD_INFO_H
#define BUILD_INFO_H

struct build_info {
    const char *version;
    const char *branch; /* "unknown" unless the build was told (PGW_BUILD_* in CMake), like the next
                           three */
    const char *revision;
    const char *user;
    const char *date;
    const char *compiler;   /* "gcc 12.2.0" */
    const char *os, *arch;  /* by Go's names: "linux", "amd64" */
    const char *sanitizers; /* "none", or as PGW_SANITIZE has them */
};

extern const struct build_info build_info;

#endif
