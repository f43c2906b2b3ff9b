#include <cstdio>

#include "admin.h"
#include "commands.h"

namespace sspictl {

namespace {

/// A family of Prometheus' text format: its heading once, then its samples.
class Family {
 public:
  Family(const char* name, const char* type, const char* help) : name_(name) {
    text_ = std::string("# HELP ") + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
  }
  using Labels = std::vector<std::pair<const char*, std::string>>;

  void add(const Labels& labels, const std::string& value, const char* suffix = "") {
    text_ += std::string(name_) + suffix;
    for (std::size_t i = 0; i < labels.size(); ++i)
      text_ += std::string(i == 0 ? "{" : ",") + labels[i].first + "=\"" + escaped(labels[i].second) + '"';
    text_ += (labels.empty() ? " " : "} ") + value + '\n';
  }
  void add(const Labels& labels, std::int64_t value, const char* suffix = "") {
    add(labels, std::to_string(value), suffix);
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::string escaped(const std::string& value) {
    std::string text;
    for (const char c : printable(value)) {
      if (c == '\\' || c == '"') text += '\\';
      text += c;
    }
    return text;
  }

  const char* name_;
  std::string text_;
};

std::string seconds(std::int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9f", static_cast<double>(nanoseconds) * 1e-9);
  return text;
}

/// "2e-05" as "0.00002" and 30000000 as "30": how a bucket's upper end is written for good.
std::string bound(std::int64_t microseconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(microseconds) * 1e-6);
  return text;
}

std::string join(const std::vector<Family>& families) {
  std::string text;
  for (const Family& family : families) text += family.text();
  if (!text.empty()) text.pop_back();  // the last newline is added again
  return text;
}

std::int64_t integer(const Json& json) { return json.is_number_integer() ? json.get<std::int64_t>() : 0; }

void add_supervisor(const AdminAnswer& answer, std::vector<Family>& families) {
  const Json& supervisor = answer.supervisor;
  Family info{"sspid_info", "gauge", "Version of the daemon."};
  info.add({{"version", text_of(supervisor, "version")}}, 1);
  Family started{"sspid_start_time_seconds", "gauge", "When the supervisor was started, in seconds since 1970."};
  started.add({}, number_of(supervisor, "started"));
  Family loaded{"sspid_configuration_time_seconds", "gauge", "When the configuration was read, in seconds since 1970."};
  loaded.add({}, number_of(supervisor, "loaded"));
  Family up{"sspid_worker_up", "gauge", "Whether a worker runs and answers, by identity."};
  Family restarts{"sspid_worker_restarts_total", "counter", "Workers that died and were replaced."};
  Family waiting{"sspid_worker_waiting_connections", "gauge", "Connections that wait for a worker to take them."};
  for (const WorkerView& view : answer.workers) {
    const Family::Labels labels = {{"identity", text_of(view.worker, "identity")}};
    restarts.add(labels, number_of(view.worker, "restarts"));
    if (text_of(view.worker, "state") == "not needed") continue;
    up.add(labels, view.report.is_object() ? 1 : 0);
    waiting.add(labels, number_of(view.worker, "waiting"));
  }
  Family refusals{"sspid_refused_connections_total", "counter", "Connections that policy or a bound refused, by rule."};
  if (const auto rules = supervisor.find("refusals"); rules != supervisor.end() && rules->is_object())
    for (const auto& [rule, count] : rules->items()) refusals.add({{"rule", rule}}, integer(count));
  for (Family* family : {&info, &started, &loaded, &up, &restarts, &waiting, &refusals})
    families.push_back(std::move(*family));
}

/// One number of every worker.
struct Gauge {
  const char* member;
  const char* name;
  const char* type;
  const char* help;
};
constexpr Gauge kGauges[] = {
    {"connections", "sspid_connections", "gauge", "Connections of programs."},
    {"connections_total", "sspid_accepted_connections_total", "counter",
     "Connections of programs that there ever were."},
    {"malformed_frames", "sspid_malformed_frames_total", "counter", "Connections that ended over a malformed frame."},
    {"waiting_calls", "sspid_waiting_calls", "gauge", "Calls that may wait for a KDC, and have a thread or want one."},
    {"most_waiting", "sspid_waiting_calls_limit", "gauge", "How many of them have a thread at the same time."},
    {"denied_system_calls", "sspid_denied_system_calls_total", "counter", "System calls that the sandbox denied."},
};

const Json& metrics_of(const WorkerView& view) {
  static const Json none = Json::object();
  if (!view.report.is_object()) return none;
  const auto found = view.report.find("metrics");
  return found != view.report.end() && found->is_object() ? *found : none;
}

void add_gauges(const AdminAnswer& answer, std::vector<Family>& families) {
  for (const Gauge& gauge : kGauges) {
    Family family{gauge.name, gauge.type, gauge.help};
    for (const WorkerView& view : answer.workers)
      if (view.report.is_object())
        family.add({{"identity", text_of(view.worker, "identity")}}, number_of(metrics_of(view), gauge.member));
    families.push_back(std::move(family));
  }
}

void add_objects(const AdminAnswer& answer, std::vector<Family>& families) {
  Family sessions{"sspid_sessions", "gauge", "Client processes."};
  Family handles{"sspid_handles", "gauge", "Live handles, by kind and package."};
  for (const WorkerView& view : answer.workers) {
    if (!view.report.is_object()) continue;
    const std::string identity = text_of(view.worker, "identity");
    sessions.add({{"identity", identity}}, static_cast<std::int64_t>(list_of(view.report, "sessions").size()));
    for (const char* kind : {"credential", "context"}) {
      std::map<std::string, std::int64_t> counts;
      for (const Json& package : list_of(view.report, "packages"))
        if (package.is_object()) counts[text_of(package, "name")] = 0;
      for (const Json& item : list_of(view.report, (std::string(kind) + 's').c_str()))
        if (item.is_object()) ++counts[text_of(item, "package")];
      for (const auto& [package, count] : counts)
        handles.add({{"identity", identity}, {"kind", kind}, {"package", package}}, count);
    }
  }
  families.push_back(std::move(sessions));
  families.push_back(std::move(handles));
}

void add_call(const std::string& identity, const Json& call, const Json& bounds, Family& family) {
  const Json& buckets = list_of(call, "buckets");
  if (buckets.size() != bounds.size() + 1) return;
  const Family::Labels labels = {{"identity", identity}, {"call", text_of(call, "call")}};
  std::int64_t below = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    below += integer(buckets[i]);
    Family::Labels with_bound = labels;
    with_bound.emplace_back("le", i < bounds.size() ? bound(integer(bounds[i])) : "+Inf");
    family.add(with_bound, below, "_bucket");
  }
  family.add(labels, seconds(number_of(call, "nanoseconds")), "_sum");
  family.add(labels, below, "_count");
}

void add_calls(const AdminAnswer& answer, std::vector<Family>& families) {
  Family latency{"sspid_call_seconds", "histogram",
                 "Time from a complete request to its complete answer, by call; its count is that of the calls."};
  Family failures{"sspid_failures_total", "counter", "Calls that ended with a failure, by call, package and status."};
  for (const WorkerView& view : answer.workers) {
    const std::string identity = text_of(view.worker, "identity");
    const Json& metrics = metrics_of(view);
    for (const Json& call : list_of(metrics, "calls"))
      if (call.is_object()) add_call(identity, call, list_of(metrics, "bounds_us"), latency);
    for (const Json& failure : list_of(metrics, "failures"))
      if (failure.is_object())
        failures.add({{"identity", identity},
                      {"call", text_of(failure, "call")},
                      {"package", text_of(failure, "package")},
                      {"status", text_of(failure, "status")}},
                     number_of(failure, "count"));
  }
  families.push_back(std::move(latency));
  families.push_back(std::move(failures));
}

std::string as_json(const AdminAnswer& answer) {
  Json workers = Json::array();
  for (const WorkerView& view : answer.workers) {
    Json worker = view.worker;
    worker["metrics"] = view.report.is_object() ? metrics_of(view) : Json();
    workers.push_back(std::move(worker));
  }
  Json json = answer.supervisor;
  json["workers"] = std::move(workers);
  return to_line(json);
}

}  // namespace

Result metrics(const Options& options) {
  const AdminAnswer answer = ask(options.administration(), sspid::admin::Kind::reports, options.deadline());
  std::fputs(answer.complaints().c_str(), stderr);
  const Exit exit = answer.complete() ? Exit::ok : Exit::incomplete;
  if (options.format == Format::json) return {as_json(answer), exit};
  std::vector<Family> families;
  add_supervisor(answer, families);
  add_gauges(answer, families);
  add_objects(answer, families);
  add_calls(answer, families);
  return {join(families), exit};
}

}  // namespace sspictl
