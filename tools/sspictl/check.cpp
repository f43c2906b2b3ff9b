#include <array>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"

namespace sspictl {

namespace {

/// sspid itself decides: beside this program in a build tree, in sbin where both are installed.
std::string find_sspid() {
  std::error_code unknown;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", unknown);
  for (const auto& candidate : {own.parent_path() / "sspid", own.parent_path().parent_path() / "sbin" / "sspid"})
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  return "sspid";
}

struct Ran {
  int status;
  std::string output;  ///< standard output and error
};

Ran run(std::vector<std::string> command) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure{"no pipe"};
  sspid::proto::Descriptor reading{ends[0]}, writing{ends[1]};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  writing.reset();
  if (error != 0) throw Failure{command[0] + " cannot be run: " + std::generic_category().message(error)};
  Ran ran{};
  std::array<char, 4096> room;
  for (ssize_t got = 0; (got = ::read(reading.get(), room.data(), room.size())) != 0;) {
    if (got > 0) ran.output.append(room.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR) break;
  }
  while (::waitpid(child, &ran.status, 0) < 0 && errno == EINTR) {
  }
  return ran;
}

}  // namespace

Result check(const Options& options, const std::string& file) {
  Ran ran = run({find_sspid(), "--check-config", "--config", file});
  while (!ran.output.empty() && ran.output.back() == '\n') ran.output.pop_back();
  const bool good = WIFEXITED(ran.status) && WEXITSTATUS(ran.status) == 0;
  const Exit exit = good ? Exit::ok : Exit::found_wrong;
  if (options.format == Format::text)
    return {ran.output.empty() ? file + (good ? ": good" : ": bad") : ran.output, exit};
  Json json = {{"file", file}, {"good", good}};
  if (!good) json["error"] = ran.output;
  return {to_line(json), exit};
}

}  // namespace sspictl
