#include "daemon/journal.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <span>
#include <string_view>

#include <spdlog/sinks/base_sink.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include "daemon/log_fields.h"
#include "daemon/log_format.h"
#include "proto/descriptor.h"

namespace sspid::log {

namespace {

// Of a message or a field. All of a line must fit into one datagram, whose bound is net.core.wmem_default: 208 KiB.
constexpr std::size_t kLongest = std::size_t{8} * 1024;
constexpr std::size_t kMostFields = 20;

// A journal that takes nothing for so long costs lines, not service.
constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};

// As syslog(3) numbers them.
char priority_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::critical:
      return '2';
    case spdlog::level::err:
      return '3';
    case spdlog::level::warn:
      return '4';
    case spdlog::level::info:
      return '6';
    default:
      return '7';
  }
}

// A line of the journal is a line: no name that a client chose breaks it.
void append_escaped(std::string& line, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F)
      line.push_back(c);
    else
      for (const char escaped : {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]}) line.push_back(escaped);
  }
}

std::string in_capitals(std::string_view name) {
  std::string capitals{name};
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return capitals;
}

// In the form with a length, which no value can break out of.
void append(std::string& datagram, std::string_view name, std::string_view value) {
  value = value.substr(0, kLongest);
  datagram.append(name).push_back('\n');
  for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i)
    datagram.push_back(static_cast<char>((std::uint64_t{value.size()} >> (8 * i)) & 0xFF));
  datagram.append(value).push_back('\n');
}

class JournalSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  JournalSink(proto::Descriptor socket, std::string role) : socket_(std::move(socket)), role_(std::move(role)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (lost_ != 0 &&
        send(spdlog::level::warn, std::to_string(lost_) + " lines were lost on their way to the journal", {}))
      lost_ = 0;
    if (!send(message.level, {message.payload.data(), message.payload.size()}, fields_of_line())) ++lost_;
  }
  void flush_() override {}

  [[nodiscard]] bool send(spdlog::level::level_enum level, std::string_view text, const Fields& fields) {
    std::string datagram{"SYSLOG_IDENTIFIER=sspid\nPRIORITY="};
    datagram.append(1, priority_of(level)).push_back('\n');
    append(datagram, "SSPID_ROLE", role_);
    std::string line;
    append_escaped(line, text);
    for (const Field& field : std::span{fields}.first(std::min(fields.size(), kMostFields))) {
      append(datagram, "SSPID_" + in_capitals(field.name), field.value);
      append_as_text(std::string_view{field.value}.substr(0, kLongest), line.append(1, ' ').append(field.name) += '=');
    }
    append(datagram, "MESSAGE", line);
    // Waits once for a journal that is slow, not again for one that is stuck.
    const int wait = lost_ == 0 ? 0 : MSG_DONTWAIT;
    return ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | wait) >= 0;
  }

  proto::Descriptor socket_;
  std::string role_;
  std::uint64_t lost_ = 0;
};

}  // namespace

bool is_journal(int descriptor, const char* journal_stream) {
  struct stat file {};
  if (journal_stream == nullptr || ::fstat(descriptor, &file) != 0) return false;
  return std::to_string(file.st_dev) + ':' + std::to_string(file.st_ino) == journal_stream;
}

std::shared_ptr<spdlog::sinks::sink> journal_sink(const std::string& role, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return nullptr;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  proto::Descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return nullptr;
  return std::make_shared<JournalSink>(std::move(socket), role);
}

}  // namespace sspid::log
