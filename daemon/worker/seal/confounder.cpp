#include "daemon/worker/seal/confounder.h"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace sspid::worker::seal {

namespace {

struct Reserve {
  ~Reserve() { OPENSSL_cleanse(blocks.data(), blocks.size()); }

  std::array<std::byte, 32 * kBlock> blocks{};
  std::size_t left = 0;
};
thread_local Reserve reserve;

}  // namespace

bool draw_confounder(std::span<std::byte, kBlock> into) {
  if (reserve.left == 0) {
    auto* bytes = reinterpret_cast<unsigned char*>(reserve.blocks.data());
    if (RAND_bytes(bytes, static_cast<int>(reserve.blocks.size())) != 1) return false;
    reserve.left = reserve.blocks.size();
  }
  reserve.left -= kBlock;
  const std::span<std::byte> drawn = std::span(reserve.blocks).subspan(reserve.left, kBlock);
  std::copy(drawn.begin(), drawn.end(), into.begin());
  OPENSSL_cleanse(drawn.data(), drawn.size());
  return true;
}

}  // namespace sspid::worker::seal
