#include "process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads the beginning of a file of /proc, NUL-terminated. These never block. */
static bool read_file(const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t len = 0;
    while (len < size - 1) {
        ssize_t n = read(fd, to + len, size - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    close(fd);
    to[len] = '\0';
    return len > 0;
}

/* When the system was started, seconds since 1970. It does not change, and the line stands behind
 * one line for each processor. */
static double boot_time(void)
{
    static double known;
    if (known > 0)
        return known;
    FILE *f = fopen("/proc/stat", "re");
    if (!f)
        return NAN;
    char line[256];
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, "btime ", 6) == 0) {
            known = (double)strtoll(line + 6, NULL, 10);
            break;
        }
    }
    fclose(f);
    return known > 0 ? known : NAN;
}

/* Fields are numbered as in proc(5). The second one is the program's name in parentheses, which may
 * hold blanks and parentheses: what follows the last one counts. */
static void read_stat(struct process_metrics *m)
{
    enum { STATE = 3, UTIME = 14, STIME = 15, START = 22, VSIZE = 23, RSS = 24 };
    char text[2048];
    if (!read_file("/proc/self/stat", text, sizeof(text)))
        return;
    char *at = strrchr(text, ')');
    if (!at)
        return;
    uint64_t fields[RSS + 1] = {0};
    char *save = NULL;
    int i = STATE;
    for (char *word = strtok_r(at + 1, " ", &save); word && i <= RSS; i++) {
        fields[i] = strtoull(word, NULL, 10);
        word = strtok_r(NULL, " ", &save);
    }
    if (i <= RSS)
        return;
    double ticks = (double)sysconf(_SC_CLK_TCK);
    m->cpu_seconds = (double)(fields[UTIME] + fields[STIME]) / ticks;
    m->start_time_seconds = boot_time() + (double)fields[START] / ticks;
    m->virtual_bytes = (double)fields[VSIZE];
    m->resident_bytes = (double)fields[RSS] * (double)sysconf(_SC_PAGESIZE);
}

static double count_fds(void)
{
    /* Since Linux 6.2 the directory's size is the number of its entries; before, it is 0. */
    struct stat st;
    if (stat("/proc/self/fd", &st) == 0 && st.st_size > 0)
        return (double)st.st_size;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return NAN;
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    closedir(dir);
    return (double)(count - 1); /* without the one that reads them */
}

static double limit_of(int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return NAN;
    return limit.rlim_cur == RLIM_INFINITY ? (double)UINT64_MAX : (double)limit.rlim_cur;
}

/* /proc/net/netstat: lines in pairs, names and values, each begun with the protocol's name. */
static void read_netstat(struct process_metrics *m)
{
    char text[16384];
    if (!read_file("/proc/self/net/netstat", text, sizeof(text)))
        return;
    char *names = strstr(text, "IpExt: ");
    char *values = names ? strstr(names + 1, "IpExt: ") : NULL;
    if (!values)
        return;
    values[-1] = '\0';
    char *save_name = NULL, *save_value = NULL;
    char *name = strtok_r(names, " \n", &save_name);
    char *value = strtok_r(values, " \n", &save_value);
    while (name && value) {
        if (strcmp(name, "InOctets") == 0)
            m->network_receive_bytes = (double)strtoull(value, NULL, 10);
        else if (strcmp(name, "OutOctets") == 0)
            m->network_transmit_bytes = (double)strtoull(value, NULL, 10);
        name = strtok_r(NULL, " \n", &save_name);
        value = strtok_r(NULL, " \n", &save_value);
    }
}

struct process_metrics process_metrics_read(void)
{
    struct process_metrics m = {
        .cpu_seconds = NAN,
        .open_fds = count_fds(),
        .max_fds = limit_of(RLIMIT_NOFILE),
        .resident_bytes = NAN,
        .virtual_bytes = NAN,
        .max_virtual_bytes = limit_of(RLIMIT_AS),
        .start_time_seconds = NAN,
        .network_receive_bytes = NAN,
        .network_transmit_bytes = NAN,
    };
    read_stat(&m);
    read_netstat(&m);
    return m;
}
