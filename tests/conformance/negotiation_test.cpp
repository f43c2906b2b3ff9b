// Section G: a client whose first choice the server lacks, as Windows' clients with their older and newer mechanisms
// are. Then both sides sign the list of mechanisms (RFC 4178, mechListMIC), and somebody on the way may have changed
// it. No library here offers such a list, so the test encodes SPNEGO itself around a real Kerberos context.
#include <stdexcept>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

// ---- DER

Bytes der(std::uint8_t tag, const Bytes& content) {
  ByteBuilder encoded;
  encoded.le(tag);
  if (content.size() < 0x80)
    encoded.le(static_cast<std::uint8_t>(content.size()));
  else
    encoded.le(std::uint8_t{0x82}).be(static_cast<std::uint16_t>(content.size()));
  return encoded.add(content).take();
}

// The content of the element with this tag among those in `elements`; nothing when there is none.
Bytes element(const Bytes& elements, std::uint8_t tag) {
  for (std::size_t at = 0; at + 2 <= elements.size();) {
    const std::uint8_t found = elements.at(at++);
    std::size_t length = elements.at(at++);
    if (length >= 0x80) {
      std::size_t octets = length & 0x7f;
      for (length = 0; octets-- > 0;) length = length << 8 | elements.at(at++);
    }
    if (length > elements.size() - at) throw std::runtime_error("an element is longer than what holds it");
    const auto begin = elements.begin() + static_cast<std::ptrdiff_t>(at);
    if (found == tag) return {begin, begin + static_cast<std::ptrdiff_t>(length)};
    at += length;
  }
  return {};
}

// ---- SPNEGO

const Bytes kSpnego{0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};
const Bytes kKerberos{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
const Bytes kNobodys{0x06, 0x03, 0x2a, 0x03, 0x04};  // 1.2.3.4

const Bytes kOffer = der(0x30, joined({kNobodys, kKerberos}));

Bytes neg_token_init() {
  const Bytes optimistic = der(0xa2, der(0x04, bytes_of("for a mechanism that nobody has")));
  return der(0x60, joined({kSpnego, der(0xa0, der(0x30, joined({der(0xa0, kOffer), optimistic})))}));
}

Bytes neg_token_resp(const Bytes& response_token, const Bytes& mic) {
  const Bytes response = response_token.empty() ? Bytes{} : der(0xa2, der(0x04, response_token));
  const Bytes signature = mic.empty() ? Bytes{} : der(0xa3, der(0x04, mic));
  return der(0xa1, der(0x30, joined({response, signature})));
}

struct NegTokenResp {
  explicit NegTokenResp(const Bytes& token)
      : fields(element(element(token, 0xa1), 0x30)),
        state(element(element(fields, 0xa0), 0x0a)),
        supported_mechanism(element(fields, 0xa1)),
        response_token(element(element(fields, 0xa2), 0x04)),
        mic(element(element(fields, 0xa3), 0x04)) {}
  Bytes fields, state, supported_mechanism, response_token, mic;
};

class Negotiation : public ::testing::Test {
 protected:
  World& world_ = world();
  Credential service_{"Negotiate", SECPKG_CRED_INBOUND};
  SspiAcceptor server_{service_};
  GssInitiator client_{{.target = "host@localhost", .cache = {}, .bindings = {}}};
  Bytes signature_of_the_server_;

  // Up to where the client has to sign the list that it offered.
  Bytes signature_of_the_client() {
    const NegTokenResp choice(server_.step(neg_token_init()).token);
    must("choosing", server_.status());
    EXPECT_EQ(choice.supported_mechanism, kKerberos);
    const NegTokenResp answer(server_.step(neg_token_resp(client_.step({}).token, {})).token);
    must("accepting", server_.status());
    EXPECT_EQ(client_.step(answer.response_token).state, Leg::State::done);
    signature_of_the_server_ = answer.mic;
    return client_.get_mic(kOffer);
  }
};

TEST_F(Negotiation, second_choice_of_the_client_is_taken_and_both_sign_the_list) {
  const Bytes signature = signature_of_the_client();
  ASSERT_STATUS(server_.status(), SEC_I_CONTINUE_NEEDED) << "the list is not signed yet";
  EXPECT_EQ(client_.verify_mic(kOffer, signature_of_the_server_), OM_uint32{GSS_S_COMPLETE});
  const Leg last = server_.step(neg_token_resp({}, signature));
  ASSERT_STATUS(server_.status(), SEC_E_OK);
  EXPECT_EQ(server_.client_name(), world_.realm.qualified("alice"));
  EXPECT_EQ(client_.unwrap(server_.seal(bytes_of("afterwards")).stream()).plain, bytes_of("afterwards"));
}

TEST_F(Negotiation, E_180_list_that_was_changed_on_the_way_is_refused) {
  signature_of_the_client();
  server_.step(neg_token_resp({}, client_.get_mic(der(0x30, kKerberos))));
  EXPECT_STATUS(server_.status(), SEC_E_INVALID_TOKEN);
}

TEST_F(Negotiation, E_180_altered_signature_of_the_list_ends_the_exchange) {
  const Bytes signature = signature_of_the_client();
  server_.step(neg_token_resp({}, with_flipped_bit(signature, signature.size() - 1)));
  EXPECT_STATUS(server_.status(), SEC_E_INVALID_TOKEN);
  SecPkgContext_Sizes sizes{};
  EXPECT_STATUS(QueryContextAttributesW(server_.get(), SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
  server_.step(neg_token_resp({}, signature));
  EXPECT_LT(server_.status(), 0) << "the right one, too late";
}

TEST_F(Negotiation, E_180_list_that_is_not_signed_is_refused) {
  signature_of_the_client();
  server_.step(neg_token_resp({}, {}));
  EXPECT_LT(server_.status(), 0);
}

}  // namespace
}  // namespace sspid::test
