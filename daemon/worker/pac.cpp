#include "daemon/worker/pac.h"

#include <algorithm>

#include "proto/limits.h"

namespace sspid::worker {

namespace {

using proto::Sid;

/// NDR (C706 chapter 14) with numbers in little-endian order, each at a multiple of its size. After a read past the end
/// everything reads as zero and `good()` is false.
class Ndr {
 public:
  explicit Ndr(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }

  template <class Number>
  Number number() {
    align(sizeof(Number));
    const auto bytes = take(sizeof(Number));
    Number value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = static_cast<Number>(std::uint64_t{value} << 8 | static_cast<std::uint8_t>(bytes[i]));
    return value;
  }
  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint16_t u16() { return number<std::uint16_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }

  /// A number of elements that follow, each of at least `size` bytes.
  std::uint32_t count(std::size_t size) {
    const std::uint32_t value = u32();
    if (value > left() / size) fail();
    return good_ ? value : 0;
  }

  /// Nothing, and nothing any more, where there is not as much.
  std::span<const std::byte> take(std::size_t size) {
    if (!good_ || size > left()) {
      fail();
      return {};
    }
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }

  void align(std::size_t size) { (void)take((size - at_ % size) % size); }
  void fail() { good_ = false; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

// A pointer in NDR says whether there is something; what it points to follows the structure, in the order of the
// pointers.
struct Pointer {
  bool present = false;
};
struct String {
  std::uint16_t length = 0;  // bytes
  Pointer text;
};
struct Groups {
  std::uint32_t count = 0;
  Pointer list;
};

Pointer pointer(Ndr& in) { return {in.u32() != 0}; }

String string(Ndr& in) {
  String string;
  string.length = in.u16();
  (void)in.u16();  // the room that the sender had
  string.text = pointer(in);
  return string;
}

Groups groups(Ndr& in) {
  Groups groups;
  groups.count = in.u32();
  groups.list = pointer(in);
  return groups;
}

/// 100 ns since 1601 in UTC, to seconds since 1970. 0 and the two largest values mean that it never comes.
std::int64_t file_time(Ndr& in) {
  constexpr std::uint64_t kTicks = 10'000'000;
  constexpr std::int64_t kFrom1601To1970 = 11'644'473'600;
  const std::uint64_t low = in.u32(), high = in.u32();
  const std::uint64_t ticks = high << 32 | low;
  if (ticks == 0 || ticks >= 0x7FFFFFFFFFFFFFFF) return proto::kNever;
  return static_cast<std::int64_t>(ticks / kTicks) - kFrom1601To1970;
}

/// The fixed part of the structure, in its order.
struct Fixed {
  std::int64_t logoff = 0, kick_off = 0, password_must_change = 0;
  String effective_name, full_name, logon_script, profile_path, home_directory, home_drive;
  std::uint32_t user_id = 0, primary_group_id = 0;
  Groups groups;
  std::uint32_t user_flags = 0;
  String logon_server, domain_name;
  Pointer domain;
  Groups extra;
  Pointer resource_domain;
  Groups resource_groups;
};

Fixed fixed(Ndr& in) {
  Fixed f;
  (void)file_time(in);  // LogonTime
  f.logoff = file_time(in);
  f.kick_off = file_time(in);
  (void)file_time(in);  // PasswordLastSet
  (void)file_time(in);  // PasswordCanChange
  f.password_must_change = file_time(in);
  for (String* each :
       {&f.effective_name, &f.full_name, &f.logon_script, &f.profile_path, &f.home_directory, &f.home_drive})
    *each = string(in);
  (void)in.take(4);  // LogonCount, BadPasswordCount
  f.user_id = in.u32();
  f.primary_group_id = in.u32();
  f.groups = groups(in);
  f.user_flags = in.u32();
  (void)in.take(16);  // UserSessionKey
  f.logon_server = string(in);
  f.domain_name = string(in);
  f.domain = pointer(in);
  (void)in.take(8 + 4 + 4 + 8 + 8 + 4 +
                4);  // Reserved1, UserAccountControl, SubAuthStatus, interactive logons, Reserved3
  f.extra = groups(in);
  f.resource_domain = pointer(in);
  f.resource_groups = groups(in);
  return f;
}

void append_utf8(char32_t code, std::string& text) {
  const auto rest = [&](unsigned shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    rest(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    rest(6);
    rest(0);
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
}

/// What a string points to: room, offset, length, then UTF-16. A lone surrogate and a NUL are no text.
std::string text(Ndr& in, const String& string) {
  if (!string.text.present) return {};
  const std::uint32_t room = in.u32(), offset = in.u32(), length = in.u32();
  if (offset != 0 || length > room || string.length % 2 != 0 || length != string.length / 2) in.fail();
  if (length > in.left() / 2) in.fail();
  std::string result;
  for (std::uint32_t i = 0; in.good() && i < length; ++i) {
    char32_t code = in.u16();
    if (code >= 0xD800 && code < 0xDC00 && i + 1 < length) {
      const std::uint16_t low = in.u16();
      ++i;
      code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0;
    }
    if (code == 0 || (code >= 0xD800 && code < 0xE000)) in.fail();
    if (in.good()) append_utf8(code, result);
  }
  return in.good() ? result : std::string();
}

Sid sid(Ndr& in) {
  const std::uint32_t count = in.count(4);
  const auto length = static_cast<std::size_t>(count) * 4;
  std::span<const std::byte> bytes = in.take(Sid::kFixedPart + length);
  const auto read = proto::take_sid(bytes);
  if (!read || read->count != count) in.fail();
  return in.good() ? *read : Sid{};
}

std::vector<std::uint32_t> relative_ids(Ndr& in, const Groups& groups) {
  if (!groups.list.present) return {};
  std::vector<std::uint32_t> ids;
  const std::uint32_t count = in.count(8);
  if (count != groups.count || count > proto::kMaxSids) in.fail();
  for (std::uint32_t i = 0; in.good() && i < count; ++i) {
    ids.push_back(in.u32());
    (void)in.u32();  // attributes
  }
  return ids;
}

std::vector<Sid> whole_sids(Ndr& in, const Groups& groups) {
  if (!groups.list.present) return {};
  const std::uint32_t count = in.count(8);
  if (count != groups.count || count > proto::kMaxSids) in.fail();
  std::uint32_t present = 0;
  for (std::uint32_t i = 0; in.good() && i < count; ++i) {
    present += pointer(in).present ? 1 : 0;
    (void)in.u32();  // attributes
  }
  std::vector<Sid> sids;
  for (std::uint32_t i = 0; in.good() && i < present; ++i) sids.push_back(sid(in));
  return sids;
}

/// RPCE 2.2.6: version 1, little-endian, 8 bytes of common header; then the length of what follows; then the pointer to
/// the structure.
bool headers(Ndr& in) {
  const bool known = in.u8() == 1 && in.u8() == 0x10 && in.u16() == 8;
  (void)in.u32();
  const std::uint32_t length = in.u32();
  (void)in.u32();
  return known && length <= in.left() && pointer(in).present && in.good();
}

void add_groups(const Sid& domain, const std::vector<std::uint32_t>& ids, Ndr& in, LogonInfo& info) {
  for (const std::uint32_t id : ids) {
    const auto group = domain.below(id);
    if (!group) return in.fail();
    if (*group != info.primary_group) info.groups.push_back(*group);
  }
}

constexpr std::uint32_t kHasResourceGroups = 0x200;  // LOGON_RESOURCE_GROUPS of UserFlags

}  // namespace

std::optional<LogonInfo> read_logon_info(std::span<const std::byte> bytes) {
  Ndr in(bytes);
  if (!headers(in)) return std::nullopt;
  const Fixed f = fixed(in);
  LogonInfo info;
  info.logoff = f.logoff;
  info.kick_off = f.kick_off;
  info.password_must_change = f.password_must_change;

  // What was pointed to, in the order of the pointers.
  info.name = text(in, f.effective_name);
  for (const String* skipped : {&f.full_name, &f.logon_script, &f.profile_path, &f.home_directory, &f.home_drive})
    (void)text(in, *skipped);
  const std::vector<std::uint32_t> group_ids = relative_ids(in, f.groups);
  (void)text(in, f.logon_server);
  info.domain = text(in, f.domain_name);
  if (!f.domain.present) return std::nullopt;
  const Sid domain = sid(in);
  std::vector<Sid> extra = whole_sids(in, f.extra);
  const Sid resource_domain = f.resource_domain.present ? sid(in) : Sid{};
  const std::vector<std::uint32_t> resource_ids = relative_ids(in, f.resource_groups);
  if (!in.good()) return std::nullopt;

  const auto user = domain.below(f.user_id), primary_group = domain.below(f.primary_group_id);
  if (!user || !primary_group) return std::nullopt;
  info.user = *user;
  info.primary_group = *primary_group;
  if (f.user_id == 0 && !extra.empty()) {  // the user's own SID is the first of the extra ones then
    info.user = extra.front();
    extra.erase(extra.begin());
  }
  add_groups(domain, group_ids, in, info);
  info.groups.insert(info.groups.end(), extra.begin(), extra.end());
  if (f.resource_domain.present && (f.user_flags & kHasResourceGroups) != 0)
    add_groups(resource_domain, resource_ids, in, info);
  return in.good() && info.groups.size() <= proto::kMaxSids ? std::optional(std::move(info)) : std::nullopt;
}

}  // namespace sspid::worker
