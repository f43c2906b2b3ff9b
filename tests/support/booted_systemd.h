// A real systemd, booted: units, activation, watchdog, journal and sandboxing as a host has them. It runs in a
// container (systemd-nspawn) over this machine's own tree, which it sees but cannot change: whatever is written goes to
// memory and is gone with the object. Ready within a few seconds. The network is the machine's own, so a Realm of the
// test is reached.
//
// Needs root. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "process.h"
#include "scratch.h"

namespace sspid::test {

class BootedSystemd {
 public:
  struct Options {
    std::filesystem::path files;  ///< a tree that is laid over the machine's before systemd boots
    /// Folders of this machine that are seen inside, too, where they are here, and cannot be written to: those below
    /// /tmp and /run are hidden else.
    std::vector<std::filesystem::path> visible;
  };

  /// Throws, with what the console said, when it does not come up.
  explicit BootedSystemd(const Options& options);
  ~BootedSystemd();
  BootedSystemd(const BootedSystemd&) = delete;
  BootedSystemd& operator=(const BootedSystemd&) = delete;

  /// Runs a command inside to its end, as root or as another user, with that user's runtime folder.
  [[nodiscard]] Result run(const std::vector<std::string>& command, const std::string& user = "root") const;
  std::string run_or_throw(const std::vector<std::string>& command, const std::string& user = "root") const;
  /// The same as a command of this machine.
  [[nodiscard]] std::vector<std::string> inside(const std::vector<std::string>& command,
                                                const std::string& user = "root") const;

  /// What `systemctl show` says of a unit.
  [[nodiscard]] std::string property(const std::string& unit, const std::string& name) const;
  /// A process of the container by its number there: its number here. Nothing: there is none.
  [[nodiscard]] pid_t process(pid_t inside) const;
  /// The lines of the journal that match: "_SYSTEMD_UNIT=sspid.service", "SSPID_ROLE=worker", as `journalctl -o json`
  /// has them.
  [[nodiscard]] std::string journal(const std::vector<std::string>& matches) const;

  /// A path inside as this process can use it.
  [[nodiscard]] std::string path(const std::string& inside) const;
  void write(const std::string& path, const std::string& text) const;

 private:
  void boot(const Options& options);

  Directory directory_;
  std::optional<Process> container_;
  pid_t leader_ = -1;  ///< its first process
};

}  // namespace sspid::test
