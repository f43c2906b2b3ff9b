// What ImportSecurityContext is given: refused, or the very bytes that the claim would be packed into again.
#include <algorithm>
#include <cstdint>

#include "daemon/worker/exports.h"

using namespace sspid::worker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto claim = unpack(bytes);
  if (!claim) return 0;
  const Secret again = pack(*claim);
  const auto packed = std::as_bytes(std::span(again.view()));
  if (!std::equal(bytes.begin(), bytes.end(), packed.begin(), packed.end())) __builtin_trap();
  return 0;
}
