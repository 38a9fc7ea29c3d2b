#include "request.h"

#include "connection.h"

const char *request_header_joined(const struct request *r, const char *name)
{
    struct slice rest = r->connection->request.headers;
    struct request_header header;
    struct arena *a = &r->server->arena;
    struct slice wanted = slice_of(name);
    size_t length = 0;
    char *joined = NULL;
    while (request_head_next(&rest, &header)) {
        if (!slice_equal_fold(header.name, wanted))
            continue;
        size_t start = joined ? length + strlen(", ") : 0;
        char *grown = arena_grow(a, joined, joined ? length + 1 : 0, start + header.value.len + 1);
        if (!grown)
            return NULL;
        if (joined)
            memcpy(grown + length, ", ", 2);
        memcpy(grown + start, header.value.p, header.value.len);
        length = start + header.value.len;
        grown[length] = '\0';
        joined = grown;
    }
    return joined;
}

const char *request_header(const struct request *r, const char *name)
{
    struct slice rest = r->connection->request.headers;
    struct request_header header;
    struct slice wanted = slice_of(name);
    while (request_head_next(&rest, &header)) {
        if (!slice_equal_fold(header.name, wanted))
            continue;
        char *copy = arena_alloc(&r->server->arena, header.value.len + 1);
        if (copy)
            *(char *)mempcpy(copy, header.value.p, header.value.len) = '\0';
        return copy;
    }
    return NULL;
}

size_t request_size(const struct request *r)
{
    struct slice rest = r->connection->request.headers;
    struct request_header header;
    size_t size = r->method_name.len + r->target.len + strlen("HTTP/1.1") + r->body.len;
    while (request_head_next(&rest, &header)) {
        size += header.value.len;
        if (!slice_equal_fold(header.name, SLICE_LITERAL("Host")))
            size += header.name.len;
    }
    return size;
}
