// Byte strings as the engines take them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace sspid::test {

using Octets = std::vector<std::byte>;

/// At random, but the same in every run.
[[nodiscard]] Octets some_octets(std::size_t length, unsigned seed = 1);

/// A heap block of just this size: AddressSanitizer sees a step beside it.
class ExactBlock {
 public:
  explicit ExactBlock(std::span<const std::byte> content);
  [[nodiscard]] std::span<std::byte> bytes() { return {block_.get(), size_}; }
  [[nodiscard]] Octets copy() const { return {block_.get(), block_.get() + size_}; }

 private:
  std::unique_ptr<std::byte[]> block_;
  std::size_t size_;
};

}  // namespace sspid::test
