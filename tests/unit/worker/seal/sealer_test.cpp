// Encryption and checksums of every encryption type and usage against libk5crypto, with pieces that are only signed.
#include <list>

#include <gtest/gtest.h>
#include <krb5/krb5.h>

#include "daemon/worker/seal/context_key.h"
#include "octets.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using namespace worker::seal;

struct Piece {
  Octets octets;
  bool sign_only = false;
};

/// Confounder first, header copy last, as in a wrap token.
const std::vector<std::vector<Piece>> kBodies{
    {{some_octets(16)}, {some_octets(16, 2)}},
    {{some_octets(16)}, {some_octets(1, 3)}, {some_octets(16, 2)}},
    {{some_octets(16)}, {some_octets(7, 4), true}, {some_octets(100, 3)}, {some_octets(16, 2)}},
    {{some_octets(16)}, {some_octets(15, 3)}, {some_octets(20, 4), true}, {some_octets(40, 5)}, {some_octets(16, 2)}},
    {{some_octets(16)}, {some_octets(5000, 3)}, {some_octets(300, 4), true}, {some_octets(16, 2)}},
};

class SealerOf : public ::testing::TestWithParam<std::int32_t> {
 protected:
  [[nodiscard]] const Profile& profile() const { return *find_profile(GetParam()); }

  krb5_keyblock keyblock() {
    krb5_keyblock block{};
    block.enctype = GetParam();
    block.length = static_cast<unsigned>(key_octets_.size());
    block.contents = reinterpret_cast<krb5_octet*>(key_octets_.data());
    return block;
  }

  Octets key_octets_ = some_octets(profile().key_length, 77);
  ContextKey key_{profile(), key_octets_};
};
INSTANTIATE_TEST_SUITE_P(, SealerOf, ::testing::Values(17, 18, 19, 20));

/// A body for libk5crypto, whose confounder is the HEADER.
class CryptoIov {
 public:
  CryptoIov(std::vector<Piece> body, std::span<std::byte> checksum) : body_(std::move(body)) {
    for (std::size_t i = 0; i < body_.size(); ++i)
      add(i == 0               ? KRB5_CRYPTO_TYPE_HEADER
          : body_[i].sign_only ? KRB5_CRYPTO_TYPE_SIGN_ONLY
                               : KRB5_CRYPTO_TYPE_DATA,
          body_[i].octets);
    add(KRB5_CRYPTO_TYPE_TRAILER, checksum);
  }
  [[nodiscard]] krb5_crypto_iov* get() { return iov_.data(); }
  [[nodiscard]] std::size_t count() const { return iov_.size(); }
  [[nodiscard]] const std::vector<Piece>& body() const { return body_; }

 private:
  void add(krb5_cryptotype type, std::span<std::byte> bytes) {
    krb5_crypto_iov element{};
    element.flags = type;
    element.data.length = static_cast<unsigned>(bytes.size());
    element.data.data = reinterpret_cast<char*>(bytes.data());
    iov_.push_back(element);
  }
  std::vector<Piece> body_;
  std::vector<krb5_crypto_iov> iov_;
};

class Blocks {
 public:
  explicit Blocks(const std::vector<Piece>& pieces) {
    for (const Piece& piece : pieces) {
      blocks_.emplace_back(piece.octets);
      parts_.push_back({blocks_.back().bytes(), piece.sign_only});
    }
  }
  [[nodiscard]] std::span<const gss::Part> parts() const { return parts_; }
  [[nodiscard]] std::vector<Piece> pieces() const {
    std::vector<Piece> pieces;
    for (const gss::Part& part : parts_) pieces.push_back({{part.bytes.begin(), part.bytes.end()}, part.sign_only});
    return pieces;
  }

 private:
  std::list<ExactBlock> blocks_;
  std::vector<gss::Part> parts_;
};

void expect_same(const std::vector<Piece>& left, const std::vector<Piece>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_EQ(left[i].octets, right[i].octets) << "piece " << i;
}

TEST_P(SealerOf, libk5crypto_opens_what_it_seals) {
  for (const Usage usage : {Usage::acceptor_seal, Usage::initiator_seal})
    for (const std::vector<Piece>& body : kBodies) {
      const Blocks blocks(body);
      Octets checksum(profile().mac_length);
      Sealer* sealer = key_.sealer(usage, Way::encrypt);
      ASSERT_TRUE(sealer);
      ASSERT_TRUE(sealer->seal(blocks.parts(), checksum));
      CryptoIov theirs(blocks.pieces(), checksum);
      const krb5_keyblock key = keyblock();
      ASSERT_EQ(
          krb5_c_decrypt_iov(nullptr, &key, static_cast<krb5_keyusage>(usage), nullptr, theirs.get(), theirs.count()),
          0);
      expect_same(theirs.body(), body);
    }
}

TEST_P(SealerOf, it_opens_what_libk5crypto_seals) {
  for (const Usage usage : {Usage::acceptor_seal, Usage::initiator_seal})
    for (std::vector<Piece> body : kBodies) {
      Octets checksum(profile().mac_length);
      CryptoIov theirs(body, checksum);
      const krb5_keyblock key = keyblock();
      ASSERT_EQ(
          krb5_c_encrypt_iov(nullptr, &key, static_cast<krb5_keyusage>(usage), nullptr, theirs.get(), theirs.count()),
          0);
      Blocks blocks(theirs.body());
      Sealer* sealer = key_.sealer(usage, Way::decrypt);
      ASSERT_TRUE(sealer);
      ASSERT_EQ(sealer->open(blocks.parts(), checksum), Mac::Match::equal);
      body.front().octets = blocks.pieces().front().octets;  // the confounder that libk5crypto drew
      expect_same(blocks.pieces(), body);

      checksum.back() ^= std::byte{1};
      const Blocks again(theirs.body());
      EXPECT_EQ(sealer->open(again.parts(), checksum), Mac::Match::different);
    }
}

TEST_P(SealerOf, checksums_are_libk5cryptos) {
  for (const Usage usage : {Usage::acceptor_seal, Usage::acceptor_sign, Usage::initiator_seal, Usage::initiator_sign})
    for (const std::size_t length : {0u, 1u, 63u, 64u, 65u, 5000u}) {
      Octets message = some_octets(length);
      krb5_data in{};
      in.length = static_cast<unsigned>(length);
      in.data = reinterpret_cast<char*>(message.data());
      krb5_checksum sum{};
      const krb5_keyblock key = keyblock();
      ASSERT_EQ(krb5_c_make_checksum(nullptr, 0, &key, static_cast<krb5_keyusage>(usage), &in, &sum), 0);
      const auto* at = reinterpret_cast<const std::byte*>(sum.contents);
      const Octets expected(at, at + sum.length);
      krb5_free_checksum_contents(nullptr, &sum);

      Mac* mac = key_.checksum(usage);
      ASSERT_TRUE(mac);
      Octets ours(profile().mac_length);
      mac->start();
      mac->add(message);
      ASSERT_TRUE(mac->finish(ours));
      EXPECT_EQ(ours, expected);
    }
}

TEST_P(SealerOf, objects_are_made_once_and_again_after_they_were_dropped) {
  Sealer* sealer = key_.sealer(Usage::acceptor_seal, Way::encrypt);
  EXPECT_EQ(key_.sealer(Usage::acceptor_seal, Way::encrypt), sealer);
  EXPECT_NE(key_.sealer(Usage::initiator_seal, Way::decrypt), sealer);
  key_.drop_objects();
  EXPECT_TRUE(key_.sealer(Usage::acceptor_seal, Way::encrypt));
  EXPECT_TRUE(key_.checksum(Usage::acceptor_sign));
}

}  // namespace

}  // namespace sspid::test
