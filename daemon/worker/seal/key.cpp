#include "daemon/worker/seal/key.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "daemon/worker/seal/evp.h"

namespace sspid::worker::seal {

namespace {

/// RFC 3961 5.3 and RFC 8009 5: usage and purpose, five bytes. OpenSSL takes parameters as non-const and only reads
/// them.
using Constant = std::array<std::uint8_t, 5>;

Constant constant_of(Usage usage, Purpose purpose) {
  const auto number = static_cast<std::uint32_t>(usage);
  return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number),
          static_cast<std::uint8_t>(purpose)};
}

OSSL_PARAM text(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}
OSSL_PARAM octets(const char* name, const void* value, std::size_t length) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<void*>(value), length);
}

bool run(EVP_KDF* kdf, const OSSL_PARAM* parameters, std::span<std::byte> out) {
  const EvpKdfContext context(kdf ? EVP_KDF_CTX_new(kdf) : nullptr);
  return context &&
         EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(out.data()), out.size(), parameters) == 1;
}

/// DK(key, constant): KRB5KDF folds the constant itself.
bool derive_rfc3961(const Profile& profile, const Key& base, const Constant& constant, std::span<std::byte> out) {
  const OSSL_PARAM parameters[] = {
      text(OSSL_KDF_PARAM_CIPHER, profile.cipher), octets(OSSL_KDF_PARAM_KEY, base.bytes().data(), base.bytes().size()),
      octets(OSSL_KDF_PARAM_CONSTANT, constant.data(), constant.size()), OSSL_PARAM_construct_end()};
  return run(algorithms().krb5.get(), parameters, out);
}

/// KDF-HMAC-SHA2(key, label, length): a counter of 32 bits, label, zero byte, length in bits.
bool derive_rfc8009(const Profile& profile, const Key& base, const Constant& label, std::span<std::byte> out) {
  const OSSL_PARAM parameters[] = {text(OSSL_KDF_PARAM_MODE, "counter"),
                                   text(OSSL_KDF_PARAM_MAC, "HMAC"),
                                   text(OSSL_KDF_PARAM_DIGEST, profile.digest),
                                   octets(OSSL_KDF_PARAM_KEY, base.bytes().data(), base.bytes().size()),
                                   octets(OSSL_KDF_PARAM_SALT, label.data(), label.size()),
                                   OSSL_PARAM_construct_end()};
  return run(algorithms().kbkdf.get(), parameters, out);
}

}  // namespace

const Algorithms& algorithms() {
  static const Algorithms fetched;
  return fetched;
}

bool derive(const Profile& profile, const Key& base, Usage usage, Purpose purpose, Key& derived) {
  const std::span<std::byte> out =
      derived.out(purpose == Purpose::encryption ? profile.key_length : profile.mac_key_length);
  const Constant constant = constant_of(usage, purpose);
  return profile.family == Family::rfc3962 ? derive_rfc3961(profile, base, constant, out)
                                           : derive_rfc8009(profile, base, constant, out);
}

}  // namespace sspid::worker::seal
