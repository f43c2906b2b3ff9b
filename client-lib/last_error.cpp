#include "client-lib/last_error.h"

#include <algorithm>
#include <memory>
#include <new>

#include "proto/limits.h"

namespace sspi {

namespace {

// Allocated at a thread's first failure and never grown: remembering a failure must not fail for want of memory.
thread_local std::unique_ptr<char[]> last_text;

}  // namespace

void remember_error(std::string_view text) {
  if (!last_text) last_text.reset(new (std::nothrow) char[sspid::proto::kMaxDetail + 1]);
  if (!last_text) return;
  const std::size_t length = std::min(text.size(), sspid::proto::kMaxDetail);
  std::copy_n(text.data(), length, last_text.get());
  last_text[length] = '\0';
}

const char* last_error_text() { return last_text ? last_text.get() : ""; }

}  // namespace sspi
