# -DPGW_SANITIZE=address,undefined builds everything with these sanitizers; one that the compiler
# refuses is an error, so that a green run cannot have run without it.
set(PGW_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")
if(PGW_SANITIZE)
  add_compile_options(-fsanitize=${PGW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_C_COMPILER_ID STREQUAL Clang)
    # An empty slice may be NULL; to it clang objects where 0 is added, as the C standard yet does.
    add_compile_options(-fno-sanitize=pointer-overflow)
  endif()
  add_link_options(-fsanitize=${PGW_SANITIZE})
  add_compile_definitions(PGW_SANITIZE="${PGW_SANITIZE}")
endif()
