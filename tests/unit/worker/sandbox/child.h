// A child process in which a test shuts itself in: nothing lets it out again.
#pragma once

#include <array>
#include <string>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sspid::worker::sandbox {

struct Ended {
  int status = 0;    ///< as waitpid has it
  std::string said;  ///< on standard error

  [[nodiscard]] bool well() const { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
  [[nodiscard]] int signal() const { return WIFSIGNALED(status) ? WTERMSIG(status) : 0; }
};

/// Runs `body` in a child, which ends well when it returns true.
template <class Body>
Ended in_child(Body body) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) return {.status = -1, .said = "no pipe"};
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDERR_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::_exit(body() ? 0 : 1);
  }
  ::close(pipe[1]);
  Ended ended;
  std::array<char, 1024> piece;
  for (ssize_t got = 0; (got = ::read(pipe[0], piece.data(), piece.size())) > 0;)
    ended.said.append(piece.data(), static_cast<std::size_t>(got));
  ::close(pipe[0]);
  ::waitpid(child, &ended.status, 0);
  return ended;
}

inline ::testing::AssertionResult well(const Ended& ended) {
  if (ended.well()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "status " << ended.status << ", said: " << ended.said;
}

}  // namespace sspid::worker::sandbox
