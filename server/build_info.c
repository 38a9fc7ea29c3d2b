#include "build_info.h"

#ifndef PGW_BUILD_BRANCH
#define PGW_BUILD_BRANCH "unknown"
#endif
#ifndef PGW_BUILD_REVISION
#define PGW_BUILD_REVISION "unknown"
#endif
#ifndef PGW_BUILD_USER
#define PGW_BUILD_USER "unknown"
#endif
#ifndef PGW_BUILD_DATE
#define PGW_BUILD_DATE "unknown"
#endif
#ifndef PGW_SANITIZE
#define PGW_SANITIZE "none"
#endif

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#elif defined(__i386__)
#define ARCH "386"
#elif defined(__arm__)
#define ARCH "arm"
#elif defined(__powerpc64__)
#define ARCH "ppc64le"
#elif defined(__s390x__)
#define ARCH "s390x"
#elif defined(__riscv)
#define ARCH "riscv64"
#else
#define ARCH "unknown"
#endif

const struct build_info build_info = {
    .version = PGW_VERSION,
    .branch = PGW_BUILD_BRANCH,
    .revision = PGW_BUILD_REVISION,
    .user = PGW_BUILD_USER,
    .date = PGW_BUILD_DATE,
    .compiler = COMPILER,
    .os = "linux",
    .arch = ARCH,
    .sanitizers = PGW_SANITIZE,
};
