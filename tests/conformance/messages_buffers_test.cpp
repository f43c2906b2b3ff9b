// Which buffers the four message calls take, and what they leave in them. Both ends are ours.
#include <gtest/gtest.h>

#include "messages_ends.h"

namespace sspid::test {
namespace {

constexpr std::size_t kToken = 60;      // of a sealed message, AES with SHA-1
constexpr std::size_t kSignature = 28;  // and of a signed one

TEST_F(Messages, E_084_too_small_token_buffer_consumes_no_sequence_number) {
  SspiPair pair;
  const std::uint64_t before = sequence_of(pair.client.seal({}).token);
  Bytes token(kToken - 1);
  Bytes data = bytes_of("secret");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(text_of(data), "secret");
  EXPECT_EQ(message[1].cbBuffer, data.size());
  EXPECT_EQ(sequence_of(pair.client.seal({}).token), before + 1);
}

TEST_F(Messages, E_084_too_small_token_buffer_without_encryption) {
  SspiPair pair;
  Bytes token(kSignature - 1);
  Bytes data = bytes_of("legible");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client, SECQOP_WRAP_NO_ENCRYPT), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(text_of(data), "legible");
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_084_too_small_signature_buffer_consumes_no_sequence_number) {
  SspiPair pair;
  Bytes token(kSignature - 1);
  Bytes data = bytes_of("signed");
  Message message{buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_TOKEN, token)};
  EXPECT_STATUS(message.sign(pair.client), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_STATUS(pair.server.verify(data, pair.client.sign(data)), SEC_E_OK);
}

TEST_F(Messages, E_084_token_buffer_without_memory_has_no_room) {
  SspiPair pair;
  Bytes data = bytes_of("secret");
  Message message{{kToken, SECBUFFER_TOKEN, nullptr}, buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(text_of(data), "secret");
}

TEST_F(Messages, E_085_aes_needs_no_padding_buffer) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes data = bytes_of("two buffers");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  EXPECT_EQ(text_of(data), "two buffers");
}

TEST_F(Messages, E_086_encrypt_without_data) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes padding(16);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_PADDING, padding)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_INVALID_TOKEN);
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_087_encrypt_and_sign_without_token) {
  SspiPair pair;
  Bytes data = bytes_of("alone");
  Message message{buffer(SECBUFFER_DATA, data)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(message.sign(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_STATUS(message.verify(pair.client), SEC_E_INVALID_TOKEN);
  EXPECT_EQ(text_of(data), "alone");
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_088_encrypt_changes_content_and_lengths_only) {
  SspiPair pair;
  Bytes token(kToken + 40);
  Bytes data = bytes_of("in its place");
  Bytes padding(16);
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_PADDING, padding)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_EQ(message[0].cbBuffer, kToken);
  EXPECT_EQ(message[1].cbBuffer, data.size());
  EXPECT_EQ(message[2].cbBuffer, 0U);
  EXPECT_EQ(message[0].pvBuffer, token.data());
  EXPECT_EQ(message[1].pvBuffer, data.data());
  EXPECT_NE(text_of(data), "in its place");
  EXPECT_EQ(behind(token, kToken), Bytes(40));  // nothing behind the token

  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  EXPECT_EQ(message[1].cbBuffer, data.size());
  EXPECT_EQ(text_of(data), "in its place");
}

TEST_F(Messages, E_088_order_of_the_buffers_does_not_matter) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes data = bytes_of("any order");
  Bytes padding(16);
  Message message{buffer(SECBUFFER_PADDING, padding), buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_TOKEN, token)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_EQ(message[0].cbBuffer, 0U);
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  EXPECT_EQ(text_of(data), "any order");
}

TEST_F(Messages, C_2_stream_header_data_trailer_empty) {
  SspiPair pair;
  const auto sizes = pair.client.attribute<SecPkgContext_StreamSizes>(SECPKG_ATTR_STREAM_SIZES);
  Bytes header(sizes.cbHeader);
  Bytes data = bytes_of("the layout of streams");
  Bytes trailer(sizes.cbTrailer);
  Message message{buffer(SECBUFFER_STREAM_HEADER, header),
                  buffer(SECBUFFER_DATA, data),
                  buffer(SECBUFFER_STREAM_TRAILER, trailer),
                  {0, SECBUFFER_EMPTY, nullptr}};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_EQ(message[0].cbBuffer, kToken);
  EXPECT_EQ(message[2].cbBuffer, 0U);
  EXPECT_EQ(message[3].BufferType, ULONG{SECBUFFER_EMPTY});

  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(joined({content(message[0]), data, content(message[2])}), plain), SEC_E_OK);
  EXPECT_EQ(text_of(plain), "the layout of streams");
}

TEST_F(Messages, E_094_unknown_quality_of_protection_consumes_nothing) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes data = bytes_of("unchanged");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  for (const ULONG qop : {ULONG{1}, ULONG{0x40000000}, ULONG{SECQOP_WRAP_OOB_DATA}, ULONG{0xFFFFFFFF}}) {
    EXPECT_STATUS(message.encrypt(pair.client, qop), SEC_E_QOP_NOT_SUPPORTED);
    EXPECT_STATUS(message.sign(pair.client, qop), SEC_E_QOP_NOT_SUPPORTED);
  }
  EXPECT_EQ(text_of(data), "unchanged");
  EXPECT_EQ(message[0].cbBuffer, kToken);
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, E_109_stream_shorter_than_a_header_tells_what_is_missing) {
  SspiPair pair;
  const Bytes whole = pair.client.seal(bytes_of("complete later")).stream();
  for (std::size_t have = 0; have < 16; ++have) {
    Bytes begin = first(whole, have);
    Message message{buffer(SECBUFFER_STREAM, begin), {0, SECBUFFER_DATA, nullptr}, {0, SECBUFFER_EMPTY, nullptr}};
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_INCOMPLETE_MESSAGE) << have;
    EXPECT_EQ(message[2].BufferType, ULONG{SECBUFFER_MISSING});
    EXPECT_EQ(message[2].cbBuffer, 16 - have);
  }
  Bytes plain;
  EXPECT_STATUS(pair.server.open_stream(whole, plain), SEC_E_OK);
  EXPECT_EQ(text_of(plain), "complete later");
}

TEST_F(Messages, E_109_without_a_placeholder_the_status_says_it_alone) {
  SspiPair pair;
  Bytes begin(15, 5);
  Message message{buffer(SECBUFFER_STREAM, begin), {0, SECBUFFER_DATA, nullptr}};
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_INCOMPLETE_MESSAGE);
}

TEST_F(Messages, E_110_split_token_shorter_than_a_header) {
  SspiPair pair;
  const Sealed sealed = pair.client.seal(bytes_of("whole"));
  for (const std::size_t length : {0, 1, 15}) {
    Bytes token = first(sealed.token, length);
    Bytes data = sealed.data;
    Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_INVALID_TOKEN) << length;
  }
  Sealed again = sealed;
  EXPECT_STATUS(pair.server.open(again), SEC_E_OK);
}

TEST_F(Messages, E_111_decrypt_with_data_only) {
  SspiPair pair;
  Bytes data = pair.client.seal(bytes_of("alone")).stream();
  Message message{buffer(SECBUFFER_DATA, data),
                  {0, SECBUFFER_EMPTY, nullptr},
                  {0, SECBUFFER_EMPTY, nullptr},
                  {0, SECBUFFER_EMPTY, nullptr}};
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_INVALID_TOKEN);
}

TEST_F(Messages, E_112_readonly_data_is_neither_encrypted_nor_signed) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes header = bytes_of("header");
  Bytes data = bytes_of("body");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA | SECBUFFER_READONLY, header),
                  buffer(SECBUFFER_DATA, data)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_EQ(text_of(header), "header");
  EXPECT_NE(text_of(data), "body");
  header = bytes_of("edited");
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  EXPECT_EQ(text_of(data), "body");

  Bytes signature(kSignature);
  Message signed_message{buffer(SECBUFFER_DATA | SECBUFFER_READONLY, header), buffer(SECBUFFER_DATA, data),
                         buffer(SECBUFFER_TOKEN, signature)};
  ASSERT_STATUS(signed_message.sign(pair.client), SEC_E_OK);
  EXPECT_STATUS(pair.server.verify(data, signature), SEC_E_OK);
}

TEST_F(Messages, E_112_readonly_with_checksum_is_covered_and_untouched) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes header = bytes_of("header");
  Bytes data = bytes_of("body");
  Bytes trailer = bytes_of("trailer");
  constexpr ULONG kCovered = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
  Message message{buffer(kCovered, header), buffer(SECBUFFER_DATA, data), buffer(kCovered, trailer),
                  buffer(SECBUFFER_TOKEN, token)};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  EXPECT_EQ(text_of(header), "header");
  EXPECT_EQ(text_of(trailer), "trailer");
  const Bytes sealed = data;

  for (Bytes* covered : {&header, &trailer}) {
    covered->at(2) ^= 1;
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_MESSAGE_ALTERED);
    covered->at(2) ^= 1;
    data = sealed;
  }
  EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  EXPECT_EQ(text_of(data), "body");
}

TEST_F(Messages, E_112_signature_covers_readonly_with_checksum) {
  SspiPair pair;
  Bytes header = bytes_of("header");
  Bytes data = bytes_of("body");
  Bytes signature(kSignature);
  Message message{buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, header), buffer(SECBUFFER_DATA, data),
                  buffer(SECBUFFER_TOKEN, signature)};
  ASSERT_STATUS(message.sign(pair.client), SEC_E_OK);
  header.at(0) ^= 1;
  EXPECT_STATUS(message.verify(pair.server), SEC_E_MESSAGE_ALTERED);
  header.at(0) ^= 1;
  EXPECT_STATUS(message.verify(pair.server), SEC_E_OK);
}

TEST_F(Messages, E_113_several_data_buffers_are_one_message) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes parts[] = {bytes_of("one "), {}, bytes_of("message "), bytes_of("in four")};
  Message message{buffer(SECBUFFER_DATA, parts[0]), buffer(SECBUFFER_DATA, parts[1]), buffer(SECBUFFER_TOKEN, token),
                  buffer(SECBUFFER_DATA, parts[2]), buffer(SECBUFFER_DATA, parts[3])};
  ASSERT_STATUS(message.encrypt(pair.client), SEC_E_OK);
  Sealed at_once{.token = token, .data = joined({parts[0], parts[1], parts[2], parts[3]}), .padding = {}};
  EXPECT_STATUS(pair.server.open(at_once), SEC_E_OK);
  EXPECT_EQ(text_of(at_once.data), "one message in four");
}

TEST_F(Messages, E_113_receiver_with_the_same_split_and_with_another) {
  SspiPair pair;
  const std::string text = "as many parts as the receiver likes";
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{16}, text.size()}) {
    Sealed sealed = pair.client.seal(bytes_of(text));
    Bytes begin = first(sealed.data, cut);
    Bytes end = behind(sealed.data, cut);
    Message message{buffer(SECBUFFER_TOKEN, sealed.token), buffer(SECBUFFER_DATA, begin), buffer(SECBUFFER_DATA, end)};
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
    EXPECT_EQ(text_of(begin) + text_of(end), text);
  }
}

TEST_F(Messages, E_113_signature_over_several_data_buffers) {
  SspiPair pair;
  Bytes begin = bytes_of("one ");
  Bytes end = bytes_of("message");
  Bytes signature(kSignature);
  Message message{buffer(SECBUFFER_DATA, begin), buffer(SECBUFFER_TOKEN, signature), buffer(SECBUFFER_DATA, end)};
  ASSERT_STATUS(message.sign(pair.client), SEC_E_OK);
  EXPECT_EQ(text_of(begin) + text_of(end), "one message");
  EXPECT_STATUS(pair.server.verify(bytes_of("one message"), signature), SEC_E_OK);
}

TEST_F(Messages, E_116_message_sequence_number_is_ignored) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes data = bytes_of("numbered");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  ASSERT_STATUS(message.encrypt(pair.client, 0, 77), SEC_E_OK);
  EXPECT_STATUS(message.decrypt(pair.server, nullptr, 4711), SEC_E_OK);
  EXPECT_EQ(text_of(data), "numbered");

  Bytes signature(kSignature);
  Message signed_message{buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_TOKEN, signature)};
  ASSERT_STATUS(signed_message.sign(pair.client, 0, 3), SEC_E_OK);
  EXPECT_STATUS(signed_message.verify(pair.server, nullptr, 2), SEC_E_OK);
}

TEST_F(Messages, E_069_E_070_descriptors_that_cannot_be_read) {
  SspiPair pair;
  Bytes token(kToken);
  Bytes data = bytes_of("unchanged");
  SecBuffer buffers[] = {buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  SecBufferDesc newer{SECBUFFER_VERSION + 1, 2, buffers};
  SecBufferDesc nowhere{SECBUFFER_VERSION, 2, nullptr};
  SecBufferDesc empty{SECBUFFER_VERSION, 0, buffers};
  for (SecBufferDesc* description : {&newer, &nowhere, &empty, static_cast<SecBufferDesc*>(nullptr)}) {
    EXPECT_STATUS(EncryptMessage(pair.client.get(), 0, description, 0), SEC_E_INVALID_TOKEN);
    EXPECT_STATUS(DecryptMessage(pair.client.get(), description, 0, nullptr), SEC_E_INVALID_TOKEN);
    EXPECT_STATUS(MakeSignature(pair.client.get(), 0, description, 0), SEC_E_INVALID_TOKEN);
    EXPECT_STATUS(VerifySignature(pair.client.get(), description, 0, nullptr), SEC_E_INVALID_TOKEN);
  }
  EXPECT_EQ(text_of(data), "unchanged");
  expect_passes(pair.client, pair.server);
}

TEST_F(Messages, empty_plaintext_is_a_message) {
  SspiPair pair;
  Sealed message = pair.client.seal({});
  EXPECT_EQ(message.token.size(), kToken);
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  EXPECT_TRUE(message.data.empty());
  Bytes plain = bytes_of("x");
  EXPECT_STATUS(pair.server.open_stream(pair.client.seal({}).stream(), plain), SEC_E_OK);
  EXPECT_TRUE(plain.empty());
  EXPECT_STATUS(pair.server.verify({}, pair.client.sign({})), SEC_E_OK);
}

}  // namespace
}  // namespace sspid::test
