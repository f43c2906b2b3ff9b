// Owners of OpenSSL's objects, and the algorithms that are fetched once per process: fetching by name costs more than a
// short message.
#pragma once

#include <memory>

#include <openssl/evp.h>
#include <openssl/kdf.h>

namespace sspid::worker::seal {

template <auto Free>
struct EvpFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using EvpCipher = std::unique_ptr<EVP_CIPHER, EvpFree<EVP_CIPHER_free>>;
using EvpCipherContext = std::unique_ptr<EVP_CIPHER_CTX, EvpFree<EVP_CIPHER_CTX_free>>;
using EvpMac = std::unique_ptr<EVP_MAC, EvpFree<EVP_MAC_free>>;
using EvpMacContext = std::unique_ptr<EVP_MAC_CTX, EvpFree<EVP_MAC_CTX_free>>;
using EvpKdf = std::unique_ptr<EVP_KDF, EvpFree<EVP_KDF_free>>;
using EvpKdfContext = std::unique_ptr<EVP_KDF_CTX, EvpFree<EVP_KDF_CTX_free>>;

/// Null where OpenSSL's configuration has no such thing. Immutable once made: any thread.
struct Algorithms {
  EvpCipher aes_128_cbc{EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr)};
  EvpCipher aes_256_cbc{EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)};
  EvpMac hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  EvpKdf krb5{EVP_KDF_fetch(nullptr, "KRB5KDF", nullptr)};
  EvpKdf kbkdf{EVP_KDF_fetch(nullptr, "KBKDF", nullptr)};
};
[[nodiscard]] const Algorithms& algorithms();

}  // namespace sspid::worker::seal
