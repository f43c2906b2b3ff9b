// What one engine makes the other opens, in both directions.
#include <gtest/gtest.h>

#include "contexts.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using worker::seal::Cfx;

constexpr std::size_t kSizes[] = {0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 1000, 65536, 1048576};

Octets joined(std::initializer_list<std::span<const std::byte>> pieces) {
  Octets all;
  for (const auto piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

std::span<const std::byte> token_of(const gss::Sealed& sealed) {
  return std::span(sealed.token).first(sealed.token_length);
}

Octets wrap(gss_ctx_id_t context, bool encrypt, std::span<const std::byte> message) {
  OM_uint32 minor = 0;
  int encrypted = 0;
  gss_buffer_desc in = gss::borrow(message);
  gss::Buffer out;
  EXPECT_EQ(gss_wrap(&minor, context, encrypt, GSS_C_QOP_DEFAULT, &in, &encrypted, out.out()), GSS_S_COMPLETE);
  return {out.bytes().begin(), out.bytes().end()};
}

struct Unwrapped {
  OM_uint32 major;
  Octets message;
  bool encrypted;
};
Unwrapped unwrap(gss_ctx_id_t context, std::span<const std::byte> token) {
  OM_uint32 minor = 0;
  int encrypted = 0;
  gss_buffer_desc in = gss::borrow(token);
  gss::Buffer out;
  const OM_uint32 major = gss_unwrap(&minor, context, &in, out.out(), &encrypted, nullptr);
  return {major, {out.bytes().begin(), out.bytes().end()}, encrypted != 0};
}

/// Both ends of a context, each both as libgssapi has it and as Cfx has it.
class RoundTrip : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ends_ = establish({.enctype = GetParam(), .flags = kAllFlags & ~(GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)});
    initiator_ = engine_on_copy_of(ends_.initiator, ends_.flags);
    acceptor_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
    sides_ = {{{initiator_.get(), ends_.initiator.get(), acceptor_.get(), ends_.acceptor.get()},
               {acceptor_.get(), ends_.acceptor.get(), initiator_.get(), ends_.initiator.get()}}};
  }

  struct Side {
    Cfx* cfx;
    gss_ctx_id_t gss;
    Cfx* peer_cfx;
    gss_ctx_id_t peer_gss;
  };
  std::array<Side, 2> sides_;
  Ends ends_;
  std::unique_ptr<Cfx> initiator_, acceptor_;
};

std::string name_of(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(, RoundTrip, ::testing::ValuesIn(all_enctypes()), name_of);

TEST_P(RoundTrip, libgssapi_opens_what_we_seal) {
  for (const Side& side : sides_)
    for (const std::size_t size : kSizes)
      for (const bool encrypt : {true, false}) {
        SCOPED_TRACE(size);
        const Octets message = some_octets(size);
        ExactBlock data(message);
        const gss::Part part{data.bytes()};
        gss::Sealed sealed;
        ASSERT_EQ(side.cfx->seal(encrypt, {&part, 1}, sealed).major, GSS_S_COMPLETE);
        const Unwrapped opened = unwrap(side.peer_gss, joined({token_of(sealed), data.bytes()}));
        ASSERT_EQ(opened.major, GSS_S_COMPLETE);
        EXPECT_EQ(opened.encrypted, encrypt);
        EXPECT_EQ(opened.message, message);
      }
}

TEST_P(RoundTrip, we_open_what_libgssapi_wraps_in_one_piece) {
  for (const Side& side : sides_)
    for (const std::size_t size : kSizes)
      for (const bool encrypt : {true, false}) {
        SCOPED_TRACE(size);
        const Octets message = some_octets(size);
        ExactBlock token(wrap(side.gss, encrypt, message));
        std::span<std::byte> plaintext;
        bool encrypted = !encrypt;
        ASSERT_EQ(side.peer_cfx->open_stream(token.bytes(), plaintext, encrypted).major, GSS_S_COMPLETE);
        EXPECT_EQ(encrypted, encrypt);
        EXPECT_EQ(Octets(plaintext.begin(), plaintext.end()), message);
      }
}

TEST_P(RoundTrip, signatures_both_ways) {
  for (const Side& side : sides_)
    for (const std::size_t size : kSizes) {
      const ExactBlock message(some_octets(size));
      const Octets content = message.copy();
      gss::Sealed ours;
      ASSERT_EQ(side.cfx->sign(content, ours).major, GSS_S_COMPLETE);
      OM_uint32 minor = 0;
      gss_buffer_desc in = gss::borrow(std::span<const std::byte>(content));
      gss_buffer_desc mic = gss::borrow(token_of(ours));
      EXPECT_EQ(gss_verify_mic(&minor, side.peer_gss, &in, &mic, nullptr), GSS_S_COMPLETE);
      gss::Buffer theirs;
      ASSERT_EQ(gss_get_mic(&minor, side.gss, GSS_C_QOP_DEFAULT, &in, theirs.out()), GSS_S_COMPLETE);
      EXPECT_EQ(side.peer_cfx->verify(content, theirs.bytes()).major, GSS_S_COMPLETE);
      EXPECT_EQ(theirs.size(), side.cfx->signature_length());
    }
}

}  // namespace

}  // namespace sspid::test
