#include "web_settings.h"

#include "file.h"
#include "tls_context.h"

#include <libgen.h>
#include <openssl/ssl.h>
#include <stdlib.h>

enum { CONFIG_MAX = 16 << 20 };

static bool parse(struct web_settings *s, const char *path, struct error *e)
{
    struct buffer text = {0};
    bool ok = file_read(path, CONFIG_MAX, &text, e);
    if (ok) {
        struct error why = {0};
        struct slice all = {text.p ? text.p : "", text.len};
        ok = web_config_parse(all, &s->config, &why) ||
             error_set(e, why.code, "%s: %.2000s", path, why.message);
    }
    if (text.p)
        explicit_bzero(text.p, text.len);
    buffer_free(&text);
    return ok;
}

static bool watch(struct web_settings *s, const char *folder, struct web_config_pem pem)
{
    return pem.file[0] == '\0' || file_set_add(&s->files, folder, pem.file);
}

static bool load_tls(struct web_settings *s, const char *folder, struct error *e)
{
    const struct web_config_tls *tls = &s->config.tls;
    if (!tls->enabled)
        return true;
    if (!watch(s, folder, tls->cert) || !watch(s, folder, tls->key) ||
        !watch(s, folder, tls->client_ca))
        return error_no_memory(e);
    s->tls = tls_context_new(tls, folder, e);
    return s->tls != NULL;
}

bool web_settings_load(const char *path, struct web_settings *settings, struct error *e)
{
    struct error why = {0};
    *settings = (struct web_settings){0};
    char *copy = strdup(path); /* dirname() writes */
    if (!copy || !file_set_add(&settings->files, ".", path)) {
        free(copy);
        return error_no_memory(e);
    }
    bool ok = parse(settings, path, e);
    if (ok && !load_tls(settings, dirname(copy), &why))
        ok = error_set(e, why.code, "%s: %.2000s", path, why.message);
    free(copy);
    return ok;
}

void web_settings_free(struct web_settings *settings)
{
    SSL_CTX_free(settings->tls);
    file_set_free(&settings->files);
    web_config_free(&settings->config);
    *settings = (struct web_settings){0};
}
