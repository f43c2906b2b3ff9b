// Statements that speak of no package, where NTLM comes to them by another way than Kerberos: three tokens, the last of
// which is the client's, and messages that depend on those before. Raw, and as what a negotiation comes to.
#include <algorithm>
#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "cramped.h"
#include "messages_ends.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr ULONG kWanted = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
constexpr std::size_t kRoom = 65536;
constexpr std::size_t kToken = 16;

class NtlmStatements : public ::testing::TestWithParam<const char*> {
 protected:
  // A target without a service: Negotiate takes NTLM for it.
  [[nodiscard]] static SspiInitiator::Options wanted() { return asking(kWanted, ""); }
  [[nodiscard]] Pair made() { return Pair(user_, service_, wanted()); }

  World& world_ = world();
  Credential user_{GetParam(), SECPKG_CRED_OUTBOUND};
  Credential service_{GetParam(), SECPKG_CRED_INBOUND};
};

INSTANTIATE_TEST_SUITE_P(Package, NtlmStatements, ::testing::Values("NTLM", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

/// One call with all that it may be given.
SECURITY_STATUS go_on(bool initiates, CredHandle* credential, CtxtHandle* context, const Bytes& token,
                      CtxtHandle* new_context, Bytes* made = nullptr) {
  Buffers input, output;
  input.add(SECBUFFER_TOKEN, token);
  output.room(SECBUFFER_TOKEN, kRoom);
  const SECURITY_STATUS status = initiates ? initialize({.credential = credential,
                                                         .context = context,
                                                         .target = "",
                                                         .requirements = kWanted,
                                                         .input = input.get(),
                                                         .new_context = new_context,
                                                         .output = output.get()})
                                           : accept({.credential = credential,
                                                     .context = context,
                                                     .input = input.get(),
                                                     .new_context = new_context,
                                                     .output = output.get()});
  if (made != nullptr) *made = output.bytes(0);
  return status;
}

// ---- Establishing

TEST_P(NtlmStatements, E_035_E_036_E_037_later_calls_take_the_handle_from_the_context) {
  Credential another(GetParam(), SECPKG_CRED_OUTBOUND), another_service(GetParam(), SECPKG_CRED_INBOUND);
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_);
  const Bytes challenge = server.step(client.step({}).token).token;
  CtxtHandle same{};
  EXPECT_STATUS(go_on(true, another.get(), client.get(), challenge, &same), SEC_E_WRONG_CREDENTIAL_HANDLE);
  Bytes proof;
  ASSERT_GE(go_on(true, nullptr, client.get(), challenge, &same, &proof), 0) << SspiGetLastErrorText();
  EXPECT_EQ(same.dwLower, client.get()->dwLower);
  EXPECT_EQ(same.dwUpper, client.get()->dwUpper);
  EXPECT_STATUS(go_on(false, another_service.get(), server.get(), proof, server.get()), SEC_E_WRONG_CREDENTIAL_HANDLE);
  EXPECT_STATUS(go_on(false, nullptr, server.get(), proof, server.get()), SEC_E_OK);
}

TEST_P(NtlmStatements, E_041_tokens_that_do_not_fit_wait_on_every_leg) {
  const Refusals refusals = establish_cramped(user_, service_, kWanted, "");
  EXPECT_EQ(refusals.client, 2);
  EXPECT_EQ(refusals.server, std::string(GetParam()) == "NTLM" ? 1 : 2);
}

TEST_P(NtlmStatements, E_046_garbage_on_a_later_leg_ends_the_exchange_but_not_the_handle) {
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_);
  const Bytes challenge = server.step(client.step({}).token).token;
  for (const Bytes& token : {random_bytes(120), challenge}) {  // the right token comes too late
    Bytes made;
    EXPECT_STATUS(go_on(true, user_.get(), client.get(), token, client.get(), &made), SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(made.empty());
  }
  EXPECT_STATUS(go_on(false, service_.get(), server.get(), random_bytes(120), server.get()), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(DeleteSecurityContext(client.get()), SEC_E_OK);
  EXPECT_STATUS(DeleteSecurityContext(server.get()), SEC_E_OK);
}

TEST_P(NtlmStatements, E_047_E_048_later_call_without_a_token_is_refused) {
  SspiInitiator client(user_, wanted());
  client.step({});
  EXPECT_STATUS(go_on(true, user_.get(), client.get(), {}, client.get()), SEC_E_INVALID_TOKEN);
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  EXPECT_STATUS(
      initialize(
          {.credential = user_.get(), .context = client.get(), .new_context = client.get(), .output = output.get()}),
      SEC_E_INVALID_TOKEN);
}

TEST_P(NtlmStatements, E_061_credentials_may_be_freed_before_their_contexts) {
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_);
  const Bytes challenge = server.step(client.step({}).token).token;
  user_.free();
  service_.free();
  Bytes proof, last;
  ASSERT_GE(go_on(true, nullptr, client.get(), challenge, client.get(), &proof), 0) << SspiGetLastErrorText();
  ASSERT_STATUS(go_on(false, nullptr, server.get(), proof, server.get(), &last), SEC_E_OK);
  if (!last.empty()) {
    EXPECT_STATUS(go_on(true, nullptr, client.get(), last, client.get()), SEC_E_OK);
  }
  expect_passes(client, server);
}

TEST_P(NtlmStatements, E_071_proof_that_was_given_in_another_exchange_is_denied) {
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_), another(service_);
  const Leg hello = client.step({});
  const Leg proof = client.step(server.step(hello.token).token);
  another.step(hello.token);
  another.step(proof.token);
  EXPECT_TRUE(another.status() == SEC_E_LOGON_DENIED || another.status() == SEC_E_INVALID_TOKEN)
      << status_name(another.status());
}

TEST_P(NtlmStatements, E_072_E_073_finished_context_takes_no_further_leg_and_stays_usable) {
  Pair pair = made();
  const Bytes token = SspiInitiator(user_, wanted()).step({}).token;
  EXPECT_STATUS(go_on(true, user_.get(), pair.client.get(), token, pair.client.get()), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(go_on(false, service_.get(), pair.server.get(), token, pair.server.get()), SEC_E_UNSUPPORTED_FUNCTION);
  expect_passes(pair.client, pair.server);
}

void expect_one_winner(const std::function<SECURITY_STATUS()>& step) {
  SECURITY_STATUS status[2] = {};
  std::barrier start(2);
  std::thread other([&] {
    start.arrive_and_wait();
    status[1] = step();
  });
  start.arrive_and_wait();
  status[0] = step();
  other.join();
  std::sort(std::begin(status), std::end(status));  // failures are negative
  EXPECT_GE(status[1], 0) << status_name(status[1]);
  EXPECT_TRUE(status[0] == SEC_E_INVALID_TOKEN || status[0] == SEC_E_UNSUPPORTED_FUNCTION) << status_name(status[0]);
}

TEST_P(NtlmStatements, E_103_two_threads_accept_one_context) {
  for (int round = 0; round < 20; ++round) {
    SspiInitiator client(user_, wanted());
    SspiAcceptor server(service_);
    const Bytes proof = client.step(server.step(client.step({}).token).token).token;
    expect_one_winner([&] {
      CtxtHandle same{};
      return go_on(false, service_.get(), server.get(), proof, &same);
    });
  }
}

// ---- Messages

TEST_P(NtlmStatements, E_084_too_small_token_buffer_consumes_no_sequence_number) {
  Pair pair = made();
  Bytes token(kToken - 1, kUntouched), data = bytes_of("stays as it is");
  Message seal{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(seal.encrypt(pair.client), SEC_E_BUFFER_TOO_SMALL);
  Message sign{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(sign.sign(pair.client), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(text_of(data), "stays as it is");
  EXPECT_EQ(token, Bytes(kToken - 1, kUntouched));
  expect_passes(pair.client, pair.server);
}

TEST_P(NtlmStatements, E_085_needs_no_padding_buffer) {
  Pair pair = made();
  for (std::size_t length = 1; length <= 33; ++length) {
    const Bytes plain = random_bytes(length, length);
    Bytes token(kToken), data = plain;
    Message seal{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    ASSERT_STATUS(seal.encrypt(pair.client), SEC_E_OK);
    EXPECT_EQ(seal[0].cbBuffer, kToken);
    Message open{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    ASSERT_STATUS(open.decrypt(pair.server), SEC_E_OK);
    EXPECT_EQ(data, plain);
  }
}

TEST_P(NtlmStatements, E_086_E_087_E_094_E_111_calls_that_lack_something_consume_nothing) {
  Pair pair = made();
  Bytes token(kToken), data = bytes_of("data");
  Message no_data{buffer(SECBUFFER_TOKEN, token)}, no_token{buffer(SECBUFFER_DATA, data)},
      whole{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(no_data.encrypt(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(no_token.encrypt(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(no_token.sign(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(no_token.decrypt(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(whole.encrypt(pair.client, 17), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_STATUS(whole.sign(pair.client, 17), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_EQ(text_of(data), "data");
  expect_passes(pair.client, pair.server);
}

TEST_P(NtlmStatements, E_095_E_104_each_changed_bit_is_noticed) {
  for (std::size_t byte = 0; byte < kToken + 5; ++byte) {
    Pair pair = made();
    const Sealed good = pair.client.seal(bytes_of("12345"));
    Sealed bad = good;
    (byte < kToken ? bad.token : bad.data)[byte < kToken ? byte : byte - kToken] ^= 0x10;
    const SECURITY_STATUS status = pair.server.open(bad);
    // The number stands in clear: it shows before anything is deciphered (E-104).
    EXPECT_STATUS(status, byte >= 12 && byte < kToken ? SEC_E_OUT_OF_SEQUENCE : SEC_E_MESSAGE_ALTERED) << byte;
    EXPECT_EQ(bad.data, Bytes(bad.data.size())) << byte;
  }
}

TEST_P(NtlmStatements, E_104_order_is_kept_whatever_was_negotiated) {
  Pair pair = made();
  Sealed sealed[4];
  for (int i = 0; i < 4; ++i) sealed[i] = pair.client.seal(bytes_of("number " + std::to_string(i)));
  const auto opened = [&](int i) {
    Sealed copy = sealed[i];
    const SECURITY_STATUS status = pair.server.open(copy);
    EXPECT_EQ(copy.data == bytes_of("number " + std::to_string(i)), status == SEC_E_OK);
    return status;
  };
  EXPECT_STATUS(opened(0), SEC_E_OK);
  EXPECT_STATUS(opened(0), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_STATUS(opened(2), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_STATUS(opened(1), SEC_E_OK);
  EXPECT_STATUS(opened(3), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_STATUS(opened(2), SEC_E_OK) << "what came too early has cost nothing";
  EXPECT_STATUS(opened(3), SEC_E_OK);
}

TEST_P(NtlmStatements, E_101_E_102_threads_share_a_context) {
  constexpr std::size_t kEach = 100;
  Pair pair = made();
  std::vector<Sealed> incoming, sealed[2];
  for (std::size_t i = 0; i < kEach; ++i) incoming.push_back(pair.server.seal(bytes_of("in " + std::to_string(i))));
  std::barrier start(3);
  const auto send = [&](std::size_t number) {
    start.arrive_and_wait();
    for (std::size_t i = 0; i < kEach; ++i) sealed[number].push_back(pair.client.seal(bytes_of("out")));
  };
  std::thread one(send, 0), two(send, 1);
  start.arrive_and_wait();
  for (Sealed& message : incoming) EXPECT_STATUS(pair.client.open(message), SEC_E_OK);
  one.join();
  two.join();
  std::vector<Sealed> all = std::move(sealed[0]);
  all.insert(all.end(), sealed[1].begin(), sealed[1].end());
  const auto number = [](const Sealed& message) {
    return message.token.at(12) | message.token.at(13) << 8 | message.token.at(14) << 16;
  };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return number(a) < number(b); });
  for (Sealed& message : all) {
    EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
    EXPECT_EQ(text_of(message.data), "out");
  }
}

TEST_P(NtlmStatements, E_105_own_message_fed_back) {
  Pair pair = made();
  Sealed own = pair.client.seal(bytes_of("mirror"));
  EXPECT_STATUS(pair.client.open(own), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(own.data, Bytes(own.data.size()));
}

// Both are 16 bytes, and nothing tells them apart but what they are of: the status is not Kerberos'.
TEST_P(NtlmStatements, E_106_token_of_a_sealed_message_is_no_signature_of_it_and_the_reverse) {
  {
    Pair pair = made();
    const Sealed sealed = pair.client.seal(bytes_of("sealed, not signed"));
    EXPECT_STATUS(pair.server.verify(bytes_of("sealed, not signed"), sealed.token), SEC_E_MESSAGE_ALTERED);
  }
  Pair pair = made();
  Sealed message{pair.client.sign(bytes_of("signed, not sealed")), bytes_of("signed, not sealed"), {}};
  EXPECT_STATUS(pair.server.open(message), SEC_E_MESSAGE_ALTERED);
}

// ---- Attributes

// SPNEGO asks for integrity itself, so that the list of mechanisms can be signed: the server is granted it in any case.
TEST_P(NtlmStatements, E_147_protection_that_was_not_granted_has_no_size) {
  for (const ULONG requirements : {ULONG{0}, ULONG{ISC_REQ_INTEGRITY}, kWanted}) {
    Pair pair(user_, service_, asking(requirements, ""));
    EXPECT_EQ((pair.client.attributes() & ISC_RET_INTEGRITY) != 0, requirements != 0) << requirements;
    const bool server_signs = (pair.server.attributes() & ASC_RET_INTEGRITY) != 0;
    EXPECT_EQ(server_signs, requirements != 0 || GetParam() == std::string("Negotiate")) << requirements;
    const auto expect_sizes = [](SspiContext& end, bool protects) {
      EXPECT_EQ(end.sizes().cbMaxSignature, protects ? kToken : 0);
      EXPECT_EQ(end.sizes().cbSecurityTrailer, protects ? kToken : 0);
    };
    expect_sizes(pair.client, requirements != 0);
    expect_sizes(pair.server, server_signs);
  }
}

TEST_P(NtlmStatements, E_121_client_that_asks_for_no_protection_gets_there_too) {
  Pair pair(user_, service_, asking(0, ""));
  EXPECT_EQ(pair.server.package(), "NTLM");
  EXPECT_EQ(pair.server.user_name(), "EXAMPLE\\alice");
}

TEST_P(NtlmStatements, E_148_unfinished_context_tells_nothing_but_its_package_flags_and_state) {
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_);
  server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  const Bytes untouched(256, 0x5A);
  for (SspiContext* end : {static_cast<SspiContext*>(&client), static_cast<SspiContext*>(&server)}) {
    for (const ULONG attribute :
         {SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_LIFESPAN, SECPKG_ATTR_STREAM_SIZES, SECPKG_ATTR_KEY_INFO,
          SECPKG_ATTR_AUTHORITY, SECPKG_ATTR_PASSWORD_EXPIRY, SECPKG_ATTR_SESSION_KEY}) {
      Bytes place = untouched;
      EXPECT_STATUS(QueryContextAttributesW(end->get(), attribute, place.data()), SEC_E_INVALID_HANDLE) << attribute;
      EXPECT_EQ(place, untouched);
    }
    EXPECT_EQ(end->package(), "NTLM");
    (void)end->attribute<SecPkgContext_Flags>(SECPKG_ATTR_FLAGS);
  }
}

TEST_P(NtlmStatements, E_150_what_NTLM_does_not_have_leaves_the_buffer_alone) {
  Pair pair = made();
  const Bytes untouched(256, 0x5A);
  for (SspiContext* end : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server)})
    for (const ULONG attribute :
         {ULONG{SECPKG_ATTR_PROTO_INFO}, ULONG{SECPKG_ATTR_NATIVE_NAMES}, ULONG{SECPKG_ATTR_CLIENT_SPECIFIED_TARGET},
          ULONG{SECPKG_ATTR_DCE_INFO}, ULONG{SECPKG_ATTR_USER_FLAGS}, ULONG{SECPKG_ATTR_UNIQUE_BINDINGS}, ULONG{4711},
          ULONG{0xFFFFFFFF}}) {
      Bytes place = untouched;
      EXPECT_STATUS(QueryContextAttributesW(end->get(), attribute, place.data()), SEC_E_UNSUPPORTED_FUNCTION);
      EXPECT_STATUS(QueryContextAttributesA(end->get(), attribute, place.data()), SEC_E_UNSUPPORTED_FUNCTION);
      EXPECT_EQ(place, untouched) << attribute;
    }
}

TEST_P(NtlmStatements, E_109_stream_shorter_than_a_signature_tells_what_is_missing) {
  Pair pair = made();
  const Bytes whole = pair.client.seal(bytes_of("in a stream")).stream();
  for (const std::size_t length : {std::size_t{1}, std::size_t{15}}) {
    Bytes part = first(whole, length);
    Message message{buffer(SECBUFFER_STREAM, part), {0, SECBUFFER_DATA, nullptr}, {0, SECBUFFER_EMPTY, nullptr}};
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_INCOMPLETE_MESSAGE) << length;
    EXPECT_EQ(message[2].BufferType, ULONG{SECBUFFER_MISSING});
    EXPECT_EQ(message[2].cbBuffer, kToken - length);
  }
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(whole, plain), SEC_E_OK);
}

TEST_P(NtlmStatements, E_114_incomplete_context_protects_nothing) {
  SspiInitiator client(user_, wanted());
  SspiAcceptor server(service_);
  server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  for (SspiContext* end : {static_cast<SspiContext*>(&client), static_cast<SspiContext*>(&server)}) {
    Bytes token(kToken), data = bytes_of("too early");
    Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    EXPECT_STATUS(message.encrypt(*end), SEC_E_INVALID_HANDLE);
    EXPECT_STATUS(message.sign(*end), SEC_E_INVALID_HANDLE);
    EXPECT_STATUS(message.decrypt(*end), SEC_E_INVALID_HANDLE);
    EXPECT_STATUS(message.verify(*end), SEC_E_INVALID_HANDLE);
  }
}

TEST_P(NtlmStatements, E_116_message_sequence_number_is_ignored) {
  Pair pair = made();
  Bytes token(kToken), data = bytes_of("numbered by the package");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  ASSERT_STATUS(message.encrypt(pair.client, 0, 77), SEC_E_OK);
  EXPECT_STATUS(message.decrypt(pair.server, nullptr, 3), SEC_E_OK);
  EXPECT_EQ(text_of(data), "numbered by the package");
}

TEST_P(NtlmStatements, E_184_payload_of_16_MiB) {
  Pair pair = made();
  const Bytes plain = random_bytes(std::size_t{16} << 20);
  Sealed message = pair.client.seal(plain);
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  EXPECT_TRUE(message.data == plain);
}

}  // namespace
}  // namespace sspid::test
