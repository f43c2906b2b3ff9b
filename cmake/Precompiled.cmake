# Most of a source's time in the compiler went into headers that never change: the standard library's, GoogleTest's, Asio's, spdlog's,
# and the schema's. They are compiled once for each kind of target. No source counts on it: each includes what it uses, which
# a build with CMAKE_DISABLE_PRECOMPILE_HEADERS shows (scripts/check has one: the static analysis).

# One set of precompiled headers serves libraries and executables: without this, the latter would be compiled as -fPIE.
set(CMAKE_CXX_COMPILE_OPTIONS_PIE -fPIC)

# ccache must be told that times do not matter to such a header, and GCC to name it in what it hands to ccache.
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache$")
  list(PREPEND CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros)
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()
