#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/enctypes.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"

namespace sspid::worker::calls {

namespace {

using Out = Reply<proto::QueryContextAttributesReplyT>;

/// The package that carries the context: what a negotiation chose, or would choose as things stand.
const Package& chosen(const Context& context) {
  if (!context.package->negotiates) return *context.package;
  const Package* package = package_of(context.mechanism);
  return package && !package->negotiates ? *package : kerberos();
}

Outcome sizes(Context& context, const Facts& facts, Out& out) {
  proto::SizesT value;
  value.max_token = context.package->max_token;
  value.block_size = facts.sizes.block_size;
  // A protection that was not granted is shown as size 0; without confidentiality the trailer is a signed token's
  // (E-147).
  const bool sealing = context.grants_confidentiality();
  const bool signing = sealing || context.grants_integrity();
  value.max_signature = signing ? facts.sizes.max_signature : 0;
  value.security_trailer = sealing ? facts.sizes.security_trailer : signing ? facts.sizes.signed_trailer : 0;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome stream_sizes(Context& context, const Facts& facts, Out& out) {
  constexpr std::uint32_t kMaximumMessage = 65536;
  proto::StreamSizesT value;
  value.header = context.grants_confidentiality() ? facts.sizes.security_trailer : facts.sizes.signed_trailer;
  value.trailer = facts.sizes.max_padding;
  value.maximum_message = kMaximumMessage;
  value.buffers = 4;
  value.block_size = facts.sizes.block_size;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome text(std::string content, Out& out) {
  proto::TextT value;
  value.text = std::move(content);
  out.table.value.Set(std::move(value));
  return {};
}

Outcome number(std::uint32_t content, Out& out) {
  proto::NumberT value;
  value.value = content;
  out.table.value.Set(std::move(value));
  return {};
}

/// On a server whom it serves, on a client who it is.
Outcome names(Context&, const Facts& facts, Out& out) { return text(facts.initiator, out); }

Outcome native_names(Context&, const Facts& facts, Out& out) {
  proto::NativeNamesT value;
  value.client = facts.initiator;
  value.server = facts.acceptor;
  out.table.value.Set(std::move(value));
  return {};
}

/// The realm whose KDC issued the ticket: the service's.
Outcome authority(Context&, const Facts& facts, Out& out) {
  return text(std::string(gss::realm_of(facts.acceptor)), out);
}

Outcome client_specified_target(Context& context, const Facts& facts, Out& out) {
  if (context.role != Role::acceptor) return {SEC_E_UNSUPPORTED_FUNCTION, "only a server's context has this attribute"};
  return text(std::string(gss::without_realm(facts.acceptor)), out);
}

Outcome lifespan(Context& context, const Facts&, Out& out) {
  proto::LifespanT value;
  value.start = context.start;
  value.expiry = context.expiry;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome password_expiry(Context&, const Facts&, Out& out) {
  proto::TimeT value;
  value.value = proto::kNever;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome key_info(Context&, const Facts& facts, Out& out) {
  const gss::Enctype* enctype = gss::find_enctype(facts.enctype);
  if (!enctype) return {SEC_E_UNSUPPORTED_FUNCTION, "the encryption type is not known"};
  proto::KeyInfoT value;
  value.encrypt_algorithm_name = enctype->name;
  value.signature_algorithm_name = enctype->checksum_name;
  value.key_size = enctype->key_bits;
  value.encrypt_algorithm = static_cast<std::uint32_t>(enctype->number);
  value.signature_algorithm = static_cast<std::uint32_t>(enctype->checksum);
  out.table.value.Set(std::move(value));
  return {};
}

Outcome session_key(Context&, const Facts& facts, Out& out) {
  if (facts.session_key.empty()) return {SEC_E_UNSUPPORTED_FUNCTION, "the mechanism shows no session key"};
  proto::SessionKeyValueT value;
  value.length = static_cast<std::uint32_t>(facts.session_key.view().size());
  out.payload.key = Secret(std::as_bytes(std::span(facts.session_key.view())));
  out.payload.add(std::as_bytes(std::span(out.payload.key.view())));
  out.table.value.Set(std::move(value));
  return {};
}

Outcome proto_info(Context&, const Facts&, Out& out) {
  proto::ProtoInfoT value;
  value.name = "Kerberos";
  value.major = 5;
  out.table.value.Set(std::move(value));
  return {};
}

// What may be asked before the context is complete.

Outcome package_info(Context& context, Out& out) {
  proto::NegotiationInfoT value;
  value.package = describe_package(chosen(context));
  out.table.value.Set(std::move(value));
  return {};
}

Outcome negotiation_info(Context& context, Out& out) {
  if (!context.package->negotiates) return {SEC_E_UNSUPPORTED_FUNCTION, "nothing was negotiated"};
  proto::NegotiationInfoT value;
  value.package = describe_package(chosen(context));
  value.state = context.stage == Stage::established ? SECPKG_NEGOTIATION_COMPLETE
                : context.legs <= 1                 ? SECPKG_NEGOTIATION_OPTIMISTIC
                                                    : SECPKG_NEGOTIATION_IN_PROGRESS;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome flags(Context& context, Out& out) { return number(context.attributes, out); }

/// Whether the client's last token was its last: known once complete, likely while a negotiation waits for its peer.
Outcome last_client_token(Context& context, Out& out) {
  if (context.role != Role::initiator)
    return {SEC_E_UNSUPPORTED_FUNCTION, "only a client's context has this attribute"};
  return number(context.stage == Stage::established ? SecPkgAttrLastClientTokenYes : SecPkgAttrLastClientTokenMaybe,
                out);
}

/// Negotiate offers Kerberos and nothing else here.
Outcome negotiated_packages(Context& context, Out& out) {
  if (!context.package->negotiates) return {SEC_E_UNSUPPORTED_FUNCTION, "nothing was negotiated"};
  return number(SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM, out);
}

struct EarlyAttribute {
  std::uint32_t attribute;
  Outcome (*answer)(Context&, Out&);
};
constexpr EarlyAttribute kEarly[] = {
    {SECPKG_ATTR_PACKAGE_INFO, package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, negotiation_info},
    {SECPKG_ATTR_FLAGS, flags},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, last_client_token},
    {SECPKG_ATTR_NEGO_PKG_INFO, negotiated_packages},
};

struct Attribute {
  std::uint32_t attribute;
  Outcome (*answer)(Context&, const Facts&, Out&);
};
constexpr Attribute kEstablished[] = {
    {SECPKG_ATTR_SIZES, sizes},
    {SECPKG_ATTR_NAMES, names},
    {SECPKG_ATTR_LIFESPAN, lifespan},
    {SECPKG_ATTR_STREAM_SIZES, stream_sizes},
    {SECPKG_ATTR_KEY_INFO, key_info},
    {SECPKG_ATTR_AUTHORITY, authority},
    {SECPKG_ATTR_PROTO_INFO, proto_info},
    {SECPKG_ATTR_PASSWORD_EXPIRY, password_expiry},
    {SECPKG_ATTR_SESSION_KEY, session_key},
    {SECPKG_ATTR_NATIVE_NAMES, native_names},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, client_specified_target},
};

}  // namespace

Outcome query_context_attributes(Caller& caller, const proto::QueryContextAttributesRequest& in, Out& out) {
  LockedContext context;
  Outcome found = context.find(caller, in.context());
  if (found.status != SEC_E_OK) return found;
  for (const EarlyAttribute& row : kEarly)
    if (row.attribute == in.attribute()) return row.answer(*context, out);
  for (const Attribute& row : kEstablished) {
    if (row.attribute != in.attribute()) continue;
    if (context->stage != Stage::established) return {SEC_E_INVALID_HANDLE, "the context is not complete"};
    const Facts* facts = nullptr;
    if (Outcome learned = context->learn(facts); !learned.ok()) return learned;
    return row.answer(*context, *facts, out);
  }
  return {SEC_E_UNSUPPORTED_FUNCTION, "contexts have no such attribute"};
}

}  // namespace sspid::worker::calls
