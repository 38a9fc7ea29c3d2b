# -DPGW_SANITIZE=address,undefined builds everything with these sanitizers; one that the compiler
# refuses is an error, so that a green run cannot have run without it.
set(PGW_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them")
if(PGW_SANITIZE)
  add_compile_options(-fsanitize=${PGW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PGW_SANITIZE})
  add_compile_definitions(PGW_SANITIZE="${PGW_SANITIZE}")
endif()
