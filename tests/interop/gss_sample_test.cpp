// Both of MIT's example programs at the other end, for libsspi's functions and for our example programs.
#include <future>
#include <string>

#include <gtest/gtest.h>

#include "gss_sample_ends.h"
#include "support/daemon.h"
#include "support/world.h"

namespace sspid::test {
namespace {

using gss_sample::Client;
using gss_sample::GssServer;
using gss_sample::Served;
using gss_sample::SspiServer;
using Protection = Client::Protection;

class GssSample : public ::testing::TestWithParam<const char*> {
 protected:
  const std::string package_ = GetParam();
  World& world_ = world();

  /// What gss-client needs to ask for this package.
  [[nodiscard]] std::vector<std::string> mechanism() const {
    return package_ == "Negotiate" ? std::vector<std::string>{"-spnego"} : std::vector<std::string>{};
  }
  [[nodiscard]] Environment environment() const {
    return with(world_.realm.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}});
  }

  /// Runs gss-client against a server of libsspi's functions in this process.
  Served serve_gss_client(std::vector<std::string> options) {
    Credential inbound(package_, SECPKG_CRED_INBOUND);
    TcpListener listener;
    auto served = std::async(std::launch::async, [&] { return gss_sample::serve(listener.accept(), inbound); });
    client_output_ = run_gss_client(listener.port(), std::move(options));
    return served.get();
  }

  [[nodiscard]] std::string run_gss_client(std::uint16_t port, std::vector<std::string> options) const {
    std::vector<std::string> command{"gss-client", "-port", std::to_string(port)};
    for (std::vector<std::string>* more : {&options}) command.insert(command.end(), more->begin(), more->end());
    const std::vector<std::string> mech = mechanism();
    command.insert(command.end(), mech.begin(), mech.end());
    command.insert(command.end(), {"localhost", "host@localhost", "from gss-client"});
    return run_or_throw(command, environment());
  }

  std::string client_output_;
};

INSTANTIATE_TEST_SUITE_P(Package, GssSample, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(GssSample, gss_server_reads_what_we_protect_and_we_verify_its_signature) {
  const GssServer server(world_.realm);
  for (const Protection protection : {Protection::sealed, Protection::integrity, Protection::none}) {
    Client client(server.port(), package_);
    for (const std::size_t length : {1, 16, 1000, 100000})
      client.send_and_verify(random_bytes(length, length), protection);
    client.send_and_verify(bytes_of("a message in clear words"), protection);
    client.end();
    EXPECT_EQ(client.context().client_name(), "alice@EXAMPLE.TEST");
    EXPECT_EQ(client.context().server_name(), "host/localhost@EXAMPLE.TEST");
    EXPECT_EQ(client.context().package(), "Kerberos");
  }
  EXPECT_NE(server.log().find("alice@EXAMPLE.TEST"), std::string::npos);
  EXPECT_NE(server.log().find("a message in clear words"), std::string::npos);
  EXPECT_EQ(server.log().find("not encrypted"), std::string::npos) << server.log();
}

TEST_P(GssSample, gss_server_without_mutual_authentication) {
  const GssServer server(world_.realm);
  Client client(server.port(), package_, ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY);
  client.send_and_verify(bytes_of("one leg"), Protection::sealed);
  client.end();
  EXPECT_EQ(client.context().attributes() & ISC_RET_MUTUAL_AUTH, 0U);
}

TEST_P(GssSample, gss_client_sends_encrypted_messages) {
  const Served served = serve_gss_client({"-mcount", "3"});
  EXPECT_EQ(served.messages, std::vector<std::string>(3, "from gss-client"));
  EXPECT_TRUE(served.all_encrypted);
  EXPECT_EQ(served.client, "alice@EXAMPLE.TEST");
  EXPECT_NE(client_output_.find("Signature verified."), std::string::npos) << client_output_;
}

TEST_P(GssSample, gss_client_sends_messages_with_integrity_only) {
  const Served served = serve_gss_client({"-nx"});
  EXPECT_EQ(served.messages, std::vector<std::string>(1, "from gss-client"));
  EXPECT_FALSE(served.all_encrypted);
  EXPECT_NE(client_output_.find("Signature verified."), std::string::npos) << client_output_;
}

TEST_P(GssSample, gss_client_sends_messages_in_clear_for_a_signature) {
  const Served served = serve_gss_client({"-nw"});
  EXPECT_EQ(served.messages, std::vector<std::string>(1, "from gss-client"));
  EXPECT_NE(client_output_.find("Signature verified."), std::string::npos) << client_output_;
}

TEST_P(GssSample, gss_client_chooses_what_the_context_detects) {
  const ULONG order = ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT;
  EXPECT_EQ(serve_gss_client({}).attributes & order, ULONG{ASC_RET_REPLAY_DETECT});
  EXPECT_EQ(serve_gss_client({"-seq"}).attributes & order, order);
  EXPECT_EQ(serve_gss_client({"-noreplay"}).attributes & order, 0U);
  EXPECT_EQ(serve_gss_client({"-nomutual"}).attributes & ASC_RET_MUTUAL_AUTH, 0U);
}

TEST_P(GssSample, sspi_client_talks_to_gss_server) {
  const GssServer server(world_.realm);
  const std::string output = run_or_throw({built_program("sspi-client"), "-p", package_, "localhost",
                                           std::to_string(server.port()), "host/localhost", "from sspi-client"},
                                          environment());
  EXPECT_NE(output.find("verified"), std::string::npos) << output;
  EXPECT_NE(output.find("alice@EXAMPLE.TEST"), std::string::npos) << output;
  await("gss-server's word of the message", [&] { return server.log().find("from sspi-client") != std::string::npos; });
}

TEST_P(GssSample, gss_client_talks_to_sspi_server) {
  for (const std::vector<std::string>& options : {std::vector<std::string>{"-mcount", "2"}, {"-nx"}, {"-nw"}}) {
    SspiServer server(package_, environment());
    const std::string output = run_gss_client(static_cast<std::uint16_t>(std::stoul(server.port())), options);
    EXPECT_NE(output.find("Signature verified."), std::string::npos) << output;
    EXPECT_EQ(server.wait(), 0) << server.log();
    EXPECT_NE(server.log().find("from gss-client"), std::string::npos) << server.log();
    EXPECT_NE(server.log().find("alice@EXAMPLE.TEST"), std::string::npos) << server.log();
  }
}

TEST_P(GssSample, sspi_client_talks_to_sspi_server) {
  SspiServer server(package_, environment());
  const std::string output = run_or_throw(
      {built_program("sspi-client"), "-p", package_, "localhost", server.port(), "host/localhost", "among ourselves"},
      environment());
  EXPECT_NE(output.find("verified"), std::string::npos) << output;
  EXPECT_EQ(server.wait(), 0) << server.log();
  EXPECT_NE(server.log().find("among ourselves"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace sspid::test
