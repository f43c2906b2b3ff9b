// MIT's example programs with gss-ntlmssp at the other end: NTLM by name, and as what a negotiation comes to without
// tickets.
#include <future>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

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

constexpr ULONG kSigned = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_INTEGRITY;

class GssSampleNtlm : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    realm_options().ntlm = true;
    ::setenv("KRB5CCNAME", ("FILE:" + world().realm.file("no-such-cache")).c_str(), 1);
  }

  [[nodiscard]] Environment environment() const {
    return with(world_.realm.environment(), {{"KRB5CCNAME", "FILE:" + world_.realm.file("no-such-cache")},
                                             {"SSPI_SOCKET", world_.daemon.socket()}});
  }

  // Quiet, or it insists on the names that a mechanism has, which gss-ntlmssp does not tell.
  void run_gss_client(const std::string& port, const std::vector<std::string>& options) const {
    std::vector<std::string> command{"gss-client", "-port", port, "-q"};
    command.insert(command.end(), options.begin(), options.end());
    if (package_ == "NTLM")
      command.insert(command.end(), {"-mech", "{ 1 3 6 1 4 1 311 2 2 10 }"});
    else
      command.emplace_back("-spnego");
    command.insert(command.end(), {"localhost", "host@localhost", "from gss-client"});
    run_or_throw(command, environment());
  }

  /// Runs gss-client against a server of libsspi's functions in this process.
  Served serve_gss_client(const std::vector<std::string>& options) {
    Credential inbound(package_, SECPKG_CRED_INBOUND);
    TcpListener listener;
    auto served = std::async(std::launch::async, [&] { return gss_sample::serve(listener.accept(), inbound); });
    run_gss_client(std::to_string(listener.port()), options);
    return served.get();
  }

  World& world_ = world();
  const std::string package_ = GetParam();
};

INSTANTIATE_TEST_SUITE_P(Package, GssSampleNtlm, ::testing::Values("NTLM", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(GssSampleNtlm, gss_server_opens_what_we_seal_and_we_verify_its_signature) {
  const GssServer server(world_.realm);
  Client client(server.port(), package_);
  EXPECT_EQ(client.context().package(), "NTLM");
  EXPECT_EQ(client.context().user_name(), "EXAMPLE\\alice");
  for (const Protection protection : {Protection::sealed, Protection::none})
    for (const std::size_t length : {1, 16, 1000, 100000})
      client.send_and_verify(random_bytes(length, length), protection);
  client.send_and_verify(bytes_of("a message in clear words"), Protection::sealed);
  client.end();
  EXPECT_NE(server.log().find("EXAMPLE\\alice"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("a message in clear words"), std::string::npos);
  EXPECT_EQ(server.log().find("not encrypted"), std::string::npos) << server.log();
}

TEST_P(GssSampleNtlm, gss_server_signs_what_we_send_in_clear_where_nothing_is_confidential) {
  const GssServer server(world_.realm);
  Client client(server.port(), package_, kSigned);
  for (const std::size_t length : {1, 16, 1000, 100000})
    client.send_and_verify(random_bytes(length, length), Protection::none);
  client.end();
  EXPECT_EQ(client.context().attributes() & ISC_RET_CONFIDENTIALITY, 0U);
}

// It never asks for confidentiality, and its messages are signed in clear: what gss_wrap of gss-ntlmssp makes of them
// is sealed all the same, which nobody has agreed to (see conformance/ntlm_test.cpp).
TEST_P(GssSampleNtlm, gss_client_verifies_our_signatures) {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"-nw", "-mcount", "3"}, {"-nw"}, {"-nw", "-seq"}}) {
    const Served served = serve_gss_client(options);
    EXPECT_EQ(served.messages, std::vector<std::string>(options.size() == 3 ? 3 : 1, "from gss-client"));
    EXPECT_EQ(served.client, "EXAMPLE\\alice");
    EXPECT_NE(served.attributes & ASC_RET_INTEGRITY, 0U);
    EXPECT_EQ(served.attributes & (ASC_RET_CONFIDENTIALITY | ASC_RET_MUTUAL_AUTH), 0U);
  }
}

TEST_P(GssSampleNtlm, gss_client_talks_to_sspi_server) {
  SspiServer server(package_, environment());
  run_gss_client(server.port(), {"-nw"});
  EXPECT_EQ(server.wait(), 0) << server.log();
  EXPECT_NE(server.log().find("from gss-client"), std::string::npos) << server.log();
  EXPECT_NE(server.log().find("EXAMPLE\\alice"), std::string::npos) << server.log();
}

// NTLM proves nothing of a server: our example insists on a proof.
TEST_P(GssSampleNtlm, sspi_client_does_not_talk_to_a_server_that_it_cannot_know) {
  const GssServer server(world_.realm);
  const Result result = run({built_program("sspi-client"), "-p", package_, "localhost", std::to_string(server.port()),
                             "host/localhost", "from sspi-client"},
                            environment());
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find("the server did not prove who it is"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace sspid::test
