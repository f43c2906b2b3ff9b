// Section B, second part: where the token goes, and what happens when it does not fit.
#include "calls.h"
#include "cramped.h"

namespace sspid::test {
namespace {

constexpr ULONG kDceStyle = kUsualRequirements | ISC_REQ_USE_DCE_STYLE;
constexpr std::size_t kRoom = 65536;

class TokenMemory : public EachPackage {
 protected:
  Credential user_ = outbound();
  Credential service_ = inbound();
};

TEST_P(TokenMemory, E_041_token_that_does_not_fit_waits_for_the_repeated_call) {
  const Refusals refusals = establish_cramped(user_, service_, kUsualRequirements);
  EXPECT_EQ(refusals.client, 1);
  EXPECT_EQ(refusals.server, 1);
}

TEST_P(TokenMemory, E_041_also_on_later_legs_of_either_side) {
  const Refusals refusals = establish_cramped(user_, service_, kDceStyle);
  EXPECT_EQ(refusals.client, 2);
  EXPECT_EQ(refusals.server, negotiates() ? 2 : 1);
}

TEST_P(TokenMemory, E_041_another_first_call_discards_what_waited) {
  OwnedContext context;
  Buffers cramped;
  cramped.room(SECBUFFER_TOKEN, 3);
  const auto first_leg = [&](const char* target, SecBufferDesc* output) {
    return initialize({.credential = user_.get(), .target = target, .new_context = context.get(), .output = output});
  };
  EXPECT_STATUS(first_leg(kTarget, cramped.get()), SEC_E_BUFFER_TOO_SMALL);

  Buffers enough;
  enough.room(SECBUFFER_TOKEN, kRoom);
  ASSERT_STATUS(first_leg("HTTP/localhost", enough.get()), SEC_I_CONTINUE_NEEDED);
  SspiAcceptor server(service_);
  const Leg answer = server.step(enough.bytes(0));
  ASSERT_STATUS(server.status(), SEC_E_OK);
  EXPECT_EQ(server.server_name(), realm_.qualified("HTTP/localhost"));
}

TEST_P(TokenMemory, E_041_discarded_answer_of_the_server_is_not_made_again) {
  SspiInitiator client(user_, kTarget);
  SspiInitiator other(user_, kTarget);
  const Bytes token = client.step({}).token;
  OwnedContext server;
  const auto accept_first = [&](const Bytes& bytes, std::size_t room) {
    Buffers input;
    Buffers output;
    input.add(SECBUFFER_TOKEN, bytes);
    output.room(SECBUFFER_TOKEN, room);
    return accept(
        {.credential = service_.get(), .input = input.get(), .new_context = server.get(), .output = output.get()});
  };
  EXPECT_STATUS(accept_first(token, 3), SEC_E_BUFFER_TOO_SMALL);
  ASSERT_STATUS(accept_first(other.step({}).token, kRoom), SEC_E_OK);
  DeleteSecurityContext(server.get());
  // The mechanism has seen this token: that it is one more step shows that the first was not repeated silently.
  EXPECT_STATUS(accept_first(token, kRoom), SEC_E_LOGON_DENIED);
}

TEST_P(TokenMemory, E_042_token_without_a_place_for_it_waits_too) {
  OwnedContext client;
  OwnedContext server;
  Buffers no_token;
  no_token.room(SECBUFFER_DATA, 100);
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  for (SecBufferDesc* nowhere : {static_cast<SecBufferDesc*>(nullptr), no_token.get()}) {
    EXPECT_STATUS(initialize({.credential = user_.get(), .new_context = client.get(), .output = nowhere}),
                  SEC_E_INVALID_TOKEN);
    EXPECT_TRUE(is_invalidated(*client.get()));
  }
  ASSERT_STATUS(initialize({.credential = user_.get(), .new_context = client.get(), .output = output.get()}),
                SEC_I_CONTINUE_NEEDED);

  Buffers input;
  input.add(SECBUFFER_TOKEN, output.bytes(0));
  output[0].cbBuffer = kRoom;
  for (SecBufferDesc* nowhere : {static_cast<SecBufferDesc*>(nullptr), no_token.get()})
    EXPECT_STATUS(
        accept({.credential = service_.get(), .input = input.get(), .new_context = server.get(), .output = nowhere}),
        SEC_E_INVALID_TOKEN);
  // No second step of the mechanism: that would be a replay (E-071).
  EXPECT_STATUS(
      accept({.credential = service_.get(), .input = input.get(), .new_context = server.get(), .output = output.get()}),
      SEC_E_OK);
  EXPECT_EQ(no_token.memory(0), Bytes(100, kUntouched));
}

TEST_P(TokenMemory, E_040_allocated_memory_is_the_librarys_and_what_stood_there_is_ignored) {
  OwnedContext client;
  OwnedContext server;
  ULONG attributes = 0;
  Buffers output;
  output.pointing(SECBUFFER_TOKEN, 0xFFFFFFFF, reinterpret_cast<void*>(0x10));
  ASSERT_STATUS(initialize({.credential = user_.get(),
                            .requirements = kUsualRequirements | ISC_REQ_ALLOCATE_MEMORY,
                            .new_context = client.get(),
                            .output = output.get(),
                            .attributes = &attributes}),
                SEC_I_CONTINUE_NEEDED);
  EXPECT_NE(attributes & ISC_RET_ALLOCATED_MEMORY, 0U);
  EXPECT_LT(output[0].cbBuffer, kRoom);
  Buffers input;
  input.add(SECBUFFER_TOKEN, output.bytes(0));
  EXPECT_STATUS(FreeContextBuffer(output[0].pvBuffer), SEC_E_OK);

  output[0] = {1, SECBUFFER_TOKEN, reinterpret_cast<void*>(0x10)};
  ASSERT_STATUS(accept({.credential = service_.get(),
                        .input = input.get(),
                        .requirements = ASC_REQ_ALLOCATE_MEMORY,
                        .new_context = server.get(),
                        .output = output.get(),
                        .attributes = &attributes}),
                SEC_E_OK);
  EXPECT_NE(attributes & ASC_RET_ALLOCATED_MEMORY, 0U);
  EXPECT_GT(output[0].cbBuffer, 0U);
  EXPECT_STATUS(FreeContextBuffer(output[0].pvBuffer), SEC_E_OK);
}

TEST_P(TokenMemory, E_040_callers_memory_is_not_reported_as_allocated) {
  OwnedContext client;
  ULONG attributes = 0;
  Buffers output;
  output.room(SECBUFFER_TOKEN, kRoom);
  void* const place = output[0].pvBuffer;
  ASSERT_STATUS(
      initialize(
          {.credential = user_.get(), .new_context = client.get(), .output = output.get(), .attributes = &attributes}),
      SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(attributes & ISC_RET_ALLOCATED_MEMORY, 0U);
  EXPECT_EQ(output[0].pvBuffer, place);
  const Bytes memory = output.memory(0);
  EXPECT_EQ(Bytes(memory.begin() + output[0].cbBuffer, memory.end()), Bytes(kRoom - output[0].cbBuffer, kUntouched));
}

TEST_P(TokenMemory, E_040_failed_call_leaves_no_memory_behind) {
  OwnedContext client;
  Buffers output;
  output.pointing(SECBUFFER_TOKEN, 77, reinterpret_cast<void*>(0x10));
  EXPECT_STATUS(initialize({.credential = user_.get(),
                            .target = "nosuch/localhost",
                            .requirements = kUsualRequirements | ISC_REQ_ALLOCATE_MEMORY,
                            .new_context = client.get(),
                            .output = output.get()}),
                SEC_E_TARGET_UNKNOWN);
  EXPECT_EQ(output[0].pvBuffer, nullptr);
  EXPECT_EQ(output[0].cbBuffer, 0U);
}

TEST_P(TokenMemory, E_043_last_call_of_the_client_makes_no_token) {
  for (const ULONG allocate : {ULONG{0}, ULONG{ISC_REQ_ALLOCATE_MEMORY}}) {
    SspiInitiator client(user_, kTarget);
    SspiAcceptor server(service_);
    const Leg answer = server.step(client.step({}).token);
    Buffers input;
    input.add(SECBUFFER_TOKEN, answer.token);
    Buffers output;
    output.room(SECBUFFER_TOKEN, 50);
    EXPECT_STATUS(initialize({.credential = user_.get(),
                              .context = client.get(),
                              .requirements = kUsualRequirements | allocate,
                              .input = input.get(),
                              .new_context = client.get(),
                              .output = output.get()}),
                  SEC_E_OK);
    EXPECT_EQ(output[0].cbBuffer, 0U);
    EXPECT_EQ(output[0].pvBuffer == nullptr, allocate != 0);
    EXPECT_EQ(output.memory(0), Bytes(50, kUntouched));
  }
}

TEST_P(TokenMemory, E_043_last_call_without_a_token_needs_no_output) {
  SspiInitiator client(user_, kTarget);
  SspiAcceptor server(service_);
  const Leg answer = server.step(client.step({}).token);
  Buffers input;
  input.add(SECBUFFER_TOKEN, answer.token);
  EXPECT_STATUS(
      initialize(
          {.credential = user_.get(), .context = client.get(), .input = input.get(), .new_context = client.get()}),
      SEC_E_OK);
}

TEST_P(TokenMemory, E_044_call_that_finishes_may_make_a_token_that_must_be_sent) {
  SspiInitiator client(user_, asking(kDceStyle));
  SspiAcceptor server(service_);
  Leg leg = server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  leg = client.step(leg.token);
  EXPECT_GT(leg.token.size(), 0U);
  EXPECT_STATUS(client.status(), negotiates() ? SEC_I_CONTINUE_NEEDED : SEC_E_OK);
  leg = server.step(leg.token);
  EXPECT_STATUS(server.status(), SEC_E_OK);
  EXPECT_EQ(leg.token.empty(), !negotiates());
  if (negotiates()) {
    client.step(leg.token);
    EXPECT_STATUS(client.status(), SEC_E_OK);
  }
}

TEST_P(TokenMemory, E_045_last_call_of_the_server_makes_a_token_that_must_be_sent) {
  SspiInitiator client(user_, kTarget);
  SspiAcceptor server(service_);
  const Leg answer = server.step(client.step({}).token);
  EXPECT_STATUS(server.status(), SEC_E_OK);
  EXPECT_GT(answer.token.size(), 0U);
  client.step(answer.token);
  EXPECT_STATUS(client.status(), SEC_E_OK);
}

TEST(KerberosTokenMemory, E_045_server_without_mutual_authentication_has_nothing_to_say) {
  world();
  Credential user("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential service("Kerberos", SECPKG_CRED_INBOUND);
  SspiInitiator client(user, asking(ISC_REQ_INTEGRITY));
  SspiAcceptor server(service);
  const Leg answer = server.step(client.step({}).token);
  EXPECT_STATUS(client.status(), SEC_E_OK);
  EXPECT_STATUS(server.status(), SEC_E_OK);
  EXPECT_EQ(answer.token.size(), 0U);
}

FOR_EACH_PACKAGE(TokenMemory);

}  // namespace
}  // namespace sspid::test
