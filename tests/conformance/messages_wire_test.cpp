// What a message looks like on the wire, and that plain GSS-API reads and writes it: with libgssapi at one end.
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "messages_ends.h"

namespace sspid::test {
namespace {

using Privacy = GssContext::Privacy;

// Flags of RFC 4121 4.2.2.
constexpr std::uint8_t kSentByAcceptor = 1;
constexpr std::uint8_t kSealed = 2;
constexpr std::uint8_t kAcceptorSubkey = 4;

// Token id, flags, filler, EC and RRC: everything in front of the sequence number.
Bytes header(std::uint8_t flags, std::uint16_t ec, std::uint16_t rrc) {
  return ByteBuilder().be(std::uint16_t{0x0504}).be(flags).be(std::uint8_t{0xFF}).be(ec).be(rrc).take();
}

TEST_F(Messages, E_088_sealed_message_has_the_layout_of_windows) {
  SspiPair pair;
  const Sealed from_client = pair.client.seal(bytes_of("message"));
  EXPECT_EQ(from_client.token.size(), 60U);
  EXPECT_EQ(from_client.data.size(), 7U);
  EXPECT_TRUE(from_client.padding.empty());
  EXPECT_EQ(first(from_client.token, 8), header(kSealed | kAcceptorSubkey, 0, 28));
  const Sealed from_server = pair.server.seal(bytes_of("message"));
  EXPECT_EQ(first(from_server.token, 8), header(kSealed | kAcceptorSubkey | kSentByAcceptor, 0, 28));
  EXPECT_EQ(sequence_of(pair.client.seal({}).token), sequence_of(from_client.token) + 1);
}

TEST_F(Messages, E_092_message_that_is_not_encrypted_is_legible) {
  SspiPair pair;
  Sealed message = pair.client.seal(bytes_of("for everyone"), SECQOP_WRAP_NO_ENCRYPT);
  EXPECT_EQ(message.token.size(), 28U);
  EXPECT_EQ(text_of(message.data), "for everyone");
  EXPECT_EQ(first(message.token, 8), header(kAcceptorSubkey, 12, 12));
  ULONG qop = 0;
  EXPECT_STATUS(pair.server.open(message, &qop), SEC_E_OK);
  EXPECT_EQ(qop, ULONG{SECQOP_WRAP_NO_ENCRYPT});
  EXPECT_EQ(text_of(message.data), "for everyone");
}

TEST_F(Messages, E_093_receiver_learns_whether_a_message_was_encrypted) {
  SspiPair pair;
  Bytes plain;
  ULONG qop = 1;
  EXPECT_STATUS(pair.server.open_stream(pair.client.seal(bytes_of("sealed")).stream(), plain, &qop), SEC_E_OK);
  EXPECT_EQ(qop, 0U);
  const Bytes legible = pair.client.seal(bytes_of("legible"), SECQOP_WRAP_NO_ENCRYPT).stream();
  EXPECT_STATUS(pair.server.open_stream(legible, plain, &qop), SEC_E_OK);
  EXPECT_EQ(qop, ULONG{SECQOP_WRAP_NO_ENCRYPT});
  EXPECT_EQ(text_of(plain), "legible");
}

TEST_F(Messages, E_093_context_for_integrity_only_cannot_encrypt) {
  SspiPair pair(kIntegrity | kOrder);
  Bytes token(60);
  Bytes data = bytes_of("legible");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_QOP_NOT_SUPPORTED);
  EXPECT_STATUS(message.encrypt(pair.client, SECQOP_WRAP_NO_ENCRYPT), SEC_E_OK);
  EXPECT_EQ(message[0].cbBuffer, 28U);
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
}

TEST_F(Messages, E_090_stream_points_into_the_callers_bytes) {
  GssToOurs ends;
  for (const Privacy privacy : {Privacy::sealed, Privacy::none}) {
    Bytes token = ends.gss.wrap(bytes_of("made by gss_wrap"), privacy);
    Message message{buffer(SECBUFFER_STREAM, token), {0, SECBUFFER_DATA, nullptr}};
    ULONG qop = 1;
    ASSERT_STATUS(message.decrypt(ends.ours, &qop), SEC_E_OK);
    const auto* data = static_cast<std::uint8_t*>(message[1].pvBuffer);
    EXPECT_GE(data, token.data());
    EXPECT_LE(data + message[1].cbBuffer, token.data() + token.size());
    EXPECT_EQ(text_of(content(message[1])), "made by gss_wrap");
    EXPECT_EQ(qop, privacy == Privacy::sealed ? 0 : ULONG{SECQOP_WRAP_NO_ENCRYPT});
  }
}

TEST_F(Messages, E_091_token_of_gss_wrap_split_wherever_data_has_room) {
  GssToOurs ends;
  const struct {
    Privacy privacy;
    std::size_t cut;
  } cases[] = {
      {Privacy::sealed, 16}, {Privacy::sealed, 32}, {Privacy::sealed, 60}, {Privacy::none, 16}, {Privacy::none, 28}};
  for (const auto& [privacy, cut] : cases) {
    const Bytes whole = ends.gss.wrap(bytes_of("made by gss_wrap"), privacy);
    Bytes token = first(whole, cut);
    Bytes data = behind(whole, cut);
    Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    EXPECT_STATUS(message.decrypt(ends.ours), SEC_E_OK) << "split after " << cut;
    EXPECT_EQ(text_of(content(message[1])), "made by gss_wrap");
  }
}

TEST_F(Messages, E_091_split_with_the_end_as_padding) {
  GssToOurs ends;
  const Bytes whole = ends.gss.wrap(bytes_of("in three parts"));
  Bytes token = first(whole, 32);
  Bytes data = first(behind(whole, 32), 14);
  Bytes padding = behind(whole, 46);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_PADDING, padding)};
  EXPECT_STATUS(message.decrypt(ends.ours), SEC_E_OK);
  EXPECT_EQ(text_of(content(message[1])), "in three parts");
}

TEST_F(Messages, E_091_data_too_small_for_the_plaintext) {
  GssToOurs ends;
  const Bytes whole = ends.gss.wrap(bytes_of("more than DATA holds"));
  Bytes token = first(whole, whole.size() - 4);
  Bytes data = behind(whole, whole.size() - 4);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.decrypt(ends.ours), SEC_E_BUFFER_TOO_SMALL);
  Bytes plain;
  EXPECT_STATUS(ends.ours.open_stream(ends.gss.wrap(bytes_of("next")), plain), SEC_E_OK);
}

TEST_F(Messages, E_089_negotiated_context) {
  SspiPair pair(kPrivacy | kOrder, "Negotiate");
  expect_passes(pair.client, pair.server);
  expect_passes(pair.server, pair.client);
  Bytes plain;
  EXPECT_STATUS(pair.client.open_stream(pair.server.seal(bytes_of("as a stream")).stream(), plain), SEC_E_OK);
  EXPECT_EQ(text_of(plain), "as a stream");
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), pair.client.sign(bytes_of("signed"))), SEC_E_OK);
}

// Which of 200 messages are delivered when: mostly in order, some late, twice, much too late or never.
std::vector<std::size_t> troubled_delivery() {
  std::vector<std::size_t> schedule;
  const Bytes dice = random_bytes(200, 42);
  for (std::size_t i = 0; i < 200; ++i) {
    if (dice[i] < 20) continue;
    schedule.push_back(i);
    if (dice[i] < 40) schedule.push_back(i);
    if (dice[i] < 60 && schedule.size() > 3) std::swap(schedule[schedule.size() - 2], schedule.back());
    if (dice[i] < 80) schedule.push_back(i > 70 ? i - 70 : 0);
    if (dice[i] > 230) schedule.push_back(i - i % 20);
  }
  return schedule;
}

TEST_F(Messages, E_098_E_099_E_100_order_is_judged_as_libgssapi_judges_it) {
  const std::vector<std::size_t> schedule = troubled_delivery();
  for (const ULONG detection : {ULONG{0}, ULONG{ISC_REQ_REPLAY_DETECT}, ULONG{ISC_REQ_SEQUENCE_DETECT}, kOrder}) {
    OursToGss judge(kPrivacy | detection);
    SspiPair judged(kPrivacy | detection);
    std::vector<Bytes> for_judge;
    std::vector<Bytes> for_judged;
    for (int i = 0; i < 200; ++i) {
      for_judge.push_back(judge.ours.seal(bytes_of("numbered")).stream());
      for_judged.push_back(judged.client.seal(bytes_of("numbered")).stream());
    }
    int refused = 0;
    for (const std::size_t number : schedule) {
      const Bytes copy = for_judge[number];  // libgssapi rotates the token where it lies
      const bool in_order = judge.gss.unwrap(copy).complete();
      Bytes plain;
      EXPECT_STATUS(judged.server.open_stream(for_judged[number], plain),
                    in_order ? SEC_E_OK : SECURITY_STATUS{SEC_E_OUT_OF_SEQUENCE})
          << "message " << number << ", detection " << detection;
      if (!in_order) ++refused;
    }
    EXPECT_EQ(refused == 0, detection == 0);
  }
}

class DceStyle : public Messages {};

TEST_F(DceStyle, sealed_message_has_the_layout_of_windows) {
  SspiPair pair(kPrivacy | kOrder | ISC_REQ_USE_DCE_STYLE);
  Sealed message = pair.client.seal(bytes_of("rpc request pdu."));
  EXPECT_EQ(message.token.size(), 76U);
  EXPECT_TRUE(message.padding.empty());
  EXPECT_EQ(first(message.token, 8), header(kSealed | kAcceptorSubkey, 16, 28));
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  EXPECT_EQ(text_of(message.data), "rpc request pdu.");
  expect_passes(pair.server, pair.client);
}

TEST_F(DceStyle, E_183_stream_layout_is_refused) {
  SspiPair pair(kPrivacy | kOrder | ISC_REQ_USE_DCE_STYLE);
  Sealed message = pair.client.seal(bytes_of("rpc request pdu."));
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(message.stream(), plain), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
}

// How an RPC protects a PDU: header and trailer are covered, the body is sealed.
TEST_F(DceStyle, header_signing_with_libgssapi_as_the_server) {
  OursToGss ends(kPrivacy | kOrder | ISC_REQ_USE_DCE_STYLE);
  Bytes begin = bytes_of("pdu header");
  Bytes body = bytes_of("stub data of 32 bytes, as it is.");
  Bytes end = bytes_of("trailer.");
  Bytes token(ends.ours.sizes().cbSecurityTrailer);
  constexpr ULONG kCovered = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
  Message message{buffer(kCovered, begin), buffer(SECBUFFER_DATA, body), buffer(kCovered, end),
                  buffer(SECBUFFER_TOKEN, token)};
  ASSERT_STATUS(message.encrypt(ends.ours), SEC_E_OK);
  const GssContext::Message opened = ends.gss.unwrap_iov({{GSS_IOV_BUFFER_TYPE_SIGN_ONLY, begin},
                                                          {GSS_IOV_BUFFER_TYPE_DATA, body},
                                                          {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, end},
                                                          {GSS_IOV_BUFFER_TYPE_HEADER, content(message[3])}});
  EXPECT_TRUE(opened.complete()) << gss_status_text(opened.major, 0);
  EXPECT_TRUE(opened.was_sealed);
  EXPECT_EQ(text_of(opened.plain), "stub data of 32 bytes, as it is.");
}

TEST_F(DceStyle, header_signing_with_libgssapi_as_the_client) {
  GssToOurs ends(GSS_C_DCE_STYLE);
  auto parts = ends.gss.wrap_iov({{GSS_IOV_BUFFER_TYPE_SIGN_ONLY, bytes_of("pdu header")},
                                  {GSS_IOV_BUFFER_TYPE_DATA, bytes_of("stub data of 32 bytes, as it is.")},
                                  {GSS_IOV_BUFFER_TYPE_HEADER, {}}});
  constexpr ULONG kCovered = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
  Message message{buffer(kCovered, parts[0].bytes), buffer(SECBUFFER_DATA, parts[1].bytes),
                  buffer(SECBUFFER_TOKEN, parts[2].bytes)};
  EXPECT_STATUS(message.decrypt(ends.ours), SEC_E_OK);
  EXPECT_EQ(text_of(content(message[1])), "stub data of 32 bytes, as it is.");
}

TEST_F(DceStyle, altered_message_is_refused) {
  SspiPair pair(kPrivacy | kOrder | ISC_REQ_USE_DCE_STYLE);
  const Sealed good = pair.client.seal(bytes_of("rpc request pdu."));
  for (std::size_t byte = 16; byte < good.token.size(); ++byte) {
    Sealed bad = good;
    bad.token = with_flipped_bit(good.token, byte);
    EXPECT_STATUS(pair.server.open(bad), SEC_E_MESSAGE_ALTERED) << byte;
  }
  Sealed message = good;
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
}

}  // namespace
}  // namespace sspid::test
