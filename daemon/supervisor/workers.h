// The worker processes: started, watched, replaced when they die, given their keytab and their connections.
//
// One worker serves the one identity there is; connections for which there is none at the moment wait here. One thread,
// the event loop's; the object outlives the coroutines.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/supervisor/passed_file.h"
#include "daemon/supervisor/policy.h"
#include "daemon/supervisor/spawn.h"

namespace sspid::supervisor {

class Workers {
 public:
  struct Settings {
    std::vector<std::string> arguments;  ///< a worker's command line
    std::optional<std::string> keytab;   ///< its path; none: a worker gets no keytab from us
    std::optional<std::string> users{};  ///< likewise of NTLM's users
  };
  /// `ready` is called each time that a worker has become ready.
  Workers(asio::any_io_executor executor, Settings settings, std::function<void()> ready);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Keeps a worker running until stop(); returns when the last one has ended.
  asio::awaitable<void> run();

  /// The worker of `identity` talks to this client from now on. Waits for it where needed; refuses when too many wait.
  void hand_over(const Identity& identity, const Peer& peer, proto::Descriptor socket);

  /// Lets the worker end, and run() with it. Connections that still wait are refused.
  void stop();

 private:
  struct Waiting {
    Peer peer;
    proto::Descriptor socket;
  };
  struct Current;
  /// A file that the worker is given, and again whenever it is another.
  struct Passed {
    PassedFile file;
    control::Message (*message)(bool present);
    bool due = true;  ///< not passed to this worker yet, or known to have changed since
  };

  asio::awaitable<void> live();
  asio::awaitable<void> listen(Current& current);
  asio::awaitable<void> await_end(Current& current);
  void add_file(const char* what, const std::optional<std::string>& path, control::Message (*message)(bool present));
  asio::awaitable<void> watch(Passed& passed, proto::Descriptor events);
  void flush();
  [[nodiscard]] bool pass_file(Current& current, Passed& passed);
  [[nodiscard]] bool pass_connection(Current& current, const Waiting& connection);
  [[nodiscard]] bool pass(Current& current, const control::Message& message, int descriptor);
  void await_room(Current& current);

  asio::any_io_executor executor_;
  Settings settings_;
  std::function<void()> ready_;
  std::deque<Passed> files_;
  std::deque<Waiting> waiting_;
  Current* current_ = nullptr;  ///< the worker that runs; a local variable of live()
  asio::steady_timer pause_;    ///< between the end of a worker and the start of the next
  bool stopping_ = false;
};

}  // namespace sspid::supervisor
