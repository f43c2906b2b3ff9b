// Bytes in a heap block of exactly their size: one byte read too far is seen by AddressSanitizer.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace sspi::test {

class Exact {
 public:
  Exact(const void* bytes, std::size_t size) : memory_(new std::byte[size]), size_(size) {
    if (size != 0) std::memcpy(memory_.get(), bytes, size);
  }

  [[nodiscard]] std::span<const std::byte> span() const { return {memory_.get(), size_}; }
  [[nodiscard]] void* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_;
};

}  // namespace sspi::test
