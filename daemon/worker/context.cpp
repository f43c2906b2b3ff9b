#include "daemon/worker/context.h"

#include <ctime>

#include <gssapi/gssapi_ext.h>

#include "daemon/worker/gss/duplicate.h"
#include "daemon/worker/gss/session_key.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/ntlm/host.h"
#include "daemon/worker/ntlm/sealer.h"
#include "daemon/worker/text.h"

namespace sspid::worker {

namespace {

std::vector<std::byte> copy(const flatbuffers::Vector<std::uint8_t>* from) {
  if (!from) return {};
  const auto* bytes = reinterpret_cast<const std::byte*>(from->data());
  return {bytes, bytes + from->size()};
}

gss_buffer_desc view(std::vector<std::byte>& bytes) { return {bytes.size(), bytes.empty() ? nullptr : bytes.data()}; }

/// Asks for one name at a time: some mechanisms fail, or worse, when asked for one that they lack (spec, NTLM).
std::string inquire_name(gss_ctx_id_t context, bool initiator, gss::Name& name) {
  OM_uint32 minor = 0;
  gss_name_t* source = initiator ? name.out() : nullptr;
  gss_name_t* target = initiator ? nullptr : name.out();
  gss::Buffer text;
  if (GSS_ERROR(gss_inquire_context(&minor, context, source, target, nullptr, nullptr, nullptr, nullptr, nullptr)) ||
      !name || GSS_ERROR(gss_display_name(&minor, name.get(), text.out(), nullptr)))
    return {};
  // gss-ntlmssp counts the NUL, too.
  return as_utf8(text.text().substr(0, text.text().find('\0')));
}

std::string local_account(const gss::Name& client) {
  OM_uint32 minor = 0;
  gss::Buffer account;
  // No mapping is a failure to GSS-API and an ordinary answer to us.
  if (GSS_ERROR(gss_localname(&minor, client.get(), GSS_C_NO_OID, account.out()))) return {};
  // An account whose name is no text is nobody's: written in any other way it might be somebody else's.
  return as_utf8(account.text()) == account.text() ? std::string(account.text()) : std::string();
}

/// The PAC's logon information, where there is one that the mechanism has verified. False: it cannot be read.
bool read_logon(const gss::Name& client, std::optional<LogonInfo>& logon) {
  constexpr std::string_view kLogonInfo = "urn:mspac:logon-info";
  OM_uint32 minor = 0;
  int authenticated = 0, complete = 0, more = -1;
  gss_buffer_desc attribute = gss::borrow(kLogonInfo);
  gss::Buffer value, display;
  if (GSS_ERROR(gss_get_name_attribute(&minor, client.get(), &attribute, &authenticated, &complete, value.out(),
                                       display.out(), &more)) ||
      authenticated == 0)
    return true;
  logon = read_logon_info(value.bytes());
  return logon.has_value();
}

}  // namespace

Bindings::Bindings(const proto::ChannelBindings& from)
    : initiator_(copy(from.initiator())), acceptor_(copy(from.acceptor())), application_(copy(from.application())) {
  view_.initiator_addrtype = from.initiator_type();
  view_.initiator_address = view(initiator_);
  view_.acceptor_addrtype = from.acceptor_type();
  view_.acceptor_address = view(acceptor_);
  view_.application_data = view(application_);
}

void Context::learn_names() {
  gss::Name initiator, acceptor;
  initiator_name = inquire_name(gss.get(), true, initiator);
  // An NTLM acceptor's own name is never asked for: where there is none, gss-ntlmssp crashes.
  if (chosen().family != Family::ntlm) acceptor_name = inquire_name(gss.get(), false, acceptor);
}

Outcome Context::learn(const Facts*& facts) {
  if (!facts_) {
    Facts learned;
    const bool is_ntlm = chosen().family == Family::ntlm;
    if (role == Role::acceptor) inquire_name(gss.get(), true, client_name_);
    OM_uint32 minor = 0;
    gss::SessionKey key;
    if (!GSS_ERROR(gss::session_key(gss.get(), minor, key))) {
      learned.enctype = key.enctype;
      learned.session_key = Secret(key.bytes);
    }
    constexpr std::uint32_t signature = ntlm::Sealer::kSignature;
    if (is_ntlm)
      learned.sizes = {signature, signature, signature, 0, 0};
    else if (const OM_uint32 major = gss::measure_sizes(gss.get(), learned.enctype, learned.sizes); GSS_ERROR(major))
      return {gss::status_of(gss::Call::wrap, major, 0, {}), "the sizes of the context's tokens cannot be told"};
    facts_ = std::make_shared<const Facts>(std::move(learned));
  }
  facts = facts_.get();
  return {};
}

Outcome Context::client(const ClientIdentity*& client) {
  const Facts* facts = nullptr;
  if (Outcome learned = learn(facts); !learned.ok()) return learned;
  if (!client_) {
    ClientIdentity identity;
    if (client_name_) {
      identity.account =
          chosen().family == Family::ntlm ? ntlm::account_here(initiator_name) : local_account(client_name_);
      if (!read_logon(client_name_, identity.logon))
        return {SEC_E_INTERNAL_ERROR, "the PAC of " + initiator_name + " cannot be read"};
    }
    client_ = std::make_shared<const ClientIdentity>(std::move(identity));
    client_name_.reset();
  }
  client = client_.get();
  return {};
}

Outcome Context::sealer(Sealer*& sealer) {
  if (!sealer_) {
    const Facts* facts = nullptr;
    if (Outcome learned = learn(facts); !learned.ok()) return learned;
    if (chosen().family == Family::ntlm)
      sealer_ = std::make_unique<ntlm::Sealer>(gss.get(), guard.first_sequence(), grants_confidentiality());
    else
      sealer_ = make_sealer(gss, gss_flags);
  }
  sealer = sealer_.get();
  return {};
}

Outcome Context::copy(std::shared_ptr<Context>& copied) {
  // What GSS-API knows of the peer beyond its name does not survive an export.
  const Facts* facts = nullptr;
  if (Outcome learned = learn(facts); !learned.ok()) return learned;
  const ClientIdentity* who = nullptr;
  if (role == Role::acceptor)
    if (Outcome learned = client(who); !learned.ok()) return learned;

  auto made = std::make_shared<Context>(role, credential);
  if (delegated)
    if (const gss::MessageStatus status = gss::duplicate(delegated.get(), made->delegated); GSS_ERROR(status.major))
      return {SEC_E_CANNOT_PACK, "delegated credentials: " + gss::describe(status.major, status.minor, mechanism)};
  const gss::MessageStatus status =
      sealer_ ? sealer_->copy(gss, made->gss, made->sealer_) : gss::duplicate(gss, made->gss);
  if (GSS_ERROR(status.major)) {
    if (!gss) stage = Stage::failed;
    return {gss::status_of(gss::Call::wrap, status.major, status.minor, {}),
            gss::describe(status.major, status.minor, mechanism)};
  }
  made->choice = choice;
  made->guard = guard;
  made->initiator_name = initiator_name;
  made->acceptor_name = acceptor_name;
  made->facts_ = facts_;
  made->client_ = client_;
  made->ticket = ticket;
  made->client_tickets = client_tickets;
  made->stage = stage;
  made->legs = legs;
  made->target_text = target_text;
  made->requirements = requirements;
  made->attributes = attributes;
  made->gss_flags = gss_flags;
  made->mechanism = mechanism;
  made->start = start;
  made->expiry = expiry;
  made->touched = touched;
  copied = std::move(made);
  return {};
}

const Package& Context::chosen() const {
  if (!package->negotiates) return *package;
  const Package* agreed = package_of(mechanism);
  if (agreed && !agreed->negotiates) return *agreed;
  return choice == Choice::ntlm || guard.is_ntlm() ? ntlm_package() : kerberos();
}

bool Context::grants_integrity() const {
  return (attributes & (role == Role::initiator ? ISC_RET_INTEGRITY : ASC_RET_INTEGRITY)) != 0;
}

bool Context::grants_confidentiality() const {
  return (attributes & (role == Role::initiator ? ISC_RET_CONFIDENTIALITY : ASC_RET_CONFIDENTIALITY)) != 0;
}

Outcome Context::ready_for_messages() const {
  if (stage != Stage::established) return {SEC_E_INVALID_HANDLE, "the context is not complete"};
  if (expiry <= std::time(nullptr)) return {SEC_E_CONTEXT_EXPIRED, "the context's tickets have expired"};
  if (!grants_integrity() && !grants_confidentiality())
    return {SEC_E_QOP_NOT_SUPPORTED, "neither integrity nor confidentiality was negotiated"};
  return {};
}

void Context::expire_if_idle(std::int64_t before) {
  if (stage != Stage::partial || touched > before) return;
  stage = Stage::expired;
  gss.reset();
  delegated.reset();
  ticket.clear();
  target.reset();
  ntlm_target.reset();
}

}  // namespace sspid::worker
