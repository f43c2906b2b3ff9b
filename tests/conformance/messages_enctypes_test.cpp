// Messages with every encryption type, ours at both ends and with libgssapi at either. A realm and a daemon for each
// type: where keys of a better type are permitted, the ends of a context agree on that.
#include <memory>

#include <gtest/gtest.h>

#include "messages_ends.h"
#include "support/enctype_world.h"

namespace sspid::test {
namespace {

using Privacy = GssContext::Privacy;

// What RFC 4121 and RFC 4757 make of a message: token and signature lengths.
struct Enctype {
  const char* name;
  int number;
  std::size_t signature;
  std::size_t sealed;   ///< of messages up to 64 bytes
  std::size_t legible;  ///< the same without encryption
  std::size_t padding;
};

struct Aes128Sha1 {
  static constexpr Enctype enctype{"aes128-cts-hmac-sha1-96", 17, 28, 60, 28, 0};
};
struct Aes256Sha1 {
  static constexpr Enctype enctype{"aes256-cts-hmac-sha1-96", 18, 28, 60, 28, 0};
};
struct Aes128Sha2 {
  static constexpr Enctype enctype{"aes128-cts-hmac-sha256-128", 19, 32, 64, 32, 0};
};
struct Aes256Sha2 {
  static constexpr Enctype enctype{"aes256-cts-hmac-sha384-192", 20, 40, 72, 40, 0};
};
struct Rc4 {
  static constexpr Enctype enctype{"arcfour-hmac", 23, 37, 45, 45, 1};
};

struct Names {
  template <class Type>
  static std::string GetName(int) {
    std::string name = Type::enctype.name;
    for (char& c : name)
      if (c == '-') c = '_';
    return name;
  }
};

template <class Type>
class MessagesOf : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = std::make_unique<EnctypeWorld>(kType.name); }
  static void TearDownTestSuite() { world_.reset(); }

  static constexpr Enctype kType = Type::enctype;

  static inline std::unique_ptr<EnctypeWorld> world_;
};

using Types = ::testing::Types<Aes128Sha1, Aes256Sha1, Aes128Sha2, Aes256Sha2, Rc4>;
TYPED_TEST_SUITE(MessagesOf, Types, Names);

constexpr std::size_t kLongest = std::size_t{16} << 20;
constexpr std::size_t kLengths[] = {0, 1, 15, 16, 17, 1000, 65536, std::size_t{1} << 20};

TYPED_TEST(MessagesOf, context_has_this_encryption_type) {
  EXPECT_EQ(OursToGss().gss.enctype(), this->kType.number);
  EXPECT_EQ(GssToOurs().gss.enctype(), this->kType.number);
}

TYPED_TEST(MessagesOf, E_088_lengths_of_tokens) {
  SspiPair pair;
  const Sealed sealed = pair.client.seal(bytes_of("message"));
  EXPECT_EQ(sealed.token.size(), this->kType.sealed);
  EXPECT_EQ(sealed.data.size(), 7U);
  EXPECT_EQ(sealed.padding.size(), this->kType.padding);
  EXPECT_EQ(pair.client.seal(bytes_of("message"), SECQOP_WRAP_NO_ENCRYPT).token.size(), this->kType.legible);
  EXPECT_EQ(pair.client.sign(bytes_of("message")).size(), this->kType.signature);
}

TYPED_TEST(MessagesOf, E_088_sizes_hold_for_every_length) {
  SspiPair pair;
  const SecPkgContext_Sizes sizes = pair.client.sizes();
  EXPECT_EQ(sizes.cbMaxSignature, this->kType.signature);
  for (const std::size_t length : {std::size_t{0}, std::size_t{64}, std::size_t{65}, std::size_t{65536}, kLongest}) {
    const Sealed sealed = pair.client.seal(Bytes(length));
    EXPECT_LE(sealed.token.size(), sizes.cbSecurityTrailer);
    EXPECT_LE(sealed.padding.size(), sizes.cbBlockSize);
  }
}

TYPED_TEST(MessagesOf, E_089_both_ends_ours_at_every_length) {
  SspiPair pair;
  for (const std::size_t length : kLengths) {
    SCOPED_TRACE(length);
    const Bytes plain = random_bytes(length, length);
    for (const ULONG qop : {ULONG{0}, ULONG{SECQOP_WRAP_NO_ENCRYPT}}) {
      Sealed message = pair.client.seal(plain, qop);
      ULONG opened = 1;
      EXPECT_STATUS(pair.server.open(message, &opened), SEC_E_OK);
      EXPECT_TRUE(message.data == plain);
      EXPECT_EQ(opened, qop);
      Bytes from_stream;
      EXPECT_STATUS(pair.client.open_stream(pair.server.seal(plain, qop).stream(), from_stream, &opened), SEC_E_OK);
      EXPECT_TRUE(from_stream == plain);
      EXPECT_EQ(opened, qop);
    }
    EXPECT_STATUS(pair.server.verify(plain, pair.client.sign(plain)), SEC_E_OK);
  }
}

TYPED_TEST(MessagesOf, E_085_padding_buffer_is_needed_where_there_is_padding) {
  SspiPair pair;
  Bytes token(pair.client.sizes().cbSecurityTrailer);
  Bytes data = bytes_of("no PADDING");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  if (this->kType.padding == 0) {
    EXPECT_STATUS(message.encrypt(pair.client), SEC_E_OK);
    EXPECT_STATUS(message.decrypt(pair.server), SEC_E_OK);
  } else {
    EXPECT_STATUS(message.encrypt(pair.client), SEC_E_BUFFER_TOO_SMALL);
  }
  EXPECT_EQ(text_of(data), "no PADDING");
  expect_passes(pair.client, pair.server);
}

TYPED_TEST(MessagesOf, E_084_too_small_token_buffer_consumes_nothing) {
  SspiPair pair;
  Bytes token(this->kType.sealed - 1);
  Bytes padding(16);
  Bytes data = bytes_of("secret");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_PADDING, padding)};
  EXPECT_STATUS(message.encrypt(pair.client), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_EQ(text_of(data), "secret");
  Bytes signature(this->kType.signature - 1);
  Message signed_message{buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_TOKEN, signature)};
  EXPECT_STATUS(signed_message.sign(pair.client), SEC_E_BUFFER_TOO_SMALL);
  expect_passes(pair.client, pair.server);
}

// What the other end's gss_unwrap makes of our message.
void expect_unwraps(SspiContext& ours, GssContext& gss, const Bytes& plain, ULONG qop) {
  const GssContext::Message opened = gss.unwrap(ours.seal(plain, qop).stream());
  EXPECT_TRUE(opened.complete()) << gss_status_text(opened.major, 0);
  EXPECT_TRUE(opened.plain == plain);
  EXPECT_EQ(opened.was_sealed, qop == 0);
}

void expect_unwraps_iov(SspiContext& ours, GssContext& gss, const Bytes& plain, ULONG qop) {
  const Sealed message = ours.seal(plain, qop);
  const GssContext::Message opened = gss.unwrap_iov({{GSS_IOV_BUFFER_TYPE_HEADER, message.token},
                                                     {GSS_IOV_BUFFER_TYPE_DATA, message.data},
                                                     {GSS_IOV_BUFFER_TYPE_PADDING, message.padding}});
  EXPECT_TRUE(opened.complete()) << gss_status_text(opened.major, 0);
  EXPECT_TRUE(opened.plain == plain);
  EXPECT_EQ(opened.was_sealed, qop == 0);
}

// What we make of the other end's gss_wrap, as a whole and in parts.
void expect_opens(SspiContext& ours, GssContext& gss, const Bytes& plain, Privacy privacy) {
  const ULONG wanted = privacy == Privacy::sealed ? 0 : ULONG{SECQOP_WRAP_NO_ENCRYPT};
  Bytes opened;
  ULONG qop = 1;
  EXPECT_STATUS(ours.open_stream(gss.wrap(plain, privacy), opened, &qop), SEC_E_OK);
  EXPECT_TRUE(opened == plain);
  EXPECT_EQ(qop, wanted);

  const Bytes token = gss.wrap(plain, privacy);
  const std::size_t overhead = token.size() - plain.size();
  Sealed split{.token = first(token, overhead), .data = behind(token, overhead), .padding = {}};
  EXPECT_STATUS(ours.open(split, &qop), SEC_E_OK);
  EXPECT_TRUE(split.data == plain);
  EXPECT_EQ(qop, wanted);
}

void expect_opens_iov(SspiContext& ours, GssContext& gss, const Bytes& plain, Privacy privacy) {
  const auto parts = gss.wrap_iov(
      {{GSS_IOV_BUFFER_TYPE_HEADER, {}}, {GSS_IOV_BUFFER_TYPE_DATA, plain}, {GSS_IOV_BUFFER_TYPE_PADDING, {}}},
      privacy);
  Sealed message{.token = parts[0].bytes, .data = parts[1].bytes, .padding = parts[2].bytes};
  ULONG qop = 1;
  EXPECT_STATUS(ours.open(message, &qop), SEC_E_OK);
  EXPECT_TRUE(message.data == plain);
  EXPECT_EQ(qop, privacy == Privacy::sealed ? 0 : ULONG{SECQOP_WRAP_NO_ENCRYPT});
}

void expect_all_ways(SspiContext& ours, GssContext& gss) {
  for (const std::size_t length : kLengths) {
    SCOPED_TRACE(length);
    const Bytes plain = random_bytes(length, length);
    for (const ULONG qop : {ULONG{0}, ULONG{SECQOP_WRAP_NO_ENCRYPT}}) {
      expect_unwraps(ours, gss, plain, qop);
      expect_unwraps_iov(ours, gss, plain, qop);
    }
    for (const Privacy privacy : {Privacy::sealed, Privacy::none}) {
      expect_opens(ours, gss, plain, privacy);
      expect_opens_iov(ours, gss, plain, privacy);
    }
    EXPECT_EQ(gss.verify_mic(plain, ours.sign(plain)), GSS_S_COMPLETE);
    EXPECT_STATUS(ours.verify(plain, gss.get_mic(plain)), SEC_E_OK);
  }
}

TYPED_TEST(MessagesOf, E_089_E_090_E_091_server_is_libgssapi) {
  OursToGss ends;
  expect_all_ways(ends.ours, ends.gss);
}

TYPED_TEST(MessagesOf, E_089_E_090_E_091_client_is_libgssapi) {
  GssToOurs ends;
  expect_all_ways(ends.ours, ends.gss);
}

TYPED_TEST(MessagesOf, E_184_16_MiB_with_libgssapi) {
  const Bytes plain = random_bytes(kLongest);
  OursToGss ends;
  expect_unwraps(ends.ours, ends.gss, plain, 0);
  expect_opens(ends.ours, ends.gss, plain, Privacy::sealed);
}

TYPED_TEST(MessagesOf, negotiated_context_with_libgssapi) {
  OursToGss as_client(kPrivacy | kOrder, "Negotiate");
  expect_all_ways(as_client.ours, as_client.gss);
  GssToOurs as_server(0, Mechanism::spnego);
  expect_all_ways(as_server.ours, as_server.gss);
}

TYPED_TEST(MessagesOf, dce_style_with_libgssapi) {
  OursToGss as_client(kPrivacy | kOrder | ISC_REQ_USE_DCE_STYLE);
  GssToOurs as_server(GSS_C_DCE_STYLE);
  for (const std::size_t length : {16, 1024, 65536}) {
    const Bytes plain = random_bytes(length, length);
    expect_unwraps_iov(as_client.ours, as_client.gss, plain, 0);
    expect_opens_iov(as_client.ours, as_client.gss, plain, Privacy::sealed);
    expect_unwraps_iov(as_server.ours, as_server.gss, plain, 0);
    expect_opens_iov(as_server.ours, as_server.gss, plain, Privacy::sealed);
    EXPECT_EQ(as_client.gss.verify_mic(plain, as_client.ours.sign(plain)), GSS_S_COMPLETE);
    EXPECT_STATUS(as_server.ours.verify(plain, as_server.gss.get_mic(plain)), SEC_E_OK);
  }
}

TYPED_TEST(MessagesOf, E_095_altered_message) {
  SspiPair pair;
  const Sealed good = pair.client.seal(bytes_of("sixteen bytes or"));
  Sealed bad = good;
  bad.data = with_flipped_bit(good.data, 7);
  EXPECT_STATUS(pair.server.open(bad), SEC_E_MESSAGE_ALTERED);
  EXPECT_EQ(bad.data, Bytes(bad.data.size()));
  bad = good;
  bad.token = with_flipped_bit(good.token, good.token.size() - 1);
  EXPECT_STATUS(pair.server.open(bad), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(
      pair.server.verify(bytes_of("x"), with_flipped_bit(pair.client.sign(bytes_of("x")), this->kType.signature - 1)),
      SEC_E_MESSAGE_ALTERED);
  bad = good;
  EXPECT_STATUS(pair.server.open(bad), SEC_E_OK);
}

TYPED_TEST(MessagesOf, E_098_E_099_duplicate_and_gap) {
  SspiPair pair;
  const Sealed once = pair.client.seal(bytes_of("once"));
  Sealed message = once;
  EXPECT_STATUS(pair.server.open(message), SEC_E_OK);
  message = once;
  EXPECT_STATUS(pair.server.open(message), SEC_E_OUT_OF_SEQUENCE);
  EXPECT_NE(text_of(message.data), "once");
  const Sealed lost = pair.client.seal(bytes_of("lost"));
  Sealed next = pair.client.seal(bytes_of("next"));
  EXPECT_STATUS(pair.server.open(next), SEC_E_OUT_OF_SEQUENCE);
  expect_passes(pair.client, pair.server);
}

TYPED_TEST(MessagesOf, E_105_own_message_fed_back) {
  SspiPair pair;
  Sealed message = pair.client.seal(bytes_of("mirror"));
  EXPECT_STATUS(pair.client.open(message), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.client.verify(bytes_of("x"), pair.client.sign(bytes_of("x"))), SEC_E_MESSAGE_ALTERED);
}

TYPED_TEST(MessagesOf, E_107_signature_of_another_length) {
  SspiPair pair;
  const Bytes signature = pair.client.sign(bytes_of("signed"));
  for (std::size_t length = 0; length < signature.size(); ++length)
    EXPECT_STATUS(pair.server.verify(bytes_of("signed"), first(signature, length)), SEC_E_INVALID_TOKEN) << length;
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), joined({signature, Bytes(1)})), SEC_E_MESSAGE_ALTERED);
  EXPECT_STATUS(pair.server.verify(bytes_of("signed"), signature), SEC_E_OK);
}

TYPED_TEST(MessagesOf, E_112_covered_data_with_libgssapi) {
  OursToGss ends;
  constexpr ULONG kCovered = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
  Bytes header = bytes_of("header");
  Bytes body = bytes_of("body");
  Bytes token(ends.ours.sizes().cbSecurityTrailer);
  Bytes padding(ends.ours.sizes().cbBlockSize);
  Message message{buffer(kCovered, header), buffer(SECBUFFER_DATA, body), buffer(SECBUFFER_TOKEN, token),
                  buffer(SECBUFFER_PADDING, padding)};
  ASSERT_STATUS(message.encrypt(ends.ours), SEC_E_OK);
  EXPECT_EQ(text_of(header), "header");
  const GssContext::Message opened = ends.gss.unwrap_iov({{GSS_IOV_BUFFER_TYPE_SIGN_ONLY, header},
                                                          {GSS_IOV_BUFFER_TYPE_DATA, body},
                                                          {GSS_IOV_BUFFER_TYPE_HEADER, content(message[2])},
                                                          {GSS_IOV_BUFFER_TYPE_PADDING, content(message[3])}});
  EXPECT_TRUE(opened.complete()) << gss_status_text(opened.major, 0);
  EXPECT_EQ(text_of(opened.plain), "body");

  auto parts = ends.gss.wrap_iov({{GSS_IOV_BUFFER_TYPE_SIGN_ONLY, header},
                                  {GSS_IOV_BUFFER_TYPE_DATA, bytes_of("answer")},
                                  {GSS_IOV_BUFFER_TYPE_HEADER, {}},
                                  {GSS_IOV_BUFFER_TYPE_PADDING, {}}});
  Message answer{buffer(kCovered, parts[0].bytes), buffer(SECBUFFER_DATA, parts[1].bytes),
                 buffer(SECBUFFER_TOKEN, parts[2].bytes), buffer(SECBUFFER_PADDING, parts[3].bytes)};
  EXPECT_STATUS(answer.decrypt(ends.ours), SEC_E_OK);
  EXPECT_EQ(text_of(content(answer[1])), "answer");
}

}  // namespace
}  // namespace sspid::test
