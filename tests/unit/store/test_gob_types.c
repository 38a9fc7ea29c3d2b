#include "gob_types.h"
#include "suite.h"

START_TEST(basic_types_are_known)
{
    static const enum gob_kind kinds[] = {GOB_BOOL,  GOB_INT,    GOB_UINT,    GOB_FLOAT,
                                          GOB_BYTES, GOB_STRING, GOB_COMPLEX, GOB_INTERFACE};
    const struct gob_types types = {0};

    for (int64_t i = 0; i < 8; i++)
        ck_assert_int_eq(gob_types_find(&types, i + 1)->kind, kinds[i]);
}
END_TEST

START_TEST(definitions_are_structs)
{
    const struct gob_types types = {0};
    const struct gob_type *wire_type = gob_types_find(&types, GOB_TYPE_WIRE_TYPE);

    ck_assert_int_eq(wire_type->kind, GOB_STRUCT);
    ck_assert_uint_eq(wire_type->n_fields, 7);
    const struct gob_field *map = gob_type_field(wire_type, "MapT");
    ck_assert_ptr_eq(map, &wire_type->fields[3]);
    const struct gob_type *map_type = gob_types_find(&types, map->type);
    ck_assert_int_eq(gob_type_field(map_type, "Elem")->type, GOB_TYPE_INT);
    ck_assert_ptr_null(gob_type_field(map_type, "Ele"));
}
END_TEST

START_TEST(others_are_known_once_defined)
{
    static const int64_t impossible[] = {INT64_MIN,          -64,      0, 9, 16, 63,
                                         64 + GOB_TYPES_MAX, INT64_MAX};
    struct gob_types types = {0};
    struct arena arena = {0};

    ck_assert_ptr_null(gob_types_find(&types, 64));
    for (size_t i = 0; i < sizeof(impossible) / sizeof(*impossible); i++)
        ck_assert_ptr_null(gob_types_place(&types, impossible[i], &arena));
    for (int64_t number = 64; number < 64 + GOB_TYPES_MAX; number += GOB_TYPES_MAX - 1) {
        struct gob_type *place = gob_types_place(&types, number, &arena);
        ck_assert_int_eq(place->kind, GOB_UNKNOWN);
        ck_assert_ptr_null(gob_types_find(&types, number));
        place->kind = GOB_MAP;
        ck_assert_ptr_eq(gob_types_find(&types, number), place);
    }
    ck_assert_ptr_null(gob_types_find(&types, 64 + GOB_TYPES_MAX));
    ck_assert_ptr_null(gob_types_find(&types, 0));
    ck_assert_ptr_null(gob_types_find(&types, -1));
    ck_assert_ptr_null(gob_types_find(&types, 9));
    arena_free(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gob_types");
    TCase *tc = tcase_create("gob_types");

    tcase_add_test(tc, basic_types_are_known);
    tcase_add_test(tc, definitions_are_structs);
    tcase_add_test(tc, others_are_known_once_defined);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
