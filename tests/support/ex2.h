// Identities of the form SEC_WINNT_AUTH_IDENTITY_EX2 as callers build them: a header, then the pieces in one block.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <sspi.h>

#include "bytes.h"

namespace sspid::test {

[[nodiscard]] inline Bytes utf16(std::u16string_view text) {
  Bytes bytes(2 * text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), bytes.size());
  return bytes;
}

/// SEC_WINNT_AUTH_PACKED_CREDENTIALS as compilers lay it out whose `unsigned long` has 4 bytes, as on Windows, or 8.
enum class LongSize { four, eight };

[[nodiscard]] inline Bytes packed(const GUID& type, const Bytes& data, LongSize size = LongSize::four) {
  const std::uint16_t header = size == LongSize::four ? 28 : 48;
  ByteBuilder out;
  out.le(header).le(static_cast<std::uint16_t>(header + data.size()));
  if (size == LongSize::eight) out.zeros(4);
  out.le(std::uint32_t{type.Data1});
  if (size == LongSize::eight) out.zeros(4);
  out.le(static_cast<std::uint16_t>(type.Data2)).le(static_cast<std::uint16_t>(type.Data3));
  out.add(Bytes(type.Data4, type.Data4 + sizeof type.Data4));
  if (size == LongSize::eight) out.zeros(4);
  out.le(std::uint32_t{header});
  if (size == LongSize::eight) out.zeros(4);
  out.le(static_cast<std::uint16_t>(data.size()));
  out.zeros(header - out.size());
  return out.add(data).take();
}

[[nodiscard]] inline Bytes packed_password(std::u16string_view password, LongSize size = LongSize::four) {
  return packed(SEC_WINNT_AUTH_DATA_TYPE_PASSWORD, utf16(password), size);
}

[[nodiscard]] inline Bytes packed_keytab(const Bytes& keytab, LongSize size = LongSize::four) {
  return packed(SEC_WINNT_AUTH_DATA_TYPE_KEYTAB, keytab, size);
}

struct Ex2Pieces {
  Bytes user{};
  Bytes domain{};
  Bytes packed_credentials{};
  Bytes package_list{};
  ULONG flags = SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_UNICODE;
};

[[nodiscard]] inline Bytes ex2(const Ex2Pieces& pieces) {
  SEC_WINNT_AUTH_IDENTITY_EX2 header{};
  header.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
  header.cbHeaderLength = sizeof header;
  header.Flags = pieces.flags;
  Bytes out(sizeof header);
  const auto put = [&](const Bytes& piece, std::uint32_t& offset, std::uint16_t& length) {
    offset = static_cast<std::uint32_t>(out.size());
    length = static_cast<std::uint16_t>(piece.size());
    out.insert(out.end(), piece.begin(), piece.end());
  };
  put(pieces.user, header.UserOffset, header.UserLength);
  put(pieces.domain, header.DomainOffset, header.DomainLength);
  put(pieces.packed_credentials, header.PackedCredentialsOffset, header.PackedCredentialsLength);
  put(pieces.package_list, header.PackageListOffset, header.PackageListLength);
  header.cbStructureLength = static_cast<std::uint32_t>(out.size());
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

}  // namespace sspid::test
