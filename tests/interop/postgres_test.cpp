// PostgreSQL at the other end: authentication by GSS-API, and GSS encryption of all that is said.
#include "postgres.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "support/world.h"

namespace sspid::test {
namespace {

using Row = PostgresClient::Row;

class PostgresInterop : public ::testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<Postgres>(world().realm); }
  static void TearDownTestSuite() { server_.reset(); }

  // What the server knows of this connection.
  static std::vector<Row> connection(PostgresClient& client) {
    return client.query(
        "select gss_authenticated, encrypted, principal, current_user from pg_stat_gssapi where pid = "
        "pg_backend_pid()");
  }

  const std::string package_ = GetParam();
  static inline std::unique_ptr<Postgres> server_;
};

INSTANTIATE_TEST_SUITE_P(Package, PostgresInterop, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(PostgresInterop, authenticates_our_client) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  client.log_on("alice", "plain", &context);
  EXPECT_EQ(context.server_name(), "postgres/localhost@EXAMPLE.TEST");
  EXPECT_EQ(connection(client), (std::vector<Row>{{"t", "f", "alice@EXAMPLE.TEST", "alice"}}));
  client.end();
}

TEST_P(PostgresInterop, authenticates_a_user_by_password) {
  Identity bob("bob", "EXAMPLE.TEST", "bobpw");
  Credential outbound(package_, SECPKG_CRED_OUTBOUND, bob.ansi());
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  client.log_on("bob", "plain", &context);
  EXPECT_EQ(connection(client), (std::vector<Row>{{"t", "f", "bob@EXAMPLE.TEST", "bob"}}));
}

TEST_P(PostgresInterop, refuses_another_users_role) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  EXPECT_THROW(client.log_on("bob", "plain", &context), std::runtime_error);
}

TEST_P(PostgresInterop, encrypts_the_connection) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  client.encrypt(context);
  client.log_on("alice", "encrypted", nullptr);  // the context has said who this is
  EXPECT_EQ(connection(client), (std::vector<Row>{{"t", "t", "alice@EXAMPLE.TEST", "alice"}}));
  client.end();
}

TEST_P(PostgresInterop, encrypted_questions_and_answers_of_many_packets) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  client.encrypt(context);
  client.log_on("alice", "encrypted", nullptr);
  const std::string question(200'000, 'q');
  EXPECT_EQ(client.query("select length('" + question + "')"), (std::vector<Row>{{"200000"}}));
  const std::vector<Row> answer = client.query("select repeat('answer', 100000)");
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer[0][0].size(), 600'000U);
  EXPECT_TRUE(answer[0][0].ends_with("answeranswer"));
  EXPECT_EQ(client.query("select i from generate_series(1, 5000) as i").size(), 5000U);
  client.end();
}

TEST_P(PostgresInterop, database_that_wants_encryption_refuses_to_do_without) {
  Credential outbound(package_, SECPKG_CRED_OUTBOUND);
  SspiInitiator context(outbound, "postgres/localhost");
  PostgresClient client(server_->port());
  EXPECT_THROW(client.log_on("alice", "encrypted", &context), std::runtime_error);
}

}  // namespace
}  // namespace sspid::test
