// Against RFC 3962's samples and OpenSSL's own CTS, which takes a message in one piece.
#include "daemon/worker/seal/cts.h"

#include <list>
#include <string>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "octets.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using worker::seal::Cts;
using worker::seal::Key;
using worker::seal::Profile;
using worker::seal::Way;

const Profile& profile(std::int32_t enctype) { return *worker::seal::find_profile(enctype); }

Octets octets(std::string_view text) {
  const auto* at = reinterpret_cast<const std::byte*>(text.data());
  return {at, at + text.size()};
}

std::string hex(const Octets& octets) {
  std::string text;
  for (const std::byte octet : octets) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[std::to_integer<unsigned>(octet) >> 4];
    text += kDigits[std::to_integer<unsigned>(octet) & 15];
  }
  return text;
}

/// In blocks of the heap of these lengths; what is left over is the last.
Octets applied(Cts& cts, const Octets& message, const std::vector<std::size_t>& lengths) {
  std::list<ExactBlock> blocks;
  std::vector<gss::Part> parts;
  std::span<const std::byte> rest(message);
  const auto add = [&](std::size_t length) {
    blocks.emplace_back(rest.first(length));
    rest = rest.subspan(length);
    parts.push_back({blocks.back().bytes()});
  };
  for (const std::size_t length : lengths) add(std::min(length, rest.size()));
  add(rest.size());
  EXPECT_TRUE(cts.apply(parts));
  Octets result;
  for (const gss::Part& part : parts) result.insert(result.end(), part.bytes.begin(), part.bytes.end());
  return result;
}

TEST(Cts, samples_of_rfc_3962) {
  const Octets text = octets("I would like the General Gau's Chicken, please, and wonton soup.");
  const std::pair<std::size_t, const char*> samples[] = {
      {17, "c6353568f2bf8cb4d8a580362da7ff7f97"},
      {31, "fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5"},
      {32, "39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584"},
      {47, "97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5"},
      {48, "97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8"},
      {64,
       "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a8"
       "4807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8"},
  };
  const Key key(octets("chicken teriyaki"));
  Cts encrypt(profile(17), key, Way::encrypt), decrypt(profile(17), key, Way::decrypt);
  for (const auto& [length, cipher] : samples) {
    const Octets message(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
    const Octets encrypted = applied(encrypt, message, {});
    EXPECT_EQ(hex(encrypted), cipher);
    EXPECT_EQ(applied(decrypt, encrypted, {}), message);
  }
}

Octets encrypted_by_openssl(const Octets& key, const Octets& message) {
  const worker::seal::EvpCipher cipher(
      EVP_CIPHER_fetch(nullptr, key.size() == 16 ? "AES-128-CBC-CTS" : "AES-256-CBC-CTS", nullptr));
  const worker::seal::EvpCipherContext context(EVP_CIPHER_CTX_new());
  const OSSL_PARAM mode[] = {OSSL_PARAM_construct_utf8_string(OSSL_CIPHER_PARAM_CTS_MODE, const_cast<char*>("CS3"), 0),
                             OSSL_PARAM_construct_end()};
  const unsigned char zero[16] = {};
  Octets out(message.size());
  int length = 0;
  EXPECT_EQ(
      EVP_EncryptInit_ex2(context.get(), cipher.get(), reinterpret_cast<const unsigned char*>(key.data()), zero, mode),
      1);
  EXPECT_EQ(EVP_EncryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length,
                              reinterpret_cast<const unsigned char*>(message.data()), static_cast<int>(message.size())),
            1);
  return out;
}

class CtsPieces : public ::testing::TestWithParam<std::int32_t> {};
INSTANTIATE_TEST_SUITE_P(, CtsPieces, ::testing::Values(17, 18));

TEST_P(CtsPieces, any_length_in_any_pieces) {
  const std::vector<std::vector<std::size_t>> splits{
      {},
      {0},
      {1},
      {15},
      {16},
      {17},
      {16, 0, 0},
      {16, 5, 5, 5, 5},
      {3, 30},
      {31, 1, 31},
      {32},
      {48, 1},
      {33, 16},
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
  const Octets key_octets = some_octets(profile(GetParam()).key_length, 5);
  const Key key(key_octets);
  Cts encrypt(profile(GetParam()), key, Way::encrypt), decrypt(profile(GetParam()), key, Way::decrypt);
  for (std::size_t length = 17; length < 150; ++length) {
    const Octets message = some_octets(length);
    const Octets expected = encrypted_by_openssl(key_octets, message);
    for (const std::vector<std::size_t>& split : splits) {
      ASSERT_EQ(hex(applied(encrypt, message, split)), hex(expected)) << length;
      ASSERT_EQ(hex(applied(decrypt, expected, split)), hex(message)) << length;
    }
  }
}

TEST(Cts, a_single_block_cannot_be_stolen_from) {
  const Key key(some_octets(32));
  for (const Way way : {Way::encrypt, Way::decrypt})
    for (const std::size_t length : {0u, 1u, 16u}) {
      Cts cts(profile(18), key, way);
      ExactBlock block(some_octets(length));
      const gss::Part part{block.bytes()};
      EXPECT_FALSE(cts.apply({&part, 1}));
      EXPECT_EQ(block.copy(), some_octets(length));
    }
}

}  // namespace

}  // namespace sspid::test
