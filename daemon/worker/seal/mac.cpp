#include "daemon/worker/seal/mac.h"

#include <algorithm>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

namespace sspid::worker::seal {

namespace {

const unsigned char* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Mac::Mac(const Profile& profile, const Key& key) {
  if (!algorithms().hmac) return;
  context_.reset(EVP_MAC_CTX_new(algorithms().hmac.get()));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(profile.digest), 0),
      OSSL_PARAM_construct_end()};
  if (context_ && EVP_MAC_init(context_.get(), raw(key.bytes()), key.bytes().size(), parameters) != 1) context_.reset();
}

void Mac::start() { good_ = context_ && EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1; }

void Mac::add(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  good_ = good_ && EVP_MAC_update(context_.get(), raw(bytes), bytes.size()) == 1;
}

void Mac::add(std::span<const gss::Part> parts) {
  for (const gss::Part& part : parts) add(part.bytes);
}

bool Mac::finish_whole(std::array<std::byte, kMaxDigest>& digest) {
  std::size_t length = 0;
  return good_ &&
         EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &length, digest.size()) == 1;
}

bool Mac::finish(std::span<std::byte> checksum) {
  std::array<std::byte, kMaxDigest> digest{};
  if (checksum.size() > digest.size() || !finish_whole(digest)) return false;
  std::copy_n(digest.begin(), checksum.size(), checksum.begin());
  return true;
}

Mac::Match Mac::matches(std::span<const std::byte> checksum) {
  std::array<std::byte, kMaxDigest> digest{};
  if (checksum.size() > digest.size() || !finish_whole(digest)) return Match::failed;
  return CRYPTO_memcmp(digest.data(), checksum.data(), checksum.size()) == 0 ? Match::equal : Match::different;
}

}  // namespace sspid::worker::seal
