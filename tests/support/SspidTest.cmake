# sspid_test(NAME LABEL unit|conformance|integration|interop|abi SOURCES … LIBS … [ALONE] [LONG])
#
# A GoogleTest executable in bin/. Unit tests are one ctest entry per case. All others share a realm and a daemon between
# their cases, which costs more than the cases: one ctest entry per executable, with the cases in results/NAME.xml.
# LABEL_tests builds all of one kind, with the daemon they start.
# ALONE: nothing else runs beside it, because it loads the machine or looks at all of it.
# LONG: it starts before the others, so that it is not what everybody waits for in the end.

# Allocations remember their whole stack, slow as that is: a leak inside a library without frame pointers could not be told
# from ours otherwise, and lsan.supp not be applied.
set(sanitizer_environment
  "ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:fast_unwind_on_malloc=0"
  "LSAN_OPTIONS=print_suppressions=0:suppressions=${CMAKE_CURRENT_LIST_DIR}/lsan.supp"
  "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1"
  "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan.supp")

function(sspid_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALONE;LONG" "LABEL" "SOURCES;LIBS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS} GTest::gtest sspid_warnings)
  target_precompile_headers(${name} REUSE_FROM test_precompiled)
  if(NOT TARGET ${arg_LABEL}_tests)
    add_custom_target(${arg_LABEL}_tests DEPENDS sspid sspictl)
  endif()
  add_dependencies(${arg_LABEL}_tests ${name})

  if(arg_LABEL STREQUAL "unit")
    target_link_libraries(${name} PRIVATE GTest::gtest_main)
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 120)
    # gtest_discover_tests takes no property whose value is a list; ctest can set it once it has discovered.
    set(properties "${CMAKE_CURRENT_BINARY_DIR}/${name}_environment.cmake")
    file(WRITE "${properties}"
      "set_tests_properties(\${${name}_TESTS} PROPERTIES ENVIRONMENT \"${sanitizer_environment}\")\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${properties}")
    return()
  endif()

  target_link_libraries(${name} PRIVATE test_support)
  add_test(NAME ${name} COMMAND ${name} "--gtest_output=xml:${PROJECT_BINARY_DIR}/results/${name}.xml")
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT 600 ENVIRONMENT "${sanitizer_environment}")
  if(NOT arg_LABEL STREQUAL "abi")  # all others start a daemon
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED evidence)
  endif()
  if(arg_LONG)
    set_tests_properties(${name} PROPERTIES COST 100)
  endif()
  if(arg_ALONE)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
