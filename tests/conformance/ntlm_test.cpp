// NTLM: both ends ours, both ends somebody else's gss-ntlmssp, and what is kept from it because it could not bear it.
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

#include <gssapi/gssapi_ext.h>

#include "messages_ends.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr ULONG kWanted = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;

class Ntlm : public ::testing::Test {
 protected:
  void SetUp() override { world(); }
};

/// Both ends ours; the client is whom the identity names, the server verifies against the users file.
struct NtlmPair {
  explicit NtlmPair(ULONG requirements = kWanted, const std::string& user = "alice",
                    const std::string& password = "alicepw")
      : identity(user, "EXAMPLE", password),
        outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.unicode()),
        inbound("NTLM", SECPKG_CRED_INBOUND),
        client(outbound, asking(requirements)),
        server(inbound) {}

  NtlmPair& established() {
    establish(client, server);
    return *this;
  }

  Identity identity;
  Credential outbound, inbound;
  SspiInitiator client;
  SspiAcceptor server;
};

std::uint32_t ntlm_sequence(const Bytes& token) {
  return token.at(12) | token.at(13) << 8 | token.at(14) << 16 | static_cast<std::uint32_t>(token.at(15)) << 24;
}

// ---- The package

TEST_F(Ntlm, E_007_is_listed_behind_kerberos_with_its_number) {
  ULONG count = 0;
  PSecPkgInfoA packages = nullptr;
  ASSERT_STATUS(EnumerateSecurityPackagesA(&count, &packages), SEC_E_OK);
  ASSERT_EQ(count, 3U);
  EXPECT_STREQ(packages[0].Name, "Negotiate");
  EXPECT_STREQ(packages[1].Name, "Kerberos");
  EXPECT_STREQ(packages[2].Name, "NTLM");
  EXPECT_EQ(packages[2].wVersion, 1);
  EXPECT_EQ(packages[2].wRPCID, 10);
  EXPECT_EQ(packages[2].cbMaxToken, 2888U);
  EXPECT_EQ(packages[2].fCapabilities, 0x00082B37U);
  FreeContextBuffer(packages);
}

// ---- Credentials

TEST_F(Ntlm, E_027_credentials_never_expire) {
  Identity bob("bob", "EXAMPLE", "bobpw");
  for (const ULONG use : {SECPKG_CRED_OUTBOUND, SECPKG_CRED_INBOUND, SECPKG_CRED_BOTH})
    for (void* identity : std::initializer_list<void*>{nullptr, bob.unicode()}) {
      const Acquired acquired({.package = "NTLM", .use = use, .identity = identity});
      EXPECT_STATUS(acquired.status, SEC_E_OK);
      EXPECT_EQ(acquired.expiry.QuadPart, kNoExpiry) << use;
    }
}

TEST_F(Ntlm, E_022_principal_of_a_server_is_a_hint_only) {
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND);
  for (const char* principal : {"HTTP/nowhere", "EXAMPLE\\nobody"}) {
    Credential inbound("NTLM", SECPKG_CRED_INBOUND, nullptr, principal);
    Pair pair(outbound, inbound, asking(kWanted));
    EXPECT_EQ(pair.server.user_name(), "EXAMPLE\\alice") << principal;
  }
}

TEST_F(Ntlm, E_030_credentials_have_the_name_of_their_user) {
  Identity bob("bob", "EXAMPLE", "bobpw");
  Credential by_default("NTLM", SECPKG_CRED_OUTBOUND), by_identity("NTLM", SECPKG_CRED_OUTBOUND, bob.unicode());
  const struct {
    Credential& credential;
    const char* name;
  } kCases[] = {{by_default, "EXAMPLE\\alice"}, {by_identity, "EXAMPLE\\bob"}};
  for (const auto& [credential, name] : kCases) {
    SecPkgCredentials_NamesA narrow_names{};
    ASSERT_STATUS(QueryCredentialsAttributesA(credential.get(), SECPKG_CRED_ATTR_NAMES, &narrow_names), SEC_E_OK);
    EXPECT_STREQ(narrow_names.sUserName, name);
    EXPECT_STATUS(FreeContextBuffer(narrow_names.sUserName), SEC_E_OK);
    SecPkgCredentials_NamesW wide_names{};
    ASSERT_STATUS(QueryCredentialsAttributesW(credential.get(), SECPKG_CRED_ATTR_NAMES, &wide_names), SEC_E_OK);
    EXPECT_EQ(narrow(wide_names.sUserName), name);
    EXPECT_STATUS(FreeContextBuffer(wide_names.sUserName), SEC_E_OK);
  }
}

// ---- Establishing

TEST_F(Ntlm, three_tokens_make_a_context_of_which_both_know_the_user) {
  NtlmPair pair;
  const Handshake handshake = establish(pair.client, pair.server);
  EXPECT_EQ(handshake.tokens, 3U);
  EXPECT_EQ(pair.client.user_name(), "EXAMPLE\\alice");
  EXPECT_EQ(pair.server.user_name(), "EXAMPLE\\alice");
  EXPECT_EQ(pair.client.package(), "NTLM");
  expect_messages_pass(pair.client, pair.server);
  expect_messages_pass(pair.server, pair.client);
}

TEST_F(Ntlm, E_044_last_token_comes_from_the_client) {
  NtlmPair pair;
  const Leg negotiate = pair.client.step({});
  EXPECT_STATUS(pair.client.status(), SEC_I_CONTINUE_NEEDED);
  const Leg challenge = pair.server.step(negotiate.token);
  EXPECT_STATUS(pair.server.status(), SEC_I_CONTINUE_NEEDED);
  const Leg authenticate = pair.client.step(challenge.token);
  EXPECT_STATUS(pair.client.status(), SEC_E_OK);
  EXPECT_FALSE(authenticate.token.empty());
  const Leg last = pair.server.step(authenticate.token);
  EXPECT_STATUS(pair.server.status(), SEC_E_OK);
  EXPECT_TRUE(last.token.empty());
}

TEST_F(Ntlm, E_013_E_059_wrong_password_shows_on_the_server) {
  NtlmPair pair(kWanted, "alice", "not hers");
  const Leg negotiate = pair.client.step({});
  const Leg authenticate = pair.client.step(pair.server.step(negotiate.token).token);
  EXPECT_STATUS(pair.client.status(), SEC_E_OK) << "the client cannot know";
  pair.server.step(authenticate.token);
  EXPECT_STATUS(pair.server.status(), SEC_E_LOGON_DENIED);
  EXPECT_STATUS(DeleteSecurityContext(pair.server.get()), SEC_E_OK);
}

TEST_F(Ntlm, user_that_nobody_knows_is_denied) {
  NtlmPair pair(kWanted, "mallory", "alicepw");
  const Handshake handshake = shake_hands(pair.client, pair.server);
  EXPECT_EQ(handshake.acceptor.state, Leg::State::failed);
  EXPECT_STATUS(pair.server.status(), SEC_E_LOGON_DENIED);
}

TEST_F(Ntlm, default_user_is_the_first_of_the_users_file) {
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND);
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  EXPECT_EQ(outbound.name(), "EXAMPLE\\alice");
  Pair pair(outbound, inbound, asking(kWanted));
  EXPECT_EQ(pair.server.user_name(), "EXAMPLE\\alice");
}

TEST_F(Ntlm, principal_names_another_user_of_the_file) {
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, nullptr, "EXAMPLE\\bob");
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  Pair pair(outbound, inbound, asking(kWanted));
  EXPECT_EQ(pair.server.user_name(), "EXAMPLE\\bob");
}

// Passwords that a users file of gss-ntlmssp's own form could not hold are among them.
TEST_F(Ntlm, both_ends_may_be_given_one_user_and_password_that_no_file_knows) {
  for (const char* password : {"secret", "with:colon", "#", "p\xC3\xA4ssw\xC3\xB6rd", "\xF0\x9F\x94\x91", ""}) {
    Identity identity("carol", "SOMEWHERE", password);
    Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.unicode());
    Credential inbound("NTLM", SECPKG_CRED_INBOUND, identity.unicode());
    Pair pair(outbound, inbound, asking(kWanted));
    EXPECT_EQ(pair.server.user_name(), "SOMEWHERE\\carol") << password;
    expect_messages_pass(pair.client, pair.server);
  }
}

TEST_F(Ntlm, server_with_an_identity_lets_nobody_else_in) {
  Identity carol("carol", "EXAMPLE", "secret"), alice("alice", "EXAMPLE", "alicepw");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, alice.unicode());
  Credential inbound("NTLM", SECPKG_CRED_INBOUND, carol.unicode());
  SspiInitiator client(outbound, asking(kWanted));
  SspiAcceptor server(inbound);
  shake_hands(client, server);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED) << "alice is in the users file, but not this credential's user";
}

TEST_F(Ntlm, E_190_empty_password_is_tried_as_such) {
  Identity nobody("alice", "EXAMPLE", "");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, nobody.unicode());
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, asking(kWanted));
  SspiAcceptor server(inbound);
  shake_hands(client, server);
  EXPECT_STATUS(client.status(), SEC_E_OK);
  EXPECT_STATUS(server.status(), SEC_E_LOGON_DENIED);
}

TEST_F(Ntlm, E_014_identity_may_leave_out_any_of_its_parts) {
  for (int left_out = 0; left_out < 3; ++left_out) {
    Identity whole("alice", "EXAMPLE", "alicepw");
    SEC_WINNT_AUTH_IDENTITY_W identity = *whole.unicode();
    if (left_out == 0) identity.User = nullptr, identity.UserLength = 0;
    if (left_out == 1) identity.Domain = nullptr, identity.DomainLength = 0;
    if (left_out == 2) identity.Password = nullptr, identity.PasswordLength = 0;
    const Acquired credential({.package = "NTLM", .use = SECPKG_CRED_OUTBOUND, .identity = &identity});
    EXPECT_STATUS(credential.status, SEC_E_OK) << left_out;
  }
}

TEST_F(Ntlm, user_without_a_domain_is_found_by_the_name_alone) {
  Identity identity("bob", "", "bobpw");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.unicode());
  Credential inbound("NTLM", SECPKG_CRED_INBOUND, identity.unicode());
  Pair pair(outbound, inbound, asking(kWanted));
  EXPECT_NE(pair.server.user_name().find("bob"), std::string::npos);
}

TEST_F(Ntlm, E_028_names_and_passwords_above_256_characters_are_refused) {
  for (const auto& [user, password] :
       {std::pair{std::string(257, 'u'), std::string("p")}, std::pair{std::string("u"), std::string(257, 'p')}}) {
    Identity identity(user, "EXAMPLE", password);
    const Acquired credential({.package = "NTLM", .use = SECPKG_CRED_OUTBOUND, .identity = identity.unicode()});
    EXPECT_STATUS(credential.status, SEC_E_INVALID_PARAMETER);
  }
  Identity longest(std::string(256, 'u'), "EXAMPLE", std::string(256, 'p'));
  const Acquired credential({.package = "NTLM", .use = SECPKG_CRED_OUTBOUND, .identity = longest.unicode()});
  EXPECT_STATUS(credential.status, SEC_E_OK);
}

TEST_F(Ntlm, E_121_needs_no_target) {
  Identity identity("alice", "EXAMPLE", "alicepw");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, identity.unicode());
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  for (const char* target : {"", "EXAMPLE\\server", "HTTP/web.example.test:8080", "user@EXAMPLE.TEST"}) {
    Pair pair(outbound, inbound, asking(kWanted, target));
    expect_messages_pass(pair.client, pair.server);
  }
}

// ---- Passwords

// There is no service that would: a users file is changed by whoever keeps it.
TEST_F(Ntlm, passwords_are_not_changed) {
  std::string package = "NTLM", domain = "EXAMPLE", user = "alice", old_one = "alicepw", new_one = "another password";
  std::u16string wide_package = wide(package), wide_domain = wide(domain), wide_user = wide(user),
                 wide_old = wide(old_one), wide_new = wide(new_one);
  const auto characters = [](std::u16string& text) { return reinterpret_cast<SEC_WCHAR*>(text.data()); };
  for (const bool impersonating : {false, true}) {
    SecBuffer response{77, SECBUFFER_CHANGE_PASS_RESPONSE, &response};
    SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
    EXPECT_STATUS(
        ChangeAccountPasswordA(package.data(), domain.data(), user.data(), impersonating ? nullptr : old_one.data(),
                               new_one.data(), impersonating, 0, &output),
        SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_EQ(response.pvBuffer, nullptr);
    EXPECT_EQ(response.cbBuffer, 0U);
    EXPECT_STATUS(ChangeAccountPasswordW(characters(wide_package), characters(wide_domain), characters(wide_user),
                                         impersonating ? nullptr : characters(wide_old), characters(wide_new),
                                         impersonating, 0, &output),
                  SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_NE(std::string(SspiGetLastErrorText()).find("Kerberos"), std::string::npos) << SspiGetLastErrorText();
  }
  NtlmPair().established();  // with the old one
}

TEST_F(Ntlm, E_174_passwords_are_not_even_asked_for_without_room_for_the_answer) {
  std::string package = "NTLM", user = "alice", old_one = "alicepw", new_one = "another password";
  EXPECT_STATUS(
      ChangeAccountPasswordA(package.data(), nullptr, user.data(), old_one.data(), new_one.data(), 0, 0, nullptr),
      SEC_E_INVALID_PARAMETER);
}

// ---- Flags

TEST_F(Ntlm, E_075_mutual_authentication_is_asked_for_in_vain) {
  NtlmPair pair(kWanted | ISC_REQ_MUTUAL_AUTH | ISC_REQ_DELEGATE);
  pair.established();
  EXPECT_EQ(pair.client.attributes() & (ISC_RET_MUTUAL_AUTH | ISC_RET_DELEGATE), 0U);
  EXPECT_EQ(pair.server.attributes() & (ASC_RET_MUTUAL_AUTH | ASC_RET_DELEGATE), 0U);
}

TEST_F(Ntlm, protection_that_was_asked_for_is_granted_on_both_sides) {
  NtlmPair pair;
  pair.established();
  constexpr ULONG initiator =
      ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY | ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT;
  constexpr ULONG acceptor =
      ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT;
  EXPECT_EQ(pair.client.attributes() & initiator, initiator);
  EXPECT_EQ(pair.server.attributes() & acceptor, acceptor);
}

// ---- Attributes

TEST_F(Ntlm, E_146_sizes) {
  NtlmPair pair;
  pair.established();
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    const SecPkgContext_Sizes sizes = end->sizes();
    EXPECT_EQ(sizes.cbMaxToken, 2888U);
    EXPECT_EQ(sizes.cbMaxSignature, 16U);
    EXPECT_EQ(sizes.cbBlockSize, 0U);
    EXPECT_EQ(sizes.cbSecurityTrailer, 16U);
  }
}

TEST_F(Ntlm, E_155_context_lasts_a_day_and_a_half) {
  const std::int64_t before = std::time(nullptr);
  NtlmPair pair;
  pair.established();
  const std::int64_t after = std::time(nullptr);
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)}) {
    const auto lifespan = end->attribute<SecPkgContext_Lifespan>(SECPKG_ATTR_LIFESPAN);
    EXPECT_GE(unix_time(lifespan.tsExpiry), before + 129600 - 1);
    EXPECT_LE(unix_time(lifespan.tsExpiry), after + 129600 + 1);
  }
}

TEST_F(Ntlm, E_153_session_key_is_the_same_on_both_sides) {
  NtlmPair pair;
  pair.established();
  auto ours = pair.client.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  auto theirs = pair.server.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  ASSERT_EQ(ours.SessionKeyLength, 16U);
  ASSERT_EQ(theirs.SessionKeyLength, 16U);
  EXPECT_TRUE(std::equal(ours.SessionKey, ours.SessionKey + 16, theirs.SessionKey));
  FreeContextBuffer(ours.SessionKey);
  FreeContextBuffer(theirs.SessionKey);
}

TEST_F(Ntlm, attributes_that_differ_from_kerberos) {
  NtlmPair pair;
  pair.established();
  auto key = pair.server.attribute<SecPkgContext_KeyInfoA>(SECPKG_ATTR_KEY_INFO);
  FreeContextBuffer(key.sSignatureAlgorithmName);
  FreeContextBuffer(key.sEncryptAlgorithmName);
  EXPECT_EQ(key.KeySize, 128U);
  auto authority = pair.server.attribute<SecPkgContext_AuthorityW>(SECPKG_ATTR_AUTHORITY);
  EXPECT_EQ(std::u16string(reinterpret_cast<const char16_t*>(authority.sAuthorityName)), u"EXAMPLE");
  FreeContextBuffer(authority.sAuthorityName);
  for (const ULONG attribute : {SECPKG_ATTR_NATIVE_NAMES, SECPKG_ATTR_PROTO_INFO, SECPKG_ATTR_NEGOTIATION_INFO,
                                SECPKG_ATTR_CLIENT_SPECIFIED_TARGET}) {
    Bytes unused(256);
    EXPECT_STATUS(QueryContextAttributesW(pair.server.get(), attribute, unused.data()), SEC_E_UNSUPPORTED_FUNCTION)
        << attribute;
  }
}

// ---- Messages

TEST_F(Ntlm, E_079_empty_messages_are_not_supported) {
  NtlmPair pair;
  pair.established();
  Bytes nothing, token(16);
  Message seal{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, nothing)};
  EXPECT_STATUS(seal.encrypt(pair.client), SEC_E_UNSUPPORTED_FUNCTION);
  Message sign{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, nothing)};
  EXPECT_STATUS(sign.sign(pair.client), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(sign.verify(pair.server), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(seal.decrypt(pair.server), SEC_E_UNSUPPORTED_FUNCTION);
  expect_passes(pair.client, pair.server, "the context has not suffered");
}

TEST_F(Ntlm, E_088_data_keeps_its_length_and_the_token_has_16_bytes) {
  NtlmPair pair;
  pair.established();
  for (const std::size_t size : {1, 15, 16, 1000, 100'000}) {
    const Bytes plain(size, 0x42);
    Sealed message = pair.client.seal(plain);
    EXPECT_EQ(message.token.size(), 16U);
    EXPECT_EQ(message.data.size(), size);
    EXPECT_TRUE(message.padding.empty());
    if (size > 4) {
      EXPECT_NE(message.data, plain);
    }
    EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
    EXPECT_EQ(message.data, plain);
  }
}

TEST_F(Ntlm, E_113_several_data_buffers_are_one_message) {
  NtlmPair pair;
  pair.established();
  Bytes token(16), first_part = bytes_of("in three"), second = bytes_of(" parts"), third = bytes_of(" or in one");
  Message message{buffer(SECBUFFER_DATA, first_part), buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, second),
                  buffer(SECBUFFER_DATA, third)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  Bytes plain;
  ASSERT_STATUS(pair.server.open_stream(joined({token, first_part, second, third}), plain), SEC_E_OK);
  EXPECT_EQ(text_of(plain), "in three parts or in one");
}

TEST_F(Ntlm, E_092_signed_only_message_is_a_signature_beside_plain_data) {
  NtlmPair pair(ISC_REQ_INTEGRITY);
  pair.established();
  const Sealed signed_only = pair.client.seal(bytes_of("for all to read"), SECQOP_WRAP_NO_ENCRYPT);
  EXPECT_EQ(signed_only.token.size(), 16U);
  EXPECT_EQ(text_of(signed_only.data), "for all to read");
  Sealed message = signed_only;
  ULONG qop = 0;
  EXPECT_STATUS(pair.server.open(message, &qop), SEC_E_OK);
  EXPECT_EQ(qop, ULONG{SECQOP_WRAP_NO_ENCRYPT});
  EXPECT_EQ(text_of(message.data), "for all to read");
  // The token is what MakeSignature makes: VerifySignature takes the next one.
  const Sealed next = pair.client.seal(bytes_of("likewise"), SECQOP_WRAP_NO_ENCRYPT);
  EXPECT_STATUS(pair.server.verify(next.data, next.token), SEC_E_OK);
}

TEST_F(Ntlm, E_097_altered_message_is_never_plaintext) {
  NtlmPair pair;
  pair.established();
  const Sealed good = pair.client.seal(bytes_of("altered on the way"));
  Sealed bad = good;
  bad.data = with_flipped_bit(bad.data, 3);
  EXPECT_STATUS(pair.server.open(bad), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(bad.data, Bytes(bad.data.size())) << "wiped";
  for (int i = 0; i < 3; ++i) {
    const Bytes plain = bytes_of("message number " + std::to_string(i));
    Sealed later = pair.client.seal(plain);
    const SECURITY_STATUS status = pair.server.open(later);
    if (status == SEC_E_OK) {
      EXPECT_EQ(later.data, plain);
    } else {
      // It stands where the next one is due, and everything behind it with it.
      EXPECT_TRUE(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_OUT_OF_SEQUENCE) << status_name(status);
    }
  }
  expect_passes(pair.server, pair.client, "the other direction lives");
}

TEST_F(Ntlm, E_104_message_out_of_order_costs_nothing) {
  NtlmPair pair;
  pair.established();
  Sealed first_message = pair.client.seal(bytes_of("first"));
  Sealed second = pair.client.seal(bytes_of("second"));
  Sealed early = second;
  EXPECT_STATUS(pair.server.open(early), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(early.data, Bytes(early.data.size())) << "shown to nobody";
  Sealed again = first_message;
  EXPECT_STATUS(pair.server.open(first_message), SEC_E_OK);
  EXPECT_EQ(text_of(first_message.data), "first");
  EXPECT_STATUS(pair.server.open(again), SEC_E_OUT_OF_SEQUENCE) << "a repetition";
  EXPECT_STATUS(pair.server.open(second), SEC_E_OK);
  EXPECT_EQ(text_of(second.data), "second");
}

TEST_F(Ntlm, E_104_signature_out_of_order_costs_nothing) {
  NtlmPair pair;
  pair.established();
  const Bytes message = bytes_of("signed twice");
  const Bytes first_signature = pair.client.sign(message), second = pair.client.sign(message);
  EXPECT_EQ(ntlm_sequence(first_signature), 0U);
  EXPECT_EQ(ntlm_sequence(second), 1U);
  EXPECT_STATUS(pair.server.verify(message, second), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_STATUS(pair.server.verify(message, first_signature), SEC_E_OK);
  EXPECT_STATUS(pair.server.verify(message, second), SEC_E_OK);
}

TEST_F(Ntlm, E_108_tokens_of_another_length_never_reach_the_mechanism) {
  NtlmPair pair;
  pair.established();
  const Bytes message = bytes_of("sixteen bytes are due");
  const Bytes signature = pair.client.sign(message);
  for (const std::size_t size : {0, 1, 8, 15}) {
    EXPECT_STATUS(pair.server.verify(message, first(signature, size)), SEC_E_INVALID_TOKEN) << size;
    Sealed sealed{first(signature, size), message, {}};
    EXPECT_STATUS(pair.server.open(sealed), SEC_E_INVALID_TOKEN) << size;
  }
  const Bytes longer = joined({signature, {0}});
  EXPECT_STATUS(pair.server.verify(message, longer), SEC_E_INVALID_TOKEN);
  Sealed sealed{longer, message, {}};
  EXPECT_STATUS(pair.server.open(sealed), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(pair.server.verify(message, signature), SEC_E_OK);
}

TEST_F(Ntlm, E_112_parts_that_are_only_covered_by_the_checksum_are_not_supported) {
  NtlmPair pair;
  pair.established();
  Bytes token(16), header = bytes_of("header"), data = bytes_of("data");
  Message message{buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, header), buffer(SECBUFFER_TOKEN, token),
                  buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_EQ(text_of(data), "data");
  expect_passes(pair.client, pair.server, "no number was used up");
}

// ---- Tokens that no honest peer sends

TEST_F(Ntlm, malformed_tokens_are_refused_and_harm_nobody) {
  NtlmPair pair;
  const Leg negotiate = pair.client.step({});
  for (std::size_t size = 0; size < negotiate.token.size(); ++size) {
    SspiAcceptor server(pair.inbound);
    server.step(first(negotiate.token, size));
    EXPECT_STATUS(server.status(), SEC_E_INVALID_TOKEN) << size;
  }
  const Leg challenge = pair.server.step(negotiate.token);
  // Each end of a context survives one bad token only, so each length gets a pair of its own.
  for (std::size_t size = 0; size < challenge.token.size(); size += 7) {
    NtlmPair other;
    static_cast<void>(other.client.step({}));
    other.client.step(first(challenge.token, size));
    EXPECT_STATUS(other.client.status(), SEC_E_INVALID_TOKEN) << size;
  }
  const Leg authenticate = pair.client.step(challenge.token);
  for (std::size_t size = 0; size < authenticate.token.size(); size += 13) {
    NtlmPair other;
    static_cast<void>(other.server.step(other.client.step({}).token));
    other.server.step(first(authenticate.token, size));
    EXPECT_STATUS(other.server.status(), SEC_E_INVALID_TOKEN) << size;
  }
  pair.server.step(authenticate.token);
  EXPECT_STATUS(pair.server.status(), SEC_E_OK);
}

// Found by fuzzing: gss-ntlmssp crashes over it.
TEST_F(Ntlm, server_that_announces_a_name_and_has_none_is_refused) {
  NtlmPair pair;
  Bytes challenge = pair.server.step(pair.client.step({}).token).token;
  challenge.at(12) = challenge.at(13) = 0;  // the length of TargetName, [MS-NLMP] 2.2.1.2
  pair.client.step(challenge);
  EXPECT_STATUS(pair.client.status(), SEC_E_INVALID_TOKEN);
  NtlmPair().established();
}

TEST_F(Ntlm, E_049_E_052_tokens_of_others_are_refused) {
  Credential ntlm("NTLM", SECPKG_CRED_INBOUND), kerberos("Kerberos", SECPKG_CRED_INBOUND);
  Credential tickets("Kerberos", SECPKG_CRED_OUTBOUND), negotiate("Negotiate", SECPKG_CRED_OUTBOUND);
  SspiAcceptor for_kerberos(ntlm), for_negotiate(ntlm), for_nothing(ntlm), for_ntlm(kerberos);
  for_kerberos.step(SspiInitiator(tickets, kTarget).step({}).token);
  EXPECT_STATUS(for_kerberos.status(), SEC_E_INVALID_TOKEN);
  for_negotiate.step(SspiInitiator(negotiate, kTarget).step({}).token);
  EXPECT_STATUS(for_negotiate.status(), SEC_E_INVALID_TOKEN);
  for_nothing.step({});
  EXPECT_STATUS(for_nothing.status(), SEC_E_INVALID_TOKEN);
  NtlmPair pair;
  for_ntlm.step(pair.client.step({}).token);
  EXPECT_STATUS(for_ntlm.status(), SEC_E_INVALID_TOKEN);
}

// ---- The other end is gss-ntlmssp in this process, with the users file by its own means

constexpr OM_uint32 kGssWanted = GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

template <class Ours>
void expect_exchange(Ours& ours, GssContext& gss) {
  EXPECT_EQ(text_of(gss.unwrap(ours.seal(bytes_of("from ours")).stream()).plain), "from ours");
  Bytes plain;
  EXPECT_STATUS(ours.open_stream(gss.wrap(bytes_of("from theirs")), plain), SEC_E_OK);
  EXPECT_EQ(text_of(plain), "from theirs");
  const Bytes message = bytes_of("to be signed");
  EXPECT_EQ(gss.verify_mic(message, ours.sign(message)), OM_uint32{GSS_S_COMPLETE});
  EXPECT_STATUS(ours.verify(message, gss.get_mic(message)), SEC_E_OK);
}

Bytes session_key_of(SspiContext& context) {
  const auto key = context.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  const Bytes bytes(key.SessionKey, key.SessionKey + key.SessionKeyLength);
  FreeContextBuffer(key.SessionKey);
  return bytes;
}

TEST_F(Ntlm, E_153_session_key_is_that_of_a_foreign_end) {
  Identity bob("bob", "EXAMPLE", "bobpw");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, bob.unicode()), inbound("NTLM", SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, asking(kWanted));
  GssAcceptor gss_server;
  establish(client, gss_server);
  EXPECT_EQ(session_key_of(client).size(), 16U);
  EXPECT_EQ(session_key_of(client), gss_server.session_key());

  GssInitiator gss_client(
      {.target = "host@localhost", .mechanism = Mechanism::ntlm, .flags = kGssWanted, .cache = {}, .bindings = {}});
  SspiAcceptor server(inbound);
  establish(gss_client, server);
  EXPECT_EQ(session_key_of(server), gss_client.session_key());
  EXPECT_NE(session_key_of(server), session_key_of(client)) << "each exchange has one of its own";
}

TEST_F(Ntlm, client_of_ours_with_a_foreign_server) {
  Identity bob("bob", "EXAMPLE", "bobpw");
  Credential outbound("NTLM", SECPKG_CRED_OUTBOUND, bob.unicode());
  SspiInitiator ours(outbound, asking(kWanted));
  GssAcceptor gss;
  establish(ours, gss);
  EXPECT_STREQ(gss.initiator_name().c_str(), "EXAMPLE\\bob");
  expect_exchange(ours, gss);
}

// gss_wrap of gss-ntlmssp seals always. Where both ends have agreed on signatures alone, a message is legible with a
// signature beside it (E-092), and this one is no such message.
TEST_F(Ntlm, E_097_foreign_message_that_is_sealed_against_the_agreement_is_no_plaintext) {
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  GssInitiator gss({.target = "host@localhost",
                    .mechanism = Mechanism::ntlm,
                    .flags = kGssWanted & ~OM_uint32{GSS_C_CONF_FLAG},
                    .cache = {},
                    .bindings = {}});
  SspiAcceptor ours(inbound);
  establish(gss, ours);
  EXPECT_EQ(ours.attributes() & ASC_RET_CONFIDENTIALITY, 0U);
  Bytes plain;
  EXPECT_STATUS(ours.open_stream(gss.wrap(bytes_of("sealed all the same")), plain), SEC_E_MESSAGE_ALTERED);
  EXPECT_TRUE(plain.empty());
}

TEST_F(Ntlm, foreign_client_with_a_server_of_ours) {
  Credential inbound("NTLM", SECPKG_CRED_INBOUND);
  GssInitiator gss(
      {.target = "host@localhost", .mechanism = Mechanism::ntlm, .flags = kGssWanted, .cache = {}, .bindings = {}});
  SspiAcceptor ours(inbound);
  establish(gss, ours);
  EXPECT_EQ(ours.user_name(), "EXAMPLE\\alice");
  expect_exchange(ours, gss);
}

}  // namespace
}  // namespace sspid::test
