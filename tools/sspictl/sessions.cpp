#include "listing.h"

namespace sspictl {

Result sessions(const Options& options) {
  return list_all(options, "sessions",
                  {"IDENTITY", "SESSION", "PID", "UID", "UNIT", "SINCE", "CONNECTIONS", "CREDENTIALS", "CONTEXTS"},
                  [](const Json& item, std::int64_t now) -> std::vector<std::string> {
                    const std::string unit = text_of(item, "unit");
                    return {text_of(item, "identity"),
                            std::to_string(number_of(item, "session")),
                            std::to_string(number_of(item, "pid")),
                            std::to_string(number_of(item, "uid")),
                            unit.empty() ? "-" : unit,
                            duration(now - number_of(item, "since")),
                            std::to_string(number_of(item, "connections")),
                            std::to_string(number_of(item, "credentials")),
                            std::to_string(number_of(item, "contexts"))};
                  });
}

}  // namespace sspictl
