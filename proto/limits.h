// Every bound of the protocol, with its reason. A length is compared with its bound before it is used.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sspid::proto {

/// Versions of the protocol that this build speaks.
inline constexpr std::uint16_t kMinVersion = 1;
inline constexpr std::uint16_t kMaxVersion = 1;

/// What one EncryptMessage or MakeSignature may carry: above 16 MiB the caller gets SEC_E_INVALID_PARAMETER (E-184).
inline constexpr std::size_t kMaxMessage = std::size_t{16} << 20;

/// A context token or the TOKEN of a message. Kerberos tokens with a large PAC stay below 64 KiB (48,000 on Windows).
inline constexpr std::size_t kMaxToken = std::size_t{128} << 10;

/// A frame's payload: a whole message together with its token and padding.
inline constexpr std::size_t kMaxPayload = kMaxMessage + kMaxToken;

/// A frame's table. The largest holds names, channel bindings and segments; none comes near 64 KiB.
inline constexpr std::size_t kMaxTable = std::size_t{64} << 10;

/// The table part of the replies to the four message calls: fixed, so that the payload's place is known beforehand.
inline constexpr std::size_t kMessageReplyTable = 512;

/// Text for people in a reply. 256 bytes of it surely fit kMessageReplyTable beside the numbers.
inline constexpr std::size_t kMaxDetail = 4096;
inline constexpr std::size_t kMaxMessageDetail = 256;

/// A target name (E-122), a principal, a package name or list. In bytes of UTF-8; E-122 counts characters, 4 bytes
/// each.
inline constexpr std::size_t kMaxTargetCharacters = 1024;
inline constexpr std::size_t kMaxName = 4 * kMaxTargetCharacters;

/// A password in UTF-8: Windows allows 256 characters for NTLM and Negotiate; MIT Kerberos has no limit of its own.
inline constexpr std::size_t kMaxPassword = 4096;

/// A keytab that a client packs into an identity, where its length has 16 bits.
inline constexpr std::size_t kMaxPackedKeytab = 65'535;

/// What ProtectForLogon carries: a packed credential, whose length has 16 bits, and beside it two names in UTF-16.
inline constexpr std::size_t kMaxProtected = std::size_t{192} << 10;

/// What a sealed secret is longer than the secret: nonce and tag of AES-256-GCM.
inline constexpr std::size_t kSealOverhead = 28;

/// The three parts of channel bindings together. tls-unique and tls-server-end-point need below 100 bytes.
inline constexpr std::size_t kMaxBindings = std::size_t{16} << 10;

/// Buffers in one message. Windows programs use 3 or 4; RPC a few more.
inline constexpr std::size_t kMaxSegments = 64;

/// Descriptors that one frame may carry: a FILE ticket cache.
inline constexpr std::size_t kMaxDescriptors = 1;

/// A ticket cache or keytab that is copied into a worker. Real ones are some tens of KiB.
inline constexpr std::size_t kMaxKeyFile = std::size_t{4} << 20;

/// Objects of one session, so that one client cannot eat the worker's memory (a Kerberos context is about 5 KB).
inline constexpr std::size_t kMaxContextsPerSession = 100'000;
inline constexpr std::size_t kMaxCredentialsPerSession = 10'000;

/// What ExportSecurityContext gives out: exactly so long.
inline constexpr std::size_t kPackedContext = 56;

/// Contexts that one worker keeps for whoever imports them, and how long each is kept: enough for a server that passes
/// every connection on to a process that it has just started.
inline constexpr std::size_t kMaxExportedContexts = 1024;
inline constexpr unsigned kExportSeconds = 300;

/// SIDs of one user beside its own: Windows' log-on refuses above 1,015 groups. Of the largest size they fit kMaxToken,
/// which bounds a reply's payload.
inline constexpr std::size_t kMaxSids = 1500;

/// Connections of one session: one per thread that is inside a call at the same moment, and the anchor.
inline constexpr std::size_t kMaxConnectionsPerSession = 256;

/// "Never expires", as SSPI writes it.
inline constexpr std::int64_t kNever = 0x7FFFFFFFFFFFFFFF;

}  // namespace sspid::proto
