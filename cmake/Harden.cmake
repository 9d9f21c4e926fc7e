# Harden: what a program that listens to strangers is built with, in every optimised build without sanitizers.
#
# Position independent, read-only relocations bound at the start, stack protectors, fortified calls of libc (level 3
# where compiler and libc have it), and on x86-64 marked targets of jumps (the code has them; Debian's own start-up objects do not, so the linker
# leaves the mark of the whole file away). tests/builds reads the built files for it.
include(CheckCSourceCompiles)

set(MW_OPTIMISED $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
if(NOT MW_SANITIZE)
  set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
  check_c_source_compiles("#include <string.h>\nint main(int c, char **v) { char b[8]; memcpy(b, v[0], (size_t)c); return b[0]; }"
                          MW_FORTIFY_3)
  unset(CMAKE_REQUIRED_FLAGS)
  set(level $<IF:$<BOOL:${MW_FORTIFY_3}>,3,2>)
  set(type $<TARGET_PROPERTY:TYPE>)
  add_compile_options($<$<NOT:$<STREQUAL:${type},MODULE_LIBRARY>>:-fPIE>)
  add_link_options($<$<STREQUAL:${type},EXECUTABLE>:-pie>)
  add_compile_options(-fstack-protector-strong "$<${MW_OPTIMISED}:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=${level}>")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|AMD64")
    add_compile_options(-fcf-protection=full)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
