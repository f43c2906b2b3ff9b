#include "daemon/supervisor/supervisor.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include <signal.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "daemon/asio.h"
#include "daemon/refusal.h"
#include "daemon/supervisor/admin.h"
#include "daemon/supervisor/embedded_listener.h"
#include "daemon/supervisor/listener.h"
#include "daemon/supervisor/peer.h"
#include "daemon/supervisor/plans.h"
#include "daemon/supervisor/policy.h"
#include "daemon/supervisor/refusals.h"
#include "daemon/supervisor/service_manager.h"
#include "daemon/supervisor/successions.h"
#include "daemon/supervisor/worker_program.h"
#include "daemon/supervisor/workers.h"

namespace sspid::supervisor {

namespace {

Configuration configuration_of(const Settings& settings) {
  return settings.configuration.empty() ? configuration_without_file(std::getenv("NTLM_USER_FILE"))
                                        : read_configuration(settings.configuration);
}

/// A socket and whose it is.
struct Entrance {
  SocketPlace place;
  std::string service;  ///< empty: everybody's
  std::shared_ptr<Listener> listener;
};

class Supervisor {
 public:
  explicit Supervisor(const Settings& settings)
      : settings_(settings),
        configuration_(configuration_of(settings)),
        plans_(open_worker_program(), settings.worker, settings.state, settings.patience),
        workers_(io_.get_executor(), [this](const Identity& identity) { return plans_.plan(identity); },
                 {[this] { open(); }, [this] { io_.stop(); },
                  [this](const std::string& rule, std::uint32_t connections) { refusals_.count(rule, connections); },
                  [this](const Identity& identity) { return knows(identity); }}),
        stop_signals_(io_, SIGINT, SIGTERM),
        reload_signals_(io_, SIGHUP),
        admin_(io_.get_executor(), {[this] { return report(); },
                                    [this](pid_t worker, int pipe) { return workers_.ask_for_report(worker, pipe); },
                                    [this] { return reload(); }}) {
    plans_.use(configuration_);
    Successions none;
    if (settings.socket.empty())
      program_.emplace(io_.get_executor(), inherited_pair());
    else
      main_ = entrance_at(place_for_everybody(settings.socket), "", nullptr, none);
    own_entrances_ = open_own_entrances(configuration_, none);
    inherited_.refuse_rest();
    if (auto door = open_to_administrators(configuration_, none)) admin_.use(std::move(door));
  }

  void run() {
    stop_signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      spdlog::info("stopping on signal {}", signal);
      stop();
    });
    if (program_)
      asio::co_spawn(io_, program_->accept([this](proto::Descriptor socket) { admit({}, std::move(socket)); }),
                     [this](const std::exception_ptr&) { stop(); });
    await_reload();
    asio::co_spawn(io_, manager_.feed_watchdog(), asio::detached);
    if (configuration_.has_policy)
      open();
    else
      workers_.keep({});  // who connects finds it ready
    io_.run();
  }

 private:
  using Entrances = std::list<std::shared_ptr<Entrance>>;

  // Without a policy, when there is a worker for the first time; until then connections queue in the kernel.
  void open() {
    if (std::exchange(is_open_, true)) return;
    if (main_) welcome(main_);
    for (const auto& entrance : own_entrances_) welcome(entrance);
    manager_.ready(status());
  }

  [[nodiscard]] std::string status() const {
    std::string whom = "user " + std::to_string(::getuid());
    if (configuration_.has_policy) {
      whom = std::to_string(configuration_.services.size()) + " services";
      if (configuration_.users) whom += " and the users";
    }
    return "serving " + whom + ", listening on " + settings_.socket;
  }

  void welcome(const std::shared_ptr<Entrance>& entrance) {
    auto accept = entrance->listener->accept(
        [this, &service = entrance->service](proto::Descriptor socket) { admit(service, std::move(socket)); });
    asio::co_spawn(io_, std::move(accept), [entrance](const std::exception_ptr&) {});  // which keeps it until its end
  }

  void admit(const std::string& service, proto::Descriptor socket) {
    const auto peer = peer_of(socket.get());
    if (!peer) return refuse(socket.get(), proto::Refusal::not_served);
    const Verdict verdict = judge(configuration_, {*peer, groups_of(socket.get()), service}, ::getuid());
    if (verdict.identity) {
      if (const auto bound = workers_.hand_over(*verdict.identity, *peer, std::move(socket)))
        refusals_.note(*peer, *bound);
      return;
    }
    refuse(socket.get(), proto::Refusal::not_served);
    refusals_.note(*peer, verdict.rule);
  }

  [[nodiscard]] bool knows(const Identity& identity) const {
    return identity.kind != Identity::Kind::service || configuration_.services.contains(identity.name);
  }

  // Empty: nowhere. Whoever embeds a daemon administers nothing unless they say so.
  [[nodiscard]] std::string admin_path(const Configuration& configuration) const {
    if (settings_.admin_socket) return *settings_.admin_socket;
    if (configuration.admin_socket) return *configuration.admin_socket;
    return settings_.socket.empty() ? std::string() : admin::default_socket(settings_.socket);
  }

  // None: as it is.
  [[nodiscard]] std::shared_ptr<Admin::Door> open_to_administrators(const Configuration& configuration,
                                                                    Successions& successions) const {
    const std::string path = admin_path(configuration);
    const auto& former = admin_.door();
    if (path.empty() || (former && former->path == path && former->group == configuration.admin_group)) return nullptr;
    try {
      return admin_.open(path, configuration.admin_group, successions);
    } catch (const std::exception& error) {
      // Where nobody asked for it by name, programs can do without it. A door that is there is never left to whom it
      // may not be open any more.
      if (settings_.admin_socket || configuration.admin_socket || former) throw;
      spdlog::warn("nobody can administer this sspid: {}", error.what());
      return nullptr;
    }
  }

  [[nodiscard]] Status report() const {
    Status status{{}, settings_.configuration, loaded_, workers_.status(), refusals_.by_rule()};
    if (!settings_.socket.empty()) status.sockets.push_back(settings_.socket);
    for (const auto& entrance : own_entrances_) status.sockets.push_back(entrance->place.path);
    return status;
  }

  // Sockets that stay are the ones that there are. Throws where one cannot be made.
  [[nodiscard]] Entrances open_own_entrances(const Configuration& configuration, Successions& successions) {
    Entrances entrances;
    for (const auto& [name, service] : configuration.services)
      if (service.socket) entrances.push_back(open_entrance(name, *service.socket, successions));
    return entrances;
  }

  // The service manager's socket where it listens at this place, else one of our own.
  std::shared_ptr<Entrance> entrance_at(const SocketPlace& place, const std::string& service,
                                        const std::shared_ptr<Listener>& former, Successions& successions) {
    if (auto socket = inherited_.take(place.path))
      return std::make_shared<Entrance>(
          Entrance{place, service, std::make_shared<Listener>(io_.get_executor(), place.path, std::move(*socket))});
    return std::make_shared<Entrance>(Entrance{place, service, successions.listen(io_.get_executor(), place, former)});
  }

  // Who waits at a socket of ours that another one takes the place of came by other rules: the connection is closed,
  // and libsspi makes another one. A socket of the service manager's stays with its queue, which nobody can tell apart
  // by when they came, and is judged by the new rules.
  std::shared_ptr<Entrance> open_entrance(const std::string& service, const SocketPlace& place,
                                          Successions& successions) {
    const auto there = std::find_if(own_entrances_.begin(), own_entrances_.end(),
                                    [&](const auto& entrance) { return entrance->place.path == place.path; });
    const auto former = there == own_entrances_.end() ? nullptr : *there;
    if (former && former->service == service && former->place == place) return former;
    if (former && former->listener->is_inherited() && former->place != place)
      spdlog::warn("owner and mode of {} stay as the service manager made them: its unit says them", place.path);
    return entrance_at(place, service, former ? former->listener : nullptr, successions);
  }

  void await_reload() {
    reload_signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      reload();
      await_reload();
    });
  }

  // All or nothing. What is wrong, where nothing has changed.
  std::optional<std::string> reload() {
    manager_.reloading();
    std::optional<std::string> failure;
    try {
      use_new_configuration();
      loaded_ = std::time(nullptr);
      spdlog::info("the configuration was read again");
    } catch (const std::exception& error) {
      spdlog::error("the configuration stays as it was: {}", error.what());
      failure = error.what();
    }
    manager_.ready(status() + (failure ? "; the last reload failed, see the log" : ""));
    return failure;
  }

  // Where somebody listens, or is going to.
  [[nodiscard]] std::set<std::string> places_of(const Configuration& configuration) const {
    std::set<std::string> places{settings_.socket, admin_path(configuration)};
    if (admin_.door()) places.insert(admin_.door()->path);
    for (const auto& entrance : own_entrances_) places.insert(entrance->place.path);
    for (const auto& [name, service] : configuration.services)
      if (service.socket) places.insert(service.socket->path);
    return places;
  }

  void use_new_configuration() {
    Configuration configuration = configuration_of(settings_);
    if (configuration.has_policy != configuration_.has_policy)
      throw std::runtime_error{"whether there are services or users is settled when sspid starts: restart it"};
    Successions successions{places_of(configuration)};
    Entrances entrances = open_own_entrances(configuration, successions);
    auto door = open_to_administrators(configuration, successions);
    successions.carry_out();
    plans_.use(configuration);
    successions.commit();  // what can be wrong comes before
    configuration_ = std::move(configuration);
    std::swap(own_entrances_, entrances);
    for (const auto& old : entrances)
      if (!is_among_own(old)) old->listener->close();
    for (const auto& entrance : own_entrances_)
      if (is_open_ && std::find(entrances.begin(), entrances.end(), entrance) == entrances.end()) welcome(entrance);
    if (door) admin_.use(std::move(door));
    workers_.change_plans();
  }

  [[nodiscard]] bool is_among_own(const std::shared_ptr<Entrance>& entrance) const {
    return std::find(own_entrances_.begin(), own_entrances_.end(), entrance) != own_entrances_.end();
  }

  void stop() {
    manager_.stopping("answering the calls that are running");
    if (main_) main_->listener->close();
    if (program_) program_->close();
    for (const auto& entrance : own_entrances_) entrance->listener->close();
    stop_signals_.cancel();
    admin_.close();
    reload_signals_.cancel();
    workers_.stop();
  }

  const Settings settings_;
  asio::io_context io_{1};
  ServiceManager manager_;
  InheritedSockets inherited_;
  Configuration configuration_;
  Plans plans_;
  Workers workers_;
  std::shared_ptr<Entrance> main_;           ///< none where this is a program's own
  std::optional<EmbeddedListener> program_;  ///< where it is
  Entrances own_entrances_;
  asio::signal_set stop_signals_;
  asio::signal_set reload_signals_;
  Admin admin_;
  std::int64_t loaded_ = std::time(nullptr);
  Refusals refusals_;
  bool is_open_ = false;
};

}  // namespace

int run_supervisor(const Settings& settings) {
  Supervisor supervisor{settings};
  if (!settings.socket.empty()) spdlog::info("listening on {}", settings.socket);
  supervisor.run();
  return EXIT_SUCCESS;
}

}  // namespace sspid::supervisor
