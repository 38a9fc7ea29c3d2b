# The warnings every file of ours compiles without. Generated code is compiled without them.
add_library(pgw_warnings INTERFACE)
target_compile_options(pgw_warnings INTERFACE
  -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough)
add_compile_definitions(_GNU_SOURCE)
