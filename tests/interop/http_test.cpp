// HTTP's Negotiate with programs that are not ours: Apache's mod_auth_gssapi as the server, curl as the client.
#include "http.h"

#include <future>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "apache_server.h"
#include "support/sspi_peer.h"
#include "support/world.h"

namespace sspid::test {
namespace {

class Apache : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<ApacheServer>(world().realm); }
  static void TearDownTestSuite() { server_.reset(); }

  const std::string package_ = GetParam();
  static inline std::unique_ptr<ApacheServer> server_;
};

INSTANTIATE_TEST_SUITE_P(Package, Apache, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

// Logs on to a page and returns the answer to the last token.
http::Message log_on(TcpStream& stream, const std::string& page, SspiInitiator& client) {
  Leg leg = client.step({});
  for (;;) {
    http::get(stream, page, leg.token);
    http::Message answer = http::receive(stream);
    const std::optional<Bytes> token = answer.negotiate_token("www-authenticate");
    if (leg.state != Leg::State::more || !token) return answer;
    leg = client.step(*token);
    if (leg.token.empty()) return answer;
  }
}

TEST_P(Apache, asks_for_negotiate) {
  TcpStream stream(server_->port());
  http::get(stream, "/negotiate/");
  const http::Message answer = http::receive(stream);
  EXPECT_EQ(answer.first_line, "HTTP/1.1 401 Unauthorized");
  EXPECT_EQ(answer.field("www-authenticate"), "Negotiate");
}

TEST_P(Apache, authenticates_our_client_and_itself) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  for (const char* page : {"/negotiate/", "/krb5/"}) {
    SspiInitiator client(outbound, "HTTP/localhost");
    TcpStream stream(server_->port());
    const http::Message answer = log_on(stream, page, client);
    EXPECT_EQ(answer.first_line, "HTTP/1.1 200 OK") << server_->log();
    EXPECT_EQ(answer.field("x-remote-user"), "alice@EXAMPLE.TEST");
    EXPECT_TRUE(answer.body.starts_with("hello ")) << answer.body;
    EXPECT_STATUS(client.status(), SEC_E_OK);
    EXPECT_TRUE(client.attributes() & ISC_RET_MUTUAL_AUTH);
    EXPECT_EQ(client.server_name(), "HTTP/localhost@EXAMPLE.TEST");
    EXPECT_EQ(client.package(), "Kerberos");
  }
}

TEST_P(Apache, authenticates_a_user_by_password) {
  Identity bob("bob", "EXAMPLE.TEST", "bobpw");
  Credential outbound(package_, SECPKG_CRED_OUTBOUND, bob.unicode());
  SspiInitiator client(outbound, "HTTP/localhost");
  TcpStream stream(server_->port());
  const http::Message answer = log_on(stream, "/negotiate/", client);
  EXPECT_EQ(answer.first_line, "HTTP/1.1 200 OK") << server_->log();
  EXPECT_EQ(answer.field("x-remote-user"), "bob@EXAMPLE.TEST");
}

TEST_P(Apache, altered_proof_of_the_server_is_refused) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator client(outbound, "HTTP/localhost");
  TcpStream stream(server_->port());
  http::get(stream, "/negotiate/", client.step({}).token);
  const std::optional<Bytes> proof = http::receive(stream).negotiate_token("www-authenticate");
  ASSERT_TRUE(proof);
  EXPECT_EQ(client.step(with_flipped_bit(*proof, proof->size() / 2)).state, Leg::State::failed);
}

// A server made of libsspi's functions: until the client has logged on it answers 401.
std::string serve(TcpStream stream, Credential& inbound) {
  SspiAcceptor server(inbound);
  for (;;) {
    const http::Message request = http::receive(stream);
    const std::optional<Bytes> token = request.negotiate_token("authorization");
    if (!token) {
      http::answer(stream, "401 Unauthorized", "WWW-Authenticate: Negotiate\r\n", "");
      continue;
    }
    const Leg leg = server.step(*token);
    const std::string field = http::negotiate_field("WWW-Authenticate", leg.token);
    if (leg.state == Leg::State::failed) throw std::runtime_error(leg.status);
    if (leg.state == Leg::State::done) {
      http::answer(stream, "200 OK", field, "hello " + server.client_name());
      return server.client_name();
    }
    http::answer(stream, "401 Unauthorized", field, "");
  }
}

TEST(Curl, negotiates_with_our_server) {
  const Environment environment = world().realm.environment();
  Credential inbound("Negotiate", SECPKG_CRED_INBOUND);
  TcpListener listener;
  auto served = std::async(std::launch::async, [&] { return serve(listener.accept(), inbound); });
  const std::string output =
      run_or_throw({"curl", "-q", "--silent", "--show-error", "--fail", "--noproxy", "*", "--negotiate", "--user", ":",
                    "http://localhost:" + std::to_string(listener.port()) + "/"},
                   environment);
  EXPECT_EQ(output, "hello alice@EXAMPLE.TEST");
  EXPECT_EQ(served.get(), "alice@EXAMPLE.TEST");
}

}  // namespace
}  // namespace sspid::test
