#include "actor.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/daemon.h"

namespace sspid::test {

namespace {

proto::Descriptor pair(proto::Descriptor& theirs) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error(errno, std::system_category(), "socketpair");
  theirs.reset(ends[1]);
  return proto::Descriptor(ends[0]);
}

Process start(const Actor::Options& options, proto::Descriptor& ours) {
  proto::Descriptor theirs;
  ours = pair(theirs);
  std::vector<std::string> command = options.launcher;
  for (const auto& word : {built_program("actor_program"), std::to_string(options.uid), std::to_string(options.gid)})
    command.push_back(word);
  return Process({.command = std::move(command),
                  .environment = with(base_environment(), options.environment),
                  .output = "/dev/stderr",
                  .input = theirs.get()});
}

std::string hexadecimal(const Bytes& bytes) {
  std::string digits;
  for (const auto byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(byte));
    digits += two;
  }
  return digits;
}

Leg leg_of(const std::string& answer) {
  const std::size_t space = answer.find(' ');
  Leg leg;
  leg.status = answer.substr(0, space);
  const std::string digits = space == std::string::npos ? "" : answer.substr(space + 1);
  leg.state = leg.status == "SEC_E_OK"                ? Leg::State::done
              : leg.status == "SEC_I_CONTINUE_NEEDED" ? Leg::State::more
                                                      : Leg::State::failed;
  if (leg.state == Leg::State::failed) {
    leg.status = answer;
    return leg;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    leg.token.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  return leg;
}

}  // namespace

Actor::Actor(const Options& options) : process_(start(options, ours_)) {}

void Actor::tell(const std::string& line) {
  const std::string whole = line + '\n';
  if (::send(ours_.get(), whole.data(), whole.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(whole.size()))
    throw std::runtime_error("the actor is gone");
}

std::string Actor::answer() {
  std::string answer;
  while (answer.empty() || answer.back() != '\n') {
    pollfd socket{.fd = ours_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&socket, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) != 1)
      throw std::runtime_error("the actor does not answer");
    std::array<char, 65536> piece;
    const auto got = ::read(ours_.get(), piece.data(), piece.size());
    if (got <= 0) throw std::runtime_error("the actor ended");
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
  answer.pop_back();
  return answer;
}

bool Actor::has_answered() const {
  pollfd socket{.fd = ours_.get(), .events = POLLIN, .revents = 0};
  return ::poll(&socket, 1, 0) == 1;
}

std::string Actor::value(const std::string& line) {
  const std::string answer = ask(line);
  EXPECT_EQ(first_word(answer), "SEC_E_OK") << line;
  const std::size_t space = answer.find(' ');
  return space == std::string::npos ? "" : answer.substr(space + 1);
}

Leg ActingAcceptor::step(const Bytes& token) { return leg_of(actor_.ask("accept " + hexadecimal(token))); }

Leg ActingInitiator::step(const Bytes& token) {
  return leg_of(actor_.ask(token.empty() ? "initiate " + target_ : "go-on " + hexadecimal(token)));
}

}  // namespace sspid::test
