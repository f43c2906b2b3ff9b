// Names from anywhere: a target and a principal that a caller gives, and the principal that stands at the beginning of
// a ticket cache.
#include <cstring>
#include <memory>
#include <string_view>

#include "client-lib/principal.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/text.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

std::string joined(const std::vector<std::string>& components) {
  std::string text;
  for (const std::string& component : components) text += (&component == components.data() ? "" : "/") + component;
  return text;
}

/// The daemon's reading of a principal and the library's are one, where the former tells accounts at all.
void check_account(std::string_view principal) {
  const auto account = sspid::worker::gss::account_of(principal);
  const auto parsed = sspi::parse_principal(principal, "");
  if (!account || !parsed) return;
  check(account->name == joined(parsed->components) && account->realm == parsed->realm);
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
  const std::string shown = sspid::worker::as_utf8(text);
  check(shown.size() <= 4 * size && sspid::worker::as_utf8(shown) == shown);
  check_account(shown);
  if (const auto owner = sspi::owner_of_cache({bytes.get(), size})) {
    std::size_t total = owner->realm.size();
    for (const std::string& component : owner->components) total += component.size();
    check(total <= size);
  }
  return 0;
}
