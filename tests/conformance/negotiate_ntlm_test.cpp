// Negotiate where there is NTLM beside Kerberos: which of them is taken, when, and that nobody gets there by accident.
#include <string>
#include <vector>

#include "messages_ends.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr ULONG kWanted = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;

class NegotiateWithNtlm : public ::testing::Test {
 protected:
  World& world_ = world();

  // Who is known to NTLM and to the KDC alike, with the same password.
  Identity alice_{"alice", "EXAMPLE", "alicepw"};
  Credential inbound_{"Negotiate", SECPKG_CRED_INBOUND};

  /// No tickets: the default cache of the process is a file that is not there.
  Variable no_tickets() const { return {"KRB5CCNAME", "FILE:" + world_.realm.file("no-such-cache")}; }
};

std::string chosen(SspiContext& context, ULONG& state) {
  auto info = context.attribute<SecPkgContext_NegotiationInfoA>(SECPKG_ATTR_NEGOTIATION_INFO);
  std::string name;
  for (const char* at = reinterpret_cast<const char*>(info.PackageInfo->Name); at[0]; at += 2) name += at[0];
  state = info.NegotiationState;
  FreeContextBuffer(info.PackageInfo);
  return name;
}

TEST_F(NegotiateWithNtlm, kerberos_is_first_where_it_can_be_used) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Pair pair(outbound, inbound_, asking(kUsualRequirements));
  EXPECT_EQ(pair.client.package(), "Kerberos");
  EXPECT_EQ(pair.server.package(), "Kerberos");
  expect_messages_pass(pair.client, pair.server);
}

TEST_F(NegotiateWithNtlm, E_121_E_127_targets_that_mean_nothing_to_kerberos_select_ntlm) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  for (const char* target : {"", "EXAMPLE\\server", "server$"}) {
    Pair pair(outbound, inbound_, asking(kWanted, target));
    EXPECT_EQ(pair.client.package(), "NTLM") << target;
    EXPECT_EQ(pair.server.package(), "NTLM") << target;
    expect_messages_pass(pair.client, pair.server);
    expect_messages_pass(pair.server, pair.client);
  }
}

TEST_F(NegotiateWithNtlm, E_121_no_target_at_all_selects_ntlm) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Buffers token;
  token.room(SECBUFFER_TOKEN, 48256);
  OwnedContext context;
  ASSERT_STATUS(initialize({.credential = outbound.get(),
                            .target = nullptr,
                            .requirements = kWanted,
                            .new_context = context.get(),
                            .output = token.get()}),
                SEC_I_CONTINUE_NEEDED);
  SspiAcceptor server(inbound_);
  server.step(token.bytes(0));
  EXPECT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(server.package(), "NTLM");
}

TEST_F(NegotiateWithNtlm, E_055_service_that_the_kdc_does_not_know_is_reached_by_ntlm) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Pair pair(outbound, inbound_, asking(kWanted, "nosuch/localhost"));
  EXPECT_EQ(pair.client.package(), "NTLM");
  expect_messages_pass(pair.client, pair.server);
}

TEST_F(NegotiateWithNtlm, E_055_and_is_unknown_where_ntlm_is_excluded) {
  Identity only_kerberos("alice", "EXAMPLE", "alicepw", "!ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, only_kerberos.unicode_ex());
  SspiInitiator client(outbound, asking(kWanted, "nosuch/localhost"));
  client.step({});
  EXPECT_STATUS(client.status(), SEC_E_TARGET_UNKNOWN);
}

TEST_F(NegotiateWithNtlm, E_019_excluded_ntlm_is_not_used_for_targets_without_a_service_either) {
  Identity only_kerberos("alice", "EXAMPLE", "alicepw", "!ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, only_kerberos.unicode_ex());
  SspiInitiator client(outbound, asking(kWanted, "EXAMPLE\\server"));
  client.step({});
  EXPECT_LT(client.status(), 0);
}

TEST_F(NegotiateWithNtlm, list_that_names_ntlm_alone_keeps_kerberos_out) {
  Identity only_ntlm("alice", "EXAMPLE", "alicepw", "ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, only_ntlm.unicode_ex());
  Pair pair(outbound, inbound_, asking(kWanted));
  EXPECT_EQ(pair.client.package(), "NTLM");
}

TEST_F(NegotiateWithNtlm, without_tickets_there_is_ntlm) {
  const Variable gone = no_tickets();
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  EXPECT_EQ(outbound.name(), "EXAMPLE\\alice");
  Pair pair(outbound, inbound_, asking(kWanted));
  EXPECT_EQ(pair.client.package(), "NTLM");
}

TEST_F(NegotiateWithNtlm, without_a_kdc_there_is_ntlm) {
  Identity elsewhere("alice", "EXAMPLE", "alicepw");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, elsewhere.unicode());
  world_.realm.stop_kdc();
  SspiInitiator client(outbound, asking(kWanted));
  SspiAcceptor server(inbound_);
  const Handshake handshake = shake_hands(client, server);
  world_.realm.start_kdc();
  ASSERT_TRUE(handshake.complete()) << handshake.initiator.status << handshake.acceptor.status;
  EXPECT_EQ(client.package(), "NTLM");
}

// The server's users file has alice with the very password that the KDC refuses: the fallback would go through.
TEST_F(NegotiateWithNtlm, wrong_password_is_reported_and_never_turned_into_ntlm) {
  world_.realm.kadmin("cpw -pw another alice\n");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, alice_.unicode());
  SspiInitiator client(outbound, asking(kWanted));
  const Leg leg = client.step({});
  world_.realm.kadmin("cpw -pw alicepw alice\n");
  EXPECT_STATUS(client.status(), SEC_E_LOGON_DENIED);
  EXPECT_TRUE(leg.token.empty());
}

TEST_F(NegotiateWithNtlm, E_190_empty_password_is_denied_whatever_the_target) {
  Identity empty("alice", "EXAMPLE", "");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, empty.unicode());
  for (const char* target : {kTarget, "", "EXAMPLE\\server"}) {
    SspiInitiator client(outbound, asking(kWanted, target));
    client.step({});
    EXPECT_LT(client.status(), 0) << target;
  }
  SspiInitiator client(outbound, asking(kWanted));
  client.step({});
  EXPECT_STATUS(client.status(), SEC_E_LOGON_DENIED);
}

TEST_F(NegotiateWithNtlm, E_053_raw_ntlm_tokens_are_taken) {
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND);
  Pair pair(outbound, inbound_, asking(kWanted));
  EXPECT_EQ(pair.server.package(), "NTLM");
  EXPECT_EQ(pair.handshake.tokens, 3U);
  expect_messages_pass(pair.client, pair.server);
}

TEST_F(NegotiateWithNtlm, E_053_raw_kerberos_tokens_are_taken) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Pair pair(outbound, inbound_, asking(kUsualRequirements));
  EXPECT_EQ(pair.server.package(), "Kerberos");
  expect_messages_pass(pair.client, pair.server);
}

TEST_F(NegotiateWithNtlm, E_050_hint_is_followed_by_either) {
  for (const char* package : {"Kerberos", "NTLM"}) {
    SspiAcceptor server(inbound_);
    const Leg hint = server.step({});
    ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
    const std::string text(hint.token.begin(), hint.token.end());
    EXPECT_NE(text.find("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), std::string::npos) << "Kerberos is in the hint";
    EXPECT_NE(text.find("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"), std::string::npos) << "NTLM is in the hint";
    Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
    SspiInitiator client(outbound, asking(kWanted, package == std::string("NTLM") ? "" : kTarget));
    establish(client, server);
    EXPECT_EQ(server.package(), package);
    expect_messages_pass(client, server);
  }
}

TEST_F(NegotiateWithNtlm, E_149_state_goes_from_optimistic_to_complete) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  SspiInitiator client(outbound, asking(kWanted, ""));
  SspiAcceptor server(inbound_);
  ULONG state = 99;
  const Leg first_token = client.step({});
  EXPECT_EQ(chosen(client, state), "NTLM");
  EXPECT_EQ(state, ULONG{SECPKG_NEGOTIATION_OPTIMISTIC});
  const Leg challenge = server.step(first_token.token);
  const Leg authenticate = client.step(challenge.token);
  if (client.status() == SEC_I_CONTINUE_NEEDED) {
    EXPECT_EQ(chosen(client, state), "NTLM");
    EXPECT_EQ(state, ULONG{SECPKG_NEGOTIATION_IN_PROGRESS});
  }
  const Leg last = server.step(authenticate.token);
  if (!last.token.empty()) client.step(last.token);
  ASSERT_STATUS(client.status(), SEC_E_OK);
  EXPECT_EQ(chosen(client, state), "NTLM");
  EXPECT_EQ(state, ULONG{SECPKG_NEGOTIATION_COMPLETE});
  EXPECT_EQ(chosen(server, state), "NTLM");
  EXPECT_EQ(state, ULONG{SECPKG_NEGOTIATION_COMPLETE});
}

std::uint32_t ntlm_sequence(const Bytes& token) {
  return token.at(12) | token.at(13) << 8 | token.at(14) << 16 | static_cast<std::uint32_t>(token.at(15)) << 24;
}

// Targets whose principal NTLM has no name for are among them.
TEST_F(NegotiateWithNtlm, E_179_server_without_kerberos_gets_ntlm_and_both_sign_the_offer) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  for (const std::string& target : {std::string(kTarget), world_.realm.qualified(kTarget)}) {
    SspiInitiator client(outbound, asking(kWanted, target));
    GssAcceptor server({.keytab = {}, .bindings = {}, .offer = Mechanism::ntlm});
    establish(client, server);
    EXPECT_EQ(client.package(), "NTLM");
    const Sealed message = client.seal(bytes_of("the first message"));
    EXPECT_EQ(ntlm_sequence(message.token), 1U) << "the signature of the offer had number 0";
    EXPECT_EQ(text_of(server.unwrap(message.stream()).plain), "the first message");
    Bytes plain;
    EXPECT_STATUS(client.open_stream(server.wrap(bytes_of("its answer")), plain), SEC_E_OK);
    EXPECT_EQ(text_of(plain), "its answer");
  }
}

TEST_F(NegotiateWithNtlm, E_179_server_of_ours_without_kerberos) {
  Identity only_ntlm("alice", "EXAMPLE", "alicepw", "ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND, only_ntlm.unicode_ex());
  SspiInitiator client(outbound, asking(kWanted));
  SspiAcceptor server(inbound);
  const Handshake handshake = establish(client, server);
  EXPECT_EQ(client.package(), "NTLM");
  EXPECT_GE(handshake.tokens, 4U);
  const Sealed message = client.seal(bytes_of("the first message"));
  EXPECT_EQ(ntlm_sequence(message.token), 1U);
  Sealed received = message;
  EXPECT_STATUS(server.open(received), SEC_E_OK);
  expect_messages_pass(server, client);
}

TEST_F(NegotiateWithNtlm, E_180_altered_signature_of_the_offer_is_refused) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  SspiInitiator client(outbound, asking(kWanted));
  GssAcceptor server({.keytab = {}, .bindings = {}, .offer = Mechanism::ntlm});
  Leg ours = client.step({});
  Leg theirs;
  for (int leg = 0; leg < 3; ++leg) {
    theirs = server.step(ours.token);
    if (theirs.state != Leg::State::more) break;
    ours = client.step(theirs.token);
  }
  ASSERT_EQ(theirs.state, Leg::State::done) << "its last token holds the server's signature, at the end";
  ASSERT_FALSE(theirs.token.empty());
  client.step(with_flipped_bit(theirs.token, theirs.token.size() - 6));
  EXPECT_STATUS(client.status(), SEC_E_INVALID_TOKEN);
  {
    SecPkgContext_Sizes sizes{};
    EXPECT_STATUS(QueryContextAttributesW(client.get(), SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
  }
}

TEST_F(NegotiateWithNtlm, foreign_client_that_offers_ntlm_alone) {
  GssInitiator client({.target = "host@localhost",
                       .mechanism = Mechanism::spnego,
                       .flags = GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_SEQUENCE_FLAG,
                       .cache = {},
                       .bindings = {},
                       .offer = Mechanism::ntlm});
  SspiAcceptor server(inbound_);
  establish(client, server);
  EXPECT_EQ(server.package(), "NTLM");
  Bytes plain;
  EXPECT_STATUS(server.open_stream(client.wrap(bytes_of("from theirs")), plain), SEC_E_OK);
  EXPECT_EQ(text_of(client.unwrap(server.seal(bytes_of("from ours")).stream()).plain), "from ours");
}

// ---- AddCredentials

SECURITY_STATUS add(Credential& credential, std::string package, ULONG use, void* identity = nullptr) {
  return AddCredentialsA(credential.get(), nullptr, package.data(), use, identity, nullptr, nullptr, nullptr);
}

/// Whom the server takes the client for, and by which package.
std::string accepted_as(Credential& outbound, Credential& inbound, const std::string& target) {
  Pair pair(outbound, inbound, asking(kWanted, target));
  expect_messages_pass(pair.client, pair.server);
  return pair.server.package() + ' ' + pair.server.user_name();
}

TEST_F(NegotiateWithNtlm, added_NTLM_identity_leaves_the_tickets_as_they_are) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  const std::string kerberos = "Kerberos " + world_.realm.qualified("alice");
  EXPECT_EQ(accepted_as(outbound, inbound_, ""), "NTLM EXAMPLE\\alice");
  Identity bob("bob", "EXAMPLE", "bobpw");
  ASSERT_STATUS(add(outbound, "NTLM", SECPKG_CRED_OUTBOUND, bob.unicode()), SEC_E_OK);
  EXPECT_EQ(accepted_as(outbound, inbound_, ""), "NTLM EXAMPLE\\bob");
  EXPECT_EQ(accepted_as(outbound, inbound_, kTarget), kerberos);
  EXPECT_EQ(outbound.name(), world_.realm.qualified("alice"));
}

TEST_F(NegotiateWithNtlm, added_Kerberos_identity_leaves_NTLMs_as_it_is) {
  Identity bob("bob", "EXAMPLE", "bobpw"), alice("alice", "EXAMPLE", "alicepw");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, bob.unicode());
  ASSERT_STATUS(add(outbound, "Kerberos", SECPKG_CRED_OUTBOUND, alice.unicode()), SEC_E_OK);
  EXPECT_EQ(accepted_as(outbound, inbound_, ""), "NTLM EXAMPLE\\bob");
  EXPECT_EQ(accepted_as(outbound, inbound_, kTarget), "Kerberos " + world_.realm.qualified("alice"));
}

TEST_F(NegotiateWithNtlm, added_NTLM_identity_is_whom_a_server_knows_from_then_on) {
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
  Identity carol("carol", "SOMEWHERE", "secret");
  ASSERT_STATUS(add(inbound, "NTLM", SECPKG_CRED_INBOUND, carol.unicode()), SEC_E_OK);
  Credential as_carol("NTLM", SECPKG_CRED_OUTBOUND, carol.unicode()), as_alice("NTLM", SECPKG_CRED_OUTBOUND);
  EXPECT_EQ(accepted_as(as_carol, inbound, ""), "NTLM SOMEWHERE\\carol");
  SspiInitiator client(as_alice, asking(kWanted, ""));
  SspiAcceptor server(inbound);
  shake_hands(client, server);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED) << "alice is in the users file only";
  Credential tickets("Kerberos", SECPKG_CRED_OUTBOUND);
  EXPECT_EQ(accepted_as(tickets, inbound, kTarget), "Kerberos " + world_.realm.qualified("alice"));
}

TEST_F(NegotiateWithNtlm, NTLM_may_be_added_where_the_package_list_admits_it_only) {
  Identity bob("bob", "EXAMPLE", "bobpw"), only_kerberos("alice", "EXAMPLE", "alicepw", "!ntlm");
  Credential excluding("Negotiate", SECPKG_CRED_OUTBOUND, only_kerberos.unicode_ex());
  EXPECT_STATUS(add(excluding, "NTLM", SECPKG_CRED_OUTBOUND, bob.unicode()), SEC_E_UNSUPPORTED_FUNCTION);
  SspiInitiator client(excluding, asking(kWanted, ""));
  client.step({});
  EXPECT_LT(client.status(), 0) << "nothing was added";
  EXPECT_EQ(accepted_as(excluding, inbound_, kTarget), "Kerberos " + world_.realm.qualified("alice"));
}

TEST_F(NegotiateWithNtlm, E_190_added_identity_with_an_empty_password_is_nobody) {
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND);
  Identity nobody("bob", "EXAMPLE", "");
  ASSERT_STATUS(add(outbound, "NTLM", SECPKG_CRED_OUTBOUND, nobody.unicode()), SEC_E_OK);
  SspiInitiator client(outbound, asking(kWanted, ""));
  const Leg leg = client.step({});
  EXPECT_LT(client.status(), 0) << "neither bob, nor alice who was there before";
  EXPECT_TRUE(leg.token.empty());
}

TEST_F(NegotiateWithNtlm, NTLM_credential_takes_additions_of_its_own_kind) {
  Identity bob("bob", "EXAMPLE", "bobpw");
  Credential ntlm("NTLM", SECPKG_CRED_INBOUND);
  EXPECT_STATUS(add(ntlm, "Kerberos", SECPKG_CRED_OUTBOUND), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(add(ntlm, "Negotiate", SECPKG_CRED_OUTBOUND), SEC_E_UNSUPPORTED_FUNCTION);
  ASSERT_STATUS(add(ntlm, "NTLM", SECPKG_CRED_OUTBOUND, bob.unicode()), SEC_E_OK);
  EXPECT_EQ(accepted_as(ntlm, ntlm, ""), "NTLM EXAMPLE\\bob") << "it is good for both directions";
}

TEST_F(NegotiateWithNtlm, wrong_password_inside_the_negotiation_shows_on_the_server) {
  Identity wrong("alice", "EXAMPLE", "not hers", "ntlm");
  Credential outbound("Negotiate", SECPKG_CRED_OUTBOUND, wrong.unicode_ex());
  SspiInitiator client(outbound, asking(kWanted));
  SspiAcceptor server(inbound_);
  shake_hands(client, server);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED);
}

}  // namespace
}  // namespace sspid::test
