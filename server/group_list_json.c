#include "group_list_json.h"

#include "group_head_json.h"
#include "group_page.h"
#include "json_reply.h"

#include <stdlib.h>

struct group_list_json {
    struct group_page page;
    struct json_writer w;
    bool begun;
};

struct group_list_json *group_list_json_new(const struct request *r, struct error *e)
{
    struct group_list_json *list = calloc(1, sizeof(*list));
    if (!list) {
        error_no_memory(e);
    } else if (!group_page_open(&list->page, r, e)) {
        free(list);
        list = NULL;
    }
    return list;
}

void group_list_json_free(void *group_list_json)
{
    struct group_list_json *list = group_list_json;
    group_page_close(&list->page);
    free(list);
}

static void begin(struct group_list_json *list)
{
    struct json_writer *w = &list->w;
    list->begun = true;
    json_reply_begin(w);
    json_writer_object(w);
    json_writer_key(w, SLICE_LITERAL("groups"));
    json_writer_array(w);
}

static void write_count(struct json_writer *w, struct slice name, size_t count)
{
    json_writer_key(w, name);
    json_writer_uint(w, count);
}

static void end(struct group_list_json *list)
{
    struct json_writer *w = &list->w;
    struct slice next = group_page_next(&list->page);
    size_t matched;

    json_writer_end_array(w);
    write_count(w, SLICE_LITERAL("groups_failed"), list->page.failed);
    write_count(w, SLICE_LITERAL("groups_total"), list->page.total);
    if (group_page_matched(&list->page, &matched))
        write_count(w, SLICE_LITERAL("matched"), matched);
    if (next.len > 0) {
        json_writer_key(w, SLICE_LITERAL("next"));
        json_writer_string(w, next);
    }
    json_writer_end_object(w);
    json_reply_end(w);
}

enum stream_status group_list_json_produce(void *group_list_json, struct buffer *out)
{
    struct group_list_json *list = group_list_json;
    size_t work = 0;

    if (store_view_is_lost(list->page.view))
        return STREAM_FAILED;
    list->w.out = out;
    if (!list->begun)
        begin(list);
    while (out->len < STREAM_PIECE && work < GROUP_PAGE_WORK && !out->failed) {
        switch (group_page_step(&list->page, &work)) {
        case GROUP_PAGE_FAILED:
            return STREAM_FAILED;
        case GROUP_PAGE_END:
            end(list);
            return out->failed ? STREAM_FAILED : STREAM_DONE;
        case GROUP_PAGE_GROUP:
            json_writer_object(&list->w);
            group_head_json_write(&list->w, &list->page.group);
            json_writer_end_object(&list->w);
            break;
        case GROUP_PAGE_LOOKING:
            break;
        }
    }
    return out->failed ? STREAM_FAILED : STREAM_MORE;
}
