#include "spnego_by_hand.h"

#include <initializer_list>
#include <stdexcept>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include "support/bytes.h"

namespace sspid::test {

namespace {

namespace gss = worker::gss;

const Bytes kSpnego{0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02};
const Bytes kKerberos{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02};
const Bytes kUnknown{0x06, 0x05, 0x2b, 0x06, 0x01, 0x04, 0x01};

// DER, no more than RFC 4178 needs.

enum Tag : std::uint8_t {
  kOctetString = 0x04,
  kEnumerated = 0x0a,
  kSequence = 0x30,
  kApplication0 = 0x60,
  kContext0 = 0xa0,
  kContext1 = 0xa1,
  kContext2 = 0xa2,
  kContext3 = 0xa3,
};

Bytes der(std::uint8_t tag, const Bytes& content) {
  ByteBuilder builder;
  builder.be(tag);
  if (content.size() < 0x80)
    builder.be(static_cast<std::uint8_t>(content.size()));
  else
    builder.be(std::uint8_t{0x82}).be(static_cast<std::uint16_t>(content.size()));
  return builder.add(content).take();
}

/// The content of the first element with `tag` in a run of elements. Throws where there is none.
Bytes content_of(const Bytes& elements, std::uint8_t tag) {
  for (std::size_t at = 0; at + 2 <= elements.size();) {
    std::size_t length = elements[at + 1], start = at + 2;
    if (length >= 0x80) {
      const std::size_t more = length & 0x7F;
      length = 0;
      for (std::size_t i = 0; i < more; ++i) length = length << 8 | elements.at(start++);
    }
    if (elements[at] == tag)
      return {elements.begin() + static_cast<std::ptrdiff_t>(start),
              elements.begin() + static_cast<std::ptrdiff_t>(start + length)};
    at = start + length;
  }
  throw std::runtime_error("the negotiation token lacks an element");
}

Bytes inside(Bytes token, std::initializer_list<std::uint8_t> path) {
  for (const std::uint8_t tag : path) token = content_of(token, tag);
  return token;
}

enum NegState : std::uint8_t { kAcceptIncomplete = 1 };

Bytes field(std::uint8_t tag, const Bytes& octets) { return der(tag, der(kOctetString, octets)); }

Bytes neg_token_init(const Bytes& mech_types) {
  return der(kApplication0, joined({kSpnego, der(kContext0, der(kSequence, der(kContext0, mech_types)))}));
}
Bytes neg_token_resp(const Bytes& fields) { return der(kContext1, der(kSequence, fields)); }

const std::initializer_list<std::uint8_t> kResponseToken{kContext1, kSequence, kContext2, kOctetString};
const std::initializer_list<std::uint8_t> kMechListMic{kContext1, kSequence, kContext3, kOctetString};

// GSS-API, with failures as exceptions.

Bytes bytes_of(const gss::Buffer& buffer) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(buffer.bytes().data());
  return {at, at + buffer.size()};
}
gss_buffer_desc view(const Bytes& bytes) { return {bytes.size(), const_cast<std::uint8_t*>(bytes.data())}; }

void must(const char* what, OM_uint32 major) {
  if (GSS_ERROR(major)) throw std::runtime_error(std::string(what) + " failed");
}

Bytes initiate(gss::Context& context, gss_OID mechanism, const Bytes& token, OM_uint32& flags) {
  OM_uint32 minor = 0;
  gss::Name name;
  gss_buffer_desc text = gss::borrow(std::string_view("host@localhost")), in = view(token);
  must("gss_import_name", gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, name.out()));
  gss::Buffer out;
  must("gss_init_sec_context",
       gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, context.inout(), name.get(), mechanism, kAllFlags, 0,
                            GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, out.out(), &flags, nullptr));
  return bytes_of(out);
}

Bytes accept(gss::Context& context, const Bytes& token) {
  OM_uint32 minor = 0;
  gss_buffer_desc in = view(token);
  gss::Buffer out;
  must("gss_accept_sec_context",
       gss_accept_sec_context(&minor, context.inout(), GSS_C_NO_CREDENTIAL, &in, GSS_C_NO_CHANNEL_BINDINGS, nullptr,
                              nullptr, out.out(), nullptr, nullptr, nullptr));
  return bytes_of(out);
}

Bytes mic_over(gss::Context& context, const Bytes& mech_types) {
  OM_uint32 minor = 0;
  gss_buffer_desc message = view(mech_types);
  gss::Buffer mic;
  must("gss_get_mic", gss_get_mic(&minor, context.get(), GSS_C_QOP_DEFAULT, &message, mic.out()));
  return bytes_of(mic);
}

void verify_mic(gss::Context& context, const Bytes& mech_types, const Bytes& mic) {
  OM_uint32 minor = 0;
  gss_buffer_desc message = view(mech_types), token = view(mic);
  must("gss_verify_mic", gss_verify_mic(&minor, context.get(), &message, &token, nullptr));
}

/// What the acceptor lacks is offered first, without a token for it.
Ends with_acceptor_of_libgssapi() {
  Ends ends;
  const Bytes mech_types = der(kSequence, joined({kUnknown, kKerberos}));
  (void)accept(ends.acceptor, neg_token_init(mech_types));
  const Bytes request = initiate(ends.initiator, gss_mech_krb5, {}, ends.flags);
  const Bytes reply = accept(ends.acceptor, neg_token_resp(field(kContext2, request)));
  (void)initiate(ends.initiator, gss_mech_krb5, inside(reply, kResponseToken), ends.flags);
  verify_mic(ends.initiator, mech_types, inside(reply, kMechListMic));
  (void)accept(ends.acceptor, neg_token_resp(field(kContext3, mic_over(ends.initiator, mech_types))));
  return ends;
}

/// An acceptor that sends a MIC although nobody asked is entitled to one.
Ends with_initiator_of_libgssapi() {
  gss_OID_desc spnego{6, const_cast<char*>("\x2b\x06\x01\x05\x05\x02")};
  Ends ends;
  const Bytes offer = initiate(ends.initiator, &spnego, {}, ends.flags);
  const Bytes mech_types = inside(offer, {kApplication0, kContext0, kSequence, kContext0});
  const Bytes request = inside(offer, {kApplication0, kContext0, kSequence, kContext2, kOctetString});
  const Bytes reply = accept(ends.acceptor, request);
  const Bytes answer =
      initiate(ends.initiator, &spnego,
               neg_token_resp(joined({der(kContext0, der(kEnumerated, {kAcceptIncomplete})), der(kContext1, kKerberos),
                                      field(kContext2, reply), field(kContext3, mic_over(ends.acceptor, mech_types))})),
               ends.flags);
  verify_mic(ends.acceptor, mech_types, inside(answer, kMechListMic));
  return ends;
}

}  // namespace

Ends establish_with_mics(SpnegoEnd libgssapis) {
  enter_realm({});
  return libgssapis == SpnegoEnd::acceptor ? with_acceptor_of_libgssapi() : with_initiator_of_libgssapi();
}

}  // namespace sspid::test
