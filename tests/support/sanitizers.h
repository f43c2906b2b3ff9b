// Whether this process runs under a sanitizer, whose runtime has a malloc and threads of its own.
#pragma once

// NOLINTBEGIN: the names are those of the runtimes
extern "C" void __asan_init() __attribute__((weak));
extern "C" void __tsan_init() __attribute__((weak));
// NOLINTEND

namespace sspid::test {

/// Asked of the process, not of the compiler: with SANITIZE_ALL=OFF tests are compiled as ever.
inline bool is_sanitized() { return &__asan_init != nullptr || &__tsan_init != nullptr; }

}  // namespace sspid::test
