// Section B, first part: the legs of setting a context up, in and out of turn.
#include <algorithm>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

constexpr std::size_t kRoom = 65536;

class Legs : public EachPackage {
 protected:
  Credential user_ = outbound();
  Credential service_ = inbound();
};

// One leg of each, with buffers of the test's own.
struct Step {
  SECURITY_STATUS status;
  Bytes token;
};

Step initialize_step(CredHandle* credential, CtxtHandle* context, CtxtHandle* new_context, const Bytes& token,
                     ULONG requirements = kUsualRequirements) {
  Buffers input;
  Buffers output;
  if (!token.empty()) input.add(SECBUFFER_TOKEN, token);
  output.room(SECBUFFER_TOKEN, kRoom);
  const SECURITY_STATUS status = initialize({.credential = credential,
                                             .context = context,
                                             .requirements = requirements,
                                             .input = token.empty() ? nullptr : input.get(),
                                             .new_context = new_context,
                                             .output = output.get()});
  return {status, output.bytes(0)};
}

Step accept_step(CredHandle* credential, CtxtHandle* context, CtxtHandle* new_context, const Bytes& token,
                 ULONG requirements = 0) {
  Buffers input;
  Buffers output;
  input.add(SECBUFFER_TOKEN, token);
  output.room(SECBUFFER_TOKEN, kRoom);
  const SECURITY_STATUS status = accept({.credential = credential,
                                         .context = context,
                                         .input = input.get(),
                                         .requirements = requirements,
                                         .new_context = new_context,
                                         .output = output.get()});
  return {status, output.bytes(0)};
}

bool same_handle(const SecHandle& a, const SecHandle& b) { return a.dwLower == b.dwLower && a.dwUpper == b.dwUpper; }

// A three-legged exchange of bare Kerberos leaves both sides unfinished in between.
constexpr ULONG kDceStyle = kUsualRequirements | ISC_REQ_USE_DCE_STYLE;

TEST_P(Legs, E_032_first_call_makes_a_context_and_a_token) {
  OwnedContext context;
  const Step first = initialize_step(user_.get(), nullptr, context.get(), {});
  EXPECT_STATUS(first.status, SEC_I_CONTINUE_NEEDED);
  EXPECT_GT(first.token.size(), 0U);
  EXPECT_TRUE(SecIsValidHandle(context.get()));
}

TEST_P(Legs, E_032_without_mutual_authentication_Kerberos_is_done_with_the_first_call) {
  OwnedContext context;
  const Step first = initialize_step(user_.get(), nullptr, context.get(), {}, ISC_REQ_INTEGRITY);
  EXPECT_STATUS(first.status, negotiates() ? SEC_I_CONTINUE_NEEDED : SEC_E_OK);
  EXPECT_GT(first.token.size(), 0U);
  EXPECT_TRUE(SecIsValidHandle(context.get()));
}

TEST_P(Legs, E_033_place_for_the_context_is_required) {
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  EXPECT_STATUS(initialize({.credential = user_.get(), .output = output.get()}), SEC_E_INVALID_HANDLE);
  SspiInitiator client(user_, kTarget);
  Buffers input;
  input.add(SECBUFFER_TOKEN, client.step({}).token);
  EXPECT_STATUS(accept({.credential = service_.get(), .input = input.get(), .output = output.get()}),
                SEC_E_INVALID_HANDLE);
}

TEST_P(Legs, E_034_context_is_continued_in_the_same_variable) {
  OwnedContext client;
  const Step first = initialize_step(user_.get(), nullptr, client.get(), {});
  const CtxtHandle before = *client.get();
  SspiAcceptor server(service_);
  const Leg answer = server.step(first.token);
  EXPECT_STATUS(initialize_step(user_.get(), client.get(), client.get(), answer.token).status, SEC_E_OK);
  EXPECT_TRUE(same_handle(*client.get(), before));
}

TEST_P(Legs, E_035_another_variable_gets_the_same_handle) {
  OwnedContext client;
  CtxtHandle second{5, 6};
  const Step first = initialize_step(user_.get(), nullptr, client.get(), {});
  SspiAcceptor server(service_);
  const Leg answer = server.step(first.token);
  ASSERT_STATUS(initialize_step(user_.get(), client.get(), &second, answer.token).status, SEC_E_OK);
  EXPECT_TRUE(same_handle(*client.get(), second));
  SecPkgContext_Sizes sizes{};
  EXPECT_STATUS(QueryContextAttributesW(&second, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
  EXPECT_STATUS(DeleteSecurityContext(&second), SEC_E_OK);
  EXPECT_STATUS(QueryContextAttributesW(client.get(), SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
}

TEST_P(Legs, E_036_later_calls_need_no_credential) {
  OwnedContext client;
  OwnedContext server;
  Step step = initialize_step(user_.get(), nullptr, client.get(), {}, kDceStyle);
  step = accept_step(service_.get(), nullptr, server.get(), step.token);
  ASSERT_STATUS(step.status, SEC_I_CONTINUE_NEEDED);
  step = initialize_step(nullptr, client.get(), client.get(), step.token);
  ASSERT_EQ(step.status, negotiates() ? SEC_I_CONTINUE_NEEDED : SEC_E_OK) << SspiGetLastErrorText();
  EXPECT_STATUS(accept_step(nullptr, server.get(), server.get(), step.token).status, SEC_E_OK);
}

TEST_P(Legs, E_037_later_call_with_another_credential_is_refused_and_changes_nothing) {
  Credential other_user = outbound();
  Credential other_service = inbound();
  OwnedContext client;
  OwnedContext server;
  const Step first = initialize_step(user_.get(), nullptr, client.get(), {}, kDceStyle);
  const Step answer = accept_step(service_.get(), nullptr, server.get(), first.token);
  EXPECT_STATUS(initialize_step(other_user.get(), client.get(), client.get(), answer.token).status,
                SEC_E_WRONG_CREDENTIAL_HANDLE);
  const Step third = initialize_step(user_.get(), client.get(), client.get(), answer.token);
  ASSERT_GE(third.status, 0) << status_name(third.status) << ' ' << SspiGetLastErrorText();
  EXPECT_STATUS(accept_step(other_service.get(), server.get(), server.get(), third.token).status,
                SEC_E_WRONG_CREDENTIAL_HANDLE);
  EXPECT_STATUS(accept_step(service_.get(), server.get(), server.get(), third.token).status, SEC_E_OK);
}

TEST_P(Legs, E_038_first_call_needs_a_credential) {
  OwnedContext context;
  *context.get() = {5, 6};
  EXPECT_STATUS(initialize_step(nullptr, nullptr, context.get(), {}).status, SEC_E_INVALID_HANDLE);
  EXPECT_TRUE(is_invalidated(*context.get()));
  SspiInitiator client(user_, kTarget);
  *context.get() = {5, 6};
  EXPECT_STATUS(accept_step(nullptr, nullptr, context.get(), client.step({}).token).status, SEC_E_INVALID_HANDLE);
  EXPECT_TRUE(is_invalidated(*context.get()));
}

TEST_P(Legs, E_039_credential_serves_only_the_direction_it_was_acquired_for) {
  OwnedContext context;
  EXPECT_STATUS(initialize_step(service_.get(), nullptr, context.get(), {}).status, SEC_E_NO_CREDENTIALS);
  SspiInitiator client(user_, kTarget);
  EXPECT_STATUS(accept_step(user_.get(), nullptr, context.get(), client.step({}).token).status,
                SEC_E_UNKNOWN_CREDENTIALS);
}

TEST_P(Legs, E_046_garbage_on_a_later_leg_ends_the_exchange_but_not_the_handle) {
  OwnedContext client;
  const Step first = initialize_step(user_.get(), nullptr, client.get(), {});
  SspiAcceptor server(service_);
  const Leg answer = server.step(first.token);
  const Step garbage = initialize_step(user_.get(), client.get(), client.get(), random_bytes(120));
  EXPECT_STATUS(garbage.status, SEC_E_INVALID_TOKEN);
  EXPECT_EQ(garbage.token.size(), 0U);
  const Step afterwards = initialize_step(user_.get(), client.get(), client.get(), answer.token);
  EXPECT_STATUS(afterwards.status, SEC_E_INVALID_TOKEN) << "the right token, too late";
  EXPECT_EQ(afterwards.token.size(), 0U);
  EXPECT_STATUS(DeleteSecurityContext(client.get()), SEC_E_OK);
}

TEST_P(Legs, E_047_E_048_later_call_without_a_token_is_refused) {
  OwnedContext client;
  const Step first = initialize_step(user_.get(), nullptr, client.get(), {});
  Buffers empty;
  empty.room(SECBUFFER_TOKEN, 0);
  Buffers none;
  none.room(SECBUFFER_EMPTY, 0);
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  for (SecBufferDesc* input : {empty.get(), none.get(), static_cast<SecBufferDesc*>(nullptr)}) {
    output[0].cbBuffer = kRoom;
    EXPECT_STATUS(initialize({.credential = user_.get(),
                              .context = client.get(),
                              .input = input,
                              .new_context = client.get(),
                              .output = output.get()}),
                  SEC_E_INVALID_TOKEN);
    EXPECT_EQ(output[0].cbBuffer, 0U);
  }
  EXPECT_STATUS(DeleteSecurityContext(client.get()), SEC_E_OK);
}

TEST_P(Legs, E_049_E_050_empty_first_token_is_a_question_to_Negotiate_alone) {
  OwnedContext server;
  const Step answer = accept_step(service_.get(), nullptr, server.get(), {});
  if (!negotiates()) {
    EXPECT_STATUS(answer.status, SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(is_invalidated(*server.get()));
    EXPECT_EQ(answer.token.size(), 0U);
    return;
  }
  ASSERT_STATUS(answer.status, SEC_I_CONTINUE_NEEDED);
  EXPECT_TRUE(SecIsValidHandle(server.get()));
  // NegTokenInit2 (MS-SPNG) says by its hint that it is one.
  EXPECT_NE(text_of(answer.token).find("not_defined_in_RFC4178@please_ignore"), std::string::npos);
}

TEST(NegotiateLegs, E_050_client_may_begin_after_the_hint) {
  world();
  Credential user("Negotiate", SECPKG_CRED_OUTBOUND);
  Credential service("Negotiate", SECPKG_CRED_INBOUND);
  OwnedContext server;
  ASSERT_STATUS(accept_step(service.get(), nullptr, server.get(), {}).status, SEC_I_CONTINUE_NEEDED);
  SspiInitiator client(user, kTarget);
  const Leg first = client.step({});
  const Step answer = accept_step(service.get(), server.get(), server.get(), first.token);
  ASSERT_STATUS(answer.status, SEC_E_OK);
  client.step(answer.token);
  EXPECT_STATUS(client.status(), SEC_E_OK);
}

TEST_P(Legs, E_051_garbage_makes_no_context) {
  for (const std::size_t size : {1U, 7U, 120U, 4000U}) {
    OwnedContext server;
    const Step answer = accept_step(service_.get(), nullptr, server.get(), random_bytes(size));
    EXPECT_STATUS(answer.status, SEC_E_INVALID_TOKEN) << size << " bytes";
    EXPECT_TRUE(is_invalidated(*server.get()));
    EXPECT_EQ(answer.token.size(), 0U);
  }
}

TEST_P(Legs, E_051_every_truncation_of_a_first_token_is_refused) {
  SspiInitiator client(user_, kTarget);
  const Bytes token = client.step({}).token;
  for (std::size_t size = 1; size < token.size(); size += size < 64 ? 1 : 61) {
    OwnedContext server;
    const Bytes beginning(token.begin(), token.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_LT(accept_step(service_.get(), nullptr, server.get(), beginning).status, 0) << size << " bytes";
    EXPECT_TRUE(is_invalidated(*server.get()));
  }
}

TEST_P(Legs, E_052_token_of_another_package_is_refused) {
  OwnedContext server;
  const Bytes ntlm = ByteBuilder().add(std::string_view("NTLMSSP\0", 8)).le(std::uint32_t{1}).zeros(28).take();
  if (!negotiates()) {
    Credential negotiating("Negotiate", SECPKG_CRED_OUTBOUND);
    SspiInitiator client(negotiating, kTarget);
    EXPECT_STATUS(accept_step(service_.get(), nullptr, server.get(), client.step({}).token).status,
                  SEC_E_INVALID_TOKEN);
  }
  EXPECT_STATUS(accept_step(service_.get(), nullptr, server.get(), ntlm).status, SEC_E_INVALID_TOKEN);
  EXPECT_TRUE(is_invalidated(*server.get()));
}

TEST_P(Legs, E_061_credentials_may_be_freed_before_their_contexts) {
  SspiInitiator half_client(user_, kTarget);
  const Leg first = half_client.step({});
  Pair pair(user_, service_);
  OwnedContext half_server;
  SspiInitiator dce_client(user_, asking(kDceStyle));
  Step answer = accept_step(service_.get(), nullptr, half_server.get(), dce_client.step({}).token);
  ASSERT_STATUS(answer.status, SEC_I_CONTINUE_NEEDED);
  const CredHandle freed_user = *user_.get();
  user_.free();
  service_.free();

  CredHandle credential = freed_user;
  EXPECT_STATUS(FreeCredentialsHandle(&credential), SEC_E_INVALID_HANDLE);
  expect_messages_pass(pair.client, pair.server);
  // Half-built ones go on without a credential.
  const Step third = initialize_step(nullptr, dce_client.get(), dce_client.get(), answer.token);
  ASSERT_GE(third.status, 0) << SspiGetLastErrorText();
  EXPECT_STATUS(accept_step(nullptr, half_server.get(), half_server.get(), third.token).status, SEC_E_OK);
  Credential another_service = inbound();
  SspiAcceptor server(another_service);
  EXPECT_STATUS(initialize_step(nullptr, half_client.get(), half_client.get(), server.step(first.token).token).status,
                SEC_E_OK);
}

TEST_P(Legs, E_068_first_buffer_of_each_type_counts) {
  OwnedContext server;
  SspiInitiator client(user_, kTarget);
  Buffers input;
  input.room(SECBUFFER_EMPTY, 10).add(SECBUFFER_TOKEN, client.step({}).token).add(SECBUFFER_TOKEN, random_bytes(80));
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom).room(SECBUFFER_TOKEN, 100);
  EXPECT_STATUS(
      accept({.credential = service_.get(), .input = input.get(), .new_context = server.get(), .output = output.get()}),
      SEC_E_OK);
  EXPECT_LT(output[0].cbBuffer, kRoom);
  EXPECT_GT(output[0].cbBuffer, 0U);
  EXPECT_EQ(output[1].cbBuffer, 100U);
  EXPECT_EQ(output.memory(1), Bytes(100, kUntouched));
}

TEST_P(Legs, E_069_descriptor_of_another_version_is_refused) {
  OwnedContext context;
  SspiInitiator client(user_, kTarget);
  const Bytes token = client.step({}).token;
  for (const bool in : {true, false}) {
    Buffers input;
    Buffers output;
    input.add(SECBUFFER_TOKEN, token);
    output.room(SECBUFFER_TOKEN, kRoom);
    SecBufferDesc wrong = in ? *input.get() : *output.get();
    wrong.ulVersion = 1;
    SecBufferDesc* const input_used = in ? &wrong : input.get();
    SecBufferDesc* const output_used = in ? output.get() : &wrong;
    EXPECT_STATUS(
        accept(
            {.credential = service_.get(), .input = input_used, .new_context = context.get(), .output = output_used}),
        SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(is_invalidated(*context.get()));
    EXPECT_STATUS(initialize({.credential = user_.get(),
                              .input = in ? &wrong : nullptr,
                              .new_context = context.get(),
                              .output = output_used}),
                  SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(is_invalidated(*context.get()));
    EXPECT_EQ(output.memory(0), Bytes(kRoom, kUntouched));
  }
  // Nothing was consumed by that: the token still is no replay.
  EXPECT_STATUS(accept_step(service_.get(), nullptr, context.get(), token).status, SEC_E_OK);
}

TEST_P(Legs, E_070_empty_descriptor_is_no_buffers_and_a_count_without_array_is_refused) {
  OwnedContext context;
  SecBufferDesc no_buffers{SECBUFFER_VERSION, 0, nullptr};
  SecBufferDesc no_array{SECBUFFER_VERSION, 2, nullptr};
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  EXPECT_STATUS(
      initialize({.credential = user_.get(), .input = &no_array, .new_context = context.get(), .output = output.get()}),
      SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(
      accept(
          {.credential = service_.get(), .input = &no_buffers, .new_context = context.get(), .output = output.get()}),
      SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(
      accept({.credential = service_.get(), .input = &no_array, .new_context = context.get(), .output = output.get()}),
      SEC_E_INVALID_TOKEN);
  output[0].cbBuffer = kRoom;
  EXPECT_STATUS(
      initialize(
          {.credential = user_.get(), .input = &no_buffers, .new_context = context.get(), .output = output.get()}),
      SEC_I_CONTINUE_NEEDED);
}

TEST_P(Legs, E_071_replayed_first_token_is_denied) {
  SspiInitiator client(user_, kTarget);
  const Bytes token = client.step({}).token;
  SspiAcceptor server(service_);
  server.step(token);
  ASSERT_STATUS(server.status(), SEC_E_OK);
  OwnedContext again;
  EXPECT_STATUS(accept_step(service_.get(), nullptr, again.get(), token).status, SEC_E_LOGON_DENIED);
  EXPECT_TRUE(is_invalidated(*again.get()));
  Credential another_service = inbound();
  EXPECT_STATUS(accept_step(another_service.get(), nullptr, again.get(), token).status, SEC_E_LOGON_DENIED);
}

TEST_P(Legs, E_071_answer_to_somebody_else_is_refused) {
  SspiInitiator first(user_, kTarget);
  SspiInitiator second(user_, kTarget);
  SspiAcceptor server(service_);
  const Leg answer = server.step(first.step({}).token);
  second.step({});
  EXPECT_EQ(second.step(answer.token).state, Leg::State::failed);
  EXPECT_LT(second.status(), 0);
}

TEST_P(Legs, E_072_E_073_finished_context_takes_no_further_leg_and_stays_usable) {
  Pair pair(user_, service_);
  SspiInitiator other(user_, kTarget);
  const Bytes token = other.step({}).token;
  EXPECT_STATUS(initialize_step(user_.get(), pair.client.get(), pair.client.get(), token).status,
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(accept_step(service_.get(), pair.server.get(), pair.server.get(), token).status,
                SEC_E_UNSUPPORTED_FUNCTION);
  expect_messages_pass(pair.client, pair.server);
  expect_messages_pass(pair.server, pair.client);
}

TEST_P(Legs, context_of_the_other_side_is_no_context_here) {
  SspiInitiator client(user_, kTarget);
  const Leg first = client.step({});
  EXPECT_STATUS(accept_step(service_.get(), client.get(), client.get(), first.token).status, SEC_E_INVALID_HANDLE);
}

FOR_EACH_PACKAGE(Legs);

// ---- Negotiate takes bare tokens of its packages, too.

class BareTokens : public ::testing::Test {
 protected:
  World& world_ = world();
  Credential service_{"Negotiate", SECPKG_CRED_INBOUND};
};

TEST_F(BareTokens, E_053_framed_Kerberos_token_is_accepted_and_gets_a_Kerberos_answer) {
  GssInitiator client({.target = "host@localhost", .cache = {}, .bindings = {}});
  SspiAcceptor server(service_);
  establish(client, server);
  EXPECT_EQ(server.package(), "Kerberos");
  EXPECT_EQ(client.unwrap(server.seal(bytes_of("answer")).stream()).plain, bytes_of("answer"));
}

TEST_F(BareTokens, E_053_bare_AP_REQ_is_accepted) {
  // DCE style leaves the framing of RFC 2743 off.
  GssInitiator client({.target = "host@localhost",
                       .flags = GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_DCE_STYLE,
                       .cache = {},
                       .bindings = {}});
  SspiAcceptor server(service_);
  const Leg first = client.step({});
  ASSERT_EQ(first.token.at(0), 0x6e);
  const Leg answer = server.step(first.token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  const Leg third = client.step(answer.token);
  server.step(third.token);
  EXPECT_STATUS(server.status(), SEC_E_OK);
  EXPECT_EQ(server.package(), "Kerberos");
}

}  // namespace
}  // namespace sspid::test
