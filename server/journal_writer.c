#include "journal_writer.h"

#include "folder.h"
#include "journal_segment.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { STACK_SIZE = 256 << 10 };

struct journal_writer {
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* of what is between here and there */
    pthread_cond_t changed;
    struct journal_write *write; /* under way; NULL: none */
    bool ends;
    /* ... */

    struct journal_segment segment; /* the thread's */
    int told;                       /* an eventfd: a write is done */
    struct event *on_told;
    void (*done)(void *context);
    void *context;
};

/* --- The thread ----------------------------------------------------------------------------------
 */

static void carry_out(struct journal_segment *s, struct journal_write *write)
{
    write->error.code = ERROR_NONE;
    if (s->number == write->segment ||
        journal_segment_open(s, write->name, write->segment, &write->error))
        journal_segment_append(s, write->bytes, &write->error);
}

static void *run(void *context)
{
    struct journal_writer *w = context;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->write && !w->ends)
            pthread_cond_wait(&w->changed, &w->lock);
        if (!w->write)
            break;
        struct journal_write *write = w->write;
        pthread_mutex_unlock(&w->lock);
        carry_out(&w->segment, write);
        pthread_mutex_lock(&w->lock);
        w->write = NULL;
        eventfd_write(w->told, 1);
        pthread_cond_broadcast(&w->changed);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- The loop's side -----------------------------------------------------------------------------
 */

void journal_writer_begin(struct journal_writer *w, struct journal_write *write)
{
    pthread_mutex_lock(&w->lock);
    w->write = write;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

static void on_told(evutil_socket_t fd, short what, void *context)
{
    struct journal_writer *w = context;
    eventfd_t times;
    (void)what;
    if (eventfd_read(fd, &times) == 0)
        w->done(w->context);
}

void journal_writer_await(struct journal_writer *w)
{
    eventfd_t ignored;
    pthread_mutex_lock(&w->lock);
    while (w->write)
        pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
    eventfd_read(w->told, &ignored);
}

/* Signals are the loop's to take. */
static bool start_thread(struct journal_writer *w)
{
    pthread_attr_t attributes;
    sigset_t all, before;

    sigfillset(&all);
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    w->running = pthread_create(&w->thread, &attributes, run, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return w->running;
}

static bool open_folder(struct journal_writer *w, const char *path, struct error *e)
{
    char *folder = folder_of(path);
    if (!folder)
        return error_no_memory(e);
    w->segment.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->segment.folder < 0)
        error_set(e, ERROR_IO, "open %s: %s", folder, strerror(errno));
    free(folder);
    return w->segment.folder >= 0;
}

bool journal_writer_new(struct event_base *base, const char *path, void (*done)(void *context),
                        void *context, struct journal_writer **out, struct error *e)
{
    struct journal_writer *w = calloc(1, sizeof(*w));
    *out = NULL;
    if (!w)
        return error_no_memory(e);
    w->done = done;
    w->context = context;
    w->segment.fd = w->segment.folder = -1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    w->told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool ok = open_folder(w, path, e);
    if (ok && w->told < 0)
        ok = error_set(e, ERROR_IO, "eventfd: %s", strerror(errno));
    if (ok) {
        w->on_told = event_new(base, w->told, EV_READ | EV_PERSIST, on_told, w);
        ok = (w->on_told && event_add(w->on_told, NULL) == 0) || error_no_memory(e);
    }
    if (ok && !start_thread(w))
        ok = error_set(e, ERROR_IO, "cannot start a thread");
    if (!ok) {
        journal_writer_free(w);
        return false;
    }
    *out = w;
    return true;
}

void journal_writer_free(struct journal_writer *w)
{
    if (!w)
        return;
    if (w->running) {
        pthread_mutex_lock(&w->lock);
        w->ends = true;
        pthread_cond_broadcast(&w->changed);
        pthread_mutex_unlock(&w->lock);
        pthread_join(w->thread, NULL);
    }
    journal_segment_close(&w->segment);
    if (w->segment.folder >= 0)
        close(w->segment.folder);
    if (w->on_told)
        event_free(w->on_told);
    if (w->told >= 0)
        close(w->told);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
