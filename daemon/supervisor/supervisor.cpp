#include "daemon/supervisor/supervisor.h"

#include <cstdlib>
#include <exception>

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/asio.h"
#include "daemon/log.h"
#include "daemon/refusal.h"
#include "daemon/supervisor/listener.h"
#include "daemon/supervisor/passed_file.h"
#include "daemon/supervisor/peer.h"
#include "daemon/supervisor/policy.h"
#include "daemon/supervisor/workers.h"

namespace sspid::supervisor {

namespace {

class Supervisor {
 public:
  explicit Supervisor(const Settings& settings)
      : listener_(io_.get_executor(), settings.socket),
        workers_(io_.get_executor(),
                 {settings.worker_arguments, keytab_path(std::getenv("KRB5_KTNAME")), settings.users_file},
                 [this] { accept(); }),
        signals_(io_, SIGINT, SIGTERM) {}

  void run() {
    signals_.async_wait([this](const boost::system::error_code&, int signal) { stop(signal); });
    asio::co_spawn(io_, workers_.run(), [this](const std::exception_ptr& error) {
      failure_ = error;
      io_.stop();
    });
    io_.run();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // Begins when there is a worker for the first time; until then connections queue in the kernel.
  void accept() {
    if (std::exchange(accepting_, true)) return;
    asio::co_spawn(io_, listener_.accept([this](proto::Descriptor socket) { admit(std::move(socket)); }),
                   asio::detached);
  }

  void admit(proto::Descriptor socket) {
    const auto peer = peer_of(socket.get());
    const auto identity = peer ? identity_of(*peer, ::getuid()) : std::nullopt;
    if (identity) return workers_.hand_over(*identity, *peer, std::move(socket));
    refuse(socket.get(), proto::Refusal::not_served);
    if (const auto held_back = refusals_.admit(); held_back && peer)
      spdlog::warn("refused process {} of user {}: not served ({} more not shown)", peer->pid, peer->uid, *held_back);
  }

  void stop(int signal) {
    spdlog::info("stopping on signal {}", signal);
    listener_.close();
    workers_.stop();
  }

  asio::io_context io_{1};
  Listener listener_;
  Workers workers_;
  asio::signal_set signals_;
  log::Throttle refusals_;
  std::exception_ptr failure_;
  bool accepting_ = false;
};

}  // namespace

int run_supervisor(const Settings& settings) {
  Supervisor supervisor{settings};
  spdlog::info("listening on {} for user {}", settings.socket, ::getuid());
  supervisor.run();
  return EXIT_SUCCESS;
}

}  // namespace sspid::supervisor
