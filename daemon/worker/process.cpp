#include "daemon/worker/process.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>

#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/grant.h"
#include "daemon/worker/connection.h"
#include "daemon/worker/connections.h"
#include "daemon/worker/event_loops.h"
#include "daemon/worker/privileges.h"
#include "daemon/worker/report.h"
#include "daemon/worker/reporter.h"
#include "daemon/worker/sandbox/places.h"
#include "daemon/worker/sandbox/sandbox.h"
#include "daemon/worker/waiting_threads.h"
#include "daemon/worker/worker.h"
#include "proto/limits.h"

namespace sspid::worker {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxConnections = 10'000;

// Left for what libraries open: configuration, tickets in files, KDC and directory connections.
constexpr std::size_t kReservedDescriptors = 256;

// Calls that wait for a KDC, at the same time: as many as one client process can have in flight. A thread takes some 60
// KiB.
constexpr std::size_t kMostWaiting = proto::kMaxConnectionsPerSession;

constexpr auto kHousekeeping = 1s;

// How long a worker that nobody uses waits for the next client before it says so.
constexpr auto kIdle = 60s;

// Calls that are running when the supervisor is gone are answered within this time: some wait for a KDC, and some
// clients do not read. Shorter than a supervisor waits before it kills.
constexpr unsigned kStopSeconds = 4;

std::size_t connection_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return kMaxConnections;
  const auto allowed = static_cast<std::size_t>(files.rlim_cur);
  return std::min(kMaxConnections, allowed > 2 * kReservedDescriptors ? allowed - kReservedDescriptors : allowed / 2);
}

proto::Descriptor control_socket() {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(control::kWorkerSocket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET)
    throw std::runtime_error{"only sspid starts a worker: it passes a control socket"};
  return proto::Descriptor{control::kWorkerSocket};
}

std::string text_of(const proto::Descriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return {};
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const auto got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

// 0: as much as there is. Only the soft limit, which may be another after the next reload.
void limit_memory(std::uint32_t mebibytes) {
  rlimit data{};
  if (::getrlimit(RLIMIT_DATA, &data) != 0) return;
  data.rlim_cur = mebibytes == 0 ? data.rlim_max : std::min<rlim_t>(data.rlim_max, rlim_t{mebibytes} << 20);
  if (::setrlimit(RLIMIT_DATA, &data) != 0) spdlog::warn("memory cannot be limited to {} MiB", mebibytes);
}

class Process {
 public:
  Process(Settings settings, proto::Descriptor control_end)
      : worker_(std::move(settings)),
        connections_(connection_limit()),
        loops_(std::clamp(std::thread::hardware_concurrency(), 2U, 4U)),
        waiting_(kMostWaiting),
        reporter_([this](const Sink& sink) { report(sink); }),
        control_(loops_.first(), control_end.release()) {}

  void run() {
    asio::co_spawn(loops_.first(), obey(), asio::detached);
    asio::co_spawn(loops_.first(), keep_house(), asio::detached);
    if (control::send(control_.native_handle(), control::Ready{}) != control::Sent::done) return;
    loops_.run();
    waiting_.stop();
  }

 private:
  // What the supervisor says, until it is gone.
  asio::awaitable<void> obey() {
    while (true) {
      auto received = control::receive(control_.native_handle());
      if (std::holds_alternative<control::Closed>(received)) break;
      if (auto* message = std::get_if<control::Received>(&received)) try {
          carry_out(*message);
        } catch (const std::bad_alloc&) {
          spdlog::error("out of memory: a client is lost, or a file stays as it was");
        }
      else if (std::holds_alternative<control::Malformed>(received))
        spdlog::error("lost a message of the supervisor");
      else
        co_await control_.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
    }
    // Only the kernel can end a call that a library blocks in.
    ::alarm(kStopSeconds);
    connections_.drain([this] { loops_.stop(); });
  }

  void carry_out(control::Received& received) {
    if (const auto* connection = std::get_if<control::Connection>(&received.message)) {
      ++connections_seen_;
      EventLoop& loop = loops_.least_busy();
      asio::co_spawn(
          loop.context,
          serve({worker_, connections_, rate_, loop, waiting_}, connection->peer, std::move(received.descriptor)),
          asio::detached);
    } else if (std::holds_alternative<control::Grant>(received.message)) {
      take_grant(received.descriptor);
    } else if (std::holds_alternative<control::Keytab>(received.message)) {
      worker_.replace_keytab(std::move(received.descriptor));
    } else if (std::holds_alternative<control::ClientKeytab>(received.message)) {
      worker_.replace_client_keytab(std::move(received.descriptor));
    } else if (std::holds_alternative<control::Users>(received.message)) {
      worker_.replace_users(std::move(received.descriptor));
    } else if (std::holds_alternative<control::Report>(received.message)) {
      reporter_.write_to(std::move(received.descriptor));
    }
  }

  void report(const Sink& sink) const {
    write_report(worker_,
                 {.connections = connections_.size(),
                  .malformed_frames = connections_.malformed(),
                  .waiting_calls = waiting_.claims(),
                  .most_waiting = waiting_.most(),
                  .denied_system_calls = refused_calls()},
                 sink);
  }

  // What holds until now stays where the text is none of ours.
  void take_grant(const proto::Descriptor& file) {
    // A worker that has used up its memory could not even read that it may have more.
    rlimit before{};
    ::getrlimit(RLIMIT_DATA, &before);
    limit_memory(0);
    auto grant = decode_grant(text_of(file));
    if (!grant) {
      ::setrlimit(RLIMIT_DATA, &before);
      return spdlog::error("what is allowed cannot be read and stays as it was");
    }
    limit_memory(grant->quotas.memory_mib);
    const std::size_t most = connection_limit(), quota = grant->quotas.connections;
    const bool by_quota = quota != 0 && quota <= most;
    connections_.limit(by_quota ? quota : most, by_quota);
    rate_.limit(grant->quotas.requests_per_second);
    worker_.replace_grant(std::move(*grant));
  }

  // The supervisor knows whether connections are on their way; then the next silence counts.
  void tell_if_idle() {
    if (connections_.size() != 0 || worker_.keeps_something()) {
      idle_since_.reset();
      return;
    }
    const auto now = Connections::Clock::now();
    if (!idle_since_) idle_since_ = now;
    if (now - *idle_since_ < kIdle) return;
    idle_since_.reset();
    (void)control::send(control_.native_handle(), control::Idle{connections_seen_});
  }

  void tell_of_turned_away() {
    for (const bool by_quota : {false, true})
      if (const std::uint32_t connections = connections_.take_turned_away(by_quota); connections != 0)
        if (control::send(control_.native_handle(), control::TurnedAway{connections, by_quota}) != control::Sent::done)
          connections_.give_back_turned_away(by_quota, connections);
  }

  asio::awaitable<void> keep_house() {
    asio::steady_timer timer{loops_.first()};
    while (true) {
      timer.expires_after(kHousekeeping);
      co_await timer.async_wait(asio::use_awaitable);
      connections_.cut_overdue(Connections::Clock::now());
      worker_.drop_idle();
      tell_of_turned_away();
      tell_if_idle();
      if (loops_.went_round()) (void)control::send(control_.native_handle(), control::Alive{});
    }
  }

  // Whatever is further down goes first: coroutines that a loop or a waiting thread still holds use what is above.
  Worker worker_;
  Connections connections_;
  RequestRate rate_;
  EventLoops loops_;
  WaitingThreads waiting_;
  Reporter reporter_;
  asio::posix::stream_descriptor control_;
  std::uint32_t connections_seen_ = 0;
  std::optional<Connections::Clock::time_point> idle_since_;
};

std::optional<Ids> ids_of(const WorkerOptions& options) {
  return options.uid && options.gid ? std::optional(Ids{*options.uid, *options.gid}) : std::nullopt;
}

}  // namespace

int run_worker(const WorkerOptions& options) {
  auto control = control_socket();
  ::prctl(PR_SET_NAME, "sspid-worker");  // it was executed by a descriptor: its number was the name
  Settings core{.named_caches = options.named_caches, .half_open_seconds = options.half_open_seconds};
  drop_privileges(ids_of(options));
  core.default_cache = default_cache_name();
  core.default_realm = default_realm_name();
  warn_of_unreadable_configuration();
  warm_up();
  // Ticket caches in files come as descriptors.
  enter_sandbox({.replay_cache = sandbox::replay_cache_directory(),
                 .keyrings = options.named_caches,
                 .log_format = options.log_format});
  Process{std::move(core), std::move(control)}.run();
  return EXIT_SUCCESS;
}

}  // namespace sspid::worker
