#include "daemon/worker/protection.h"

#include <algorithm>
#include <new>

#include <openssl/crypto.h>
#include <sys/random.h>

#include "daemon/worker/seal/evp.h"
#include "proto/limits.h"

namespace sspid::worker {

namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

const unsigned char* octets(std::span<const std::byte> bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

void random(void* memory, std::size_t size) {
  if (::getrandom(memory, size, 0) != static_cast<ssize_t>(size)) throw std::bad_alloc();
}

/// One run of the cipher in either direction. `ok()` is false as soon as a step has failed.
class Run {
 public:
  enum class Direction { open = 0, seal = 1 };

  Run(const unsigned char* key, const unsigned char* nonce, Direction direction)
      : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
    ok_ = cipher_ && context_ &&
          EVP_CipherInit_ex2(context_.get(), cipher_.get(), key, nonce, static_cast<int>(direction), nullptr) == 1;
  }

  /// Without `out`: data that is covered only.
  void feed(std::span<const std::byte> in, unsigned char* out) {
    int length = 0;
    if (in.empty()) return;
    ok_ = ok_ && EVP_CipherUpdate(context_.get(), out, &length, octets(in), static_cast<int>(in.size())) == 1;
  }

  void finish(unsigned char* out) {
    int length = 0;
    ok_ = ok_ && EVP_CipherFinal_ex(context_.get(), out, &length) == 1;
  }

  void control(int what, void* tag) {
    ok_ = ok_ && EVP_CIPHER_CTX_ctrl(context_.get(), what, static_cast<int>(kTag), tag) == 1;
  }

  [[nodiscard]] bool ok() const { return ok_; }

 private:
  seal::EvpCipher cipher_;
  seal::EvpCipherContext context_;
  bool ok_ = false;
};

}  // namespace

static_assert(proto::kSealOverhead == kNonce + kTag);

Protection::Protection() { random(key_.data(), key_.size()); }

Protection::~Protection() { OPENSSL_cleanse(key_.data(), key_.size()); }

std::vector<std::byte> Protection::seal(std::span<const std::byte> secret, std::span<const std::byte> context) const {
  was_used_ = true;
  // Random nonces of 96 bits: safe for some 2^32 identities of one worker's life.
  std::vector<std::byte> sealed(secret.size() + proto::kSealOverhead);
  auto* const nonce = reinterpret_cast<unsigned char*>(sealed.data());
  auto* const text = nonce + kNonce;
  random(nonce, kNonce);
  Run run(key_.data(), nonce, Run::Direction::seal);
  run.feed(context, nullptr);
  run.feed(secret, text);
  run.finish(text + secret.size());
  run.control(EVP_CTRL_AEAD_GET_TAG, text + secret.size());
  if (!run.ok()) sealed.clear();
  return sealed;
}

bool Protection::open(std::span<const std::byte> sealed, std::span<const std::byte> context, Secret& secret) const {
  if (sealed.size() < proto::kSealOverhead) return false;
  const auto text = sealed.subspan(kNonce, sealed.size() - proto::kSealOverhead);
  std::array<unsigned char, kTag> tag;
  std::copy_n(octets(sealed.last(kTag)), kTag, tag.begin());
  std::vector<std::byte> plain(text.size() + 1);  // never without memory, though it may hold nothing
  auto* const out = reinterpret_cast<unsigned char*>(plain.data());
  Run run(key_.data(), octets(sealed), Run::Direction::open);
  run.feed(context, nullptr);
  run.feed(text, out);
  run.control(EVP_CTRL_AEAD_SET_TAG, tag.data());
  run.finish(out + text.size());
  if (run.ok()) secret = Secret(std::span(plain).first(text.size()));
  OPENSSL_cleanse(plain.data(), plain.size());
  return run.ok();
}

}  // namespace sspid::worker
