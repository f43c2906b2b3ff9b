// SEC_WINNT_AUTH_IDENTITY_EX2, which is also what an opaque identity is: one block, a header of offsets and lengths
// with the strings and a packed credential behind it. Blocks come from outside the program too (unmarshalled), so
// nothing in them is believed: every piece must lie inside the block.
//
// Views only: the block must outlive them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "client-lib/identity.h"

namespace sspi {

/// No block is larger: its pieces have 16-bit lengths.
inline constexpr std::size_t kMaxEx2 = std::size_t{512} << 10;

inline constexpr ULONG kEncryptedIdentity =
    SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED | SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |
    SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED | SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED;

/// The pieces of a block as they stand: strings in the encoding that the flags say, encrypted where they say so.
struct Ex2Pieces {
  ULONG flags = 0;
  std::span<const std::byte> user;
  std::span<const std::byte> domain;
  std::span<const std::byte> packed_credentials;
  std::span<const std::byte> package_list;

  [[nodiscard]] bool is_encrypted() const { return (flags & kEncryptedIdentity) != 0; }
  /// UTF-16LE, which is what the structure is made for and what callers mean that set no encoding; ANSI makes it UTF-8.
  [[nodiscard]] bool is_wide() const { return (flags & SEC_WINNT_AUTH_IDENTITY_ANSI) == 0; }
};

/// The block that starts here, by its own word about its length. Empty where its header cannot be one of a block.
[[nodiscard]] std::span<const std::byte> ex2_at(const void* memory);

/// Nothing where the header is none, or a piece is not inside the first cbStructureLength bytes of the block, which may
/// be followed by others.
[[nodiscard]] std::optional<Ex2Pieces> ex2_pieces(std::span<const std::byte> block);

enum class PackedKind {
  none,      ///< there is no credential: the caller gave no password at all
  password,  ///< UTF-16LE, whatever the flags say about the strings
  keytab,    ///< a keytab file
  unknown,   ///< a certificate, a smart card …
};

struct PackedCredential {
  PackedKind kind = PackedKind::none;
  std::span<const std::byte> data;
};

/// What Ex2Pieces::packed_credentials holds: SEC_WINNT_AUTH_PACKED_CREDENTIALS. Nothing where something in it points
/// outside.
[[nodiscard]] std::optional<PackedCredential> packed_credential(std::span<const std::byte> packed);

/// Whether every offset and length in the block is right; those inside an encrypted credential are not looked at.
[[nodiscard]] bool is_valid_ex2(std::span<const std::byte> block);

/// SEC_E_OK, or the status by which to refuse the identity.
[[nodiscard]] SECURITY_STATUS parse_ex2(std::span<const std::byte> block, Identity& identity);

}  // namespace sspi
