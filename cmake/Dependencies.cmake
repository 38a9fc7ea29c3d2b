# What we link, all from Debian 12. See each folder's README for why.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Shared libraries cost a process some 1.5 MiB of resident memory, more than the server itself when
# idle, and would have to be in the image. libc stays shared.
option(PGW_STATIC_DEPENDENCIES "Link the libraries we use into the binary, but for libc" OFF)
set(shared_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(PGW_STATIC_DEPENDENCIES)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_extra>=2.1.12 libevent_core>=2.1.12)
# Its .pc file would add libevent itself, which is core and extra once more.
find_library(EVENT_OPENSSL_LIBRARY event_openssl REQUIRED)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl>=3.0 libcrypto>=3.0)
pkg_check_modules(CRYPT REQUIRED IMPORTED_TARGET libxcrypt)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c>=1.4)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_library(SNAPPY_LIBRARY snappy REQUIRED)
option(PGW_JEMALLOC "Use jemalloc, not libc's malloc" OFF)
if(PGW_JEMALLOC)
  # Its static variant for position-independent programs has a name of its own.
  set(jemalloc jemalloc)
  if(PGW_STATIC_DEPENDENCIES)
    set(jemalloc jemalloc_pic)
  endif()
  find_library(JEMALLOC_LIBRARY ${jemalloc} REQUIRED)
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES ${shared_suffixes})

# Snappy is C++ inside.
add_library(pgw_snappy INTERFACE)
target_link_libraries(pgw_snappy INTERFACE ${SNAPPY_LIBRARY})
if(PGW_STATIC_DEPENDENCIES)
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libstdc++.a
                  OUTPUT_VARIABLE cxx_runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
  target_link_libraries(pgw_snappy INTERFACE ${cxx_runtime} m)
  target_link_options(pgw_snappy INTERFACE -static-libgcc)
endif()
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
