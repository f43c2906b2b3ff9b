// Keeps the worker of one identity: starts it, watches it, replaces it when it dies, gives it what policy allows, its
// files and its connections. Connections for which there is no worker at the moment wait here.
//
// One thread, the event loop's; the object outlives run().
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/grant.h"
#include "daemon/supervisor/configuration.h"
#include "daemon/supervisor/passed_file.h"
#include "daemon/supervisor/spawn.h"
#include "daemon/supervisor/status.h"

namespace sspid::supervisor {

/// How the worker of an identity is to be.
struct WorkerPlan {
  int program = -1;                      ///< what it executes, opened; not the plan's to close
  std::vector<std::string> arguments;    ///< its command line, without the program's name
  std::vector<std::string> environment;  ///< "NAME=value"
  Grant grant;
  std::optional<KeyFile> keytab;  ///< none: it gets no keytab from us
  std::optional<KeyFile> client_keytab;
  std::optional<std::string> users;   ///< NTLM's, a path
  std::chrono::seconds patience{30};  ///< a worker that is not heard of for so long is killed
};

/// What the next worker of an identity inherits from those before it, also where there was none for a while.
struct Past {
  using Clock = std::chrono::steady_clock;
  std::uint64_t deaths = 0;    ///< that nobody had asked for
  Clock::duration pause{};     ///< after the next one that does not live long
  Clock::time_point rested{};  ///< no other one is started before
};

class Keeper {
 public:
  enum class Presence {
    always,    ///< there is a worker even while nobody needs it
    on_demand  ///< run() returns when the worker was idle, or died, and nobody waits for another
  };

  /// Called when the worker says that it turned so many connections away; `rule`: what in the policy, or which bound,
  /// did.
  using TurnedAway = std::function<void(const std::string& rule, std::uint32_t connections)>;
  struct Hooks {
    std::function<void()> ready;  ///< called each time that a worker has become ready
    TurnedAway turned_away;
  };

  Keeper(asio::any_io_executor executor, WorkerPlan plan, Presence presence, Hooks hooks, const Past& past = {});
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  /// Keeps a worker running until stop(), or as the presence says; returns when the last one has ended.
  asio::awaitable<void> run();

  /// The worker talks to this client from now on. Waits for it where needed; refuses when too many wait, and then
  /// returns the bound, for the log.
  std::optional<std::string> hand_over(const Peer& peer, proto::Descriptor socket);
  [[nodiscard]] bool is_awaited() const { return !waiting_.empty(); }

  /// From now on. A worker that runs is told what it is allowed and gets its files; its command line stays.
  void change_plan(WorkerPlan plan);

  /// Lets the worker end, and run() with it. Connections that still wait are refused.
  void stop();

  /// For reports. -1: there is no worker.
  [[nodiscard]] pid_t pid() const;
  [[nodiscard]] WorkerStatus status() const;
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] const Past& past() const { return past_; }
  /// Asks the worker to report to the writing end of a pipe. False: there is no worker that could, now.
  [[nodiscard]] bool report_to(int pipe);

 private:
  struct Waiting {
    Peer peer;
    proto::Descriptor socket;
  };
  struct Current;
  struct Passed;

  asio::awaitable<void> live();
  asio::awaitable<void> listen(Current& current);
  [[nodiscard]] bool heed(Current& current, const control::Message& message);
  asio::awaitable<void> await_end(Current& current);
  void expect_life(Current& current);
  void set_files();
  void add_keytab(const char* what, const std::optional<KeyFile>& keys, control::Message (*message)(bool present));
  void add_file(PassedFile file, control::Message (*message)(bool present));
  static asio::awaitable<void> watch(Keeper& keeper, std::shared_ptr<Passed> passed);
  [[nodiscard]] bool is_done() const;
  void flush();
  [[nodiscard]] bool pass_grant(Current& current);
  [[nodiscard]] bool pass_file(Current& current, Passed& passed);
  [[nodiscard]] bool pass(Current& current, const control::Message& message, int descriptor);
  void await_room(Current& current);

  asio::any_io_executor executor_;
  WorkerPlan plan_;
  const Presence presence_;
  const Hooks hooks_;
  std::vector<std::shared_ptr<Passed>> files_;  // shared with what watches them, which learns of its end later
  std::deque<Waiting> waiting_;
  Current* current_ = nullptr;  ///< the worker that runs; a local variable of live()
  asio::steady_timer pause_;    ///< between the end of a worker and the start of the next
  Past past_;
  bool stopping_ = false;
};

}  // namespace sspid::supervisor
