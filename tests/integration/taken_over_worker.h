// A daemon whose worker does what a test tells it, as if an intruder's code ran there: taken_over.cpp says what it can
// be told.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "support/world.h"

namespace sspid::test {

/// What a daemon needs for that: its environment, with the file that names the mechanism; keys of its configuration;
/// and the target by which a client tells a worker what to do.
[[nodiscard]] Environment with_taken_over(const Directory& directory, const Environment& environment);
inline const std::string kTakenOverPackages =
    R"("packages": {"offer": ["Kerberos", "Negotiate", "TakenOver"],
                    "mechanisms": {"TakenOver": {"oid": "1.3.6.1.4.1.32473.1"}}})";
[[nodiscard]] std::string target_for(const std::string& command);

class TakenOverWorker {
 public:
  /// The package of that mechanism is offered beside Kerberos and Negotiate. `more` is added to the environment,
  /// `arguments` to the command line.
  explicit TakenOverWorker(const Realm& realm, const Environment& more = {},
                           const std::vector<std::string>& arguments = {});

  /// What came of the command: a number, "EPERM" …; a status where the worker did not live to tell.
  [[nodiscard]] std::string does(const std::string& command);

  [[nodiscard]] DaemonProcess& daemon() { return daemon_; }

  /// How many lines of its log tell of refused system calls: one for each number of a call in a worker's life.
  [[nodiscard]] std::size_t refusals() const;

 private:
  Directory directory_;
  DaemonProcess daemon_;
};

}  // namespace sspid::test
