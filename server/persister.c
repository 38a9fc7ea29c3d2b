#include "persister.h"

#include "clock.h"
#include "committer.h"
#include "journal_restore.h"
#include "log.h"
#include "memory.h"
#include "options.h"
#include "snapshot.h"
#include "store.h"
#include "telemetry.h"

#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FIRST_RETRY_NS INT64_C(1000000000)
#define NEVER_SAVED    UINT64_MAX /* no version of the store */

struct persister {
    struct server *server;
    const char *path;
    int64_t interval_ns;
    struct event *timer;

    pid_t child;    /* 0: none is saving */
    int child_says; /* pipe: why it failed */
    int64_t started_ns,
        last_started_ns;         /* monotonic; of the save under way, of the last good one */
    uint64_t saving, saved;      /* versions of the store */
    struct journal_position at;  /* where the journal goes on; a committer knows better */
    struct journal_position cut; /* the same for the save under way */
    int64_t retry_ns;            /* 0: the last save was good */
};

/* --- Loading -------------------------------------------------------------------------------------
 */

static void log_count(enum log_level level, const char *message, const char *path, size_t groups)
{
    char count[24];
    snprintf(count, sizeof(count), "%zu", groups);
    log_write(level, message, "file", path, "groups", count, NULL);
}

/* A name for the damaged file that is not taken; NULL when memory is out. */
static char *aside_name(const char *path)
{
    char stamp[32], *name;
    time_t now = time(NULL);
    struct tm utc;

    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    if (asprintf(&name, "%s.damaged-%s", path, stamp) < 0)
        return NULL;
    for (unsigned i = 2; access(name, F_OK) == 0; i++) {
        free(name);
        if (asprintf(&name, "%s.damaged-%s-%u", path, stamp, i) < 0)
            return NULL;
    }
    return name;
}

/* An earlier start that came to no save has set it aside. */
static bool has_other_name(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && file.st_nlink > 1;
}

static bool set_aside(const char *path, const struct error *why, struct error *e)
{
    bool kept = has_other_name(path);
    char *aside = kept ? strdup("another name already") : aside_name(path);
    if (!aside)
        return error_no_memory(e);
    /* The file stays until a good save takes its place: a start that fails before that, or a crash,
     * must find it again. */
    bool ok = kept || link(path, aside) == 0 || rename(path, aside) == 0;
    if (ok)
        log_write(LOG_ERROR,
                  "persistence file is damaged; it was set aside and what verified is served",
                  "file", path, "kept_as", aside, "err", why->message, NULL);
    else
        error_set(e, ERROR_IO, "%s is damaged (%.1000s) and cannot be set aside: %s", path,
                  why->message, strerror(errno));
    free(aside);
    return ok;
}

static void log_gob(const char *path, const struct snapshot_report *report, const char *why)
{
    char families[24];
    snprintf(families, sizeof(families), "%zu", report->families_refused);
    if (report->families_refused > 0)
        log_write(LOG_ERROR, "families of the persistence file are inconsistent and were left out",
                  "file", path, "families", families, "err", why, NULL);
    log_write(LOG_INFO, "the persistence file is one of the Go Pushgateway", "file", path, NULL);
}

static bool accept_damage(struct persister *p, const struct error *why, struct error *e)
{
    if (p->server->options->persistence_on_error == DAMAGE_FAIL)
        return error_set(e, ERROR_INVALID, "%s is damaged: %.1000s; it was left as it is", p->path,
                         why->message);
    telemetry_file_damaged(p->server->telemetry);
    return set_aside(p->path, why, e);
}

static bool load(struct persister *p, struct snapshot_report *report, bool *whole, struct error *e)
{
    struct error why;
    struct stat file;
    if (stat(p->path, &file) == 0)
        memory_expect((size_t)file.st_size);
    enum snapshot_outcome outcome = snapshot_load(p->server->store, p->path, report, &why);

    *whole = outcome == SNAPSHOT_LOADED;
    if (outcome == SNAPSHOT_FAILED) {
        *e = why;
        return false;
    }
    if (outcome == SNAPSHOT_DAMAGED && !accept_damage(p, &why, e))
        return false;
    if (report->refused > 0)
        log_count(LOG_ERROR, "groups of the persistence file are inconsistent and were left out",
                  p->path, report->refused);
    if (report->is_gob)
        log_gob(p->path, report, why.message);
    if (report->groups > 0)
        log_count(LOG_INFO, "restored from the persistence file", p->path, report->groups);
    return true;
}

/* --- Saving --------------------------------------------------------------------------------------
 */

static void schedule(struct persister *p)
{
    int64_t wait_ns = p->retry_ns;
    if (wait_ns == 0 && p->last_started_ns != 0)
        wait_ns = p->interval_ns - ((int64_t)clock_monotonic_ns() - p->last_started_ns);
    if (wait_ns < 0)
        wait_ns = 0;
    struct timeval wait = {.tv_sec = wait_ns / 1000000000, .tv_usec = wait_ns % 1000000000 / 1000};
    evtimer_add(p->timer, &wait);
}

void persister_changed(struct persister *p)
{
    if (p && p->child == 0 && !evtimer_pending(p->timer, NULL))
        schedule(p);
}

static void note_success(struct persister *p)
{
    if (p->retry_ns != 0)
        log_write(LOG_INFO, "persistence works again", "file", p->path, NULL);
    p->retry_ns = 0;
    p->saved = p->saving;
    if (p->server->committer)
        committer_covered(p->server->committer, p->cut.number);
    p->last_started_ns = p->started_ns;
}

static void note_failure(struct persister *p, const char *why)
{
    if (p->retry_ns == 0)
        log_write(LOG_ERROR, "error persisting metrics", "file", p->path, "err", why, NULL);
    int64_t longest = p->interval_ns > FIRST_RETRY_NS ? p->interval_ns : FIRST_RETRY_NS;
    p->retry_ns = p->retry_ns == 0 ? FIRST_RETRY_NS : p->retry_ns * 2;
    if (p->retry_ns > longest)
        p->retry_ns = longest;
}

static void note_end(struct persister *p, bool ok, const char *why)
{
    double seconds = (double)((int64_t)clock_monotonic_ns() - p->started_ns) / 1e9;
    if (ok)
        note_success(p);
    else
        note_failure(p, why);
    telemetry_flush_ended(p->server->telemetry, ok, clock_wall_ns(), seconds);
}

static bool begin(struct persister *p)
{
    p->started_ns = (int64_t)clock_monotonic_ns();
    p->saving = store_version(p->server->store);
    p->cut = p->at;
    return !p->server->committer || committer_cut(p->server->committer, &p->cut);
}

/* What the new file tells, the journal need not tell any more. */
static bool save(struct persister *p, struct error *e)
{
    struct error ignored;
    if (!snapshot_save(p->server->store, p->path, p->cut, e))
        return false;
    journal_remove_before(p->path, p->cut.number, &ignored); /* or the next save does */
    return true;
}

/* Saves the picture that the fork left behind; never returns. It dies with its parent: the next
 * server may already be writing when an orphan puts an old picture in place. */
static void save_in_child(struct persister *p, pid_t parent, int says)
{
    struct error e = {0};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(EXIT_FAILURE);
    /* Connections must not stay open here once the parent closes them. */
    dup2(says, 3);
    close_range(4, ~0u, 0);
    bool ok = save(p, &e);
    if (!ok) {
        ssize_t ignored = write(3, e.message, strlen(e.message));
        (void)ignored; /* the exit status says that it failed */
    }
    _exit(ok ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool fork_child(struct persister *p)
{
    int ends[2];
    pid_t parent = getpid();

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    p->child = fork();
    if (p->child == 0) {
        signal(SIGTERM, SIG_IGN); /* the parent decides; a save that has begun ends */
        signal(SIGINT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        save_in_child(p, parent, ends[1]);
    }
    int why = errno;
    close(ends[1]);
    if (p->child < 0) {
        p->child = 0;
        close(ends[0]);
        errno = why;
        return false;
    }
    p->child_says = ends[0];
    return true;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    struct persister *p = context;
    (void)fd;
    (void)what;
    if (p->child != 0 || store_version(p->server->store) == p->saved)
        return;
    bool begun = begin(p);
    if (!begun || !fork_child(p)) {
        note_end(p, false, begun ? strerror(errno) : "out of memory");
        schedule(p);
    }
}

/* Takes the result of the child. */
static void take_result(struct persister *p, bool ok)
{
    char why[ERROR_MESSAGE_MAX];
    ssize_t n = read(p->child_says, why, sizeof(why) - 1);
    why[n > 0 ? n : 0] = '\0';
    close(p->child_says);
    p->child = 0;
    note_end(p, ok, n > 0 ? why : "the writing process died");
}

static bool succeeded(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static void await_child(struct persister *p)
{
    int status = 0;
    pid_t ended;

    while ((ended = waitpid(p->child, &status, 0)) < 0 && errno == EINTR)
        ;
    take_result(p, ended > 0 && succeeded(status));
}

void persister_child_ended(struct persister *p, pid_t child, int status)
{
    if (!p || p->child != child)
        return;
    take_result(p, succeeded(status));
    if (store_version(p->server->store) != p->saved)
        schedule(p);
}

static bool save_now(struct persister *p, struct error *e)
{
    bool ok = begin(p) ? save(p, e) : error_no_memory(e);
    note_end(p, ok, e->message);
    return ok;
}

bool persister_finish(struct persister *p)
{
    struct error e = {0};

    if (!p)
        return true;
    committer_finish(p->server->committer); /* what fails here is in the file */
    if (p->child != 0)
        await_child(p);
    bool ok = store_version(p->server->store) == p->saved || save_now(p, &e);
    if (ok)
        journal_remove_before(p->path, UINT64_MAX, &e);
    else if (!p->server->committer)
        log_write(LOG_ERROR, "what was pushed since the last good save is lost", "file", p->path,
                  "err", e.message, NULL);
    return ok;
}

/* Also makes sure that what was loaded is on disk as it is now, or will soon be. */
static bool load_journal(struct persister *p, const struct snapshot_report *found, bool whole,
                         struct error *e)
{
    const struct journal_position *from = found->journal_unknown ? NULL : &found->journal;
    struct error ignored;
    bool damaged;
    if (!journal_restore(p->server->store, p->path, from, p->server->options->persistence_on_error,
                         &p->at, &damaged, e))
        return false;
    if (damaged)
        telemetry_file_damaged(p->server->telemetry);
    bool as_found = whole && p->at.number == found->journal.number;
    p->saved = as_found ? store_version(p->server->store) : NEVER_SAVED;
    if (whole)
        journal_remove_before(p->path, found->journal.number, &ignored); /* or the next save does */
    /* A journal that begins now needs a file to go on from. */
    bool needs_file = p->server->options->durability == DURABILITY_PUSH;
    return whole || !needs_file || save_now(p, e);
}

struct journal_position persister_position(const struct persister *p)
{
    return p->at;
}

void persister_save_soon(struct persister *p)
{
    static const struct timeval now = {0};
    if (p->child == 0 && p->retry_ns == 0)
        evtimer_add(p->timer, &now);
}

/* --- Life ----------------------------------------------------------------------------------------
 */

bool persister_new(struct server *s, struct persister **out, struct error *e)
{
    *out = NULL;
    if (*s->options->persistence_file == '\0')
        return true;
    /* Before anything is touched that a server still running may be working with. */
    if (journal_restore_is_in_use(s->options->persistence_file, e) ||
        !snapshot_prepare(s->options->persistence_file, e))
        return false;
    struct persister *p = calloc(1, sizeof(*p));
    if (!p)
        return error_no_memory(e);
    p->server = s;
    p->path = s->options->persistence_file;
    p->interval_ns = s->options->persistence_interval_ns;
    p->timer = evtimer_new(s->base, on_timer, p);
    struct snapshot_report found;
    bool whole;
    if (!p->timer)
        error_no_memory(e);
    if (!p->timer || !load(p, &found, &whole, e) || !load_journal(p, &found, whole, e)) {
        persister_free(p);
        return false;
    }
    if (p->saved != store_version(s->store))
        schedule(p);
    *out = p;
    return true;
}

void persister_free(struct persister *p)
{
    if (!p)
        return;
    if (p->child != 0)
        await_child(p);
    if (p->timer)
        event_free(p->timer);
    free(p);
}
