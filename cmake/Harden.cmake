# What Debian builds its programs with (dpkg-buildflags), on top of the PIE that its gcc makes anyway.
option(PGW_HARDEN "Check the bounds of libc's calls and of the stack, resolve symbols at start" OFF)
if(PGW_HARDEN)
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
