// What a worker that was taken over, or an administrator, sends to the supervisor: a message is what encode() would
// have made of it, or none.
#include <algorithm>
#include <cstring>
#include <memory>

#include "daemon/admin_protocol.h"
#include "daemon/control.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::span<const std::byte> all(bytes.get(), size);

  if (const auto message = sspid::control::decode(all)) {
    const auto again = sspid::control::encode(*message);
    check(std::equal(all.begin(), all.end(), again.begin(), again.end()));
  }
  if (size >= sspid::admin::kRequestSize) {
    const auto request = all.first<sspid::admin::kRequestSize>();
    if (const auto kind = sspid::admin::decode_request(request))
      check(std::ranges::equal(request, sspid::admin::encode(*kind)));
  }
  if (size >= sspid::admin::kHeaderSize) {
    const auto header = sspid::admin::decode_header(all.first<sspid::admin::kHeaderSize>());
    check(!header || (header->json <= sspid::admin::kMaxJson && header->reports <= sspid::admin::kMaxReports));
  }
  return 0;
}
