// Opaque identities (SspiEncodeStringsAsAuthIdentity & co): what they hold, and how the library lays them out.
//
// An opaque identity is a SEC_WINNT_AUTH_IDENTITY_EX2 in one block. Those made here have their credential last, with
// room behind it for what encryption adds, and lie in memory that free_context_buffer() takes back. Where a caller may
// hand in any identity, SEC_WINNT_AUTH_IDENTITY and its EX form are taken too: the first 32 bits tell which it is.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "client-lib/context_buffers.h"
#include "client-lib/identity_ex2.h"

namespace sspi {

using WideText = std::basic_string<SEC_WCHAR>;

/// The block at this address where it says that it is an EX2; empty where it is something else or broken.
[[nodiscard]] std::span<const std::byte> opaque_block(const void* identity);

/// What an identity says, with its strings as characters. A credential that is encrypted stays so.
struct IdentityContent {
  ULONG flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;  ///< of the EX2 form, without those that tell of its shape
  std::optional<WideText> user;
  std::optional<WideText> domain;
  std::optional<WideText> package_list;
  Secret packed;  ///< SEC_WINNT_AUTH_PACKED_CREDENTIALS, or what it was sealed into; empty: no credential

  [[nodiscard]] bool is_encrypted() const { return (flags & kEncryptedIdentity) != 0; }
};

/// Reads any form. SEC_E_OK, or the status by which to refuse the identity. Any kind of packed credential passes.
[[nodiscard]] SECURITY_STATUS read_content(const void* identity, IdentityContent& content);

/// The block of that content, for good or so that it can be encrypted later. Nothing where a piece is too long.
enum class Room { exact, for_encryption };
[[nodiscard]] std::optional<ContextBuffer> make_block(const IdentityContent& content, Room room);

/// A password as packed credentials.
[[nodiscard]] Secret pack_password(WideView password);

/// make_block() into the caller's pointer, or the status by which that failed.
[[nodiscard]] SECURITY_STATUS hand_out_identity(const IdentityContent& content, PSEC_WINNT_AUTH_IDENTITY_OPAQUE* out);

/// A NUL-terminated string of the caller's. Nothing where a surrogate stands alone, or it is longer than any name.
[[nodiscard]] std::optional<WideText> checked_text(PCWSTR text);

/// NUL-terminated, in a block of its own.
[[nodiscard]] ContextBuffer wide_block(WideView text);

}  // namespace sspi
