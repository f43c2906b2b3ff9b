#include "daemon/worker/report.h"

#include <cstdlib>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "daemon/worker/audit.h"
#include "daemon/worker/kerberos_files.h"
#include "daemon/worker/metrics.h"
#include "daemon/worker/packages.h"
#include "daemon/worker/session.h"
#include "daemon/worker/status_name.h"
#include "daemon/worker/worker.h"

namespace sspid::worker {

namespace {

using Json = nlohmann::ordered_json;

/// Names may be what clients or tickets chose: what is no UTF-8 is replaced.
std::string text_of(const Json& value) { return value.dump(-1, ' ', true, Json::error_handler_t::replace); }

/// Writes the members of the document one after the other.
class Document {
 public:
  explicit Document(const Sink& sink) : sink_(sink) {}

  void member(std::string_view name, const Json& value) {
    begin(name);
    put(text_of(value));
  }
  void open_list(std::string_view name) {
    begin(name);
    put("[");
    first_ = true;
  }
  void item(const Json& value) { put((std::exchange(first_, false) ? "\n" : ",\n") + text_of(value)); }
  void close_list() {
    put("]");
    first_ = false;
  }
  void close() { put("}\n"); }
  [[nodiscard]] bool wanted() const { return wanted_; }

 private:
  void begin(std::string_view name) {
    put((first_ ? "{\"" : ",\n\"") + std::string(name) + "\":");
    first_ = false;
  }
  void put(std::string_view text) { wanted_ = wanted_ && sink_(text); }

  const Sink& sink_;
  bool first_ = true;
  bool wanted_ = true;
};

Json describe(const Client& client) {
  return {{"pid", client.pid}, {"uid", client.uid}, {"unit", client.unit}, {"exe", client.executable}};
}

Json describe(const Session& session, long connections) {
  Json json = {{"session", session.number}};
  json.update(describe(session.client));
  json.update({{"since", session.since},
               {"connections", connections},
               {"credentials", session.credentials.size()},
               {"contexts", session.contexts.size()}});
  return json;
}

Json describe(const Session& session, std::uint64_t id, const Credential& credential) {
  const char* use = credential.can_initiate() ? credential.can_accept() ? "both" : "outbound" : "inbound";
  Json json = {{"credential", id},
               {"session", session.number},
               {"package", credential.package().name},
               {"use", use},
               {"name", credential.name()}};
  if (credential.expiry() != proto::kNever) json["expires"] = credential.expiry();
  return json;
}

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::partial:
      return "half open";
    case Stage::established:
      return "established";
    case Stage::failed:
      return "failed";
    case Stage::expired:
      return "expired";
  }
  return {};
}

/// A context that a call is using says little: nobody waits for it here.
Json describe(const Session& session, std::uint64_t id, Context& context) {
  const bool initiates = context.role == Role::initiator;
  Json json = {{"context", id},
               {"session", session.number},
               {"package", context.package->name},
               {"role", initiates ? "initiator" : "acceptor"}};
  const std::unique_lock lock(context.mutex, std::try_to_lock);
  if (!lock) {
    json["stage"] = "in a call";
    return json;
  }
  json["stage"] = name_of(context.stage);
  json["legs"] = context.legs;
  if (initiates) json["target"] = context.target_text;
  if (context.stage != Stage::established) {
    json["own"] = context.credential->name();
    json["since"] = context.touched;
    return json;
  }
  json["chosen"] = context.chosen().name;
  json["own"] = initiates ? context.initiator_name : context.acceptor_name;
  json["peer"] = initiates ? context.acceptor_name : context.initiator_name;
  json["flags"] = audit::name_flags(context.role, context.attributes);
  json["since"] = context.start;
  if (context.expiry != proto::kNever) json["expires"] = context.expiry;
  return json;
}

void write_objects(const Worker& worker, Document& document) {
  const auto sessions = worker.sessions->all();
  document.open_list("sessions");
  // One of the references is ours.
  for (const auto& session : sessions) document.item(describe(*session, session.use_count() - 1));
  document.close_list();
  document.open_list("credentials");
  for (const auto& session : sessions)
    for (const auto& [id, credential] : session->credentials.all_by_id())
      if (document.wanted()) document.item(describe(*session, id, *credential));
  document.close_list();
  document.open_list("contexts");
  for (const auto& session : sessions)
    for (const auto& [id, context] : session->contexts.all_by_id())
      if (document.wanted()) document.item(describe(*session, id, *context));
  document.close_list();
}

Json describe_packages() {
  Json packages = Json::array();
  for (const Package* package : *offered_packages())
    packages.push_back({{"name", package->name}, {"comment", package->comment}});
  return packages;
}

Json describe_calls(const Metrics& metrics) {
  Json calls = Json::array();
  for (const Metrics::Call& call : metrics.calls())
    calls.push_back({{"call", proto::EnumNameOpcode(call.opcode)},
                     {"count", call.count},
                     {"nanoseconds", call.nanoseconds},
                     {"buckets", call.buckets}});
  return calls;
}

Json describe_failures(const Metrics& metrics) {
  Json failures = Json::array();
  for (const Metrics::Failure& failure : metrics.failures())
    failures.push_back({{"call", proto::EnumNameOpcode(failure.opcode)},
                        {"package", failure.package},
                        {"status", name_of_status(failure.status)},
                        {"count", failure.count}});
  return failures;
}

Json describe_metrics(const Worker& worker, const ProcessFacts& process) {
  return {{"bounds_us", Metrics::kBounds},
          {"calls", describe_calls(*worker.metrics)},
          {"failures", describe_failures(*worker.metrics)},
          {"connections", process.connections},
          {"connections_total", worker.connections.load(std::memory_order_relaxed)},
          {"malformed_frames", process.malformed_frames},
          {"waiting_calls", process.waiting_calls},
          {"most_waiting", process.most_waiting},
          {"denied_system_calls", process.denied_system_calls}};
}

Json describe_replay_cache() {
  const ReplayCache cache = replay_cache();
  return {{"directory", cache.directory}, {"problem", cache.problem}};
}

}  // namespace

void write_report(const Worker& worker, const ProcessFacts& process, const Sink& sink) {
  Document document(sink);
  document.member("pid", ::getpid());
  document.member("uid", ::getuid());
  document.member("identity", worker.grant()->identity);
  document.member("packages", describe_packages());
  document.member("missing_packages", missing_packages());
  document.member("unreadable", unreadable_configuration());
  document.member("replay_cache", describe_replay_cache());
  document.member("metrics", describe_metrics(worker, process));
  write_objects(worker, document);
  document.close();
}

}  // namespace sspid::worker
