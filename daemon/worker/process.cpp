#include "daemon/worker/process.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/asio.h"
#include "daemon/control.h"
#include "daemon/worker/connection.h"
#include "daemon/worker/connections.h"
#include "daemon/worker/event_loops.h"
#include "daemon/worker/packages.h"
#include "daemon/worker/privileges.h"
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

// A call that is still waiting for a KDC when the supervisor is gone may go on for so long.
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
    throw std::runtime_error{"--worker is for the supervisor only: it passes a control socket"};
  return proto::Descriptor{control::kWorkerSocket};
}

class Process {
 public:
  Process(Settings settings, proto::Descriptor control_end)
      : worker_(std::move(settings)),
        connections_(connection_limit()),
        loops_(std::clamp(std::thread::hardware_concurrency(), 2U, 4U)),
        waiting_(kMostWaiting),
        control_(loops_.first(), control_end.release()) {}

  void run() {
    asio::co_spawn(loops_.first(), obey(), asio::detached);
    asio::co_spawn(loops_.first(), keep_house(), asio::detached);
    if (control::send(control_.native_handle(), control::Ready{}) != control::Sent::done) return;
    loops_.run();
    // Nobody awaits the answer of a call that still runs, but only the kernel can end one that a library blocks in.
    ::alarm(kStopSeconds);
    waiting_.stop();
  }

 private:
  // What the supervisor says, until it is gone.
  asio::awaitable<void> obey() {
    while (true) {
      auto received = control::receive(control_.native_handle());
      if (std::holds_alternative<control::Closed>(received)) break;
      if (auto* message = std::get_if<control::Received>(&received))
        carry_out(*message);
      else if (std::holds_alternative<control::Malformed>(received))
        spdlog::error("lost a message of the supervisor");
      else
        co_await control_.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
    }
    loops_.stop();
  }

  void carry_out(control::Received& received) {
    if (const auto* connection = std::get_if<control::Connection>(&received.message)) {
      EventLoop& loop = loops_.least_busy();
      asio::co_spawn(loop.context,
                     serve({worker_, connections_, loop, waiting_}, connection->peer, std::move(received.descriptor)),
                     asio::detached);
    } else if (std::holds_alternative<control::Keytab>(received.message)) {
      worker_.replace_keytab(std::move(received.descriptor));
    } else if (std::holds_alternative<control::Users>(received.message)) {
      worker_.replace_users(std::move(received.descriptor));
    }
  }

  asio::awaitable<void> keep_house() {
    asio::steady_timer timer{loops_.first()};
    while (true) {
      timer.expires_after(kHousekeeping);
      co_await timer.async_wait(asio::use_awaitable);
      connections_.cut_overdue(Connections::Clock::now());
      worker_.drop_idle();
    }
  }

  // Whatever is further down goes first: coroutines that a loop or a waiting thread still holds use what is above.
  Worker worker_;
  Connections connections_;
  EventLoops loops_;
  WaitingThreads waiting_;
  asio::posix::stream_descriptor control_;
};

}  // namespace

int run_worker(const ProcessSettings& settings) {
  auto control = control_socket();
  ::prctl(PR_SET_NAME, "sspid-worker");  // it was started by a path that says nothing
  // By root, while it is root: the default cache's name may hold the uid.
  Settings core{.default_cache = default_cache_name(),
                .ntlm_default_user = settings.ntlm_default_user,
                .half_open_seconds = settings.half_open_seconds};
  offer_packages(settings.offer);
  drop_privileges();
  warn_of_unreadable_configuration();
  Process{std::move(core), std::move(control)}.run();
  return EXIT_SUCCESS;
}

}  // namespace sspid::worker
