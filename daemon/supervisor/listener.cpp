#include "daemon/supervisor/listener.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sspid::supervisor {

namespace {

// Out of descriptors or memory: others have to go first.
constexpr std::chrono::milliseconds kPauseWhenExhausted{100};

// Connections that are taken before whatever else waits has its turn: others' sockets, and workers' signs of life. Who
// connects faster than we accept could hold the event loop for ever.
constexpr int kMostInATurn = 32;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error{what + " " + path + ": " + std::system_category().message(errno)};
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw std::runtime_error{"a socket's path has 1 to " + std::to_string(sizeof address.sun_path - 1) +
                             " bytes: " + path};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int open_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

// A socket's owner may connect to it; root may not, when it has given up overriding the modes of files.
int connect_as(uid_t owner, int socket, const sockaddr_un& address) {
  const int before = ::setfsuid(owner);
  const int connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::setfsuid(static_cast<uid_t>(before));
  errno = error;
  return connected;
}

// Only a refused connection proves that nobody listens; whatever else is there stays.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat file {};
  if (::lstat(path.c_str(), &file) != 0) return;
  if (!S_ISSOCK(file.st_mode)) throw std::runtime_error{path + " exists and is no socket"};
  const proto::Descriptor probe{open_socket()};
  if (!probe) fail("no socket for", path);
  if (connect_as(file.st_uid, probe.get(), address) == 0 || errno == EAGAIN)
    throw std::runtime_error{"another daemon listens on " + path};
  if (errno != ECONNREFUSED) fail("cannot tell whether somebody listens on", path);
  if (::unlink(path.c_str()) != 0) fail("cannot remove", path);
}

proto::Descriptor listen_on(const SocketPlace& place) {
  const std::string& path = place.path;
  const sockaddr_un address = address_of(path);
  remove_stale(path, address);
  proto::Descriptor socket{open_socket()};
  if (!socket) fail("no socket for", path);

  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0) fail("cannot bind", path);

  // The owner last: until then nobody but root can connect.
  if (::geteuid() == 0 &&
      (::chmod(path.c_str(), place.mode) != 0 || ::chown(path.c_str(), place.owner, place.group) != 0))
    fail("cannot set owner and mode of", path);
  if (::listen(socket.get(), SOMAXCONN) != 0) fail("cannot listen on", path);
  return socket;
}

}  // namespace

SocketPlace place_for_everybody(std::string path) {
  return {
      .path = std::move(path), .owner = ::geteuid(), .group = ::getegid(), .mode = ::geteuid() == 0 ? 0666U : 0600U};
}

Listener::Listener(const asio::any_io_executor& executor, const SocketPlace& place)
    : path_(place.path), socket_(executor) {
  hold(listen_on(place));
  note_file();
}

Listener::Listener(const asio::any_io_executor& executor, std::string path, proto::Descriptor inherited)
    : path_(std::move(path)), socket_(executor) {
  hold(std::move(inherited));
}

// The event loop may have no room for it, and then it is still ours to close.
void Listener::hold(proto::Descriptor socket) {
  socket_.assign(socket.get());
  static_cast<void>(socket.release());
}

proto::Descriptor Listener::duplicate() {
  proto::Descriptor copy{::fcntl(socket_.native_handle(), F_DUPFD_CLOEXEC, 0)};
  if (!copy) fail("cannot duplicate the socket", path_);
  return copy;
}

void Listener::exchange(Listener& other) {
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, other.path_.c_str(), RENAME_EXCHANGE) != 0)
    fail("cannot put another socket at", other.path_);
  path_.swap(other.path_);
}

Listener::~Listener() { close(); }

void Listener::note_file() {
  struct stat file {};
  if (::lstat(path_.c_str(), &file) != 0) fail("cannot see", path_);
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

bool Listener::is_in_place() const {
  struct stat file {};
  return ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_;
}

asio::awaitable<void> Listener::accept(Accepted accepted) {
  asio::steady_timer pause{socket_.get_executor()};
  while (socket_.is_open()) {
    const auto [error] = co_await socket_.async_wait(asio::posix::descriptor_base::wait_read, no_throw);
    if (error) co_return;
    if (accept_some(accepted)) continue;
    pause.expires_after(kPauseWhenExhausted);
    co_await pause.async_wait(no_throw);
  }
}

// Until the queue is empty, or others are due: what is left there ends the next wait at once. False when connections
// wait and cannot be accepted now. Whom a connection is given to may close this, as an administrator does who has the
// configuration read again.
bool Listener::accept_some(const Accepted& accepted) {
  for (int i = 0; i < kMostInATurn && socket_.is_open(); ++i) {
    proto::Descriptor client{::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (client) {
      accepted(std::move(client));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN) return true;
    spdlog::error("cannot accept connections: {}", std::system_category().message(errno));
    return false;
  }
  return true;
}

void Listener::close() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (is_in_place()) ::unlink(path_.c_str());
}

}  // namespace sspid::supervisor
