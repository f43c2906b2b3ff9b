// A context outlives the process that established it: packed there, made again in a program that was executed anew.
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/world.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

class HandOver : public ::testing::TestWithParam<const char*> {
 protected:
  std::string sessions() {
    const std::string pong = run_or_throw({built_program("sspictl"), "ping"}, environment());
    const std::size_t at = pong.find("sessions ");
    return pong.substr(at, pong.find(',', at) - at);
  }

  Environment environment() { return with(world_.realm.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}}); }

  World& world_ = world();
};

TEST_P(HandOver, executed_program_goes_on_with_contexts_of_a_process_that_has_ended) {
  const std::string before = sessions();
  int go_on[2];
  ASSERT_EQ(::pipe2(go_on, O_CLOEXEC), 0);
  proto::Descriptor heir(go_on[0]), testator(go_on[1]);

  const Directory directory;
  const std::string output = directory.file("output");
  Process program({.command = {built_program("session_program"), "hand-over", GetParam()},
                   .environment = environment(),
                   .output = output,
                   .input = heir.get()});
  ASSERT_EQ(program.wait(), 0) << read_text(output);
  ASSERT_EQ(read_text(output), "ok\n");
  // Nothing of the first process is left in the daemon but what it has exported.
  await("the end of its session", [&] { return sessions() == before; });
  testator.reset();
  await("the word of its heir", [&] { return read_text(output).size() > 3 && read_text(output).ends_with('\n'); });
  EXPECT_EQ(read_text(output), "ok\nok\n");
}

INSTANTIATE_TEST_SUITE_P(Package, HandOver, ::testing::Values("Kerberos", "Negotiate", "NTLM"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace sspid::test
