#include "client-lib/client_file.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client-lib/embedded.h"
#include "proto/descriptor.h"

namespace sspi {

namespace {

constexpr std::size_t kLargestFile = 4096;

ClientFile wrong(const std::string& name, const std::string& what) {
  ClientFile file;
  file.mistake = name + ": " + what;
  return file;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_socket(std::string_view value) {
  if (value == kEmbedded) return true;
  return value.starts_with('/') && value.size() < sizeof(sockaddr_un::sun_path) && value.find('\0') == value.npos;
}

// What is wrong with the line; nothing: it was taken into `file`.
std::string take_line(std::string_view line, ClientFile& file) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return {};
  const auto equals = line.find('=');
  if (equals == line.npos) return "\"key = value\" is expected";
  const std::string_view key = trimmed(line.substr(0, equals));
  const std::string_view value = trimmed(line.substr(equals + 1));
  if (key == "socket") {
    if (file.socket) return "socket is there twice";
    if (!is_socket(value)) return "socket is an absolute path, of a length that sockets can have, or embedded:";
    file.socket = value;
    return {};
  }
  if (key == "connect_timeout") {
    if (file.connect_timeout) return "connect_timeout is there twice";
    file.connect_timeout = parse_timeout(value);
    return file.connect_timeout ? "" : "connect_timeout is 0 to " + std::to_string(kLongestTimeout) + " seconds";
  }
  return "the keys are socket and connect_timeout";
}

bool is_meant_for_us(uid_t owner) { return owner == 0 || owner == geteuid(); }

bool says_nothing(int error, FileOf whose) {
  if (error == ENOENT || error == ENOTDIR) return true;
  return whose == FileOf::user && (error == EACCES || error == ELOOP || error == ENAMETOOLONG);
}

}  // namespace

ClientFile read_client_file(const std::string& path, FileOf whose) {
  // Not blocking: it may be a FIFO.
  const sspid::proto::Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!file) return says_nothing(errno, whose) ? ClientFile{} : wrong(path, std::strerror(errno));
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return wrong(path, std::strerror(errno));
  if (!is_meant_for_us(status.st_uid))
    return whose == FileOf::user ? ClientFile{} : wrong(path, "belongs to neither root nor this user");
  if (!S_ISREG(status.st_mode)) return wrong(path, "is no file");
  if ((status.st_mode & S_IWOTH) != 0) return wrong(path, "everybody may write it");

  std::array<char, kLargestFile + 1> text;
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return wrong(path, std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  return parse_client_file({text.data(), size}, path);
}

ClientFile parse_client_file(std::string_view text, const std::string& name) {
  if (text.size() > kLargestFile) return wrong(name, "is longer than " + std::to_string(kLargestFile) + " bytes");
  ClientFile file;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (const std::string mistake = take_line(text.substr(0, end), file); !mistake.empty())
      return wrong(name + ':' + std::to_string(number), mistake);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return file;
}

std::optional<std::chrono::seconds> parse_timeout(std::string_view text) {
  unsigned seconds = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || rest != end || seconds > kLongestTimeout) return std::nullopt;
  return std::chrono::seconds{seconds};
}

}  // namespace sspi
