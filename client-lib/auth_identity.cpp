#include "client-lib/auth_identity.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "proto/limits.h"

namespace sspi {

namespace {

using Bytes = std::span<const std::byte>;
using sspid::proto::kMaxName;
using sspid::proto::kSealOverhead;

/// The lengths of an EX2 have 16 bits.
constexpr std::size_t kMaxPiece = 0xFFFF;

template <class Char>
WideText characters(Bytes bytes) {
  WideText text(bytes.size() / sizeof(Char), 0);
  if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
  return text;
}

std::optional<WideText> wide_of(std::string_view utf8) {
  const auto length = utf16_length(utf8);
  if (!length) return std::nullopt;
  WideText text(*length, 0);
  encode_utf16(utf8, text.data());
  return text;
}

/// A name as the caller's flags encode it. Nothing where it is no string that could also be NUL-terminated.
std::optional<WideText> name_of(Bytes bytes, bool wide) {
  std::optional<WideText> text;
  if (!wide)
    text = wide_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  else if (bytes.size() % sizeof(SEC_WCHAR) == 0)
    text = characters<SEC_WCHAR>(bytes);
  if (!text || text->find(SEC_WCHAR{0}) != WideText::npos) return std::nullopt;
  const auto utf8 = to_utf8(*text);
  return utf8 && utf8->size() <= kMaxName ? text : std::nullopt;
}

SECURITY_STATUS refused(std::string_view what) { return failed(SEC_E_INVALID_PARAMETER, what); }

SECURITY_STATUS read_block(Bytes block, IdentityContent& content) {
  if (block.empty()) return refused("the identity's lengths are not those of its structure");
  const auto pieces = ex2_pieces(block);
  if (!pieces || !is_valid_ex2(block))
    return refused("the identity's lengths and offsets are not inside its structure");
  constexpr ULONG kBoth = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;
  if ((pieces->flags & kBoth) == kBoth) return refused("the identity's Flags must say either ANSI or UNICODE");
  if (!pieces->is_encrypted()) {
    // What AcquireCredentialsHandle would refuse is refused here as well; but other kinds of credentials may pass by.
    Identity parsed;
    const SECURITY_STATUS status = parse_ex2(block, parsed);
    if (status != SEC_E_OK && status != SEC_E_UNKNOWN_CREDENTIALS) return status;
  }
  // What the block says of its own shape does not hold for another one.
  constexpr ULONG kOfTheShape = kBoth | SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED |
                                SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER | SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN;
  content.flags = (pieces->flags & ~kOfTheShape) | SEC_WINNT_AUTH_IDENTITY_UNICODE;
  content.packed = Secret(pieces->packed_credentials);
  const auto read = [&](Bytes bytes, ULONG null_flag, std::optional<WideText>& text) {
    if (bytes.empty() && (pieces->flags & null_flag) != 0) return true;
    text = name_of(bytes, pieces->is_wide());
    return text.has_value();
  };
  if (!read(pieces->user, SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER, content.user) ||
      !read(pieces->domain, SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN, content.domain))
    return refused("the identity's User or Domain is too long or not a string");
  if (pieces->package_list.empty()) return SEC_E_OK;
  content.package_list = name_of(pieces->package_list, pieces->is_wide());
  return content.package_list ? SEC_E_OK : refused("the identity's PackageList is too long or not a string");
}

template <class Form>
bool has_null_user(const void* identity) {
  return static_cast<const Form*>(identity)->User == nullptr;
}

template <class Form>
bool has_null_domain(const void* identity) {
  return static_cast<const Form*>(identity)->Domain == nullptr;
}

SECURITY_STATUS read_pointers(const void* identity, bool ex, IdentityContent& content) {
  Identity parsed;
  if (const SECURITY_STATUS status = parse_identity(identity, parsed); status != SEC_E_OK) return status;
  const bool null_user =
      ex ? has_null_user<SEC_WINNT_AUTH_IDENTITY_EXA>(identity) : has_null_user<SEC_WINNT_AUTH_IDENTITY_A>(identity);
  const bool null_domain = ex ? has_null_domain<SEC_WINNT_AUTH_IDENTITY_EXA>(identity)
                              : has_null_domain<SEC_WINNT_AUTH_IDENTITY_A>(identity);
  if (!null_user) content.user = wide_of(parsed.user);
  if (!null_domain) content.domain = wide_of(parsed.domain);
  if (!parsed.package_list.empty()) content.package_list = wide_of(parsed.package_list);
  if (parsed.password) {
    const auto bytes = parsed.password->bytes();
    const std::string_view utf8(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    Secret wide(sizeof(SEC_WCHAR) * (utf8.size() + 1));
    auto* const units = reinterpret_cast<SEC_WCHAR*>(wide.data());
    encode_utf16(utf8, units);
    content.packed = pack_password(WideView(units, utf16_length(utf8).value_or(0)));
  }
  return SEC_E_OK;
}

/// Puts pieces behind one another and says where each is.
class Layout {
 public:
  explicit Layout(std::byte* block) : block_(block) {}

  void put(const void* bytes, std::size_t length, ULONG& offset, USHORT& its_length) {
    offset = static_cast<ULONG>(at_);
    its_length = static_cast<USHORT>(length);
    if (length != 0) std::memcpy(block_ + at_, bytes, length);
    at_ += length;
  }
  void put(const std::optional<WideText>& text, ULONG& offset, USHORT& length) {
    if (text) put(text->data(), text->size() * sizeof(SEC_WCHAR), offset, length);
  }
  [[nodiscard]] std::size_t end() const { return at_; }

 private:
  std::byte* block_;
  std::size_t at_ = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2);
};

}  // namespace

std::span<const std::byte> opaque_block(const void* identity) {
  std::uint32_t version = 0;
  std::memcpy(&version, identity, sizeof version);
  return version == SEC_WINNT_AUTH_IDENTITY_VERSION_2 ? ex2_at(identity) : Bytes();
}

SECURITY_STATUS read_content(const void* identity, IdentityContent& content) {
  std::uint32_t version = 0;
  std::memcpy(&version, identity, sizeof version);
  if (version == SEC_WINNT_AUTH_IDENTITY_VERSION_2) return read_block(ex2_at(identity), content);
  return read_pointers(identity, version == SEC_WINNT_AUTH_IDENTITY_VERSION, content);
}

std::optional<ContextBuffer> make_block(const IdentityContent& content, Room room) {
  std::size_t size = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2) + content.packed.size();
  for (const auto* text : {&content.user, &content.domain, &content.package_list}) {
    if (!*text) continue;
    if ((*text)->size() > kMaxPiece / sizeof(SEC_WCHAR)) return std::nullopt;
    size += (*text)->size() * sizeof(SEC_WCHAR);
  }
  const bool spare = room == Room::for_encryption;
  if (content.packed.size() > kMaxPiece - kSealOverhead) return std::nullopt;

  ContextBuffer block(size + (spare ? kSealOverhead : 0));
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};
  header.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
  header.cbHeaderLength = sizeof header;
  header.Flags = content.flags | (spare ? SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED : 0) |
                 (content.user ? 0 : SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER) |
                 (content.domain ? 0 : SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN);
  auto* const memory = static_cast<std::byte*>(block.get());
  Layout layout(memory);
  layout.put(content.user, header.UserOffset, header.UserLength);
  layout.put(content.domain, header.DomainOffset, header.DomainLength);
  layout.put(content.package_list, header.PackageListOffset, header.PackageListLength);
  const auto packed = content.packed.bytes();
  layout.put(packed.data(), packed.size(), header.PackedCredentialsOffset, header.PackedCredentialsLength);
  header.cbStructureLength = static_cast<ULONG>(layout.end());
  std::memcpy(memory, &header, sizeof header);
  return block;
}

Secret pack_password(WideView password) {
  SEC_WINNT_AUTH_PACKED_CREDENTIALS header{};
  const std::size_t length = password.size() * sizeof(SEC_WCHAR);
  header.cbHeaderLength = sizeof header;
  header.cbStructureLength = static_cast<USHORT>(sizeof header + length);
  header.AuthData.CredType = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD;
  header.AuthData.CredData.ByteArrayOffset = sizeof header;
  header.AuthData.CredData.ByteArrayLength = static_cast<USHORT>(length);
  Secret packed(sizeof header + length);
  std::memcpy(packed.data(), &header, sizeof header);
  if (length != 0) std::memcpy(packed.data() + sizeof header, password.data(), length);
  packed.set_size(sizeof header + length);
  return packed;
}

SECURITY_STATUS hand_out_identity(const IdentityContent& content, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out) {
  auto block = make_block(content, Room::for_encryption);
  if (!block) return refused("the identity is too long for its structure");
  *out = block->hand_out();
  return SEC_E_OK;
}

std::optional<WideText> checked_text(PCWSTR text) {
  const WideView view(text);
  if (view.size() > kMaxName) return std::nullopt;
  const auto utf8 = to_utf8(view);
  return utf8 && utf8->size() <= kMaxName ? std::optional(WideText(view)) : std::nullopt;
}

ContextBuffer wide_block(WideView text) {
  ContextBuffer block((text.size() + 1) * sizeof(SEC_WCHAR));
  if (!text.empty()) std::memcpy(block.get(), text.data(), text.size() * sizeof(SEC_WCHAR));
  return block;
}

}  // namespace sspi
