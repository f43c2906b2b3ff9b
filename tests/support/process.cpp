#include "process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace sspid::test {

namespace {

using std::chrono::steady_clock;

// Debian packages that bring the programs which tests start.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kPackages{{
    {"systemd-nspawn", "systemd-container"},
    {"dbus-daemon", "dbus"},
    {"krb5kdc", "krb5-kdc"},
    {"kdb5_util", "krb5-kdc"},
    {"kdb5_ldap_util", "krb5-kdc-ldap"},
    {"kadmin.local", "krb5-admin-server"},
    {"kinit", "krb5-user"},
    {"klist", "krb5-user"},
    {"kdestroy", "krb5-user"},
    {"kswitch", "krb5-user"},
    {"gss-server", "krb5-gss-samples"},
    {"gss-client", "krb5-gss-samples"},
    {"apache2", "apache2"},
    {"slapd", "slapd"},
    {"slapadd", "slapd"},
    {"ldapsearch", "ldap-utils"},
    {"ldapmodify", "ldap-utils"},
    {"ldapwhoami", "ldap-utils"},
    {"curl", "curl"},
    {"samba", "samba samba-ad-dc samba-ad-provision samba-dsdb-modules"},
    {"python3", "python3"},
    {"setpriv", "util-linux"},
    {"valgrind", "valgrind"},
    {"unshare", "util-linux"},
}};

[[noreturn]] void throw_errno(int number, const std::string& what) {
  throw std::system_error(number, std::generic_category(), what);
}

// The strings and the pointers to them that exec takes.
class StringVector {
 public:
  explicit StringVector(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string& text : strings_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] char** get() { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

std::vector<std::string> assignments(const Environment& environment) {
  std::vector<std::string> result;
  for (const auto& [name, value] : environment) result.push_back(name + '=' + value);
  return result;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  void open(int fd, const std::string& path, int flags) {
    posix_spawn_file_actions_addopen(&actions_, fd, path.c_str(), flags, 0644);
  }
  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Undoes what a test runner may have done to signals: a server must be able to hear SIGTERM.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes_, &set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    posix_spawnattr_setsigdefault(&attributes_, &set);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

int shell_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

Environment base_environment() {
  Environment result;
  for (const char* name :
       {"PATH", "HOME", "LANG", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = getenv(name)) result[name] = value;
  result["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
  return result;
}

Environment with(Environment base, const Environment& more) {
  for (const auto& [name, value] : more) base[name] = value;
  return base;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const std::string path = base_environment().at("PATH");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    std::string candidate = path.substr(begin, end - begin) + '/' + name;
    if (end > begin && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  std::string package = "the package that brings it";
  for (const auto& [program, owner] : kPackages)
    if (program == name) package = owner;
  throw std::runtime_error("the program " + name + " is missing: install " + package);
}

Process::Process(const Options& options) {
  FileActions actions;
  actions.open(STDOUT_FILENO, options.output, O_WRONLY | O_CREAT | O_APPEND);
  actions.duplicate(STDOUT_FILENO, STDERR_FILENO);
  if (options.input >= 0)
    actions.duplicate(options.input, STDIN_FILENO);
  else
    actions.open(STDIN_FILENO, "/dev/null", O_RDONLY);

  // setpriv becomes the program; the kernel ends it when the thread that started it dies without having come to an end.
  std::vector<std::string> command{find_program("setpriv"), "--pdeathsig", "KILL", "--"};
  command.insert(command.end(), options.command.begin(), options.command.end());
  command[4] = find_program(command.at(4));

  StringVector arguments{std::move(command)};
  StringVector environment{assignments(options.environment)};
  const Attributes attributes;
  const int error =
      posix_spawn(&pid_, arguments.get()[0], actions.get(), attributes.get(), arguments.get(), environment.get());
  if (error != 0) throw_errno(error, "cannot start " + options.command.front());
  pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) throw_errno(errno, "pidfd_open");
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this == &other) return *this;
  close();
  pid_ = std::exchange(other.pid_, -1);
  pidfd_ = std::move(other.pidfd_);
  status_ = other.status_;
  return *this;
}

Process::~Process() { close(); }

void Process::close() {
  if (pid_ >= 0 && !status_) terminate();
}

bool Process::running() const {
  if (pid_ < 0 || status_) return false;
  pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) == 0;
}

std::optional<int> Process::wait(std::chrono::milliseconds patience) {
  if (status_) return status_;
  pollfd ended{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    const int ready = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready == 0) return {};
    if (ready > 0) break;
    if (errno != EINTR) throw_errno(errno, "poll");
  }
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) throw_errno(errno, "waitpid");
  status_ = shell_status(status);
  return status_;
}

void Process::signal(int number) const {
  if (pid_ >= 0 && !status_) syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

int Process::terminate() {
  signal(SIGTERM);
  if (const std::optional<int> status = wait(std::chrono::seconds(20))) return *status;
  return kill();
}

int Process::kill() {
  signal(SIGKILL);
  const std::optional<int> status = wait();
  if (!status) throw std::runtime_error("process " + std::to_string(pid_) + " cannot be killed");
  return *status;
}

Result run(const std::vector<std::string>& command, const Environment& environment, std::string_view input) {
  const auto anonymous_file = [](const char* name) {
    proto::Descriptor file{::memfd_create(name, MFD_CLOEXEC)};
    if (!file) throw_errno(errno, "memfd_create");
    return file;
  };
  const proto::Descriptor in = anonymous_file("input");
  const proto::Descriptor out = anonymous_file("output");
  const std::string path = "/proc/" + std::to_string(::getpid()) + "/fd/";
  std::ofstream(path + std::to_string(in.get()), std::ios::binary) << input;

  Process process{
      {.command = command, .environment = environment, .output = path + std::to_string(out.get()), .input = in.get()}};
  const std::optional<int> status = process.wait();
  if (!status) throw std::runtime_error(command.front() + " does not come to an end");
  return {*status, read_text(path + std::to_string(out.get()))};
}

std::string run_or_throw(const std::vector<std::string>& command, const Environment& environment,
                         std::string_view input) {
  Result result = run(command, environment, input);
  if (result.status == 0) return std::move(result.output);
  std::string line;
  for (const std::string& word : command) line += word + ' ';
  throw std::runtime_error(line + "failed with status " + std::to_string(result.status) + ": " + result.output);
}

void await(std::string_view what, const std::function<bool()>& condition, const Process* process) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!condition()) {
    if (process && !process->running()) throw std::runtime_error("ended early: " + std::string(what));
    if (steady_clock::now() > deadline) throw std::runtime_error("waited in vain for " + std::string(what));
    ::poll(nullptr, 0, 2);  // leaves the processor to what is awaited
  }
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  // Not by iterators, which throw: a process may end while its files in /proc are read.
  for (std::array<char, 4096> part; in.read(part.data(), part.size()), in.gcount() > 0;)
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace sspid::test
