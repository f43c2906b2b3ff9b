#include <algorithm>

#include "daemon/worker/calls/calls.h"
#include "daemon/worker/gss/enctypes.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "proto/limits.h"

namespace sspid::worker::calls {

namespace {

using Out = Reply<proto::QueryContextAttributesReplyT>;

[[nodiscard]] bool is_ntlm(const Package& package) { return package.family == Family::ntlm; }

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
Outcome names(Context& context, Out& out) { return text(context.initiator_name, out); }

Outcome native_names(Context& context, Out& out) {
  proto::NativeNamesT value;
  value.client = context.initiator_name;
  value.server = context.acceptor_name;
  out.table.value.Set(std::move(value));
  return {};
}

/// The realm whose KDC issued the ticket: the service's. With NTLM the user's domain.
Outcome authority(Context& context, Out& out) {
  if (is_ntlm(context.chosen())) return text(context.initiator_name.substr(0, context.initiator_name.find('\\')), out);
  return text(std::string(gss::realm_of(context.acceptor_name)), out);
}

Outcome client_specified_target(Context& context, Out& out) {
  return text(std::string(gss::without_realm(context.acceptor_name)), out);
}

Outcome lifespan(Context& context, const Facts&, Out& out) {
  proto::LifespanT value;
  value.start = context.start;
  value.expiry = context.expiry;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome time(std::int64_t content, Out& out) {
  proto::TimeT value;
  value.value = content;
  out.table.value.Set(std::move(value));
  return {};
}

/// What the client's PAC says, which its own end never sees. Null where there is none.
Outcome find_logon(Context& context, const LogonInfo*& logon) {
  if (context.role != Role::acceptor) return {};
  const ClientIdentity* client = nullptr;
  Outcome learned = context.client(client);
  if (learned.ok() && client->logon) logon = &*client->logon;
  return learned;
}

Outcome password_expiry(Context& context, Out& out) {
  const LogonInfo* logon = nullptr;
  if (Outcome found = find_logon(context, logon); !found.ok()) return found;
  return time(logon ? logon->password_must_change : proto::kNever, out);
}

Outcome logoff_time(Context& context, Out& out) {
  const LogonInfo* logon = nullptr;
  if (Outcome found = find_logon(context, logon); !found.ok()) return found;
  return time(logon ? std::min(logon->logoff, logon->kick_off) : proto::kNever, out);
}

/// Its names are Windows'; the numbers are those of Kerberos' RC4, which has the same algorithms.
Outcome ntlm_key_info(const Facts& facts, Out& out) {
  constexpr std::int32_t kRc4Hmac = 23;
  proto::KeyInfoT value;
  value.encrypt_algorithm_name = "RC4";
  value.signature_algorithm_name = "HMAC-MD5";
  value.key_size = static_cast<std::uint32_t>(8 * facts.session_key.view().size());
  value.encrypt_algorithm = kRc4Hmac;
  if (const gss::Enctype* enctype = gss::find_enctype(kRc4Hmac))
    value.signature_algorithm = static_cast<std::uint32_t>(enctype->checksum);
  out.table.value.Set(std::move(value));
  return {};
}

Outcome key_info(Context& context, const Facts& facts, Out& out) {
  if (is_ntlm(context.chosen())) return ntlm_key_info(facts, out);
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

Outcome proto_info(Context& context, const Facts&, Out& out) {
  if (context.chosen().family != Family::kerberos)
    return {SEC_E_UNSUPPORTED_FUNCTION, "only Kerberos has a version that it tells"};
  proto::ProtoInfoT value;
  value.name = "Kerberos";
  value.major = 5;
  out.table.value.Set(std::move(value));
  return {};
}

// What needs no established context.

Outcome package_info(Context& context, Out& out) {
  proto::NegotiationInfoT value;
  value.package = describe_package(context.chosen());
  out.table.value.Set(std::move(value));
  return {};
}

Outcome negotiation_info(Context& context, Out& out) {
  proto::NegotiationInfoT value;
  value.package = describe_package(context.chosen());
  value.state = context.stage == Stage::established ? SECPKG_NEGOTIATION_COMPLETE
                : context.legs <= 1                 ? SECPKG_NEGOTIATION_OPTIMISTIC
                                                    : SECPKG_NEGOTIATION_IN_PROGRESS;
  out.table.value.Set(std::move(value));
  return {};
}

Outcome flags(Context& context, Out& out) { return number(context.attributes, out); }

/// Whether the client's last token was its last: known once complete, and of NTLM, whose first never is.
Outcome last_client_token(Context& context, Out& out) {
  if (context.stage == Stage::established) return number(SecPkgAttrLastClientTokenYes, out);
  const bool more_to_come = is_ntlm(*context.package) && context.legs == 1;
  return number(more_to_come ? SecPkgAttrLastClientTokenNo : SecPkgAttrLastClientTokenMaybe, out);
}

/// What Negotiate had nothing of.
Outcome negotiated_packages(Context& context, Out& out) {
  const bool initiates = context.role == Role::initiator;
  const auto had = [&](Choice choice) {
    return initiates ? context.credential->may_initiate(choice) : context.credential->may_accept(choice);
  };
  return number((had(Choice::kerberos) ? 0 : SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS) |
                    (had(Choice::ntlm) ? 0 : SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM),
                out);
}

Outcome negotiation_status(Context& context, Out& out) {
  return number(static_cast<std::uint32_t>(context.last_status), out);
}

/// Asks for the client's identity itself and never gets here.
Outcome made_by_library(Context&, Out&) { return {SEC_E_UNSUPPORTED_FUNCTION, "libsspi makes tokens itself"}; }

/// Learns what attributes of established contexts tell, for those that need it.
template <Outcome (*kAnswer)(Context&, const Facts&, Out&)>
Outcome of_facts(Context& context, Out& out) {
  const Facts* facts = nullptr;
  if (Outcome learned = context.learn(facts); !learned.ok()) return learned;
  return kAnswer(context, *facts, out);
}

/// From when on an attribute can be asked for. `ended`: established, or failed for good.
enum class When { started, established, ended };

/// Whose contexts have it. Negotiate's are as the package that it has chosen has them, but for what only it has.
enum class Side { none, client, server, both };

using enum When;
using enum Side;

struct Attribute {
  std::uint32_t number;
  When when;
  Side kerberos, ntlm, negotiate;
  Outcome (*answer)(Context&, Out&);
  const char* tells;
};

// tools/generate-function-table prints this table and the next into docs/functions.md. Mechanisms that are neither
// Kerberos nor NTLM are asked what Kerberos is asked, and may know less.
constexpr Attribute kAttributes[] = {
    {SECPKG_ATTR_SIZES, established, both, both, none, of_facts<sizes>,
     "how long tokens, signatures and what is added to a message can be"},
    {SECPKG_ATTR_NAMES, established, both, both, none, names, "on a server the client's name, on a client its own"},
    {SECPKG_ATTR_LIFESPAN, established, both, both, none, of_facts<lifespan>,
     "when the context was established and when it ends"},
    {SECPKG_ATTR_STREAM_SIZES, established, both, both, none, of_facts<stream_sizes>,
     "the same sizes for messages in one buffer"},
    {SECPKG_ATTR_KEY_INFO, established, both, both, none, of_facts<key_info>,
     "the algorithms that protect messages and the length of their key"},
    {SECPKG_ATTR_AUTHORITY, established, both, both, none, authority,
     "the realm or domain that vouches for the other end"},
    {SECPKG_ATTR_PROTO_INFO, established, both, none, none, of_facts<proto_info>, "the protocol and its version"},
    {SECPKG_ATTR_PASSWORD_EXPIRY, established, both, both, none, password_expiry,
     "when the client's password expires, as the server's ticket has it in its PAC; otherwise never"},
    {SECPKG_ATTR_LOGOFF_TIME, established, both, both, none, logoff_time,
     "when the client is to be logged off, as the server's ticket has it in its PAC; otherwise never"},
    {SECPKG_ATTR_SESSION_KEY, established, both, both, none, of_facts<session_key>, "the key that both ends share"},
    {SECPKG_ATTR_NATIVE_NAMES, established, both, none, none, native_names, "the principals of both ends"},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, established, server, none, none, client_specified_target,
     "whom the client asked for"},
    {SECPKG_ATTR_ACCESS_TOKEN, established, server, server, none, made_by_library,
     "the token of QuerySecurityContextToken, which stays the context's"},
    {SECPKG_ATTR_PACKAGE_INFO, started, both, both, none, package_info,
     "the package, of Negotiate the one that it has chosen"},
    {SECPKG_ATTR_FLAGS, started, both, both, none, flags, "ISC_RET_ or ASC_RET_ flags as of the last call"},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, started, client, client, none, last_client_token,
     "whether the last token was the client's last"},
    {SECPKG_ATTR_NEGOTIATION_INFO, started, none, none, both, negotiation_info,
     "the package that is being chosen and how far that is"},
    {SECPKG_ATTR_NEGO_PKG_INFO, established, none, none, both, negotiated_packages, "which packages were not offered"},
    {SECPKG_ATTR_NEGO_STATUS, ended, none, none, both, negotiation_status, "the status of the last step"},
};

struct Missing {
  std::uint32_t number;
  const char* reason;
};
constexpr Missing kMissing[] = {
    {SECPKG_ATTR_DCE_INFO, "what AuthzSvc and its PAC mean is documented nowhere"},
    {SECPKG_ATTR_USER_FLAGS, "no log-on session of this system has such flags"},
    {SECPKG_ATTR_USE_VALIDATED, "of smart card log-ons"},
    {SECPKG_ATTR_CREDENTIAL_NAME, "there is no Credential Manager that credentials could have a name in"},
    {SECPKG_ATTR_TARGET_INFORMATION, "of log-ons with marshalled targets, which no mechanism here has"},
    {SECPKG_ATTR_TARGET, "of the Credential Manager: CLIENT_SPECIFIED_TARGET tells a server whom its client wants"},
    {SECPKG_ATTR_AUTHENTICATION_ID, "of PKU2U: no mechanism here has such numbers"},
    {SECPKG_ATTR_NEGO_KEYS, "of NegoEx mechanisms: SESSION_KEY tells the key of these"},
    {SECPKG_ATTR_PROMPTING_NEEDED, "there is no credential dialogue that could be needed"},
    {SECPKG_ATTR_UNIQUE_BINDINGS, "of TLS: whoever has the TLS connection can tell its tls-unique"},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, "of TLS: whoever has the TLS connection can tell its tls-server-end-point"},
    {SECPKG_ATTR_CONTEXT_DELETED, "a deleted context has no handle that could be asked"},
    {SECPKG_ATTR_DTLS_MTU, "of DTLS"},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, "of TLS"},
    {SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, "of TLS"},
    {SECPKG_ATTR_IS_LOOPBACK, "a service that many processes share cannot tell whether both ends are one machine's"},
    {SECPKG_ATTR_SUBJECT_SECURITY_ATTRIBUTES, "of the kernel's access checks with claims"},
    {SECPKG_ATTR_SASL_CONTEXT, "of the server's SASL module; SaslGetContextOption tells about a context's SASL layer"},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, "of TLS"},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, "of TLS"},
    {SECPKG_ATTR_ROOT_STORE, "of TLS"},
    {SECPKG_ATTR_ISSUER_LIST_EX, "of TLS"},
    {SECPKG_ATTR_CONNECTION_INFO, "of TLS"},
    {SECPKG_ATTR_EAP_KEY_BLOCK, "of TLS"},
    {SECPKG_ATTR_SESSION_INFO, "of TLS"},
    {SECPKG_ATTR_APP_DATA, "of TLS"},
    {SECPKG_ATTR_SUPPORTED_SIGNATURES, "of TLS"},
    {SECPKG_ATTR_CREDS_2, "of TLS"},
};

bool is_due(When when, Stage stage) {
  return when == started || stage == Stage::established || (when == ended && stage == Stage::failed);
}

bool has(const Attribute& attribute, const Context& context) {
  const Side of_package = is_ntlm(context.chosen()) ? attribute.ntlm : attribute.kerberos;
  const Side whose = of_package == none && context.package->negotiates ? attribute.negotiate : of_package;
  return whose == both || whose == (context.role == Role::initiator ? client : server);
}

Outcome refuse(std::uint32_t number) {
  for (const Missing& missing : kMissing)
    if (missing.number == number) return {SEC_E_UNSUPPORTED_FUNCTION, missing.reason};
  return {SEC_E_UNSUPPORTED_FUNCTION, "contexts have no such attribute"};
}

}  // namespace

Outcome query_context_attributes(Caller& caller, const proto::QueryContextAttributesRequest& in, Out& out) {
  LockedContext context;
  Outcome found = context.find(caller, in.context());
  if (found.status != SEC_E_OK) return found;
  const auto* const end = std::end(kAttributes);
  const auto* const attribute =
      std::find_if(std::begin(kAttributes), end, [&](const Attribute& each) { return each.number == in.attribute(); });
  if (!is_due(attribute == end ? established : attribute->when, context->stage))
    return {SEC_E_INVALID_HANDLE, "the context is not complete"};
  if (attribute == end) return refuse(in.attribute());
  if (!has(*attribute, *context)) return {SEC_E_UNSUPPORTED_FUNCTION, "this context has no such attribute"};
  // The one attribute with which a key leaves this process.
  if (const auto grant = caller.worker.grant(); attribute->number == SECPKG_ATTR_SESSION_KEY && !grant->session_key)
    return {SEC_E_NOT_OWNER, "policy gives " + grant->identity + " no session key", "session_key"};
  return attribute->answer(*context, out);
}

}  // namespace sspid::worker::calls
