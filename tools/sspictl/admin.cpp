#include "admin.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sspictl {

namespace admin = sspid::admin;
using sspid::proto::Descriptor;

namespace {

std::string reason() { return std::system_category().message(errno); }

/// False when the deadline has passed.
bool await(int descriptor, short events, Deadline deadline) {
  using std::chrono::milliseconds;
  while (true) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd watched{descriptor, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 1'000'000'000)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw Failure{"poll: " + reason()};
  }
}

class AdminConnection {
 public:
  AdminConnection(const std::string& path, Deadline deadline) : deadline_(deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw Failure{"the socket's path is too long: " + path, Exit::usage};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_) throw Failure{"no socket: " + reason()};
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    throw Failure{"no daemon to administer on " + path + ": " + reason(),
                  errno == EACCES ? Exit::forbidden : Exit::unreachable};
  }

  void send(std::span<const std::byte> bytes) const {
    // It fits the buffer of a fresh socket.
    if (::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
      throw Failure{"the daemon takes no question: " + reason()};
  }

  /// Fills `bytes`, and takes the descriptor that came with them.
  void receive(std::span<std::byte> bytes, Descriptor* descriptor = nullptr) const {
    while (!bytes.empty()) {
      const auto got = receive_some(bytes, descriptor);
      if (got > 0)
        bytes = bytes.subspan(static_cast<std::size_t>(got));
      else if (got == 0)
        throw Failure{"the daemon refuses: only root, or a group that is configured, may administer it",
                      Exit::forbidden};
      else if (errno == EAGAIN && !await(socket_.get(), POLLIN, deadline_))
        throw Failure{"the daemon does not answer"};
      else if (errno != EAGAIN && errno != EINTR)
        throw Failure{"the connection broke: " + reason(), errno == ECONNRESET ? Exit::forbidden : Exit::unreachable};
    }
  }

 private:
  ssize_t receive_some(std::span<std::byte> bytes, Descriptor* descriptor) const {
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> room{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = room.data();
    header.msg_controllen = room.size();
    const auto got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    if (got <= 0) return got;
    const cmsghdr* rights = CMSG_FIRSTHDR(&header);
    if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
      Descriptor received{fd};
      if (descriptor) *descriptor = std::move(received);
    }
    return got;
  }

  Descriptor socket_;
  Deadline deadline_;
};

/// What comes through the pipes of all workers at the same time.
struct Reading {
  Descriptor pipe;
  std::string text;
  std::string problem;
};

void read_some(Reading& reading) {
  std::array<char, 65536> room;
  const auto got = ::read(reading.pipe.get(), room.data(), room.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0 && reading.text.size() + static_cast<std::size_t>(got) <= admin::kMaxReport) {
    reading.text.append(room.data(), static_cast<std::size_t>(got));
    return;
  }
  if (got < 0) reading.problem = reason();
  if (got > 0) reading.problem = "its report is too long";
  reading.pipe.reset();
}

void read_all(std::vector<Reading>& readings, Deadline deadline) {
  using std::chrono::milliseconds;
  while (true) {
    std::vector<pollfd> watched;
    std::vector<Reading*> open;
    for (Reading& reading : readings)
      if (reading.pipe) {
        watched.push_back({reading.pipe.get(), POLLIN, 0});
        open.push_back(&reading);
      }
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (open.empty()) return;
    const int ready = left > 0 ? ::poll(watched.data(), watched.size(),
                                        static_cast<int>(std::min<milliseconds::rep>(left, 1'000'000'000)))
                               : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) break;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (watched[i].revents != 0) read_some(*open[i]);
  }
  for (Reading& reading : readings)
    if (reading.pipe) reading.problem = "it does not answer in time";
}

/// A worker may have been taken over: what it wrote is an object of JSON, or is nothing.
Json parse_report(Reading& reading) {
  if (!reading.problem.empty()) return nullptr;
  if (reading.text.empty()) {
    reading.problem = "it ended before it answered";
    return nullptr;
  }
  Json json = Json::parse(reading.text, nullptr, false);
  reading.text.clear();
  if (json.is_object()) return json;
  reading.problem = "its report cannot be understood";
  return nullptr;
}

std::vector<Reading> receive_pipes(const AdminConnection& connection, std::size_t count) {
  std::vector<Reading> readings(count);
  for (Reading& reading : readings) {
    std::byte beside{};
    connection.receive({&beside, 1}, &reading.pipe);
    if (!reading.pipe) reading.problem = "no descriptor is left for its report";
  }
  return readings;
}

}  // namespace

bool AdminAnswer::complete() const {
  return std::all_of(workers.begin(), workers.end(), [](const WorkerView& view) { return view.missing.empty(); });
}

std::string AdminAnswer::complaints() const {
  std::string text;
  for (const WorkerView& view : workers)
    if (!view.missing.empty())
      text += "sspictl: no answer from worker " + std::to_string(number_of(view.worker, "pid")) + " of " +
              printable(text_of(view.worker, "identity")) + ": " + view.missing + '\n';
  return text;
}

AdminAnswer ask(const std::string& socket, admin::Kind kind, Deadline deadline) {
  const AdminConnection connection{socket, deadline};
  connection.send(admin::encode(kind));
  std::array<std::byte, admin::kHeaderSize> head;
  connection.receive(head);
  const auto header = admin::decode_header(head);
  if (!header) throw Failure{"the daemon is of another version than this sspictl"};
  std::string text(header->json, '\0');
  connection.receive(std::as_writable_bytes(std::span{text}));

  AdminAnswer answer;
  answer.supervisor = Json::parse(text, nullptr, false);
  if (!answer.supervisor.is_object()) throw Failure{"the daemon's answer cannot be understood"};
  auto readings = receive_pipes(connection, header->reports);
  read_all(readings, deadline);

  const Json asked = list_of(answer.supervisor, "asked");
  for (const Json& worker : list_of(answer.supervisor, "workers")) {
    WorkerView view{worker, nullptr, {}};
    const auto at = std::find(asked.begin(), asked.end(), worker.value("pid", 0));
    const auto index = static_cast<std::size_t>(at - asked.begin());
    if (index < readings.size()) {
      view.report = parse_report(readings[index]);
      view.missing = readings[index].problem;
    } else if (kind == admin::Kind::reports && number_of(worker, "pid") != 0) {
      view.missing = "it takes no questions now";
    }
    answer.workers.push_back(std::move(view));
  }
  return answer;
}

}  // namespace sspictl
