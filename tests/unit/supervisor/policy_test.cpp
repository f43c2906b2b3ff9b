// Who a peer may be: the table of which claim is judged how.
#include "daemon/supervisor/policy.h"

#include <gtest/gtest.h>

namespace sspid::supervisor {
namespace {

using Kind = Identity::Kind;

Configuration configuration(const char* text) { return parse_configuration(text, "test.json"); }

std::string identity_of(const Configuration& configuration, const Claim& claim) {
  const Verdict verdict = judge(configuration, claim, 0);
  return verdict.identity ? verdict.identity->text() : "nobody by " + verdict.rule;
}

TEST(Policy, without_services_or_users_serves_the_user_that_runs_it) {
  const Configuration none;
  EXPECT_EQ(judge(none, {{.uid = 1000, .gid = 7, .pid = 42}}, 1000).identity, Identity{});
  EXPECT_EQ(judge(none, {{.uid = 0, .gid = 0, .pid = 42}}, 0).identity, Identity{});
}

TEST(Policy, without_services_or_users_serves_nobody_else) {
  const Configuration none;
  EXPECT_FALSE(judge(none, {{.uid = 1001, .gid = 1000, .pid = 42}}, 1000).identity);
  EXPECT_FALSE(judge(none, {{.uid = 0, .gid = 0, .pid = 42}}, 1000).identity) << "root is not the user";
  EXPECT_FALSE(judge(none, {{.uid = 1000, .gid = 0, .pid = 42}}, 0).identity) << "a user is not root";
}

TEST(Policy, users_are_themselves) {
  const auto policy = configuration(R"({"users": {}})");
  EXPECT_EQ(identity_of(policy, {{.uid = 1000}}), "user 1000");
  EXPECT_EQ(identity_of(policy, {{.uid = 0}}), "user 0");
  EXPECT_EQ(identity_of(configuration(R"({"users": {"serve": false}})"), {{.uid = 1000}}), "nobody by users.serve");
}

TEST(Policy, service_is_matched_by_user_or_group) {
  const auto policy =
      configuration(R"({"services": {"web": {"match": {"user": "33"}}, "mail": {"match": {"group": "8"}}}})");
  EXPECT_EQ(identity_of(policy, {{.uid = 33, .gid = 1}}), "service web");
  EXPECT_EQ(identity_of(policy, {{.uid = 34, .gid = 8}}), "service mail");
  EXPECT_EQ(identity_of(policy, {{.uid = 34, .gid = 1}, {5, 8}}), "service mail") << "a supplementary group";
  EXPECT_EQ(identity_of(policy, {{.uid = 34, .gid = 33}}), "user 34");
}

TEST(Policy, all_conditions_must_hold) {
  const auto policy = configuration(
      R"({"services": {"web": {"match": {"user": "33", "unit": "apache2.service", "executable": "/usr/sbin/apache2"}}}})");
  const Peer apache{.uid = 33, .gid = 33, .pid = 1, .unit = "apache2.service", .executable = "/usr/sbin/apache2"};
  EXPECT_EQ(identity_of(policy, {apache}), "service web");
  Peer other = apache;
  other.unit = "cron.service";
  EXPECT_EQ(identity_of(policy, {other}), "user 33");
  other = apache;
  other.executable = "/usr/bin/apache2";
  EXPECT_EQ(identity_of(policy, {other}), "user 33");
  other = apache;
  other.uid = 34;
  EXPECT_EQ(identity_of(policy, {other}), "user 34");
}

TEST(Policy, what_the_kernel_cannot_tell_narrows_to_nobody) {
  const auto policy = configuration(R"({"services": {"web": {"match": {"user": "33", "unit": "apache2.service"}}}})");
  EXPECT_EQ(identity_of(policy, {{.uid = 33, .gid = 33, .pid = 0}}), "user 33");
}

TEST(Policy, own_socket_is_for_its_service_only) {
  const auto policy = configuration(R"({"services": {
      "app": {"socket": "/run/app.sock"},
      "web": {"socket": "/run/web.sock", "match": {"user": "33"}}}})");
  EXPECT_EQ(identity_of(policy, {{.uid = 12345}, {}, "app"}), "service app");
  EXPECT_EQ(identity_of(policy, {{.uid = 33}, {}, "web"}), "service web");
  EXPECT_EQ(identity_of(policy, {{.uid = 34}, {}, "web"}), "nobody by services.web.match") << "never a user there";
  EXPECT_EQ(identity_of(policy, {{.uid = 12345}}), "user 12345") << "the other socket is everybody's";
  EXPECT_EQ(identity_of(policy, {{.uid = 33}}), "service web");
}

TEST(Policy, service_told_by_unit_and_its_own_socket_is_never_told_by_unit_alone) {
  const auto policy =
      configuration(R"({"services": {"app": {"socket": "/run/app.sock", "match": {"unit": "app.service"}}}})");
  const Peer peer{.uid = 5, .gid = 5, .pid = 1, .unit = "app.service"};
  EXPECT_EQ(identity_of(policy, {peer, {}, "app"}), "service app");
  EXPECT_EQ(identity_of(policy, {peer}), "user 5");
}

TEST(Policy, first_service_by_name_wins) {
  const auto policy = configuration(R"({"services": {"b": {"match": {"user": "5"}}, "a": {"match": {"group": "5"}}}})");
  EXPECT_EQ(identity_of(policy, {{.uid = 5, .gid = 5}}), "service a");
}

TEST(Policy, socket_of_a_service_that_is_gone_serves_nobody) {
  EXPECT_EQ(identity_of(configuration(R"({"users": {}})"), {{.uid = 5}, {}, "gone"}), "nobody by services.gone");
}

}  // namespace
}  // namespace sspid::supervisor
