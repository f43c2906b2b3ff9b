#include "daemon/keytab_file.h"

#include <limits>

namespace sspid {

namespace {

constexpr std::size_t kMaxComponents = 16;  // principals have one to three

/// Takes fields off the front, big-endian. Once something was missing it gives nothing but zeros.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t left() const { return left_.size(); }

  template <class T>
  T number() {
    std::uint64_t value = 0;
    for (const std::byte byte : take(sizeof(T))) value = (value << 8) | std::to_integer<std::uint64_t>(byte);
    return static_cast<T>(value);
  }

  /// As many bytes as the 16 bits before them say.
  std::span<const std::byte> counted() { return take(number<std::uint16_t>()); }

  std::string_view name() {
    const auto bytes = counted();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.find('\0') != std::string_view::npos) failed_ = true;
    return text;
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

 private:
  std::span<const std::byte> left_;
  bool failed_ = false;
};

std::optional<KeytabFileEntry> decode_entry(std::span<const std::byte> record) {
  Reader reader(record);
  KeytabFileEntry entry;
  const std::size_t components = reader.number<std::uint16_t>();
  if (components == 0 || components > kMaxComponents) return std::nullopt;
  entry.realm = reader.name();
  for (std::size_t i = 0; i < components; ++i) entry.components.push_back(reader.name());
  entry.name_type = reader.number<std::int32_t>();
  entry.timestamp = reader.number<std::uint32_t>();
  entry.version = reader.number<std::uint8_t>();
  entry.enctype = reader.number<std::int16_t>();
  entry.key = reader.counted();
  // Versions above 255 stand behind the key; an older writer left that out.
  if (reader.left() >= sizeof(std::uint32_t))
    if (const auto version = reader.number<std::uint32_t>(); version != 0) entry.version = version;
  if (reader.failed() || entry.key.empty()) return std::nullopt;
  return entry;
}

}  // namespace

std::optional<std::vector<KeytabFileEntry>> decode_keytab(std::span<const std::byte> file) {
  Reader reader(file);
  if (reader.number<std::uint16_t>() != kKeytabVersion2) return std::nullopt;
  std::vector<KeytabFileEntry> entries;
  while (reader.left() != 0) {
    const auto length = reader.number<std::int32_t>();
    if (length == 0) break;  // what follows was never written
    if (length == std::numeric_limits<std::int32_t>::min()) return std::nullopt;
    const auto record = reader.take(static_cast<std::size_t>(length < 0 ? -length : length));
    if (reader.failed()) return std::nullopt;
    if (length < 0) continue;  // a deleted entry
    auto entry = decode_entry(record);
    if (!entry) return std::nullopt;
    entry->record = record;
    entries.push_back(std::move(*entry));
  }
  if (reader.failed()) return std::nullopt;
  return entries;
}

}  // namespace sspid
