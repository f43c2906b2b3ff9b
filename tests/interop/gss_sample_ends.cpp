#include "gss_sample_ends.h"

#include <stdexcept>
#include <utility>

namespace sspid::test::gss_sample {

namespace {

void must_be_done(const Leg& leg) {
  if (leg.state != Leg::State::done) throw std::runtime_error("no context: " + leg.status);
}

// Either end: tokens of this end are sent, and answered by the other as long as one of ours asks for more.
void exchange(TcpStream& stream, SspiInitiator& context) {
  Leg leg = context.step({});
  for (;;) {
    if (!leg.token.empty()) send(stream, kContext, leg.token);
    if (leg.state != Leg::State::more) break;
    leg = context.step(receive(stream).bytes);
  }
  must_be_done(leg);
}

void exchange(TcpStream& stream, SspiAcceptor& context) {
  Leg leg;
  do {
    leg = context.step(receive(stream).bytes);
    if (!leg.token.empty()) send(stream, kContext, leg.token);
  } while (leg.state == Leg::State::more);
  must_be_done(leg);
}

}  // namespace

Client::Client(std::uint16_t port, const std::string& package, ULONG requirements)
    : credential_(package, SECPKG_CRED_OUTBOUND),
      context_(credential_,
               SspiInitiator::Options{.target = "host/localhost", .requirements = requirements, .bindings = {}}),
      stream_(port) {
  send(stream_, kNoop | kContextNext, {});
  exchange(stream_, context_);
}

void Client::send_and_verify(const Bytes& message, Protection protection) {
  switch (protection) {
    case Protection::sealed:
      send(stream_, kData | kWrapped | kEncrypted | kSendMic, context_.seal(message).stream());
      break;
    case Protection::integrity:
      send(stream_, kData | kWrapped | kSendMic, context_.seal(message, SECQOP_WRAP_NO_ENCRYPT).stream());
      break;
    case Protection::none:
      send(stream_, kData | kSendMic, message);
      break;
  }
  const Frame answer = receive(stream_);
  EXPECT_EQ(answer.flags, kMic);
  EXPECT_STATUS(context_.verify(message, answer.bytes), SEC_E_OK);
}

void Client::end() {
  send(stream_, kNoop, {});
  EXPECT_TRUE(stream_.ended());
}

Served serve(TcpStream stream, Credential& inbound) {
  SspiAcceptor context(inbound);
  Served served;
  if (!(receive(stream).flags & kContextNext)) throw std::runtime_error("the client does not log on");
  exchange(stream, context);
  served.client = context.user_name();
  served.attributes = context.attributes();

  for (Frame frame = receive(stream); !(frame.flags & kNoop); frame = receive(stream)) {
    Bytes message = frame.bytes;
    ULONG qop = SECQOP_WRAP_NO_ENCRYPT;
    if (frame.flags & kWrapped) must("DecryptMessage", context.open_stream(frame.bytes, message, &qop));
    if (qop != 0) served.all_encrypted = false;
    served.messages.push_back(text_of(message));
    if (frame.flags & kSendMic)
      send(stream, kMic, context.sign(message));
    else
      send(stream, kNoop, {});
  }
  return served;
}

}  // namespace sspid::test::gss_sample
