#include "daemon/worker/gss/flags.h"

#include <gssapi/gssapi_ext.h>
#include <gtest/gtest.h>
#include <sspi.h>

namespace sspid::worker::gss {
namespace {

constexpr bool kKerberos = false, kNegotiate = true;

struct Bit {
  const char* name;
  std::uint32_t isc_req;
  OM_uint32 requested;  ///< with what it implies
  OM_uint32 granted;    ///< the bit itself
  std::uint32_t isc_ret;
  std::uint32_t asc_ret;
};

const Bit kBits[] = {
    {"MUTUAL_AUTH", 0x2, GSS_C_MUTUAL_FLAG, GSS_C_MUTUAL_FLAG, 0x2, 0x2},
    {"REPLAY_DETECT", 0x4, GSS_C_REPLAY_FLAG | GSS_C_INTEG_FLAG, GSS_C_REPLAY_FLAG, 0x4, 0x4},
    {"SEQUENCE_DETECT", 0x8, GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG, GSS_C_SEQUENCE_FLAG, 0x8, 0x8},
    {"CONFIDENTIALITY", 0x10, GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG, GSS_C_CONF_FLAG, 0x10, 0x10},
    {"INTEGRITY", 0x10000, GSS_C_INTEG_FLAG, GSS_C_INTEG_FLAG, 0x10000, 0x20000},
    {"NULL_SESSION", 0x40000, GSS_C_ANON_FLAG, GSS_C_ANON_FLAG, 0x40000, 0x100000},
    {"USE_DCE_STYLE", 0x200, GSS_C_DCE_STYLE | GSS_C_MUTUAL_FLAG, GSS_C_DCE_STYLE, 0x200, 0x200},
    {"IDENTIFY", 0x20000, GSS_C_IDENTIFY_FLAG, GSS_C_IDENTIFY_FLAG, 0x20000, 0x80000},
    {"EXTENDED_ERROR", 0x4000, GSS_C_EXTENDED_ERROR_FLAG, GSS_C_EXTENDED_ERROR_FLAG, 0x4000, 0x8000},
};

constexpr OM_uint32 kAllGranted = 0xFFFFFFFF;

TEST(RequestFlags, TranslateEachBitWithWhatItImplies) {
  EXPECT_EQ(request_flags(0, kKerberos), 0U);
  for (const Bit& bit : kBits)
    for (const bool package : {kKerberos, kNegotiate})
      EXPECT_EQ(request_flags(bit.isc_req, package), bit.requested) << bit.name;
}

TEST(RequestFlags, DelegateOnlyTogetherWithMutualAuthentication) {
  EXPECT_EQ(request_flags(ISC_REQ_DELEGATE, kKerberos), 0U);
  EXPECT_EQ(request_flags(ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH, kKerberos),
            OM_uint32{GSS_C_DELEG_POLICY_FLAG | GSS_C_MUTUAL_FLAG});
}

TEST(RequestFlags, NeverDelegateAgainstTheKdcsPolicy) {
  EXPECT_EQ(request_flags(0xFFFFFFFF, kKerberos) & GSS_C_DELEG_FLAG, 0U);
}

TEST(RequestFlags, HonourNoIntegrityForNegotiateOnly) {
  const std::uint32_t all = ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_REPLAY_DETECT |
                            ISC_REQ_SEQUENCE_DETECT | ISC_REQ_MUTUAL_AUTH;
  EXPECT_EQ(request_flags(all | ISC_REQ_NO_INTEGRITY, kNegotiate), OM_uint32{GSS_C_MUTUAL_FLAG});
  EXPECT_EQ(request_flags(all | ISC_REQ_NO_INTEGRITY, kKerberos), request_flags(all, kKerberos));
}

TEST(RequestFlags, IgnoreWhatConcernsTheLibraryOnly) {
  EXPECT_EQ(request_flags(ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONNECTION | ISC_REQ_STREAM | ISC_REQ_CALL_LEVEL |
                              ISC_REQ_FRAGMENT_SUPPLIED | ISC_REQ_FRAGMENT_TO_FIT | ISC_REQ_USE_SESSION_KEY |
                              ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_USE_HTTP_STYLE |
                              ISC_REQ_CONFIDENTIALITY_ONLY | ISC_REQ_UNVERIFIED_TARGET_NAME,
                          kKerberos),
            0U);
}

TEST(InitiatorAttributes, ShowEachBitWhenRequestedAndGranted) {
  for (const Bit& bit : kBits) {
    const std::uint32_t shown = initiator_attributes(bit.granted, bit.isc_req, kKerberos);
    EXPECT_EQ(shown, bit.isc_ret) << bit.name;
  }
}

TEST(InitiatorAttributes, HideEachBitThatWasNotGranted) {
  for (const Bit& bit : kBits)
    EXPECT_EQ(initiator_attributes(kAllGranted & ~bit.granted, bit.isc_req, kKerberos) & bit.isc_ret, 0U) << bit.name;
}

TEST(InitiatorAttributes, HideWhatNobodyAskedFor) {
  EXPECT_EQ(initiator_attributes(kAllGranted, 0, kKerberos), 0U);
  EXPECT_EQ(initiator_attributes(GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_TRANS_FLAG, 0, kKerberos), 0U);
}

TEST(InitiatorAttributes, ShowWhatARequestImplies) {
  for (const std::uint32_t request : {ISC_REQ_REPLAY_DETECT, ISC_REQ_SEQUENCE_DETECT, ISC_REQ_CONFIDENTIALITY})
    EXPECT_NE(initiator_attributes(kAllGranted, request, kKerberos) & ISC_RET_INTEGRITY, 0U) << request;
  EXPECT_NE(initiator_attributes(kAllGranted, ISC_REQ_USE_DCE_STYLE, kKerberos) & ISC_RET_MUTUAL_AUTH, 0U);
}

TEST(InitiatorAttributes, ShowDelegationOnlyWhereItCouldBeAskedFor) {
  const std::uint32_t both = ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH;
  const OM_uint32 delegated = GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG | GSS_C_MUTUAL_FLAG;
  EXPECT_EQ(initiator_attributes(delegated, both, kKerberos), both);
  EXPECT_EQ(initiator_attributes(GSS_C_MUTUAL_FLAG, both, kKerberos), std::uint32_t{ISC_RET_MUTUAL_AUTH});
  EXPECT_EQ(initiator_attributes(delegated, ISC_REQ_DELEGATE, kKerberos), 0U);
}

TEST(InitiatorAttributes, HideProtectionThatNegotiateWasToldToLeaveOut) {
  const std::uint32_t request = ISC_REQ_NO_INTEGRITY | ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY;
  EXPECT_EQ(initiator_attributes(kAllGranted, request, kNegotiate), 0U);
  EXPECT_EQ(initiator_attributes(kAllGranted, request, kKerberos),
            std::uint32_t{ISC_RET_INTEGRITY | ISC_RET_CONFIDENTIALITY});
}

TEST(InitiatorAttributes, EchoWhatConcernsTheLibrary) {
  for (const std::uint32_t bit : {ISC_REQ_CONNECTION, ISC_REQ_STREAM, ISC_REQ_USE_SESSION_KEY})
    EXPECT_EQ(initiator_attributes(0, bit, kKerberos), bit);
}

TEST(AcceptorAttributes, ShowEachBitThatTheClientAskedFor) {
  for (const Bit& bit : kBits) EXPECT_EQ(acceptor_attributes(bit.granted, 0), bit.asc_ret) << bit.name;
  EXPECT_EQ(acceptor_attributes(GSS_C_DELEG_FLAG, 0), std::uint32_t{ASC_RET_DELEGATE});
  EXPECT_EQ(acceptor_attributes(0, 0), 0U);
}

TEST(AcceptorAttributes, HideWhatTheClientDidNotAskFor) {
  EXPECT_EQ(acceptor_attributes(0, ASC_REQ_MUTUAL_AUTH | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY |
                                       ASC_REQ_DELEGATE | ASC_REQ_USE_DCE_STYLE),
            0U);
}

TEST(AcceptorAttributes, EchoWhatConcernsTheLibrary) {
  for (const std::uint32_t bit : {ASC_REQ_CONNECTION, ASC_REQ_STREAM, ASC_REQ_USE_SESSION_KEY})
    EXPECT_EQ(acceptor_attributes(0, bit), bit);
}

TEST(IntermediateAttributes, PromiseNoSecurity) {
  const auto all = static_cast<std::uint32_t>(0xFFFFFFFF & ~ISC_REQ_USE_DCE_STYLE);
  EXPECT_EQ(intermediate_initiator_attributes(all), std::uint32_t{ISC_RET_CONNECTION | ISC_RET_STREAM});
  EXPECT_EQ(intermediate_acceptor_attributes(0xFFFFFFFF), std::uint32_t{ASC_RET_CONNECTION | ASC_RET_STREAM});
  EXPECT_EQ(intermediate_initiator_attributes(0), 0U);
  EXPECT_EQ(intermediate_acceptor_attributes(0), 0U);
}

TEST(IntermediateAttributes, TellDceStyleThatMoreComes) {
  EXPECT_EQ(intermediate_initiator_attributes(ISC_REQ_USE_DCE_STYLE), std::uint32_t{ISC_RET_INTERMEDIATE_RETURN});
}

TEST(NoCiFlags, AreWantedWhereNoProtectionIs) {
  EXPECT_TRUE(wants_no_ci_flags(0, kKerberos));
  EXPECT_TRUE(wants_no_ci_flags(ISC_REQ_MUTUAL_AUTH | ISC_REQ_DELEGATE, kNegotiate));
  for (const std::uint32_t bit :
       {ISC_REQ_INTEGRITY, ISC_REQ_CONFIDENTIALITY, ISC_REQ_REPLAY_DETECT, ISC_REQ_SEQUENCE_DETECT})
    for (const bool package : {kKerberos, kNegotiate}) EXPECT_FALSE(wants_no_ci_flags(bit, package)) << bit;
}

TEST(NoCiFlags, FollowNoIntegrityForNegotiateOnly) {
  EXPECT_TRUE(wants_no_ci_flags(ISC_REQ_NO_INTEGRITY | ISC_REQ_INTEGRITY, kNegotiate));
  EXPECT_FALSE(wants_no_ci_flags(ISC_REQ_NO_INTEGRITY | ISC_REQ_INTEGRITY, kKerberos));
}

}  // namespace
}  // namespace sspid::worker::gss
