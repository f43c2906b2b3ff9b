// The memory that the library hands out and that FreeContextBuffer takes back. A registry decides what is ours: callers
// also pass pointers into their own memory, and nothing may be read through those (E-009). Any thread.
#pragma once

#include <cstddef>
#include <utility>

namespace sspi {

/// One block, zeroed. Wiped and freed when it goes, unless it was handed out.
class ContextBuffer {
 public:
  ContextBuffer() = default;
  explicit ContextBuffer(std::size_t size);
  ContextBuffer(ContextBuffer&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
  ContextBuffer& operator=(ContextBuffer&& other) noexcept {
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~ContextBuffer();

  [[nodiscard]] void* get() const { return memory_; }

  /// It is the caller's now, until FreeContextBuffer.
  template <class T = void>
  [[nodiscard]] T* hand_out() {
    return static_cast<T*>(std::exchange(memory_, nullptr));
  }

 private:
  void* memory_ = nullptr;
};

/// How large a block of ours is; 0 where it is not ours.
[[nodiscard]] std::size_t context_buffer_size(const void* memory);

/// Whether the memory was ours; then it is wiped and freed.
[[nodiscard]] bool free_context_buffer(void* memory);

}  // namespace sspi
