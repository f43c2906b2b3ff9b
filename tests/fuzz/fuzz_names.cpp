// Names from anywhere: a target and a principal that a caller gives, and the principal that stands at the beginning of
// a ticket cache.
#include <cstring>
#include <memory>
#include <string_view>

#include "client-lib/principal.h"
#include "daemon/worker/gss/names.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::string_view text(reinterpret_cast<const char*>(bytes.get()), size);

  const auto target = sspid::worker::gss::parse_target(text);
  check(target.text.size() <= 2 * size + 1 && target.host.size() <= size && target.domain.size() <= size);

  if (const auto principal = sspi::parse_principal(text, "EXAMPLE.TEST")) {
    std::size_t total = 0;
    for (const std::string& component : principal->components) total += component.size();
    check(!principal->realm.empty() && total <= size);
  }
  if (const auto owner = sspi::owner_of_cache({bytes.get(), size})) {
    std::size_t total = owner->realm.size();
    for (const std::string& component : owner->components) total += component.size();
    check(total <= size);
  }
  return 0;
}
