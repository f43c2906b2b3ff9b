#include "daemon/worker/audit.h"

#include <array>
#include <atomic>

#include "daemon/log_fields.h"
#include "daemon/worker/status_name.h"
#include "daemon/worker/text.h"

namespace sspid::worker::audit {

namespace {

std::string text_of(const flatbuffers::String* text) { return text ? text->str() : std::string(); }

std::string text_of(const Package* package) { return package ? std::string(package->name) : std::string(); }

/// What a line is about, beside who wants it and how it ends.
struct Subject {
  std::string_view event;
  std::string package;
  std::string own;     ///< as whom
  std::string peer{};  ///< to whom, or for whom
  log::Fields more{};
};

void add(const Client& client, log::Fields& fields) {
  fields.emplace_back("pid", client.pid);
  fields.emplace_back("uid", client.uid);
  if (!client.unit.empty()) fields.emplace_back("unit", client.unit);
  if (!client.executable.empty()) fields.emplace_back("exe", client.executable);
}

void write(const Origin& origin, Subject subject, const End& end, std::chrono::nanoseconds took) {
  using std::chrono::microseconds;
  log::Fields fields;
  fields.reserve(15 + subject.more.size());
  fields.emplace_back("event", std::string(subject.event));
  fields.emplace_back("request", std::to_string(origin.connection) + '.' + std::to_string(origin.request));
  add(origin.client, fields);
  fields.emplace_back("identity", origin.grant.identity);
  fields.emplace_back("package", std::move(subject.package));
  fields.emplace_back("own", std::move(subject.own));
  if (!subject.peer.empty()) fields.emplace_back("peer", std::move(subject.peer));
  for (log::Field& field : subject.more) fields.push_back(std::move(field));
  fields.emplace_back("status", name_of_status(end.outcome.status));
  fields.emplace_back("us", std::chrono::duration_cast<microseconds>(took).count());
  if (!end.outcome.rule.empty()) fields.emplace_back("rule", origin.grant.rule(end.outcome.rule));
  if (!end.outcome.ok()) fields.emplace_back("detail", as_utf8(end.outcome.detail));
  log::audit(fields);
}

void write(const Origin& origin, Subject subject, const End& end) { write(origin, std::move(subject), end, end.took); }

std::string_view direction(std::uint32_t use) {
  switch (use & SECPKG_CRED_BOTH) {
    case SECPKG_CRED_INBOUND:
      return "inbound";
    case SECPKG_CRED_OUTBOUND:
      return "outbound";
    case SECPKG_CRED_BOTH:
      return "both";
    default:
      return "none";
  }
}

/// Of a credential that was made: whose it is. Of one that was not: whom it was to be for.
std::string name_of(const std::shared_ptr<Credential>& made, const proto::Identity* identity,
                    const flatbuffers::String* principal) {
  if (made) return made->name();
  if (!identity || !identity->user()) return text_of(principal);
  return identity->domain() ? text_of(identity->domain()) + '\\' + identity->user()->str() : identity->user()->str();
}

std::string_view source_of(const proto::Identity* identity, bool acts_for_client) {
  if (identity && identity->has_keytab()) return "packed keytab";
  if (identity && identity->user()) return "password";
  return acts_for_client ? "client" : "own";
}

/// An exchange's leg, seen alike from both ends.
struct Leg {
  Role role;
  const proto::Handle* credential;
  const proto::Handle* named;  ///< by the caller: a later leg
  const proto::Handle* made;   ///< by the call: there is a context now
  std::string target;
  std::uint32_t attributes;
};

void note_leg(const Origin& origin, const Session& session, const Leg& leg, const End& end) {
  const auto context = session.contexts.find(leg.made ? leg.made : leg.named);
  const auto spent = context ? context->spent.fetch_add(end.took.count(), std::memory_order_relaxed) : 0;
  if (end.outcome.status == SEC_I_CONTINUE_NEEDED) return;
  const auto credential = context ? context->credential : session.credentials.find(leg.credential);
  if (!credential) return;

  Subject subject{"context", text_of(&credential->package()), {}};
  if (context && end.outcome.ok()) {
    // Complete: nobody changes these any more.
    const bool initiates = leg.role == Role::initiator;
    subject.package = text_of(&context->chosen());
    if (context->package->negotiates) subject.more.emplace_back("negotiated", std::string("yes"));
    subject.own = initiates ? context->initiator_name : context->acceptor_name;
    subject.peer = initiates ? context->acceptor_name : context->initiator_name;
  } else {
    subject.own = credential->name();
  }
  subject.more.emplace_back("end", std::string(leg.role == Role::initiator ? "initiator" : "acceptor"));
  if (leg.role == Role::initiator) subject.more.emplace_back("target", context ? context->target_text : leg.target);
  if (end.outcome.ok()) subject.more.emplace_back("flags", name_flags(leg.role, leg.attributes));
  write(origin, std::move(subject), end, end.took + std::chrono::nanoseconds(spent));
}

/// What is done with a context that is complete: nobody changes its names any more. Where the call failed, it may not
/// be.
Subject about(std::string_view event, const Context& context, const Outcome& outcome) {
  Subject subject{event, text_of(context.package), {}};
  const bool initiates = context.role == Role::initiator;
  if (!outcome.ok()) {
    subject.own = context.credential->name();
    return subject;
  }
  subject.own = initiates ? context.initiator_name : context.acceptor_name;
  subject.peer = initiates ? context.acceptor_name : context.initiator_name;
  return subject;
}

}  // namespace

void note(const Origin& origin, const Session& session, const proto::AcquireCredentialsHandleRequest& in,
          const proto::AcquireCredentialsHandleReplyT& out, const End& end) {
  const auto made = session.credentials.find(out.credential.get());
  Subject subject{"credential", made ? text_of(&made->package()) : text_of(in.package()),
                  name_of(made, in.identity(), in.principal())};
  subject.more = {{"use", std::string(direction(in.use()))},
                  {"source", std::string(source_of(in.identity(), in.impersonating() != nullptr))}};
  write(origin, std::move(subject), end);
}

void note(const Origin& origin, const Session& session, const proto::AcquireCredentialsForUserRequest& in,
          const proto::AcquireCredentialsForUserReplyT& out, const End& end) {
  const auto made = session.credentials.find(out.credential.get());
  Subject subject{"credential", made ? text_of(&made->package()) : text_of(in.package()), text_of(in.user())};
  if (made) subject.own = made->name();
  const auto service = session.credentials.find(in.service());
  subject.more = {{"use", std::string("outbound")},
                  {"source", std::string("service")},
                  {"service", service ? service->name() : text_of(in.service_principal())}};
  write(origin, std::move(subject), end);
}

void note(const Origin& origin, const Session& session, const proto::AddCredentialsRequest& in,
          const proto::AddCredentialsReplyT&, const End& end) {
  const auto whole = session.credentials.find(in.credential());
  if (!whole) return;
  Subject subject{"credential", text_of(in.package()), name_of(nullptr, in.identity(), in.principal())};
  if (end.outcome.ok()) subject.own = whole->name();
  subject.more = {{"use", std::string(direction(in.use()))},
                  {"source", std::string(source_of(in.identity(), false))},
                  {"added", std::string("yes")}};
  write(origin, std::move(subject), end);
}

void note(const Origin& origin, const Session&, const proto::ChangeAccountPasswordRequest& in,
          const proto::ChangeAccountPasswordReplyT&, const End& end) {
  const std::string domain = text_of(in.domain());
  const std::string account = text_of(in.account());
  Subject subject{"password", text_of(in.package()), domain.empty() ? account : domain + '\\' + account};
  subject.more = {{"administrative", std::string(in.administrative() ? "yes" : "no")}};
  write(origin, std::move(subject), end);
}

void note(const Origin& origin, const Session& session, const proto::InitializeSecurityContextRequest& in,
          const proto::InitializeSecurityContextReplyT& out, const End& end) {
  note_leg(origin, session,
           {Role::initiator, in.credential(), in.context(), out.context.get(), text_of(in.target()), out.attributes},
           end);
}

void note(const Origin& origin, const Session& session, const proto::AcceptSecurityContextRequest& in,
          const proto::AcceptSecurityContextReplyT& out, const End& end) {
  note_leg(origin, session, {Role::acceptor, in.credential(), in.context(), out.context.get(), {}, out.attributes},
           end);
}

void note(const Origin& origin, const Session& session, const proto::ExportSecurityContextRequest& in,
          const proto::ExportSecurityContextReplyT&, const End& end) {
  // One that moved away is not found any more: the line of its import names it.
  const auto context = session.contexts.find(in.context());
  if (!end.outcome.ok() || !context) return;
  write(origin, about("export", *context, end.outcome), end);
}

void note(const Origin& origin, const Session& session, const proto::ImportSecurityContextRequest& in,
          const proto::ImportSecurityContextReplyT& out, const End& end) {
  const auto context = session.contexts.find(out.context.get());
  write(origin, context ? about("import", *context, end.outcome) : Subject{"import", text_of(in.package()), {}}, end);
}

void note(const Origin& origin, const Session& session, const proto::QueryContextAttributesRequest& in,
          const proto::QueryContextAttributesReplyT&, const End& end) {
  if (in.attribute() != SECPKG_ATTR_SESSION_KEY) return;
  if (const auto context = session.contexts.find(in.context()))
    write(origin, about("session key", *context, end.outcome), end);
}

void note_refusal(const Client& client, const Grant& grant, const std::string& rule, std::uint64_t not_shown) {
  log::Fields fields{{"event", std::string("refusal")}};
  add(client, fields);
  fields.emplace_back("identity", grant.identity);
  fields.emplace_back("rule", rule);
  if (not_shown > 0) fields.emplace_back("not_shown", not_shown);
  log::audit(fields);
}

std::string name_flags(Role role, std::uint32_t attributes) {
  struct Flag {
    std::uint32_t initiator, acceptor;
    std::string_view name;
  };
  static constexpr std::array<Flag, 8> kFlags = {{
      {ISC_RET_DELEGATE, ASC_RET_DELEGATE, "delegate"},
      {ISC_RET_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH, "mutual"},
      {ISC_RET_REPLAY_DETECT, ASC_RET_REPLAY_DETECT, "replay"},
      {ISC_RET_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT, "sequence"},
      {ISC_RET_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY, "confidentiality"},
      {ISC_RET_INTEGRITY, ASC_RET_INTEGRITY, "integrity"},
      {ISC_RET_USED_DCE_STYLE, ASC_RET_USED_DCE_STYLE, "dce"},
      {ISC_RET_IDENTIFY, ASC_RET_IDENTIFY, "identify"},
  }};
  std::string names;
  for (const Flag& flag : kFlags)
    if (attributes & (role == Role::initiator ? flag.initiator : flag.acceptor))
      names += (names.empty() ? "" : ",") + std::string(flag.name);
  return names;
}

}  // namespace sspid::worker::audit
