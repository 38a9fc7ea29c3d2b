/* Headers that say what is wanted or sent: a line each of Accept, Accept-Encoding, Content-Type. */
#include "negotiation.h"

#include "fuzz.h"
#include "media_type.h"

static void check_accept(const char *accept)
{
    char content_type[160];
    struct exposition_choice choice = negotiation_exposition(accept);
    negotiation_content_type(choice, content_type, sizeof(content_type));
    FUZZ_REQUIRE(negotiation_is_delimited(content_type) == (choice.format == FORMAT_DELIMITED),
                 "%s", content_type);
    /* Who asks for what we answer gets it. */
    struct exposition_choice again = negotiation_exposition(content_type);
    FUZZ_REQUIRE(again.format == choice.format && again.escaping == choice.escaping, "%s",
                 content_type);
}

static bool inside(struct slice part, const struct media_type *m)
{
    return part.len == 0 || (part.p >= m->text && part.p + part.len <= m->text + sizeof(m->text));
}

static void check_media_type(const char *text)
{
    struct media_type m;
    if (!media_type_parse(&m, text)) {
        FUZZ_REQUIRE(!negotiation_is_delimited(text), "%s", text);
        return;
    }
    FUZZ_REQUIRE(inside(m.type, &m) && m.used <= sizeof(m.text), "%s", text);
    FUZZ_REQUIRE(m.n_parameters <= MEDIA_TYPE_PARAMETERS_MAX, "%zu", m.n_parameters);
    for (size_t i = 0; i < m.n_parameters; i++)
        FUZZ_REQUIRE(inside(m.parameters[i].name, &m) && inside(m.parameters[i].value, &m), "%s",
                     text);
    negotiation_is_delimited(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice in = {(const char *)data, size};
    char *accept = fuzz_text(fuzz_take_line(&in)), *coding = fuzz_text(fuzz_take_line(&in)),
         *type = fuzz_text(fuzz_take_line(&in));
    check_accept(accept);
    const char *name = negotiation_coding_name(negotiation_coding(coding));
    FUZZ_REQUIRE(!name || strcmp(name, "gzip") == 0 || strcmp(name, "zstd") == 0, "%s", name);
    check_media_type(type);
    free(accept);
    free(coding);
    free(type);
    return 0;
}
