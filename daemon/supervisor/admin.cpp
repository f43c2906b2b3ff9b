#include "daemon/supervisor/admin.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/supervisor/peer.h"

namespace sspid::supervisor {

namespace {

using namespace std::chrono_literals;
using Socket = asio::posix::stream_descriptor;

// More administrators at the same time are turned away: each costs descriptors, and workers work.
constexpr std::size_t kMostServed = 8;

// For the request to come and the answer to be taken.
constexpr auto kPatience = 10s;

asio::awaitable<bool> read_request(Socket& socket, std::array<std::byte, admin::kRequestSize>& request) {
  std::size_t size = 0;
  while (size < request.size()) {
    const auto got = ::recv(socket.native_handle(), request.data() + size, request.size() - size, MSG_DONTWAIT);
    if (got > 0)
      size += static_cast<std::size_t>(got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
      co_return false;
    else if (const auto [error] = co_await socket.async_wait(Socket::wait_read, no_throw); error)
      co_return false;
  }
  co_return true;
}

// Sends some of the bytes, the descriptor with the first; 0: not now, negative: never.
ssize_t send_some(int socket, std::span<const std::byte> bytes, int descriptor) {
  iovec part{const_cast<std::byte*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> room{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptor >= 0) {
    header.msg_control = room.data();
    header.msg_controllen = room.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  const auto sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return sent;
}

asio::awaitable<bool> send_all(Socket& socket, std::span<const std::byte> bytes, int descriptor = -1) {
  while (!bytes.empty()) {
    const auto sent = send_some(socket.native_handle(), bytes, descriptor);
    if (sent < 0) co_return false;
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      descriptor = -1;
    } else if (const auto [error] = co_await socket.async_wait(Socket::wait_write, no_throw); error) {
      co_return false;
    }
  }
  co_return true;
}

SocketPlace place_of(const std::string& path, Admin::Group group) {
  return {.path = path, .owner = ::geteuid(), .group = group.value_or(::getegid()), .mode = group ? 0660U : 0600U};
}

}  // namespace

struct Admin::Answer {
  std::string json;
  std::vector<pid_t> asked;
  std::vector<proto::Descriptor> reports;  ///< reading ends, in the same order
};

Admin::Admin(const asio::any_io_executor& executor, Hooks hooks) : executor_(executor), hooks_(std::move(hooks)) {}

std::shared_ptr<Admin::Door> Admin::open(const std::string& path, Group group, Successions& successions) const {
  auto listener = successions.listen(executor_, place_of(path, group), door_ ? door_->listener : nullptr);
  return std::make_shared<Door>(Door{path, group, std::move(listener)});
}

void Admin::use(std::shared_ptr<Door> door) {
  if (door_) door_->listener->close();
  door_ = std::move(door);
  if (!door_) return;
  auto accept = door_->listener->accept([this](proto::Descriptor socket) { admit(std::move(socket)); });
  asio::co_spawn(executor_, std::move(accept), [kept = door_](const std::exception_ptr&) {});
}

bool Admin::may_ask(int socket, const Peer& peer) const { return door_ && may_administer(socket, peer, door_->group); }

void Admin::admit(proto::Descriptor socket) {
  const auto peer = peer_of(socket.get());
  if (!peer || !may_ask(socket.get(), *peer)) {
    spdlog::warn("process {} of user {} may not administer", peer ? peer->pid : 0, peer ? peer->uid : 0);
    return;
  }
  if (serving_ >= kMostServed) return;
  asio::co_spawn(executor_, serve(*peer, std::move(socket)), asio::detached);
}

asio::awaitable<void> Admin::serve(Peer peer, proto::Descriptor descriptor) {
  using namespace asio::experimental::awaitable_operators;
  ++serving_;
  Socket socket{executor_, descriptor.release()};
  asio::steady_timer patience{executor_, kPatience};
  co_await (talk(peer, socket) || patience.async_wait(no_throw));
  --serving_;
}

asio::awaitable<void> Admin::talk(const Peer& peer, asio::posix::stream_descriptor& socket) {
  std::array<std::byte, admin::kRequestSize> request;
  if (!co_await read_request(socket, request)) co_return;
  if (!may_ask(socket.native_handle(), peer)) co_return;  // the configuration may be another by now
  const auto kind = admin::decode_request(request);
  if (!kind) co_return;
  const Answer made = answer(*kind);
  const auto header = admin::encode(admin::Header{.json = static_cast<std::uint32_t>(made.json.size()),
                                                  .reports = static_cast<std::uint32_t>(made.reports.size())});
  if (!co_await send_all(socket, header)) co_return;
  if (!co_await send_all(socket, std::as_bytes(std::span{made.json}))) co_return;
  const std::byte beside{};
  for (const proto::Descriptor& report : made.reports)
    if (!co_await send_all(socket, {&beside, 1}, report.get())) co_return;
}

Admin::Answer Admin::answer(admin::Kind kind) const {
  Answer answer;
  std::optional<std::string> error;
  if (kind == admin::Kind::reload) error = hooks_.reload();
  const Status status = hooks_.status();
  if (kind == admin::Kind::reports) ask_workers(status, answer);
  answer.json = to_json(status, answer.asked, error);
  return answer;
}

// A worker that takes no message now is left out: whoever asked sees that it was not asked.
void Admin::ask_workers(const Status& status, Answer& answer) const {
  for (const WorkerStatus& worker : status.workers) {
    if (worker.pid == 0 || answer.reports.size() >= admin::kMaxReports) continue;
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
      spdlog::error("no pipe for a report: {}", std::system_category().message(errno));
      return;
    }
    proto::Descriptor reading{ends[0]};
    const proto::Descriptor writing{ends[1]};
    if (!hooks_.ask(worker.pid, writing.get())) continue;
    answer.asked.push_back(worker.pid);
    answer.reports.push_back(std::move(reading));
  }
}

bool may_administer(int socket, const Peer& peer, Admin::Group group) {
  if (peer.uid == 0 || peer.uid == ::getuid()) return true;
  if (!group) return false;
  const auto groups = groups_of(socket);
  return peer.gid == *group || std::find(groups.begin(), groups.end(), *group) != groups.end();
}

}  // namespace sspid::supervisor
