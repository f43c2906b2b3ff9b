#include "client-lib/principal.h"

#include <bit>
#include <cstdint>
#include <utility>

#include "proto/principal_text.h"

namespace sspi {

namespace {

constexpr std::size_t kMaxComponents = 16;  // principals have one to three

/// Takes fields off the front. Once something was missing it gives nothing but zeros.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }

  template <class T>
  T number(std::endian order) {
    const auto bytes = take(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t place = order == std::endian::big ? i : bytes.size() - 1 - i;
      value = static_cast<T>(value << 8 | std::to_integer<T>(bytes[place]));
    }
    return value;
  }

  std::span<const std::byte> take(std::size_t size) {
    if (failed_ || size > left_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  std::string text(std::endian order) {
    const auto bytes = take(number<std::uint32_t>(order));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  std::span<const std::byte> left_;
  bool failed_ = false;
};

}  // namespace

std::optional<Principal> parse_principal(std::string_view text, const std::string& default_realm) {
  Principal principal;
  std::string part;
  bool in_realm = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      if (++at == text.size()) return std::nullopt;
      part += sspid::proto::meant_by(text[at]);
    } else if ((c == '/' || c == '@') && !in_realm) {
      if (principal.components.size() == kMaxComponents) return std::nullopt;
      principal.components.push_back(std::exchange(part, {}));
      in_realm = c == '@';
    } else if (c == '@') {
      return std::nullopt;
    } else {
      part += c;
    }
  }
  if (!in_realm) principal.components.push_back(std::exchange(part, default_realm));
  principal.realm = std::move(part);
  return principal.realm.empty() ? std::nullopt : std::optional(std::move(principal));
}

// Versions 1 and 2 have the byte order of the machine that wrote them; version 1 counts the realm as a component and
// has no type of name; version 4 has a header of fields that do not concern the owner.
std::optional<Principal> owner_of_cache(std::span<const std::byte> beginning) {
  Reader reader(beginning);
  const auto family = reader.number<std::uint8_t>(std::endian::big);
  const auto version = reader.number<std::uint8_t>(std::endian::big);
  if (family != 5 || version < 1 || version > 4) return std::nullopt;
  const std::endian order = version >= 3 ? std::endian::big : std::endian::native;
  if (version == 4) (void)reader.take(reader.number<std::uint16_t>(order));
  if (version != 1) (void)reader.number<std::uint32_t>(order);
  const auto counted = reader.number<std::uint32_t>(order);
  const std::uint32_t realms = version == 1 ? 1 : 0;
  if (counted <= realms || counted - realms > kMaxComponents) return std::nullopt;
  Principal owner;
  owner.realm = reader.text(order);
  for (std::uint32_t i = realms; i < counted; ++i) owner.components.push_back(reader.text(order));
  return reader.failed() ? std::nullopt : std::optional(std::move(owner));
}

}  // namespace sspi
