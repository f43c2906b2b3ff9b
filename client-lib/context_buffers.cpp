#include "client-lib/context_buffers.h"

#include <memory>
#include <new>
#include <unordered_map>

#include <stdlib.h>
#include <string.h>

#include "client-lib/fork.h"

namespace sspi {

namespace {

// Block to size, guarded by locks().buffers. Never destroyed: other threads may still call at exit.
std::unordered_map<void*, std::size_t>& blocks() {
  static auto& all = *new std::unordered_map<void*, std::size_t>;
  return all;
}

struct Free {
  void operator()(void* memory) const { free(memory); }
};

}  // namespace

ContextBuffer::ContextBuffer(std::size_t size) {
  std::unique_ptr<void, Free> memory(calloc(1, size == 0 ? 1 : size));
  if (!memory) throw std::bad_alloc();
  {
    const std::lock_guard lock(locks().buffers);
    blocks().emplace(memory.get(), size);
  }
  memory_ = memory.release();
}

ContextBuffer::~ContextBuffer() {
  if (memory_ != nullptr) (void)free_context_buffer(memory_);
}

std::size_t context_buffer_size(const void* memory) {
  const std::lock_guard lock(locks().buffers);
  const auto found = blocks().find(const_cast<void*>(memory));
  return found == blocks().end() ? 0 : found->second;
}

bool free_context_buffer(void* memory) {
  std::unordered_map<void*, std::size_t>::node_type block;
  {
    const std::lock_guard lock(locks().buffers);
    block = blocks().extract(memory);
  }
  if (block.empty()) return false;
  explicit_bzero(block.key(), block.mapped());
  free(block.key());
  return true;
}

}  // namespace sspi
