// MIT's example programs with every encryption type.
#include <future>
#include <string>

#include <gtest/gtest.h>

#include "gss_sample_ends.h"
#include "support/enctype_world.h"

namespace sspid::test {
namespace {

using gss_sample::Client;
using gss_sample::GssServer;
using Protection = Client::Protection;

class GssSampleEnctypes : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Enctype, GssSampleEnctypes,
                         ::testing::Values("aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96",
                                           "aes128-cts-hmac-sha256-128", "aes256-cts-hmac-sha384-192", "arcfour-hmac"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           for (char& c : name)
                             if (c == '-') c = '_';
                           return name;
                         });

TEST_P(GssSampleEnctypes, gss_server_and_gss_client) {
  EnctypeWorld world(GetParam());
  const GssServer server(world.realm);
  for (const char* package : {"Kerberos", "Negotiate"}) {
    Client client(server.port(), package);
    for (const Protection protection : {Protection::sealed, Protection::integrity, Protection::none})
      for (const std::size_t length : {1, 1000, 100000})
        client.send_and_verify(random_bytes(length, length), protection);
    client.end();

    Credential inbound(package, SECPKG_CRED_INBOUND);
    for (const std::vector<std::string>& options : {std::vector<std::string>{"-q"}, {"-q", "-nx"}, {"-q", "-nw"}}) {
      TcpListener listener;
      auto served = std::async(std::launch::async, [&] { return gss_sample::serve(listener.accept(), inbound); });
      std::vector<std::string> command{"gss-client", "-port", std::to_string(listener.port())};
      command.insert(command.end(), options.begin(), options.end());
      if (std::string(package) == "Negotiate") command.emplace_back("-spnego");
      command.insert(command.end(), {"localhost", "host@localhost", "from gss-client"});
      run_or_throw(command, world.realm.environment());
      EXPECT_EQ(served.get().messages, std::vector<std::string>(1, "from gss-client"));
    }
  }
  EXPECT_EQ(server.log().find("not encrypted"), std::string::npos) << server.log();
}

}  // namespace
}  // namespace sspid::test
