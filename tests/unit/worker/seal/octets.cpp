#include "octets.h"

#include <algorithm>
#include <random>

namespace sspid::test {

Octets some_octets(std::size_t length, unsigned seed) {
  std::mt19937 random(seed);
  Octets octets(length);
  for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
  return octets;
}

ExactBlock::ExactBlock(std::span<const std::byte> content)
    : block_(std::make_unique_for_overwrite<std::byte[]>(content.size())), size_(content.size()) {
  std::copy(content.begin(), content.end(), block_.get());
}

}  // namespace sspid::test
