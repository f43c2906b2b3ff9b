#include "client-lib/fork.h"

#include <atomic>
#include <new>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

namespace sspi {

namespace {

using Word = std::atomic<std::uint32_t>;

constinit Locks the_locks;
// Where the kernel does not know MADV_WIPEONFORK this word serves, and the handler below clears it.
constinit Word ordinary_word{1};
constinit Word* generation_word = &ordinary_word;
constinit Word last_generation{1};

std::uint32_t enter_child() {
  const std::uint32_t next = last_generation.fetch_add(1) + 1;
  std::uint32_t seen = 0;
  return generation_word->compare_exchange_strong(seen, next) ? next : seen;
}

void before_fork() {
  the_locks.embedded.lock();
  the_locks.sessions.lock();
  the_locks.handles.lock();
  the_locks.buffers.lock();
}

void after_fork() {
  the_locks.buffers.unlock();
  the_locks.handles.unlock();
  the_locks.sessions.unlock();
  the_locks.embedded.unlock();
}

void after_fork_in_child() {
  generation_word->store(0);
  enter_child();
  after_fork();
}

// When the library is loaded, not at its first use: a fork in the middle of a first use would leave the child with a
// half-done initialisation.
[[gnu::constructor]] void watch_forks() {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED && madvise(memory, page, MADV_WIPEONFORK) == 0) generation_word = new (memory) Word{1};
  pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

}  // namespace

std::uint32_t process_generation() {
  const std::uint32_t seen = generation_word->load(std::memory_order_relaxed);
  return seen != 0 ? seen : enter_child();
}

Locks& locks() { return the_locks; }

}  // namespace sspi
