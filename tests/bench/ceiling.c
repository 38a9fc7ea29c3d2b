/* The ceiling of the benchmark: what evhttp can do when the answer costs nothing. It takes the
 * whole body, as any server must, and answers 200. The event base is made as the server makes its
 * own. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void answer(struct evhttp_request *http, void *context)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(http);
    (void)context;
    evbuffer_pullup(body, -1); /* a decoder wants it in one piece */
    evbuffer_drain(body, evbuffer_get_length(body));
    evhttp_send_reply(http, 200, "OK", NULL);
}

static void on_terminate(evutil_socket_t signal, short what, void *base)
{
    (void)signal;
    (void)what;
    event_base_loopbreak(base);
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static bool serve(struct event_base *base, uint16_t port)
{
    struct evhttp *http = evhttp_new(base);
    struct event *terminate = evsignal_new(base, SIGTERM, on_terminate, base);
    bool ok = http && terminate && event_add(terminate, NULL) == 0 &&
              evhttp_bind_socket(http, "127.0.0.1", port) == 0;
    if (ok) {
        evhttp_set_default_content_type(http, NULL);
        evhttp_set_gencb(http, answer, NULL);
        ok = event_base_dispatch(base) == 0;
    } else {
        fprintf(stderr, "cannot listen on 127.0.0.1:%u\n", port);
    }
    if (terminate)
        event_free(terminate);
    if (http)
        evhttp_free(http);
    return ok;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned long port = argc == 2 ? strtoul(argv[1], &end, 10) : 0;
    if (port == 0 || port > UINT16_MAX || *end != '\0') {
        fprintf(stderr, "usage: ceiling PORT   (libevent %s)\n", event_get_version());
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    struct event_base *base = make_base();
    if (!base)
        return EXIT_FAILURE;
    bool ok = serve(base, (uint16_t)port);
    event_base_free(base);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
