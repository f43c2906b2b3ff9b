#include "daemon/worker/sandbox/sandbox.h"

#include <filesystem>
#include <iterator>
#include <stdexcept>

#include "daemon/worker/sandbox/landlock.h"
#include "daemon/worker/sandbox/places.h"
#include "daemon/worker/sandbox/refusals.h"
#include "daemon/worker/sandbox/system_calls.h"

namespace sspid::worker {

namespace {

// Landlock holds for the calling thread and for those that it starts, not for others that are there already.
void check_that_it_is_alone() {
#if !defined(__SANITIZE_THREAD__)  // whose runtime has a thread of its own
  const auto threads = std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {});
  if (threads != 1) throw std::runtime_error{"a library has started a thread: the sandbox would not hold it"};
#endif
}

}  // namespace

void enter_sandbox(const Sandbox& sandbox) {
  check_that_it_is_alone();
  sandbox::Landlock files;
  for (const std::string& place : sandbox::library_places()) files.let_read(place);
  for (const std::string& place : sandbox::configured_places()) files.let_read(place);
  for (const std::string& place : sandbox::writable_devices()) files.let_write(place);
  if (!sandbox.replay_cache.empty()) files.let_write(sandbox.replay_cache);
  files.enforce();

  sandbox::count_refusals(sandbox.log_format);
  sandbox::restrict_system_calls({.keyrings = sandbox.keyrings});
}

std::uint64_t refused_calls() { return sandbox::refusals(); }

}  // namespace sspid::worker
