// What a password service answers instead of a text: rules are taken from exactly the bytes that are there.
#include <cstring>
#include <memory>

#include "daemon/worker/password.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const auto rules = sspid::worker::decode_password_rules({bytes.get(), size});
  // The structure has 30 bytes and no text begins with its two zeros.
  if (rules && (size != 30 || data[0] != 0 || data[1] != 0)) __builtin_trap();
  return 0;
}
