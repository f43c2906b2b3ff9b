#include "admin.h"
#include "commands.h"

namespace sspictl {

Result reload(const Options& options) {
  const AdminAnswer answer = ask(options.administration(), sspid::admin::Kind::reload, options.deadline());
  const std::string error = text_of(answer.supervisor, "error");
  const Exit exit = error.empty() ? Exit::ok : Exit::found_wrong;
  if (options.format == Format::json) {
    Json json = {{"reloaded", error.empty()}, {"configuration", text_of(answer.supervisor, "configuration")}};
    if (!error.empty()) json["error"] = error;
    return {to_line(json), exit};
  }
  if (!error.empty()) return {printable(error) + "\nnothing has changed", exit};
  return {"reloaded " + printable(text_of(answer.supervisor, "configuration"))};
}

}  // namespace sspictl
