// The SASL functions against themselves: profiles, the negotiation of the security layer, options. Against others see
// interop/sasl_test.cpp.
#include <cstring>
#include <memory>
#include <tuple>

#include "calls.h"
#include "support/sasl_peer.h"

namespace sspid::test {
namespace {

constexpr ULONG kLayerBits = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
static_assert(ISC_RET_CONFIDENTIALITY == ISC_REQ_CONFIDENTIALITY && ISC_RET_INTEGRITY == ISC_REQ_INTEGRITY);

class Sasl : public ::testing::Test {
 protected:
  Handshake shake(ULONG client_requirements, ULONG server_requirements, std::string authz = {},
                  ULONG processing = Sasl_AuthZIDProcessed) {
    client_.emplace(user_, SaslInitiator::Options{kTarget, client_requirements, std::move(authz)});
    server_.emplace(service_, SaslAcceptor::Options{server_requirements, processing});
    return negotiate(*client_, *server_);
  }

  void expect_signed_messages_pass() {
    const Bytes message = bytes_of("what everybody may read");
    Sealed sealed = client_->seal(message, SECQOP_WRAP_NO_ENCRYPT);
    ULONG qop = 0;
    EXPECT_STATUS(server_->open(sealed, &qop), SEC_E_OK);
    EXPECT_EQ(qop, ULONG{SECQOP_WRAP_NO_ENCRYPT});
    EXPECT_STATUS(server_->verify(message, client_->sign(message)), SEC_E_OK);
  }

  World& world_ = world();
  Credential user_{"Kerberos", SECPKG_CRED_OUTBOUND};
  Credential service_{"Kerberos", SECPKG_CRED_INBOUND};
  std::optional<SaslInitiator> client_;
  std::optional<SaslAcceptor> server_;
};

// A profile for each package that is there, in one block of strings.
TEST_F(Sasl, profiles_are_those_of_the_packages) {
  LPSTR list = nullptr;
  ULONG count = 0;
  ASSERT_STATUS(SaslEnumerateProfilesA(&list, &count), SEC_E_OK);
  std::vector<std::string> names;
  for (const char* at = list; *at != '\0'; at += names.back().size() + 1) names.emplace_back(at);
  FreeContextBuffer(list);
  ASSERT_EQ(names.size(), count);
  ASSERT_GE(count, 2U);
  EXPECT_EQ(names[0], "GSSAPI");
  EXPECT_EQ(names[1], "GSS-SPNEGO");
  for (std::string& name : names) {
    PSecPkgInfoA info = nullptr;
    ASSERT_STATUS(SaslGetProfilePackageA(name.data(), &info), SEC_E_OK) << name;
    const std::string package = info->Name;
    EXPECT_EQ(package, name == "GSSAPI" ? "Kerberos" : name == "GSS-SPNEGO" ? "Negotiate" : "NTLM");
    FreeContextBuffer(info);
    std::u16string wide_name = wide(name);
    PSecPkgInfoW wide_info = nullptr;
    ASSERT_STATUS(SaslGetProfilePackageW(reinterpret_cast<LPWSTR>(wide_name.data()), &wide_info), SEC_E_OK);
    EXPECT_EQ(narrow(reinterpret_cast<const char16_t*>(wide_info->Name)), package);
    FreeContextBuffer(wide_info);
  }
  LPWSTR wide_list = nullptr;
  ULONG wide_count = 0;
  ASSERT_STATUS(SaslEnumerateProfilesW(&wide_list, &wide_count), SEC_E_OK);
  EXPECT_EQ(wide_count, count);
  EXPECT_EQ(narrow(reinterpret_cast<const char16_t*>(wide_list)), "GSSAPI");
  FreeContextBuffer(wide_list);
}

TEST_F(Sasl, unknown_profile_is_not_found) {
  for (std::string name : {"", "PLAIN", "GSSAPI2", "GSS"}) {
    PSecPkgInfoA info = nullptr;
    EXPECT_STATUS(SaslGetProfilePackageA(name.data(), &info), SEC_E_SECPKG_NOT_FOUND) << name;
    EXPECT_EQ(info, nullptr);
  }
}

TEST_F(Sasl, first_known_mechanism_of_a_list_is_taken) {
  const auto identified = [](const Bytes& list) {
    Buffers input;
    input.add(SECBUFFER_TOKEN, list);
    PSecPkgInfoA info = nullptr;
    const SECURITY_STATUS status = SaslIdentifyPackageA(input.get(), &info);
    if (status != SEC_E_OK) return status_name(status);
    std::string name = info->Name;
    FreeContextBuffer(info);
    return name;
  };
  EXPECT_EQ(identified(bytes_of("GSSAPI")), "Kerberos");
  EXPECT_EQ(identified(bytes_of("PLAIN SCRAM-SHA-256 GSS-SPNEGO GSSAPI")), "Negotiate");
  EXPECT_EQ(identified(bytes_of(std::string_view("DIGEST-MD5\0GSSAPI\0\0", 19))), "Kerberos");
  EXPECT_EQ(identified(bytes_of("plain,gssapi")), "Kerberos");
  EXPECT_EQ(identified(bytes_of("PLAIN EXTERNAL")).substr(0, 22), "SEC_E_SECPKG_NOT_FOUND");
  EXPECT_EQ(identified({}).substr(0, 22), "SEC_E_SECPKG_NOT_FOUND");
  EXPECT_EQ(identified(bytes_of("GSS\xFF")).substr(0, 23), "SEC_E_INVALID_PARAMETER");
}

// Without mutual authentication the context has one token only, and the offer comes in answer to it.
TEST_F(Sasl, choice_cut_short_is_refused) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, 0});
  server_.emplace(service_);
  const Leg offer = server_->step(client_->step({}).token);
  ASSERT_EQ(offer.state, Leg::State::more);
  ASSERT_FALSE(offer.token.empty());
  const Leg choice = client_->step(offer.token);
  ASSERT_EQ(choice.state, Leg::State::done);
  EXPECT_EQ(server_->step({choice.token.front()}).state, Leg::State::failed);
  EXPECT_STATUS(server_->status(), SEC_E_INVALID_TOKEN);
}

struct LayerCase {
  const char* name;
  ULONG client, server;
  bool works;
  ULONG layer;  ///< what both ends' attributes say of it
};

class SaslLayers : public Sasl, public ::testing::WithParamInterface<LayerCase> {};

TEST_P(SaslLayers, are_agreed_on_or_not) {
  const LayerCase& wanted = GetParam();
  const Handshake handshake = shake(wanted.client, wanted.server);
  EXPECT_EQ(handshake.complete(), wanted.works) << handshake.initiator.status << " / " << handshake.acceptor.status;
  if (!wanted.works) {
    EXPECT_TRUE(client_->status() == SEC_E_SECURITY_QOS_FAILED || server_->status() == SEC_E_SECURITY_QOS_FAILED);
    return;
  }
  EXPECT_EQ(client_->attributes() & kLayerBits, wanted.layer);
  const bool privacy = (wanted.layer & ISC_RET_CONFIDENTIALITY) != 0;
  EXPECT_EQ((server_->attributes() & ASC_RET_CONFIDENTIALITY) != 0, privacy);
  EXPECT_EQ((server_->attributes() & ASC_RET_INTEGRITY) != 0, wanted.layer != 0);
  EXPECT_EQ(server_->client_name(), world_.realm.qualified("alice"));
  const ULONG size = wanted.layer == 0 ? 0 : 0xFFFF;
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_SEND_SIZE), size);
  EXPECT_EQ(sasl_number(*server_, SASL_OPTION_SEND_SIZE), size);
  if (privacy) expect_messages_pass(*client_, *server_);
  if (wanted.layer == ISC_RET_INTEGRITY) expect_signed_messages_pass();
}

INSTANTIATE_TEST_SUITE_P(
    Layer, SaslLayers,
    ::testing::Values(LayerCase{"none", 0, 0, true, 0},
                      LayerCase{"integrity", ISC_REQ_INTEGRITY, 0, true, ISC_RET_INTEGRITY},
                      LayerCase{"privacy", kLayerBits, 0, true, kLayerBits},
                      LayerCase{"confidentiality_alone", ISC_REQ_CONFIDENTIALITY, 0, true, kLayerBits},
                      LayerCase{"server_demands_integrity", ISC_REQ_INTEGRITY, ASC_REQ_INTEGRITY, true,
                                ISC_RET_INTEGRITY},
                      LayerCase{"server_demands_privacy", kLayerBits, ASC_REQ_CONFIDENTIALITY, true, kLayerBits},
                      LayerCase{"server_demands_more", ISC_REQ_INTEGRITY, ASC_REQ_CONFIDENTIALITY, false, 0},
                      LayerCase{"client_wants_none", 0, ASC_REQ_INTEGRITY, false, 0}),
    [](const auto& parameter) { return std::string(parameter.param.name); });

TEST_F(Sasl, size_of_messages_is_the_smaller_of_what_both_say) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, kLayerBits});
  server_.emplace(service_);
  Leg leg = client_->step({});
  ULONG client_receives = 4096, server_sends = 1000;
  ASSERT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_RECV_SIZE, &client_receives, 4), SEC_E_OK);
  Leg answer = server_->step(leg.token);
  ASSERT_STATUS(SaslSetContextOption(server_->get(), SASL_OPTION_SEND_SIZE, &server_sends, 4), SEC_E_OK);
  for (int i = 0; i < 3 && leg.state == Leg::State::more; ++i) {
    leg = client_->step(answer.token);
    answer = server_->step(leg.token);
  }
  ASSERT_STATUS(server_->status(), SEC_E_OK);
  EXPECT_EQ(sasl_number(*server_, SASL_OPTION_SEND_SIZE), 1000U);
  EXPECT_EQ(sasl_number(*server_, SASL_OPTION_RECV_SIZE), 0xFFFFU);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_SEND_SIZE), 0xFFFFU);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_RECV_SIZE), 4096U);
}

TEST_F(Sasl, authorization_identity_arrives) {
  EXPECT_TRUE(shake(kLayerBits, 0, "u:jürgen").complete());
  EXPECT_EQ(server_->authz(), "u:jürgen");
  EXPECT_TRUE(shake(0, 0).complete());
  EXPECT_EQ(server_->authz(), "");
}

TEST_F(Sasl, forbidden_authorization_identity_is_refused) {
  EXPECT_FALSE(shake(kLayerBits, 0, "u:bob", Sasl_AuthZIDForbidden).complete());
  EXPECT_STATUS(server_->status(), SEC_E_ALGORITHM_MISMATCH);
  EXPECT_TRUE(shake(kLayerBits, 0, "", Sasl_AuthZIDForbidden).complete());
}

TEST_F(Sasl, E_177_short_buffer_is_told_what_is_needed) {
  ASSERT_TRUE(shake(kLayerBits, 0, "u:bob").complete());
  ULONG needed = 0;
  char text[6] = {};
  EXPECT_STATUS(SaslGetContextOption(server_->get(), SASL_OPTION_AUTHZ_STRING, text, 5, &needed),
                SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(needed, 6U);
  EXPECT_STREQ(text, "");
  EXPECT_STATUS(SaslGetContextOption(server_->get(), SASL_OPTION_AUTHZ_STRING, text, 6, &needed), SEC_E_OK);
  EXPECT_STREQ(text, "u:bob");
  for (const ULONG option : {SASL_OPTION_SEND_SIZE, SASL_OPTION_RECV_SIZE, SASL_OPTION_AUTHZ_PROCESSING}) {
    ULONG value = 77;
    needed = 0;
    EXPECT_STATUS(SaslGetContextOption(server_->get(), option, &value, 3, &needed), SEC_E_BUFFER_TOO_SMALL);
    EXPECT_EQ(needed, 4U);
    EXPECT_EQ(value, 77U);
    EXPECT_STATUS(SaslSetContextOption(server_->get(), option, &value, 3), SEC_E_BUFFER_TOO_SMALL);
  }
}

TEST_F(Sasl, E_178_authorization_identity_cannot_be_set_where_it_is_forbidden) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, kLayerBits});
  ASSERT_EQ(client_->step({}).state, Leg::State::more);
  ULONG state = Sasl_AuthZIDForbidden, needed = 0;
  char text[] = "u:bob";
  ASSERT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_AUTHZ_PROCESSING, &state, sizeof state), SEC_E_OK);
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_AUTHZ_STRING, text, 5), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(SaslGetContextOption(client_->get(), SASL_OPTION_AUTHZ_STRING, text, 5, &needed),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_AUTHZ_PROCESSING), ULONG{Sasl_AuthZIDForbidden});
}

TEST_F(Sasl, options_have_defaults_and_bounds) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, kLayerBits});
  ASSERT_EQ(client_->step({}).state, Leg::State::more);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_SEND_SIZE), 0xFFFFU);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_RECV_SIZE), 0xFFFFU);
  EXPECT_EQ(sasl_number(*client_, SASL_OPTION_AUTHZ_PROCESSING), ULONG{Sasl_AuthZIDProcessed});
  ULONG value = 0x1000000, needed = 0;
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_RECV_SIZE, &value, 4), SEC_E_INVALID_PARAMETER);
  value = 2;
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_AUTHZ_PROCESSING, &value, 4), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SaslSetContextOption(client_->get(), 5, &value, 4), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(SaslGetContextOption(client_->get(), 0, &value, 4, &needed), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_SEND_SIZE, nullptr, 4), SEC_E_INVALID_PARAMETER);
  char text[] = {'u', '\0', 'b'};
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_AUTHZ_STRING, text, 3), SEC_E_INVALID_PARAMETER);
  char broken[] = {'u', '\xC3'};
  EXPECT_STATUS(SaslSetContextOption(client_->get(), SASL_OPTION_AUTHZ_STRING, broken, 2), SEC_E_INVALID_PARAMETER);
  CtxtHandle nobody{1, 2};
  EXPECT_STATUS(SaslGetContextOption(&nobody, SASL_OPTION_SEND_SIZE, &value, 4, &needed), SEC_E_INVALID_HANDLE);
  SspiInitiator plain(user_, kTarget);
  plain.step({});
  EXPECT_STATUS(SaslGetContextOption(plain.get(), SASL_OPTION_SEND_SIZE, &value, 4, &needed), SEC_E_INVALID_HANDLE);
}

TEST_F(Sasl, output_without_a_TOKEN_is_refused) {
  OwnedContext context;
  Buffers none;
  none.room(SECBUFFER_DATA, 100);
  std::u16string target = wide(kTarget);
  EXPECT_STATUS(SaslInitializeSecurityContextW(user_.get(), nullptr, reinterpret_cast<LPWSTR>(target.data()), 0, 0, 0,
                                               nullptr, 0, context.get(), none.get(), nullptr, nullptr),
                SEC_E_INVALID_TOKEN);
  EXPECT_TRUE(is_invalidated(*context.get()));
  Buffers input;
  input.add(SECBUFFER_TOKEN, bytes_of("token"));
  EXPECT_STATUS(SaslAcceptSecurityContext(service_.get(), nullptr, input.get(), 0, 0, context.get(), none.get(),
                                          nullptr, nullptr),
                SEC_E_INVALID_TOKEN);
  EXPECT_TRUE(is_invalidated(*context.get()));
}

// Whatever stands in for the peer's word about the layer is refused, and the negotiation is over.
TEST_F(Sasl, changed_offer_is_refused) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, ISC_REQ_MUTUAL_AUTH});
  server_.emplace(service_);
  Leg leg = client_->step({});
  Leg answer = server_->step(leg.token);
  leg = client_->step(answer.token);
  EXPECT_TRUE(leg.token.empty());
  answer = server_->step({});
  ASSERT_EQ(answer.state, Leg::State::more);
  EXPECT_EQ(client_->step(with_flipped_bit(answer.token, answer.token.size() - 1)).state, Leg::State::failed);
  EXPECT_STATUS(client_->status(), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(client_->step(answer.token).state, Leg::State::failed);
  EXPECT_STATUS(client_->status(), SEC_E_INVALID_TOKEN);
}

TEST_F(Sasl, nonsense_instead_of_a_choice_is_refused) {
  for (const Bytes& choice : {Bytes{}, Bytes{1}, Bytes{1, 0, 0}, Bytes{3, 0, 0, 0}, Bytes{0, 0, 0, 0},
                              Bytes{8, 0, 0, 0}, Bytes{1, 0, 0, 0, 0xFF}, Bytes{1, 0, 0, 0, 'u', 0, 'x'}}) {
    // The client is bare SSPI: it can say what it likes.
    SspiInitiator client(user_, asking(kUsualRequirements));
    server_.emplace(service_);
    Leg leg = client.step({});
    Leg answer = server_->step(leg.token);
    leg = client.step(answer.token);
    ASSERT_EQ(leg.state, Leg::State::done);
    answer = server_->step({});
    Bytes offer;
    ASSERT_STATUS(client.open_stream(answer.token, offer), SEC_E_OK);
    EXPECT_EQ(offer, (Bytes{7, 0, 0xFF, 0xFF}));
    const Bytes sent = choice.empty() ? Bytes{} : client.seal(choice, SECQOP_WRAP_NO_ENCRYPT).stream();
    EXPECT_EQ(server_->step(sent).state, Leg::State::failed);
    EXPECT_TRUE(server_->status() == SEC_E_INVALID_TOKEN || server_->status() == SEC_E_SECURITY_QOS_FAILED)
        << status_name(server_->status());
  }
}

TEST_F(Sasl, more_than_nothing_before_the_offer_is_refused) {
  client_.emplace(user_, SaslInitiator::Options{kTarget, ISC_REQ_MUTUAL_AUTH});
  server_.emplace(service_);
  server_->step(client_->step({}).token);
  EXPECT_EQ(server_->step({1}).state, Leg::State::failed);
  EXPECT_STATUS(server_->status(), SEC_E_INVALID_TOKEN);
}

TEST_F(Sasl, token_of_the_layer_waits_for_a_larger_buffer) {
  server_.emplace(service_);
  client_.emplace(user_, SaslInitiator::Options{kTarget, kLayerBits});
  Leg leg = client_->step({});
  Leg answer = server_->step(leg.token);
  leg = client_->step(answer.token);
  answer = server_->step({});
  ASSERT_EQ(answer.state, Leg::State::more);

  Buffers input;
  input.add(SECBUFFER_TOKEN, answer.token);
  Buffers small;
  small.room(SECBUFFER_TOKEN, 10);
  ULONG attributes = 0;
  CtxtHandle* context = client_->get();
  const auto call = [&](Buffers& output) {
    return SaslInitializeSecurityContextA(user_.get(), context, nullptr, kLayerBits, 0, 0, input.get(), 0, context,
                                          output.get(), &attributes, nullptr);
  };
  ASSERT_STATUS(call(small), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_GT(small[0].cbBuffer, 10U);
  EXPECT_EQ(small.memory(0), Bytes(10, kUntouched));
  Buffers enough;
  enough.room(SECBUFFER_TOKEN, small[0].cbBuffer);
  ASSERT_STATUS(call(enough), SEC_E_OK);
  EXPECT_EQ(attributes & kLayerBits, kLayerBits);
  EXPECT_EQ(server_->step(enough.bytes(0)).state, Leg::State::done);
  expect_messages_pass(*client_, *server_);
  ASSERT_STATUS(call(enough), SEC_E_UNSUPPORTED_FUNCTION) << "it is finished";
}

// GSS-SPNEGO has no messages of its own behind those of the context.
TEST_F(Sasl, negotiate_needs_no_negotiation_of_a_layer) {
  Credential user("Negotiate", SECPKG_CRED_OUTBOUND);
  Credential service("Negotiate", SECPKG_CRED_INBOUND);
  SaslInitiator client(user, {.target = kTarget, .requirements = kUsualRequirements});
  SaslAcceptor server(service);
  const Handshake handshake = negotiate(client, server);
  EXPECT_TRUE(handshake.complete()) << handshake.initiator.status << " / " << handshake.acceptor.status;
  expect_messages_pass(client, server);
  EXPECT_EQ(server.client_name(), world_.realm.qualified("alice"));
}

}  // namespace
}  // namespace sspid::test
