#include "daemon/worker/ntlm/user_lines.h"

#include <algorithm>
#include <cerrno>

#include <sys/mman.h>
#include <unistd.h>

#include "daemon/worker/ntlm/nt_hash.h"
#include "proto/limits.h"

namespace sspid::worker::ntlm {

namespace {

/// What gss-ntlmssp reads at once.
constexpr std::size_t kMaxLine = 1000;

constexpr std::size_t kMaxRead = proto::kMaxKeyFile;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// "DOM\user" in two; without a backslash it is all user.
UserLine parse_name(std::string_view name) {
  const std::size_t backslash = name.find('\\');
  if (backslash == std::string_view::npos) return {{}, {}, name};
  return {{}, name.substr(0, backslash), name.substr(backslash + 1)};
}

/// Three fields are DOMAIN:user:password, more are smbpasswd's. As gss-ntlmssp tells them apart.
std::optional<UserLine> parse_line(std::string_view line) {
  if (line.empty() || line.front() == '#') return std::nullopt;
  const std::size_t first = line.find(':');
  const std::size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
  if (second == line.npos) return std::nullopt;
  UserLine parsed{line, line.substr(0, first), line.substr(first + 1, second - first - 1)};
  if (line.find(':', second + 1) != line.npos) {
    parsed = parse_name(line.substr(0, first));
    parsed.line = line;
  }
  return parsed.user.empty() ? std::nullopt : std::optional(parsed);
}

bool names(const UserLine& entry, const UserLine& wanted) {
  return equal_ignoring_case(entry.user, wanted.user) &&
         (wanted.domain.empty() || entry.domain.empty() || equal_ignoring_case(entry.domain, wanted.domain));
}

/// A colon ends a field, a number sign at the start makes a comment, a backslash belongs between domain and user.
bool fits_a_line(std::string_view domain, std::string_view user) {
  const auto holds = [](std::string_view text, std::string_view any) { return text.find_first_of(any) != text.npos; };
  const std::string_view start = domain.empty() ? user : domain;
  return !user.empty() && start.front() != '#' && !holds(domain, ":\\\r\n") && !holds(user, ":\r\n") &&
         !(domain.empty() && holds(user, "\\"));
}

Secret read_all(int file) {
  std::string text;
  text.resize(kMaxRead);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::pread(file, text.data() + size, text.size() - size, static_cast<off_t>(size));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  Secret content(std::as_bytes(std::span(text).first(size)));
  OPENSSL_cleanse(text.data(), size);
  return content;
}

}  // namespace

std::string qualified(std::string_view domain, std::string_view user) {
  return domain.empty() ? std::string(user) : std::string(domain) + '\\' + std::string(user);
}

std::optional<UserLine> find_line(std::string_view lines, std::string_view name) {
  const UserLine wanted = parse_name(name);
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find_first_of("\r\n"), lines.size());
    const auto entry = parse_line(lines.substr(0, end));
    if (entry && (name.empty() || names(*entry, wanted))) return entry;
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return std::nullopt;
}

UserLines::UserLines(proto::Descriptor file)
    : file_(std::move(file)), path_("/proc/self/fd/" + std::to_string(file_.get())) {}

Outcome UserLines::of_line(std::string_view line, std::string owner, std::shared_ptr<const UserLines>& lines) {
  proto::Descriptor file{::memfd_create("ntlm-user", MFD_CLOEXEC)};
  if (!file || ::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return {SEC_E_INSUFFICIENT_MEMORY, "NTLM: no memory for the user's hash"};
  auto made = std::make_shared<UserLines>(std::move(file));
  made->owner_ = std::move(owner);
  lines = std::move(made);
  return {};
}

Outcome UserLines::of_identity(const PasswordIdentity& identity, std::shared_ptr<const UserLines>& lines) {
  std::string_view domain = identity.domain;
  std::string_view user = identity.user;
  if (domain.empty()) {
    const UserLine parts = parse_name(user);
    domain = parts.domain;
    user = parts.user;
  }
  const auto hash = nt_hash(identity.password.view());
  if (!hash || !fits_a_line(domain, user) || domain.size() + user.size() > kMaxLine - 100)
    return {SEC_E_UNKNOWN_CREDENTIALS, "NTLM: no account can have such a name"};
  // No LM hash: what stands there is none that could be read.
  std::string line = qualified(domain, user) + ":0:" + std::string(32, 'X') + ':';
  line.reserve(line.size() + 40);
  line.append(hash->view()).append(":[U]:\n");
  Outcome made = of_line(line, qualified(domain, user), lines);
  OPENSSL_cleanse(line.data(), line.size());
  return made;
}

Outcome UserLines::only(std::string_view name, std::shared_ptr<const UserLines>& line) const {
  const Secret content = read_all(file_.get());
  const auto found = find_line(content.view(), name);
  if (!found) return {SEC_E_NO_CREDENTIALS, "NTLM: the users file has no such user"};
  std::string copy(found->line);
  copy += '\n';
  Outcome made = of_line(copy, qualified(found->domain, found->user), line);
  OPENSSL_cleanse(copy.data(), copy.size());
  return made;
}

void Users::replace(proto::Descriptor file) {
  std::shared_ptr<const UserLines> lines;
  if (file) lines = std::make_shared<UserLines>(std::move(file));
  const std::lock_guard lock(mutex_);
  lines_.swap(lines);
}

std::shared_ptr<const UserLines> Users::current() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace sspid::worker::ntlm
