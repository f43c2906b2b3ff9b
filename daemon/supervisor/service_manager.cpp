#include "daemon/supervisor/service_manager.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace sspid::supervisor {

namespace {

constexpr int kFirstDescriptor = 3;

// Far above what a host has; below what would close a test's or a program's own descriptors for a typing error.
constexpr unsigned kMostSockets = 256;

// A manager that takes no datagram for so long is in no state to judge us.
constexpr timeval kPatience{.tv_sec = 2, .tv_usec = 0};

std::string reason() { return std::system_category().message(errno); }

// The variable's value, which no child of this process shall take for its own.
std::optional<std::string> taken_from_environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string copy{value};
  ::unsetenv(name);
  return copy;
}

template <typename Number>
std::optional<Number> number_in(const std::optional<std::string>& text) {
  Number number{};
  if (!text) return std::nullopt;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  return error == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

// Variables that were meant for a parent, which did not take them away, are none of this process' business.
bool is_meant_for_us(const std::optional<std::string>& pid) { return number_in<pid_t>(pid) == ::getpid(); }

int option_of(int socket, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

bool is_unix_listener(int socket) {
  return option_of(socket, SO_DOMAIN) == AF_UNIX && option_of(socket, SO_TYPE) == SOCK_STREAM &&
         option_of(socket, SO_ACCEPTCONN) == 1;
}

// Empty where it has no place in the file system.
std::string path_of(int socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  constexpr auto begin = offsetof(sockaddr_un, sun_path);
  if (size <= begin || address.sun_path[0] != '/') return {};
  return {address.sun_path, ::strnlen(address.sun_path, size - begin)};
}

bool prepare(int socket) {
  const int flags = ::fcntl(socket, F_GETFL);
  return flags >= 0 && ::fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0;
}

}  // namespace

InheritedSockets::InheritedSockets() {
  const auto pid = taken_from_environment("LISTEN_PID");
  const auto count = taken_from_environment("LISTEN_FDS");
  std::istringstream names{taken_from_environment("LISTEN_FDNAMES").value_or("")};
  if (!count || !is_meant_for_us(pid)) return;
  const auto sockets = number_in<unsigned>(count);
  if (!sockets || *sockets > kMostSockets) throw std::runtime_error{"LISTEN_FDS is no number of sockets: " + *count};

  for (unsigned i = 0; i < *sockets; ++i) {
    Inherited inherited;
    if (!std::getline(names, inherited.name, ':') || inherited.name.empty()) inherited.name = "unknown";
    inherited.socket.reset(kFirstDescriptor + static_cast<int>(i));
    const int socket = inherited.socket.get();
    inherited.path = is_unix_listener(socket) ? path_of(socket) : "";
    if (inherited.path.empty() || !prepare(socket))
      throw std::runtime_error{"descriptor " + std::to_string(socket) + " (" + inherited.name +
                               "), passed by the service manager, is no Unix stream socket that listens at a path"};
    sockets_.push_back(std::move(inherited));
  }
}

std::optional<proto::Descriptor> InheritedSockets::take(std::string_view path) {
  for (auto each = sockets_.begin(); each != sockets_.end(); ++each) {
    if (each->path != path) continue;
    proto::Descriptor socket = std::move(each->socket);
    sockets_.erase(each);
    return socket;
  }
  return std::nullopt;
}

void InheritedSockets::refuse_rest() const {
  if (sockets_.empty()) return;
  const Inherited& first = sockets_.front();
  throw std::runtime_error{"the service manager passes a socket (" + first.name + ") that listens on " + first.path +
                           ", where nothing of the configuration or the command line does"};
}

ServiceManager::ServiceManager() {
  const auto pid = taken_from_environment("WATCHDOG_PID");
  const auto watchdog = taken_from_environment("WATCHDOG_USEC");
  address_ = taken_from_environment("NOTIFY_SOCKET").value_or("");
  if (address_.empty()) return;
  if ((address_.front() != '/' && address_.front() != '@') || address_.size() >= sizeof sockaddr_un{}.sun_path) {
    spdlog::warn("NOTIFY_SOCKET is no address of a Unix socket: {}", address_);
    address_.clear();
    return;
  }
  if (address_.front() == '@') address_.front() = '\0';
  socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_ || ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0)
    throw std::system_error{errno, std::system_category(), "no socket to the service manager"};
  if (!pid || is_meant_for_us(pid))
    watchdog_ = std::chrono::microseconds{std::max<std::int64_t>(number_in<std::int64_t>(watchdog).value_or(0), 0)};
}

void ServiceManager::ready(std::string_view status) { tell("READY=1\nSTATUS=" + std::string{status}); }

// With the time, as Type=notify-reload of later versions wants it.
void ServiceManager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceManager::stopping(std::string_view status) { tell("STOPPING=1\nSTATUS=" + std::string{status}); }

void ServiceManager::status(std::string_view text) { tell("STATUS=" + std::string{text}); }

void ServiceManager::tell(std::string_view assignments) const {
  if (address_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  // An abstract name ends with the address, a path with its zero byte.
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() + (address_.front() == '/' ? 1 : 0));
  if (::sendto(socket_.get(), assignments.data(), assignments.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), size) < 0)
    spdlog::warn("the service manager cannot be told {}: {}", assignments.substr(0, assignments.find('\n')), reason());
}

asio::awaitable<void> ServiceManager::feed_watchdog() {
  if (watchdog_.count() == 0) co_return;
  asio::steady_timer timer{co_await asio::this_coro::executor};
  while (true) {
    tell("WATCHDOG=1");
    timer.expires_after(watchdog_ / 2);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace sspid::supervisor
