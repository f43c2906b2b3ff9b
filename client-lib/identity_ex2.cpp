#include "client-lib/identity_ex2.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "client-lib/text.h"
#include "proto/limits.h"

namespace sspi {

namespace {

using Bytes = std::span<const std::byte>;

/// Blocks and what is packed in them may start at any address.
template <class T>
T read(Bytes from, std::size_t offset = 0) {
  T value{};
  std::memcpy(&value, from.data() + offset, sizeof value);
  return value;
}

/// What `length` bytes at `offset` are; none where there are no bytes, wherever that is. Nothing where they are not
/// wholly behind the first `header` bytes and inside `block`.
std::optional<Bytes> piece(Bytes block, std::size_t header, std::uint64_t offset, std::size_t length) {
  if (length == 0) return Bytes();
  if (offset < header || offset > block.size() || length > block.size() - offset) return std::nullopt;
  return block.subspan(static_cast<std::size_t>(offset), length);
}

/// SEC_WINNT_AUTH_PACKED_CREDENTIALS as two kinds of compilers lay it out: with `unsigned long` of 4 bytes, as Windows
/// has it, or of 8. cbHeaderLength tells which.
struct PackedLayout {
  std::size_t header;
  std::size_t type;          ///< GUID.Data1, its low 32 bits
  std::size_t type_rest;     ///< GUID.Data2 …
  std::size_t data_offset;   ///< CredData.ByteArrayOffset
  std::size_t offset_width;  ///< … and how wide it is
  std::size_t data_length;   ///< CredData.ByteArrayLength
};

constexpr PackedLayout kWindowsLayout{28, 4, 8, 20, 4, 24};
constexpr PackedLayout kLp64Layout{48, 8, 16, 32, 8, 40};

static_assert(sizeof(SEC_WINNT_AUTH_PACKED_CREDENTIALS) == kWindowsLayout.header);
static_assert(offsetof(SEC_WINNT_AUTH_PACKED_CREDENTIALS, AuthData.CredData) == kWindowsLayout.data_offset);

std::uint64_t read_offset(Bytes from, std::size_t at, std::size_t width) {
  return width == sizeof(std::uint64_t) ? read<std::uint64_t>(from, at) : read<std::uint32_t>(from, at);
}

GUID read_type(Bytes packed, const PackedLayout& layout) {
  GUID type{};
  type.Data1 = read<std::uint32_t>(packed, layout.type);
  type.Data2 = read<std::uint16_t>(packed, layout.type_rest);
  type.Data3 = read<std::uint16_t>(packed, layout.type_rest + 2);
  std::memcpy(type.Data4, packed.data() + layout.type_rest + 4, sizeof type.Data4);
  return type;
}

PackedKind kind_of(const GUID& type) {
  const auto is = [&](const GUID& other) { return std::memcmp(&type, &other, sizeof type) == 0; };
  if (is(SEC_WINNT_AUTH_DATA_TYPE_PASSWORD)) return PackedKind::password;
  if (is(SEC_WINNT_AUTH_DATA_TYPE_KEYTAB)) return PackedKind::keytab;
  return PackedKind::unknown;
}

/// A password is there either itself or by a SEC_WINNT_AUTH_DATA_PASSWORD that says where. The two cannot be confused:
/// an offset inside the structure is below 65536, so that as characters its second one would be a NUL.
std::optional<Bytes> password_in(Bytes structure, const PackedLayout& layout, Bytes data) {
  const bool is_vector = data.size() == 2 * layout.offset_width && read<std::uint16_t>(data, 2) == 0;
  if (!is_vector) return data;
  return piece(structure, layout.header, read_offset(data, 0, layout.offset_width),
               read<std::uint16_t>(data, layout.offset_width));
}

SECURITY_STATUS refused(std::string_view what) { return failed(SEC_E_INVALID_PARAMETER, what); }

std::optional<std::string> text_of(Bytes bytes, bool wide) {
  std::optional<std::string> text;
  if (wide) {
    if (bytes.size() % sizeof(SEC_WCHAR) != 0) return std::nullopt;
    std::basic_string<SEC_WCHAR> aligned(bytes.size() / sizeof(SEC_WCHAR), 0);
    if (!bytes.empty()) std::memcpy(aligned.data(), bytes.data(), bytes.size());
    text = to_utf8(aligned);
  } else {
    text = to_utf8(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  if (!text || text->size() > sspid::proto::kMaxName || text->find('\0') != std::string::npos) return std::nullopt;
  return text;
}

std::optional<Secret> wide_password_of(Bytes bytes) {
  if (bytes.size() % sizeof(SEC_WCHAR) != 0) return std::nullopt;
  Secret aligned(bytes);
  return password_of(WideView(reinterpret_cast<const SEC_WCHAR*>(aligned.data()), bytes.size() / sizeof(SEC_WCHAR)));
}

SECURITY_STATUS read_credential(Bytes packed, Identity& identity) {
  const auto credential = packed_credential(packed);
  if (!credential) return refused("the identity's packed credentials point outside themselves");
  switch (credential->kind) {
    case PackedKind::none:
      return SEC_E_OK;
    case PackedKind::password:
      identity.password = wide_password_of(credential->data);
      return identity.password ? SEC_E_OK : refused("the identity's packed password is too long or not a string");
    case PackedKind::keytab:
      identity.keytab.emplace(credential->data);
      return SEC_E_OK;
    case PackedKind::unknown:
      break;
  }
  return failed(SEC_E_UNKNOWN_CREDENTIALS, "the identity's packed credentials are neither a password nor a keytab");
}

}  // namespace

std::span<const std::byte> ex2_at(const void* memory) {
  const Bytes header(static_cast<const std::byte*>(memory), sizeof(SEC_WINNT_AUTH_IDENTITY_EX2));
  const auto form = read<SEC_WINNT_AUTH_IDENTITY_EX2>(header);
  if (form.cbHeaderLength < sizeof form || form.cbStructureLength < form.cbHeaderLength ||
      form.cbStructureLength > kMaxEx2)
    return {};
  return {header.data(), form.cbStructureLength};
}

std::optional<Ex2Pieces> ex2_pieces(std::span<const std::byte> block) {
  SEC_WINNT_AUTH_IDENTITY_EX2 form{};
  if (block.size() < sizeof form) return std::nullopt;
  form = read<SEC_WINNT_AUTH_IDENTITY_EX2>(block);
  if (form.Version != SEC_WINNT_AUTH_IDENTITY_VERSION_2 || form.cbHeaderLength < sizeof form ||
      form.cbStructureLength < form.cbHeaderLength || form.cbStructureLength > block.size() ||
      form.cbStructureLength > kMaxEx2)
    return std::nullopt;
  const Bytes whole = block.first(form.cbStructureLength);
  const auto user = piece(whole, form.cbHeaderLength, form.UserOffset, form.UserLength);
  const auto domain = piece(whole, form.cbHeaderLength, form.DomainOffset, form.DomainLength);
  const auto packed = piece(whole, form.cbHeaderLength, form.PackedCredentialsOffset, form.PackedCredentialsLength);
  const auto list = piece(whole, form.cbHeaderLength, form.PackageListOffset, form.PackageListLength);
  if (!user || !domain || !packed || !list) return std::nullopt;
  return Ex2Pieces{form.Flags, *user, *domain, *packed, *list};
}

std::optional<PackedCredential> packed_credential(std::span<const std::byte> packed) {
  if (packed.empty()) return PackedCredential{};
  if (packed.size() < kWindowsLayout.header) return std::nullopt;
  const std::size_t header = read<std::uint16_t>(packed, 0), length = read<std::uint16_t>(packed, 2);
  if (header < kWindowsLayout.header || header > length || length > packed.size()) return std::nullopt;
  const PackedLayout& layout = header < kLp64Layout.header ? kWindowsLayout : kLp64Layout;
  const Bytes structure = packed.first(length);
  const PackedKind kind = kind_of(read_type(structure, layout));
  auto data = piece(structure, header, read_offset(structure, layout.data_offset, layout.offset_width),
                    read<std::uint16_t>(structure, layout.data_length));
  if (data && kind == PackedKind::password) data = password_in(structure, layout, *data);
  if (!data) return std::nullopt;
  return PackedCredential{kind, *data};
}

bool is_valid_ex2(std::span<const std::byte> block) {
  const auto pieces = ex2_pieces(block);
  return pieces && (pieces->is_encrypted() || packed_credential(pieces->packed_credentials));
}

SECURITY_STATUS parse_ex2(std::span<const std::byte> block, Identity& identity) {
  const auto pieces = ex2_pieces(block);
  if (!pieces) return refused("the identity's lengths and offsets are not inside its structure");
  constexpr ULONG kBoth = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;
  if ((pieces->flags & kBoth) == kBoth) return refused("the identity's Flags must say either ANSI or UNICODE");
  if (pieces->is_encrypted()) return refused("the identity is encrypted");

  auto user = text_of(pieces->user, pieces->is_wide());
  if (!user) return refused("the identity's User is too long or not a string");
  auto domain = text_of(pieces->domain, pieces->is_wide());
  if (!domain) return refused("the identity's Domain is too long or not a string");
  auto package_list = text_of(pieces->package_list, pieces->is_wide());
  if (!package_list) return refused("the identity's PackageList is too long or not a string");
  if (const SECURITY_STATUS status = read_credential(pieces->packed_credentials, identity); status != SEC_E_OK)
    return status;
  identity.user = std::move(*user);
  identity.domain = std::move(*domain);
  identity.package_list = std::move(*package_list);
  return SEC_E_OK;
}

}  // namespace sspi
