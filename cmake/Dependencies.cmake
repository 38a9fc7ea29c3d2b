# What we link, all from Debian 12. See each folder's README for why.
find_package(PkgConfig REQUIRED)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_core>=2.1.12 libevent_extra>=2.1.12)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c>=1.4)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED) # header only
find_program(PROTOC_C protoc-c REQUIRED)

# pgw_generate_protobuf(target file.proto): compiles the schema and adds the result to target.
function(pgw_generate_protobuf target proto)
  get_filename_component(stem ${proto} NAME_WE)
  set(out ${CMAKE_CURRENT_BINARY_DIR})
  add_custom_command(
    OUTPUT ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h
    COMMAND ${PROTOC_C} --proto_path=${CMAKE_CURRENT_SOURCE_DIR} --c_out=${out} ${proto}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${proto}
    COMMENT "Compiling ${proto}")
  # A library of its own: generated code is not held to our warnings.
  add_library(${target}_${stem} STATIC ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h)
  target_include_directories(${target}_${stem} SYSTEM PUBLIC ${out})
  target_link_libraries(${target}_${stem} PUBLIC PkgConfig::PROTOBUF_C)
  target_link_libraries(${target} PUBLIC ${target}_${stem})
endfunction()
