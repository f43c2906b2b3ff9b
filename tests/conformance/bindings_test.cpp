// Section B, fourth part: channel bindings, and who may go without them.
#include <cstring>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

const std::string kApplicationData = "tls-server-end-point:0123456789abcdef";
const Bytes kChannel = channel_bindings(kApplicationData);
const Bytes kOtherChannel = channel_bindings("tls-server-end-point:0123456789abcdee");

class ChannelBindings : public EachPackage {
 protected:
  // What the server says to a client.
  SECURITY_STATUS accepted(const Bytes& client_bindings, const Bytes& server_bindings, ULONG requirements = 0) {
    SspiInitiator client(user_, asking(kUsualRequirements, kTarget, client_bindings));
    SspiAcceptor server(service_, {.requirements = requirements, .bindings = server_bindings});
    const Handshake handshake = shake_hands(client, server);
    EXPECT_EQ(handshake.complete(), server.status() == SEC_E_OK);
    return server.status();
  }

  // What SECBUFFER_CHANNEL_BINDINGS_RESULT says, and the status.
  struct Judged {
    SECURITY_STATUS status;
    ULONG result;
  };
  Judged judged(const Bytes& token, const Bytes& server_bindings, ULONG requirements = 0) {
    Buffers input;
    input.add(SECBUFFER_TOKEN, token);
    if (!server_bindings.empty()) input.add(SECBUFFER_CHANNEL_BINDINGS, server_bindings);
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536).room(SECBUFFER_CHANNEL_BINDINGS_RESULT, 8);
    OwnedContext server;
    const SECURITY_STATUS status = accept({.credential = service_.get(),
                                           .input = input.get(),
                                           .requirements = requirements,
                                           .new_context = server.get(),
                                           .output = output.get()});
    SEC_CHANNEL_BINDINGS_RESULT result{};
    EXPECT_EQ(output[1].cbBuffer, sizeof result);
    std::memcpy(&result, output[1].pvBuffer, sizeof result);
    return {status, result.flags};
  }
  Bytes own_token(const Bytes& client_bindings) {
    SspiInitiator client(user_, asking(kUsualRequirements, kTarget, client_bindings));
    return client.step({}).token;
  }
  Bytes foreign_token(const std::string& application_data) {
    GssInitiator client({.target = "host@localhost",
                         .mechanism = negotiates() ? Mechanism::spnego : Mechanism::kerberos,
                         .cache = {},
                         .bindings = application_data});
    return client.step({}).token;
  }

  Credential user_ = outbound();
  Credential service_ = inbound();
};

TEST_P(ChannelBindings, equal_ones_are_accepted) { EXPECT_STATUS(accepted(kChannel, kChannel), SEC_E_OK); }

TEST_P(ChannelBindings, E_063_server_without_bindings_accepts_a_client_with_them) {
  EXPECT_STATUS(accepted(kChannel, {}), SEC_E_OK);
}

TEST_P(ChannelBindings, E_064_different_ones_are_refused) {
  EXPECT_STATUS(accepted(kChannel, kOtherChannel), SEC_E_BAD_BINDINGS);
  EXPECT_STATUS(accepted(kChannel, kOtherChannel, ASC_REQ_ALLOW_MISSING_BINDINGS), SEC_E_BAD_BINDINGS);
}

TEST_P(ChannelBindings, E_064_refusal_gives_the_client_a_token_where_that_is_wanted) {
  SspiInitiator client(user_, asking(kUsualRequirements, kTarget, kChannel));
  SspiAcceptor silent(service_, {.requirements = 0, .bindings = kOtherChannel});
  EXPECT_EQ(silent.step(client.step({}).token).token.size(), 0U);
  EXPECT_STATUS(silent.status(), SEC_E_BAD_BINDINGS);

  SspiInitiator another(user_, asking(kUsualRequirements, kTarget, kChannel));
  SspiAcceptor talking(service_, {.requirements = ASC_REQ_EXTENDED_ERROR, .bindings = kOtherChannel});
  const Leg refusal = talking.step(another.step({}).token);
  EXPECT_STATUS(talking.status(), SEC_E_BAD_BINDINGS);
  if (refusal.token.empty()) return;  // "may be output"
  EXPECT_EQ(another.step(refusal.token).state, Leg::State::failed);
}

TEST_P(ChannelBindings, E_065_client_without_bindings_is_refused_unless_that_is_allowed) {
  EXPECT_STATUS(accepted({}, kChannel), SEC_E_BAD_BINDINGS);
  EXPECT_STATUS(accepted({}, kChannel, ASC_REQ_ALLOW_MISSING_BINDINGS), SEC_E_OK);
}

TEST_P(ChannelBindings, E_065_client_of_libgssapi_without_bindings_is_refused) {
  GssInitiator client({.target = "host@localhost",
                       .mechanism = negotiates() ? Mechanism::spnego : Mechanism::kerberos,
                       .cache = {},
                       .bindings = {}});
  SspiAcceptor server(service_, {.requirements = 0, .bindings = kChannel});
  server.step(client.step({}).token);
  EXPECT_STATUS(server.status(), SEC_E_BAD_BINDINGS);
}

TEST_P(ChannelBindings, are_those_of_libgssapi) {
  const Mechanism mechanism = negotiates() ? Mechanism::spnego : Mechanism::kerberos;
  GssInitiator gss_client(
      {.target = "host@localhost", .mechanism = mechanism, .cache = {}, .bindings = kApplicationData});
  SspiAcceptor server(service_, {.requirements = 0, .bindings = kChannel});
  EXPECT_TRUE(shake_hands(gss_client, server).complete());

  SspiInitiator client(user_, asking(kUsualRequirements, kTarget, kChannel));
  GssAcceptor gss_server({.keytab = {}, .bindings = kApplicationData});
  EXPECT_TRUE(shake_hands(client, gss_server).complete());
  EXPECT_NE(gss_server.flags() & GSS_C_CHANNEL_BOUND_FLAG, 0U);
}

TEST_P(ChannelBindings, E_064_different_ones_of_ours_are_refused_by_libgssapi) {
  SspiInitiator client(user_, asking(kUsualRequirements, kTarget, kOtherChannel));
  GssAcceptor server({.keytab = {}, .bindings = kApplicationData});
  const Handshake handshake = shake_hands(client, server);
  EXPECT_EQ(handshake.acceptor.state, Leg::State::failed);
  EXPECT_NE(handshake.acceptor.status.find("channel bindings"), std::string::npos) << handshake.acceptor.status;
}

TEST_P(ChannelBindings, E_065_client_of_ours_without_bindings_is_not_bound_to_libgssapis_channel) {
  SspiInitiator client(user_, asking(kUsualRequirements));
  GssAcceptor server({.keytab = {}, .bindings = kApplicationData});
  EXPECT_TRUE(shake_hands(client, server).complete()) << "it leaves the decision to its program";
  EXPECT_EQ(server.flags() & GSS_C_CHANNEL_BOUND_FLAG, 0U);
}

TEST_P(ChannelBindings, addresses_count_too) {
  const auto with_address = [](const Bytes& address) {
    return ByteBuilder()
        .le(std::uint32_t{2})  // AF_INET
        .le(static_cast<std::uint32_t>(address.size()))
        .le(std::uint32_t{sizeof(SEC_CHANNEL_BINDINGS)})
        .zeros(20)
        .add(address)
        .take();
  };
  const Bytes here = with_address({127, 0, 0, 1});
  const Bytes there = with_address({127, 0, 0, 2});
  EXPECT_STATUS(accepted(here, here), SEC_E_OK);
  EXPECT_STATUS(accepted(here, there), SEC_E_BAD_BINDINGS);
}

TEST_P(ChannelBindings, result_says_how_the_decision_came_about) {
  constexpr ULONG kMatched = SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
  constexpr ULONG kMissing = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
  constexpr ULONG kMayMiss = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING;
  constexpr ULONG kMismatch = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;
  const auto expect = [](Judged judged, SECURITY_STATUS status, ULONG result) {
    EXPECT_STATUS(judged.status, status);
    EXPECT_EQ(judged.result, result);
  };
  for (const bool foreign : {false, true}) {
    SCOPED_TRACE(foreign ? "client of libgssapi" : "client of libsspi");
    const auto bound = [&] { return foreign ? foreign_token(kApplicationData) : own_token(kChannel); };
    const auto unbound = [&] { return foreign ? foreign_token({}) : own_token({}); };
    expect(judged(bound(), kChannel), SEC_E_OK, kMatched);
    expect(judged(bound(), kChannel, ASC_REQ_ALLOW_MISSING_BINDINGS), SEC_E_OK, kMatched);
    expect(judged(bound(), kOtherChannel), SEC_E_BAD_BINDINGS, kMismatch);
    expect(judged(bound(), kOtherChannel, ASC_REQ_ALLOW_MISSING_BINDINGS), SEC_E_BAD_BINDINGS, kMismatch);
    expect(judged(unbound(), kChannel), SEC_E_BAD_BINDINGS, kMissing);
    expect(judged(unbound(), kChannel, ASC_REQ_ALLOW_MISSING_BINDINGS), SEC_E_OK, kMayMiss);
    expect(judged(bound(), {}), SEC_E_OK, 0);
    expect(judged(unbound(), {}), SEC_E_OK, 0);
  }
}

TEST_P(ChannelBindings, result_is_not_written_where_there_is_no_room) {
  Buffers input;
  input.add(SECBUFFER_TOKEN, own_token(kChannel)).add(SECBUFFER_CHANNEL_BINDINGS, kChannel);
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536).room(SECBUFFER_CHANNEL_BINDINGS_RESULT, 3);
  OwnedContext server;
  EXPECT_STATUS(
      accept({.credential = service_.get(), .input = input.get(), .new_context = server.get(), .output = output.get()}),
      SEC_E_OK);
  EXPECT_EQ(output.memory(1), Bytes(3, kUntouched));
}

// Bindings are judged where the client's proof is: with the last of the client's tokens, and not before.
TEST_P(ChannelBindings, result_of_a_refused_later_token_is_told) {
  if (!negotiates()) return;
  SspiInitiator client(user_, asking(kUsualRequirements, kTarget, {}));
  OwnedContext server;
  Buffers nothing;
  nothing.add(SECBUFFER_TOKEN, {}).add(SECBUFFER_CHANNEL_BINDINGS, kChannel);
  Buffers hint;
  hint.room(SECBUFFER_TOKEN, 65536).room(SECBUFFER_CHANNEL_BINDINGS_RESULT, 4);
  ASSERT_STATUS(
      accept({.credential = service_.get(), .input = nothing.get(), .new_context = server.get(), .output = hint.get()}),
      SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(hint.memory(1), Bytes(4, 0));
  Buffers token;
  token.add(SECBUFFER_TOKEN, client.step({}).token);
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536).room(SECBUFFER_CHANNEL_BINDINGS_RESULT, 4);
  EXPECT_STATUS(accept({.credential = service_.get(),
                        .context = server.get(),
                        .input = token.get(),
                        .new_context = server.get(),
                        .output = output.get()}),
                SEC_E_BAD_BINDINGS);
  EXPECT_EQ(output.memory(1),
            (Bytes{SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING, 0, 0, 0}));
}

TEST_P(ChannelBindings, E_066_block_that_lies_about_itself_is_refused) {
  const auto block = [](std::uint32_t length, std::uint32_t offset, std::size_t more) {
    return ByteBuilder().zeros(24).le(length).le(offset).zeros(more).take();
  };
  const std::vector<Bytes> liars{
      Bytes(1, 0),
      Bytes(31, 0),              // shorter than the structure
      block(9, 32, 8),           // one byte more than there is
      block(1, 40, 8),           // behind the end
      block(0xFFFFFFFF, 32, 8),  // length and offset together pass 32 bits
      block(8, 0xFFFFFFFC, 8),
      ByteBuilder().le(std::uint32_t{2}).le(std::uint32_t{4}).le(std::uint32_t{30}).zeros(20).take(),
      ByteBuilder().zeros(12).le(std::uint32_t{2}).le(std::uint32_t{4}).le(std::uint32_t{0x7FFFFFFF}).zeros(8).take(),
  };
  SspiInitiator good(user_, kTarget);
  const Bytes token = good.step({}).token;
  for (std::size_t i = 0; i < liars.size(); ++i) {
    SCOPED_TRACE(i);
    OwnedContext context;
    Buffers bindings;
    bindings.add(SECBUFFER_CHANNEL_BINDINGS, liars[i]);
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    EXPECT_STATUS(
        initialize(
            {.credential = user_.get(), .input = bindings.get(), .new_context = context.get(), .output = output.get()}),
        SEC_E_INVALID_PARAMETER);
    EXPECT_TRUE(is_invalidated(*context.get()));
    Buffers input;
    input.add(SECBUFFER_TOKEN, token).add(SECBUFFER_CHANNEL_BINDINGS, liars[i]);
    EXPECT_STATUS(
        accept(
            {.credential = service_.get(), .input = input.get(), .new_context = context.get(), .output = output.get()}),
        SEC_E_INVALID_PARAMETER);
    EXPECT_TRUE(is_invalidated(*context.get()));
  }
  // The token was not used up.
  SspiAcceptor server(service_);
  server.step(token);
  EXPECT_STATUS(server.status(), SEC_E_OK);
}

TEST_P(ChannelBindings, E_067_proxy_and_missing_exclude_each_other) {
  SspiInitiator client(user_, kTarget);
  SspiAcceptor server(service_,
                      {.requirements = ASC_REQ_PROXY_BINDINGS | ASC_REQ_ALLOW_MISSING_BINDINGS, .bindings = kChannel});
  server.step(client.step({}).token);
  EXPECT_STATUS(server.status(), SEC_E_INVALID_PARAMETER);
}

TEST_P(ChannelBindings, proxy_alone_is_not_supported) {
  SspiInitiator client(user_, asking(kUsualRequirements, kTarget, kChannel));
  SspiAcceptor server(service_, {.requirements = ASC_REQ_PROXY_BINDINGS, .bindings = kChannel});
  server.step(client.step({}).token);
  EXPECT_STATUS(server.status(), SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(ChannelBindings, E_068_first_of_two_counts) {
  OwnedContext context;
  Buffers input;
  input.add(SECBUFFER_CHANNEL_BINDINGS, kChannel).add(SECBUFFER_CHANNEL_BINDINGS, Bytes(3, 0));
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  ASSERT_STATUS(
      initialize(
          {.credential = user_.get(), .input = input.get(), .new_context = context.get(), .output = output.get()}),
      SEC_I_CONTINUE_NEEDED);
  SspiAcceptor server(service_, {.requirements = 0, .bindings = kChannel});
  server.step(output.bytes(0));
  EXPECT_STATUS(server.status(), SEC_E_OK);
}

// The EX form of those bindings.
class Flagged {
 public:
  explicit Flagged(Bytes block, ULONG flags = SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS) : before_(std::move(block)) {
    bindings_.BindingsLength = static_cast<ULONG>(before_.size());
    bindings_.Bindings = reinterpret_cast<SEC_CHANNEL_BINDINGS*>(before_.data());
    must("SspiSetChannelBindingFlags", SspiSetChannelBindingFlags(&bindings_, flags));
  }
  ~Flagged() { FreeContextBuffer(bindings_.Bindings); }
  Flagged(const Flagged&) = delete;
  Flagged& operator=(const Flagged&) = delete;

  [[nodiscard]] SecPkgContext_Bindings& get() { return bindings_; }
  [[nodiscard]] Bytes bytes() const {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(bindings_.Bindings);
    return {begin, begin + bindings_.BindingsLength};
  }
  [[nodiscard]] SEC_CHANNEL_BINDINGS_EX header() const {
    SEC_CHANNEL_BINDINGS_EX header{};
    std::memcpy(&header, bindings_.Bindings, sizeof header);
    return header;
  }

 private:
  Bytes before_;
  SecPkgContext_Bindings bindings_{};
};

TEST_P(ChannelBindings, flags_make_the_EX_form_with_the_same_data) {
  const Bytes addressed = ByteBuilder()
                              .le(std::uint32_t{2})
                              .le(std::uint32_t{4})
                              .le(std::uint32_t{35})
                              .zeros(12)
                              .le(std::uint32_t{3})
                              .le(std::uint32_t{32})
                              .add("abc\x7f\x01\x02\x03")
                              .take();
  const Flagged flagged(addressed);
  const SEC_CHANNEL_BINDINGS_EX header = flagged.header();
  EXPECT_EQ(header.magicNumber, ULONG{SEC_CHANNEL_BINDINGS_EX_MAGIC});
  EXPECT_EQ(header.flags, ULONG{SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS});
  EXPECT_EQ(header.cbHeaderLength, sizeof header);
  EXPECT_EQ(header.cbStructureLength, flagged.bytes().size());
  EXPECT_EQ(header.dwInitiatorAddrType, 2U);
  const auto piece = [&](ULONG offset, ULONG length) { return text_of(flagged.bytes()).substr(offset, length); };
  EXPECT_EQ(piece(header.dwInitiatorOffset, header.cbInitiatorLength), "\x7f\x01\x02\x03");
  EXPECT_EQ(piece(header.dwApplicationDataOffset, header.cbApplicationDataLength), "abc");

  // Once more, on what it has made itself.
  Flagged again(flagged.bytes(), 0);
  EXPECT_EQ(again.header().flags, 0U);
  EXPECT_STATUS(SspiSetChannelBindingFlags(&again.get(), SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS), SEC_E_OK);
  EXPECT_EQ(again.bytes(), flagged.bytes());
}

TEST_P(ChannelBindings, both_forms_bind_to_the_same_channel) {
  const Bytes ex = Flagged(kChannel, 0).bytes();
  EXPECT_STATUS(accepted(kChannel, ex), SEC_E_OK);
  EXPECT_STATUS(accepted(ex, kChannel), SEC_E_OK);
  EXPECT_STATUS(accepted(kOtherChannel, ex), SEC_E_BAD_BINDINGS);
  EXPECT_STATUS(accepted({}, ex), SEC_E_BAD_BINDINGS);
}

TEST_P(ChannelBindings, audit_lets_a_client_without_bindings_pass_and_reports_it) {
  const Bytes audited = Flagged(kChannel).bytes();
  const Judged matched = judged(own_token(kChannel), audited);
  EXPECT_STATUS(matched.status, SEC_E_OK);
  EXPECT_EQ(matched.result, ULONG{SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED});
  const Judged missing = judged(own_token({}), audited);
  EXPECT_STATUS(missing.status, SEC_E_OK);
  EXPECT_EQ(missing.result, ULONG{SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING});
  const Judged mismatch = judged(own_token(kOtherChannel), audited);
  EXPECT_STATUS(mismatch.status, SEC_E_BAD_BINDINGS);
  EXPECT_EQ(mismatch.result, ULONG{SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH});
}

TEST_P(ChannelBindings, E_066_EX_form_that_lies_about_itself_is_refused) {
  const Bytes good = Flagged(kChannel).bytes();
  const auto with = [&](std::size_t offset, std::uint32_t value) {
    Bytes block = good;
    std::memcpy(block.data() + offset, &value, sizeof value);
    return block;
  };
  std::vector<Bytes> liars{with(8, 47), with(12, 40), with(12, static_cast<std::uint32_t>(good.size()) + 1),
                           with(40, 0xFFFFFFFF), with(44, static_cast<std::uint32_t>(good.size()))};
  for (std::size_t length = 4; length < good.size(); length += 4)
    liars.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
  for (const Bytes& liar : liars) {
    OwnedContext context;
    Buffers bindings;
    bindings.add(SECBUFFER_CHANNEL_BINDINGS, liar);
    Buffers output;
    output.room(SECBUFFER_TOKEN, 65536);
    EXPECT_STATUS(
        initialize(
            {.credential = user_.get(), .input = bindings.get(), .new_context = context.get(), .output = output.get()}),
        SEC_E_INVALID_PARAMETER);
    Bytes copy = liar;
    SecPkgContext_Bindings described{static_cast<ULONG>(copy.size()),
                                     reinterpret_cast<SEC_CHANNEL_BINDINGS*>(copy.data())};
    EXPECT_STATUS(SspiSetChannelBindingFlags(&described, 0), SEC_E_INVALID_PARAMETER);
    EXPECT_EQ(described.Bindings, reinterpret_cast<SEC_CHANNEL_BINDINGS*>(copy.data()));
  }
  SecPkgContext_Bindings none{0, nullptr};
  EXPECT_STATUS(SspiSetChannelBindingFlags(&none, 0), SEC_E_INVALID_PARAMETER);
  EXPECT_STATUS(SspiSetChannelBindingFlags(nullptr, 0), SEC_E_INVALID_PARAMETER);
  Bytes block = kChannel;
  SecPkgContext_Bindings fine{static_cast<ULONG>(block.size()), reinterpret_cast<SEC_CHANNEL_BINDINGS*>(block.data())};
  EXPECT_STATUS(SspiSetChannelBindingFlags(&fine, 2), SEC_E_INVALID_PARAMETER) << "no such flag";
}

FOR_EACH_PACKAGE(ChannelBindings);

}  // namespace
}  // namespace sspid::test
