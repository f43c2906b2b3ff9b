#include "daemon.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include "evidence.h"

namespace sspid::test {

namespace {

struct Stat {
  char state = 'X';
  pid_t parent = 0;
  int threads = 0;
};

Stat stat_of(pid_t process) {
  // The command in parentheses may hold anything, what follows it has fixed places.
  const std::string text = read_text("/proc/" + std::to_string(process) + "/stat");
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  Stat stat;
  fields >> stat.state >> stat.parent;
  std::string skipped;
  for (int field = 5; field < 20; ++field) fields >> skipped;  // counted as proc(5) does
  fields >> stat.threads;
  return stat;
}

std::optional<pid_t> number(const std::string& text) {
  pid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

bool has_sanitizer_report(const std::string& log) {
  for (const char* sign :
       {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", ": runtime error:"})
    if (log.find(sign) != std::string::npos) return true;
  return false;
}

}  // namespace

std::string built_program(const std::string& name) { return std::string(SSPID_BIN) + '/' + name; }

DaemonProcess::DaemonProcess(Environment environment, std::vector<std::string> arguments,
                             std::vector<std::string> prefix)
    : environment_(std::move(environment)), arguments_(std::move(arguments)), prefix_(std::move(prefix)) {
  ::setenv("SSPI_SOCKET", socket().c_str(), 1);
  start();
}

DaemonProcess::~DaemonProcess() {
  if (process_) {
    const int status = process_->terminate();
    if (status != 0) ADD_FAILURE() << "sspid ended with status " << status << "\n" << log();
  }
  keep_log(log());
  if (has_sanitizer_report(log())) ADD_FAILURE() << "a sanitizer complains:\n" << log();
  if (!refusals_are_expected_ && refusals() != 0) ADD_FAILURE() << "the sandbox is in the way:\n" << log();
}

void DaemonProcess::start() {
  std::vector<std::string> command = prefix_;
  command.insert(command.end(), {built_program("sspid"), "--socket", socket()});
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_.emplace(Process::Options{.command = command, .environment = environment_, .output = directory_.file("log")});
  try {
    await(
        "sspid", [this] { return answers(); }, &*process_);
  } catch (const std::exception& failure) {
    process_.reset();
    throw std::runtime_error(std::string(failure.what()) + "\n" + log());
  }
}

void DaemonProcess::stop() {
  if (!process_) return;
  const int status = process_->terminate();
  process_.reset();
  if (status != 0) throw std::runtime_error("sspid ended with status " + std::to_string(status) + "\n" + log());
}

void DaemonProcess::kill() {
  if (process_) process_->kill();
  process_.reset();
}

bool DaemonProcess::answers() const {
  return run({built_program("sspictl"), "--socket", socket(), "ping"}, environment_).status == 0;
}

std::size_t DaemonProcess::refusals() const {
  std::istringstream lines(log());
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.find("the sandbox refused system call") != std::string::npos) ++count;
  return count;
}

std::vector<pid_t> DaemonProcess::workers() const { return children_of(pid()); }

pid_t DaemonProcess::worker() const {
  const std::vector<pid_t> all = workers();
  if (all.size() != 1) throw std::runtime_error("sspid has " + std::to_string(all.size()) + " workers\n" + log());
  return all.front();
}

pid_t DaemonProcess::worker_of(const std::string& identity) const {
  for (const pid_t worker : workers())
    if (log().find("worker " + std::to_string(worker) + " of " + identity + " is ready") != std::string::npos)
      return worker;
  throw std::runtime_error("no worker of " + identity + "\n" + log());
}

void freeze(pid_t process) {
  if (::kill(process, SIGSTOP) != 0) throw std::system_error(errno, std::generic_category(), "stopping a process");
  await("all threads to stop", [&] {
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(process) + "/task");
    return std::all_of(begin(tasks), end(tasks), [](const auto& task) {
      return read_text(task.path() / "status").find("State:\tT") != std::string::npos;
    });
  });
}

bool has_ended(pid_t process) {
  const Stat stat = stat_of(process);
  // Its first thread may be dead while others still hold the sockets.
  return stat.state == 'X' || (stat.state == 'Z' && stat.threads <= 1);
}

std::size_t private_memory(pid_t process) {
  // RssAnon is readable for everybody; smaps of a process that is not dumpable is not.
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;)
    if (word == "RssAnon:") {
      std::size_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

std::size_t open_descriptors(pid_t process) {
  std::error_code forbidden;
  const std::filesystem::directory_iterator entries("/proc/" + std::to_string(process) + "/fd", forbidden);
  return forbidden ? 0 : static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

std::string status_of(pid_t process, const std::string& key) {
  std::istringstream lines(read_text("/proc/" + std::to_string(process) + "/status"));
  for (std::string line; std::getline(lines, line);)
    if (line.compare(0, key.size() + 2, key + ":\t") == 0) return line.substr(key.size() + 2);
  throw std::runtime_error("process " + std::to_string(process) + " has no " + key);
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> result;
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (const std::optional<pid_t> pid = number(entry.path().filename()))
      if (stat_of(*pid).parent == process && !has_ended(*pid)) result.push_back(*pid);
  return result;
}

}  // namespace sspid::test
