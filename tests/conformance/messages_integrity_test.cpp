// What the receiver says of messages that are altered, repeated, missing, reordered or of another kind; and that nobody
// sees what they said. Both ends are ours.
#include <gtest/gtest.h>

#include "messages_ends.h"

namespace sspid::test {
namespace {

bool is_wiped(const Bytes& bytes) { return bytes == Bytes(bytes.size()); }

// The status for a copy of the message, and that its DATA shows nothing.
SECURITY_STATUS status_of_copy(SspiContext& context, Sealed message) {
  const SECURITY_STATUS status = context.open(message);
  if (status != SEC_E_OK) {
    EXPECT_TRUE(is_wiped(message.data));
  }
  return status;
}

TEST_F(Messages, E_095_altered_ciphertext_is_wiped_and_costs_nothing) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("sixteen bytes or"));
  for (std::size_t byte = 0; byte < good.data.size(); ++byte) {
    Sealed bad = good;
    bad.data = with_flipped_bit(good.data, byte, byte % 8);
    EXPECT_STATUS(status_of_copy(pair.server, bad), SEC_E_MESSAGE_ALTERED) << byte;
  }
  Sealed message = good;
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  EXPECT_EQ(text_of(message.data), "sixteen bytes or");
}

TEST_F(Messages, E_095_altered_trailer_is_noticed) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("protected"));
  // Behind the header stand the encrypted copy of it, the checksum and the confounder.
  for (std::size_t byte = 16; byte < good.token.size(); ++byte) {
    Sealed bad = good;
    bad.token = with_flipped_bit(good.token, byte, byte % 8);
    EXPECT_STATUS(status_of_copy(pair.server, bad), SEC_E_MESSAGE_ALTERED) << byte;
  }
  EXPECT_STATUS(status_of_copy(pair.server, good), SEC_E_OK);
}

TEST_F(Messages, E_095_altered_stream_delivers_nothing) {
  SspiPair pair;
  const Bytes good = pair.client.seal(bytes_of("protected")).stream();
  Bytes bad = with_flipped_bit(good, good.size() - 1);
  Message message{buffer(SECBUFFER_STREAM, bad), {0, SECBUFFER_DATA, nullptr}};
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(message[1].pvBuffer, nullptr);
  EXPECT_EQ(message[1].cbBuffer, 0U);
  EXPECT_EQ(std::string(bad.begin(), bad.end()).find("protected"), std::string::npos);
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(good, plain), SEC_E_OK);
}

TEST_F(Messages, E_095_altered_integrity_only_message) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("legible"), SECQOP_WRAP_NO_ENCRYPT);
  Sealed bad = good;
  bad.data = with_flipped_bit(good.data, 3);
  EXPECT_STATUS(status_of_copy(pair.server, bad), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(status_of_copy(pair.server, good), SEC_E_OK);
}

TEST_F(Messages, E_095_altered_message_or_signature) {
  SspiPair pair;
  const Bytes message = bytes_of("signed");
  const Bytes signature = pair.client.sign(message);
  for (std::size_t byte = 0; byte < message.size(); ++byte)
    EXPECT_STATUS(pair.server.verify(with_flipped_bit(message, byte), signature), SEC_E_MESSAGE_ALTERED);
  for (std::size_t byte = 16; byte < signature.size(); ++byte)
    EXPECT_STATUS(pair.server.verify(message, with_flipped_bit(signature, byte)), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.server.verify(message, signature), SEC_E_OK);
}

TEST_F(Messages, E_096_altered_sequence_field_of_the_header) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("in order"));
  for (std::size_t byte = 8; byte < 16; ++byte) {
    Sealed bad = good;
    bad.token = with_flipped_bit(good.token, byte);
    EXPECT_STATUS(status_of_copy(pair.server, bad), SEC_E_MESSAGE_ALTERED) << byte;
  }
  const Bytes signature = pair.client.sign(bytes_of("signed"));
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), with_flipped_bit(signature, 15)), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(status_of_copy(pair.server, good), SEC_E_OK);
}

TEST_F(Messages, E_096_altered_flags_and_counts_of_the_header) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("in order"));
  for (std::size_t byte = 2; byte < 8; ++byte)
    for (unsigned bit = 0; bit < 8; ++bit) {
      Sealed bad = good;
      bad.token = with_flipped_bit(good.token, byte, bit);
      const SECURITY_STATUS status = status_of_copy(pair.server, bad);
      EXPECT_TRUE(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_INVALID_TOKEN)
          << "byte " << byte << " bit " << bit << ": " << status_name(status);
    }
  EXPECT_STATUS(status_of_copy(pair.server, good), SEC_E_OK);
}

TEST_F(Messages, E_098_duplicate_delivers_no_plaintext) {
  SspiPair pair;
  const Sealed message = pair.client.seal(bytes_of("only once"));
  EXPECT_STATUS(status_of_copy(pair.server, message), SEC_E_OK);
  EXPECT_STATUS(status_of_copy(pair.server, message), SEC_E_OUT_OF_SEQUENCE);
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_098_duplicate_as_a_stream_delivers_no_plaintext) {
  SspiPair pair;
  const Bytes token = pair.client.seal(bytes_of("only once")).stream();
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(token, plain), SEC_E_OK);
  Bytes again = token;
  Message message{buffer(SECBUFFER_STREAM, again), {0, SECBUFFER_DATA, nullptr}};
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_EQ(message[1].pvBuffer, nullptr);
  EXPECT_EQ(text_of(again).find("only once"), std::string::npos);
}

TEST_F(Messages, E_098_duplicate_signature) {
  SspiPair pair;
  const Bytes signature = pair.client.sign(bytes_of("once"));
  EXPECT_STATUS(pair.server.verify(bytes_of("once"), signature), SEC_E_OK);
  EXPECT_STATUS(pair.server.verify(bytes_of("once"), signature), SEC_E_OUT_OF_SEQUENCE);
  expect_passes(pair.client, pair.server);
}

// Messages 0 … 3; delivers 1 before 0, then 0, then 2 and 3.
std::vector<SECURITY_STATUS> deliver_reordered(ULONG detection) {
  SspiPair pair(kPrivacy | detection);
  std::vector<Sealed> sent;
  for (const char* text : {"0", "1", "2", "3"}) sent.push_back(pair.client.seal(bytes_of(text)));
  std::vector<SECURITY_STATUS> result;
  for (const std::size_t number : {1, 0, 2, 3}) result.push_back(status_of_copy(pair.server, sent[number]));
  result.push_back(status_of_copy(pair.server, sent[3]));
  return result;
}

TEST_F(Messages, E_099_reordered_messages_with_sequence_detection) {
  const std::vector<SECURITY_STATUS> wanted{SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE, SEC_E_OK, SEC_E_OK,
                                            SEC_E_OUT_OF_SEQUENCE};
  EXPECT_EQ(deliver_reordered(ISC_REQ_SEQUENCE_DETECT), wanted);
  EXPECT_EQ(deliver_reordered(kOrder), wanted);
}

TEST_F(Messages, E_099_missing_message_is_told_once) {
  SspiPair pair;
  const Sealed lost = pair.client.seal(bytes_of("lost"));
  EXPECT_STATUS(status_of_copy(pair.server, pair.client.seal(bytes_of("after the gap"))), SEC_E_OUT_OF_SEQUENCE);
  expect_passes(pair.client, pair.server);
  const Bytes skipped = pair.client.sign(bytes_of("lost"));
  EXPECT_STATUS(pair.server.verify(bytes_of("next"), pair.client.sign(bytes_of("next"))), SEC_E_OUT_OF_SEQUENCE);
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_100_replay_detection_alone_allows_any_order) {
  const std::vector<SECURITY_STATUS> wanted{SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OUT_OF_SEQUENCE};
  EXPECT_EQ(deliver_reordered(ISC_REQ_REPLAY_DETECT), wanted);
}

TEST_F(Messages, E_100_without_detection_everything_passes) {
  const std::vector<SECURITY_STATUS> wanted(5, SEC_E_OK);
  EXPECT_EQ(deliver_reordered(0), wanted);
}

TEST_F(Messages, E_105_own_message_fed_back) {
  SspiPair pair;
  EXPECT_STATUS(status_of_copy(pair.client, pair.client.seal(bytes_of("mirror"))), SEC_E_MESSAGE_ALTERED);
  Bytes plain;
  EXPECT_STATUS(pair.client.open_stream(pair.client.seal(bytes_of("mirror")).stream(), plain), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.client.verify(bytes_of("mirror"), pair.client.sign(bytes_of("mirror"))), SEC_E_MESSAGE_ALTERED);
}

TEST_F(Messages, E_106_wrap_token_is_no_signature_and_the_reverse) {
  SspiPair pair;
  const Sealed sealed = pair.client.seal(bytes_of("kinds"), SECQOP_WRAP_NO_ENCRYPT);
  EXPECT_STATUS(pair.server.verify(bytes_of("kinds"), sealed.token), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(pair.server.verify(bytes_of("kinds"), sealed.stream()), SEC_E_INVALID_TOKEN);

  Sealed with_signature{.token = pair.client.sign(bytes_of("kinds")), .data = bytes_of("kinds"), .padding = {}};
  EXPECT_STATUS(pair.server.open(with_signature), SEC_E_INVALID_TOKEN);
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(pair.client.sign(bytes_of("kinds")), plain), SEC_E_INVALID_TOKEN);
}

TEST_F(Messages, E_107_signature_of_another_length) {
  SspiPair pair;
  const Bytes signature = pair.client.sign(bytes_of("signed"));
  for (std::size_t length = 0; length < signature.size(); ++length)
    EXPECT_STATUS(pair.server.verify(bytes_of("signed"), first(signature, length)), SEC_E_INVALID_TOKEN) << length;
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), joined({signature, Bytes(1)})), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), joined({signature, Bytes(32)})), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), signature), SEC_E_OK);
}

TEST_F(Messages, message_cut_at_every_length_is_refused) {
  SspiPair pair;
  const Bytes token = pair.client.seal(bytes_of("cut")).stream();
  for (std::size_t length = 0; length < token.size(); ++length) {
    Bytes plain;
    const SECURITY_STATUS status = pair.server.open_stream(first(token, length), plain);
    EXPECT_TRUE(length < 16 ? status == SEC_E_INCOMPLETE_MESSAGE
                            : status == SEC_E_MESSAGE_ALTERED || status == SEC_E_INCOMPLETE_MESSAGE)
        << length << ": " << status_name(status);
  }
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(token, plain), SEC_E_OK);
}

TEST_F(Messages, message_of_another_context_is_refused) {
  SspiPair pair;
  SspiPair other;
  EXPECT_STATUS(status_of_copy(other.server, pair.client.seal(bytes_of("for another"))), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(other.server.verify(bytes_of("x"), pair.client.sign(bytes_of("x"))), SEC_E_MESSAGE_ALTERED);
  expect_passes(other.client, other.server);
}

TEST_F(Messages, bytes_that_are_no_token_are_refused) {
  SspiPair pair;
  Sealed garbage{.token = random_bytes(60), .data = random_bytes(100, 2), .padding = {}};
  EXPECT_STATUS(pair.server.open(garbage), SEC_E_INVALID_TOKEN);
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(random_bytes(200, 3), plain), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(pair.server.verify(bytes_of("x"), random_bytes(28, 4)), SEC_E_INVALID_TOKEN);
  expect_passes(pair.client, pair.server);
}

}  // namespace
}  // namespace sspid::test
