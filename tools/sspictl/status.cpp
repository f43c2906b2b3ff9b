#include "admin.h"
#include "commands.h"

namespace sspictl {

namespace {

std::string ago(const Json& object, const char* member, std::int64_t now) {
  const std::int64_t then = number_of(object, member);
  return then == 0 ? "-" : duration(now - then);
}

std::string as_text(const Json& supervisor) {
  const std::int64_t now = number_of(supervisor, "now");
  std::string text = "sspid " + printable(text_of(supervisor, "version")) + ", process " +
                     std::to_string(number_of(supervisor, "pid")) + " of user " +
                     std::to_string(number_of(supervisor, "uid")) + ", up " + ago(supervisor, "started", now) + '\n';
  const std::string file = text_of(supervisor, "configuration");
  text += "configuration: " +
          (file.empty() ? "none" : printable(file) + ", read " + ago(supervisor, "loaded", now) + " ago") + '\n';
  for (const Json& socket : list_of(supervisor, "sockets"))
    if (socket.is_string()) text += "listens on " + printable(socket.get<std::string>()) + '\n';
  text += '\n';

  Table workers{{"IDENTITY", "PID", "STATE", "UP", "RESTARTS", "WAITING"}};
  for (const Json& worker : list_of(supervisor, "workers"))
    workers.add({text_of(worker, "identity"), std::to_string(number_of(worker, "pid")), text_of(worker, "state"),
                 ago(worker, "since", now), std::to_string(number_of(worker, "restarts")),
                 std::to_string(number_of(worker, "waiting"))});
  text += workers.text();

  const auto refusals = supervisor.find("refusals");
  if (refusals == supervisor.end() || !refusals->is_object() || refusals->empty()) return text;
  Table refused{{"REFUSED", "RULE"}};
  for (const auto& [rule, count] : refusals->items())
    refused.add({std::to_string(count.is_number() ? count.get<std::int64_t>() : 0), rule});
  return text + "\n\n" + refused.text();
}

}  // namespace

Result status(const Options& options) {
  const AdminAnswer answer = ask(options.administration(), sspid::admin::Kind::status, options.deadline());
  return {options.format == Format::json ? to_line(answer.supervisor) : as_text(answer.supervisor)};
}

}  // namespace sspictl
