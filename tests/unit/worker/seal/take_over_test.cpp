// Which contexts are taken over and which are left alone, and that those which are go on where libgssapi stopped.
#include <gssapi/gssapi_ext.h>
#include <gtest/gtest.h>

#include "daemon/worker/seal/lucid.h"
#include "forged.h"
#include "messages.h"
#include "spnego_by_hand.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;
using worker::seal::Cfx;

void expect_conversation(Cfx& ours, gss_ctx_id_t theirs) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(open(theirs, seal(ours, Protection::sealed, {{some_octets(20)}})).status.major, GSS_S_COMPLETE);
    EXPECT_EQ(open(theirs, sign(ours, some_octets(20))).status.major, GSS_S_COMPLETE);
    EXPECT_EQ(open(ours, seal(theirs, Protection::sealed, {{some_octets(20)}})).status.major, GSS_S_COMPLETE);
    EXPECT_EQ(open(ours, sign(theirs, some_octets(20))).status.major, GSS_S_COMPLETE);
  }
}

std::string mech_name(const ::testing::TestParamInfo<Mech>& info) {
  return info.param == Mech::kerberos ? "kerberos" : "spnego";
}

class TakeOver : public ::testing::TestWithParam<Mech> {};
INSTANTIATE_TEST_SUITE_P(, TakeOver, ::testing::Values(Mech::kerberos, Mech::spnego), mech_name);

TEST_P(TakeOver, either_end) {
  Ends ends = establish({.mech = GetParam()});
  const std::unique_ptr<Cfx> initiator = Cfx::take_over(ends.initiator, ends.flags);
  ASSERT_TRUE(initiator);
  EXPECT_FALSE(ends.initiator) << "the GSS context is still there";
  expect_conversation(*initiator, ends.acceptor.get());

  ends = establish({.mech = GetParam()});
  const std::unique_ptr<Cfx> acceptor = Cfx::take_over(ends.acceptor, ends.flags);
  ASSERT_TRUE(acceptor);
  expect_conversation(*acceptor, ends.initiator.get());
}

TEST_P(TakeOver, without_a_subkey_of_the_acceptor) {
  Ends ends = establish({.flags = kAllFlags & ~GSS_C_MUTUAL_FLAG, .mech = GetParam()});
  const std::unique_ptr<Cfx> acceptor = Cfx::take_over(ends.acceptor, ends.flags);
  ASSERT_TRUE(acceptor);
  expect_conversation(*acceptor, ends.initiator.get());
}

TEST_P(TakeOver, after_messages_were_sent) {
  Ends ends = establish({.mech = GetParam()});
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
  const std::unique_ptr<Cfx> initiator = Cfx::take_over(ends.initiator, ends.flags);
  ASSERT_TRUE(initiator);
  expect_conversation(*initiator, ends.acceptor.get());
}

TEST_P(TakeOver, leaves_a_context_that_has_received_messages) {
  Ends ends = establish({.mech = GetParam()});
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
  EXPECT_FALSE(Cfx::take_over(ends.acceptor, ends.flags));
  EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
}

TEST_P(TakeOver, leaves_another_encryption_type) {
  Ends ends = establish({.enctype = "arcfour-hmac", .mech = GetParam()});
  EXPECT_FALSE(Cfx::take_over(ends.initiator, ends.flags));
  EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
}

TEST(TakeOverAlone, leaves_rfc_4121_with_another_encryption_type) {
  Ends ends = establish({.enctype = "camellia256-cts-cmac"});
  EXPECT_FALSE(Cfx::take_over(ends.initiator, ends.flags));
  EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
}

TEST(TakeOverAlone, leaves_dce_style) {
  Ends ends = establish({.flags = kAllFlags | GSS_C_DCE_STYLE});
  EXPECT_FALSE(Cfx::take_over(ends.initiator, ends.flags));
  EXPECT_TRUE(ends.initiator);
}

TEST(TakeOverAlone, leaves_a_context_that_is_not_complete) {
  gss::Context none;
  EXPECT_FALSE(Cfx::take_over(none, kAllFlags));
}

// The MICs over the list of mechanisms take the first sequence number in either direction.
TEST(TakeOverAlone, after_spnego_has_exchanged_mics) {
  for (const SpnegoEnd which : {SpnegoEnd::initiator, SpnegoEnd::acceptor}) {
    Ends ends = establish_with_mics(which);
    const bool initiator = which == SpnegoEnd::initiator;
    gss::Context& negotiated = initiator ? ends.initiator : ends.acceptor;
    const Message first = forge(negotiated.get(), some_octets(5), {});
    ASSERT_EQ(open(negotiated.get(), first).status.major, GSS_S_DUPLICATE_TOKEN) << "no MIC was exchanged";
    const std::unique_ptr<Cfx> engine = Cfx::take_over(negotiated, ends.flags);
    ASSERT_TRUE(engine);
    expect_conversation(*engine, (initiator ? ends.acceptor : ends.initiator).get());
    EXPECT_EQ(open(*engine, first).status.major, GSS_S_DUPLICATE_TOKEN);
  }
}

// The ends may agree on a better type than the ticket's session key has (RFC 4537); until then, that one counts.
TEST(TakeOverAlone, with_keys_of_two_types) {
  for (const char* session : {"aes128-cts-hmac-sha1-96", "aes128-cts-hmac-sha256-128"}) {
    Ends ends = establish({.enctype = "aes256-cts-hmac-sha384-192", .session_enctype = session});
    const worker::seal::Lucid lucid = worker::seal::look_into(ends.acceptor.get());
    ASSERT_NE(lucid->cfx_kd.ctx_key.type, lucid->cfx_kd.acceptor_subkey.type);
    const Message early = forge(ends.acceptor.get(), some_octets(20), {.with_acceptor_subkey = false});
    const Message early_signature =
        forge(ends.acceptor.get(), some_octets(20),
              {.protection = Protection::signed_only, .with_acceptor_subkey = false, .skip = 1});
    const std::unique_ptr<Cfx> acceptor = Cfx::take_over(ends.acceptor, ends.flags);
    ASSERT_TRUE(acceptor);
    for (const Message& message : {early, early_signature}) {
      const Opened opened = open(*acceptor, message);
      EXPECT_TRUE(opened.complete()) << describe(opened.status);
      EXPECT_EQ(joined(opened.pieces), some_octets(20));
    }
    EXPECT_TRUE(open(ends.initiator.get(), seal(*acceptor, Protection::sealed, {{some_octets(20)}})).complete());
  }
}

TEST(TakeOverAlone, leaves_a_context_one_of_whose_keys_is_of_another_type) {
  Ends ends = establish({.enctype = "aes256-cts-hmac-sha1-96", .session_enctype = "camellia128-cts-cmac"});
  const worker::seal::Lucid lucid = worker::seal::look_into(ends.acceptor.get());
  ASSERT_EQ(lucid->cfx_kd.acceptor_subkey.type, 18u);
  EXPECT_FALSE(Cfx::take_over(ends.acceptor, ends.flags));
  EXPECT_TRUE(open(ends.acceptor.get(), sign(ends.initiator.get(), some_octets(5))).complete());
}

class Forged : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ends_ = establish({.enctype = GetParam()});
    acceptor_ = engine_on_copy_of(ends_.acceptor, ends_.flags);
    initiator_ = engine_on_copy_of(ends_.initiator, ends_.flags);
  }
  /// What both engines make of it, which must be the same.
  OM_uint32 judgement(Forgery forgery) {
    const Octets plaintext = some_octets(21);
    OM_uint32 last = GSS_S_FAILURE;
    for (auto& [gss, cfx] :
         {std::pair{ends_.acceptor.get(), acceptor_.get()}, {ends_.initiator.get(), initiator_.get()}}) {
      const Message message = forge(gss, plaintext, forgery);
      const Opened theirs = open(gss, message), ours = open(*cfx, message);
      EXPECT_EQ(ours.status.major, theirs.status.major) << describe(ours.status) << " for " << describe(theirs.status);
      EXPECT_TRUE(!ours.complete() || joined(ours.pieces) == plaintext);
      last = ours.status.major;
    }
    return last;
  }

  Ends ends_;
  std::unique_ptr<Cfx> acceptor_, initiator_;
};
INSTANTIATE_TEST_SUITE_P(, Forged, ::testing::ValuesIn(all_enctypes()), enctype_name);

TEST_P(Forged, plain_tokens_are_opened) {
  EXPECT_EQ(judgement({}), GSS_S_COMPLETE);
  EXPECT_EQ(judgement({.protection = Protection::signed_only, .skip = 1}), GSS_S_COMPLETE);
}

TEST_P(Forged, messages_with_the_initiators_key_are_opened) {
  EXPECT_EQ(judgement({.with_acceptor_subkey = false}), GSS_S_COMPLETE);
  EXPECT_EQ(judgement({.protection = Protection::signed_only, .with_acceptor_subkey = false, .skip = 1}),
            GSS_S_COMPLETE);
}

TEST_P(Forged, the_flag_and_nothing_else_tells_the_key) {
  EXPECT_EQ(judgement({.with_acceptor_subkey = false, .more_flags = 4}), GSS_S_BAD_SIG);
}

TEST_P(Forged, filler_behind_the_plaintext_is_taken_off) {
  for (const int filler : {1, 15, 16, 17, 500}) {
    const auto count = static_cast<std::uint16_t>(filler);
    EXPECT_FALSE(GSS_ERROR(judgement({.filler = count, .skip = count}))) << filler;
  }
}

// Otherwise an attacker could cut messages short by raising EC, which nothing but the copy protects (CVE-2024-37370).
TEST_P(Forged, filler_that_was_not_sealed_is_refused) {
  EXPECT_EQ(judgement({.filler = 16, .tell_filler_in_copy = false}), GSS_S_DEFECTIVE_TOKEN);
}

TEST_P(Forged, flags_that_mean_nothing_yet_are_passed_over) {
  EXPECT_EQ(judgement({.more_flags = 0xF8}), GSS_S_COMPLETE);
}

}  // namespace

}  // namespace sspid::test
