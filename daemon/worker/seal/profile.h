// What the encryption types of RFC 3962 (AES with SHA-1) and RFC 8009 (AES with SHA-2) are made of, and whether this
// process's OpenSSL has all the pieces. Immutable tables: any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sspid::worker::seal {

/// What the checksum of an encrypted message covers, and how keys are derived.
enum class Family {
  rfc3962,  ///< HMAC over the plaintext; keys by RFC 3961 DK
  rfc8009,  ///< HMAC over the initial vector and the ciphertext; keys by SP800-108 in counter mode
};

struct Profile {
  std::int32_t enctype;
  Family family;
  const char* cipher;
  const char* digest;
  std::size_t key_length;      ///< of the context's key and of Ke
  std::size_t mac_key_length;  ///< of Ki and Kc
  std::size_t mac_length;      ///< what stays of the HMAC in a token
};

inline constexpr std::size_t kBlock = 16;
inline constexpr std::size_t kMaxKey = 32;
inline constexpr std::size_t kMaxDigest = 48;

/// Null where the encryption type is none of these or OpenSSL lacks a piece of it (a provider without KRB5KDF, SHA-1
/// forbidden). OpenSSL is asked once per process.
[[nodiscard]] const Profile* find_profile(std::int32_t enctype);

}  // namespace sspid::worker::seal
