// The example programs: with each other, and each with its counterpart of MIT's.
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/world.h"

namespace sspid::test {
namespace {

// A message that no encoding of any length resembles.
const std::string kMessage = "Quod scripsi, scripsi.";

class Examples : public ::testing::TestWithParam<std::string> {
 protected:
  Environment environment() { return with(world_.realm.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}}); }

  // Ours chooses its port itself. This one ends after one client.
  std::string start_our_server(std::vector<std::string> options) {
    options.push_back("-1");
    return start_our_server_for_many(std::move(options));
  }

  std::string start_our_server_for_many(std::vector<std::string> options) {
    options.insert(options.begin(), built_program("sspi-server"));
    options.push_back("0");
    start(options);
    await(
        "sspi-server", [this] { return said().find('\n') != std::string::npos; }, &*server_);
    const std::string words = "listening on port ";
    return said().substr(said().find(words) + words.size(), said().find('\n') - words.size());
  }

  // MIT's must not be asked by a connection whether it is there: it would take that for its client.
  std::string start_mit_server() {
    start({"gss-server", "-port", port_.text(), "-once", "-verbose", "host@localhost"});
    await(
        "gss-server", [this] { return said().find("starting") != std::string::npos && is_listening(); }, &*server_);
    return port_.text();
  }

  Result run_our_client(const std::string& port, const std::string& package) {
    return run({built_program("sspi-client"), "-p", package, "localhost", port, "host/localhost", kMessage},
               environment());
  }

  Result run_mit_client(const std::string& port, std::vector<std::string> options) {
    std::vector<std::string> command{"gss-client", "-port", port};
    command.insert(command.end(), options.begin(), options.end());
    command.insert(command.end(), {"localhost", "host@localhost", kMessage});
    return run(command, world_.realm.environment());
  }

  // The server has come to a good end and has read the message.
  void expect_server_to_have_read_it() {
    EXPECT_EQ(server_->wait(), 0) << said();
    EXPECT_NE(said().find(kMessage), std::string::npos) << said();
  }

  std::string said() { return read_text(directory_->file("server")); }

 private:
  void start(const std::vector<std::string>& command) {
    server_.reset();
    directory_.emplace();
    server_.emplace(
        Process::Options{.command = command, .environment = environment(), .output = directory_->file("server")});
  }

  bool is_listening() {
    char local[16];
    std::snprintf(local, sizeof local, ":%04X ", static_cast<unsigned>(port_.number()));
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      const std::string sockets = read_text(table);
      // Of each socket: local address and port, remote ones, state. 0A: listening.
      for (std::size_t at = sockets.find(local); at != std::string::npos; at = sockets.find(local, at + 1))
        if (const std::string line = sockets.substr(at, sockets.find('\n', at) - at);
            line.find(":0000 0A ") < line.size())
          return true;
    }
    return false;
  }

  World& world_ = world();
  std::optional<Directory> directory_;  // a new one for each server
  Port port_;
  std::optional<Process> server_;
};

TEST_P(Examples, talk_to_each_other) {
  const Result client = run_our_client(start_our_server({"-p", GetParam()}), GetParam());
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("verified"), std::string::npos) << client.output;
  expect_server_to_have_read_it();
}

TEST_P(Examples, async_client_logs_on_many_times_at_once) {
  const std::string port = start_our_server_for_many({"-p", GetParam()});
  const Result client = run(
      {built_program("sspi-async-client"), "-p", GetParam(), "localhost", port, "host/localhost", "20"}, environment());
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("20 contexts established"), std::string::npos) << client.output;
}

TEST_P(Examples, client_talks_to_gss_server) {
  const Result client = run_our_client(start_mit_server(), GetParam());
  EXPECT_EQ(client.status, 0) << client.output;
  EXPECT_NE(client.output.find("verified"), std::string::npos) << client.output;
  expect_server_to_have_read_it();
}

// gss-client: sealed and signed; not sealed but wrapped; not wrapped at all; several messages.
TEST_P(Examples, server_talks_to_gss_client) {
  for (const std::vector<std::string>& options : {std::vector<std::string>{},
                                                  {"-nx"},
                                                  {"-nw"},
                                                  {"-nm"},
                                                  {"-mcount", "5"},
                                                  {"-seq"},
                                                  {"-nomutual"},
                                                  {"-noreplay"}}) {
    std::vector<std::string> all = options;
    if (GetParam() == "Negotiate") all.push_back("-spnego");
    const Result client = run_mit_client(start_our_server({"-p", GetParam()}), all);
    EXPECT_EQ(client.status, 0) << ::testing::PrintToString(all) << client.output;
    expect_server_to_have_read_it();
  }
}

INSTANTIATE_TEST_SUITE_P(Over, Examples, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& package) { return package.param; });

}  // namespace
}  // namespace sspid::test
