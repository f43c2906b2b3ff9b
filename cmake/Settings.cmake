# What every target shares: language level, warnings, sanitizers, hardening, where the results go.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")

add_library(sspid_warnings INTERFACE)
target_compile_options(sspid_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

add_compile_options(-fstack-protector-strong -fvisibility=hidden)
add_compile_definitions($<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
if(SANITIZE)
  # The sanitizers check what fortified functions do, and more.
  set(SANITIZER_OPTIONS -U_FORTIFY_SOURCE -fsanitize=${SANITIZE} -fno-omit-frame-pointer -O1 -g1)
  if(SANITIZE_ALL)
    add_compile_options(${SANITIZER_OPTIONS})
  endif()
  add_link_options(-fsanitize=${SANITIZE})
else()
  add_link_options(-Wl,-z,relro,-z,now)
endif()

# Code that reads what strangers send, and whatever asks whether it is instrumented, is so in every build with sanitizers: all of a
# directory, or these targets. The objects of all else are those of the Release build where SANITIZE_ALL is off, and a compiler
# cache has them.
macro(always_sanitized)
  if(SANITIZE AND NOT SANITIZE_ALL)
    if(NOT "${ARGN}" STREQUAL "")
      foreach(target ${ARGN})
        target_compile_options(${target} PRIVATE ${SANITIZER_OPTIONS})
      endforeach()
    else()
      add_compile_options(${SANITIZER_OPTIONS})
    endif()
  endif()
endmacro()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(KRB5_GSSAPI REQUIRED IMPORTED_TARGET krb5-gssapi krb5)
find_package(OpenSSL 3.0 REQUIRED)
find_program(FLATC flatc REQUIRED)
