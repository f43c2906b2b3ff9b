// Who waits for a KDC keeps nobody else waiting: nobody of another identity, nor of its own. The KDC here takes
// requests and never answers, so that what is asked for meanwhile is done before the waiting ends, or not at all. How
// long it takes: bench/fairness.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "served.h"

namespace sspid::test {
namespace {

constexpr std::size_t kWaiting = 50;

class Fairness : public Served {
 protected:
  void SetUp() override {
    Served::SetUp();
    const auto service = [&](const std::string& name) {
      return '"' + name + "\": {" + socket(name + ".sock") + R"(, "initiate": {}, )" + keytab("") + "}";
    };
    start(service("same") + ", " + service("other"));
  }
  void TearDown() override {
    waiting_.clear();
    if (is_paused_) realm().continue_kdc();
  }

  /// Clients of a service, each with a context of its own and a ticket for more.
  struct Clients {
    Actor signer, acceptor, initiator;
  };
  [[nodiscard]] Clients clients_of(const std::string& service) const {
    Clients clients{actor(0, service), actor(0, service), actor(0, service)};
    for (Actor* each : {&clients.signer, &clients.acceptor}) {
      EXPECT_EQ(each->status("acquire Kerberos inbound"), "SEC_E_OK");
      EXPECT_TRUE(log_on_to(*each, "host@localhost").complete());
    }
    EXPECT_EQ(clients.initiator.status("acquire Kerberos outbound"), "SEC_E_OK");
    EXPECT_EQ(clients.initiator.status("initiate host/localhost"), "SEC_I_CONTINUE_NEEDED");
    return clients;
  }

  [[nodiscard]] std::size_t waiting_calls() const {
    const Result metrics =
        run({built_program("sspictl"), "--socket", daemon_->socket(), "metrics"}, base_environment());
    const std::string line = "sspid_waiting_calls{identity=\"service same\"} ";
    const std::size_t at = metrics.output.find(line);
    return at == std::string::npos ? 0 : std::stoul(metrics.output.substr(at + line.size()));
  }

  void let_clients_wait() {
    realm().pause_kdc();
    is_paused_ = true;
    for (std::size_t i = 0; i < kWaiting; ++i) {
      waiting_.push_back(actor(0, "same.sock"));
      ASSERT_EQ(waiting_.back().status("acquire Kerberos outbound"), "SEC_E_OK");
      waiting_.back().tell("initiate ldap/localhost");
    }
    await("all of them to wait", [&] { return waiting_calls() == kWaiting; });
  }

  void expect_that_all_still_wait() const {
    EXPECT_TRUE(std::none_of(waiting_.begin(), waiting_.end(), [](const Actor& each) { return each.has_answered(); }));
  }

  static void expect_to_be_served(Clients& clients) {
    EXPECT_EQ(clients.signer.status("sign text"), "SEC_E_OK");
    EXPECT_TRUE(log_on_to(clients.acceptor, "host@localhost").complete());
    EXPECT_EQ(clients.initiator.status("initiate host/localhost"), "SEC_I_CONTINUE_NEEDED");
  }

  std::vector<Actor> waiting_;
  bool is_paused_ = false;
};

TEST_F(Fairness, fifty_clients_that_wait_for_a_kdc_keep_nobody_of_their_own_identity_waiting) {
  Clients same = clients_of("same.sock");
  let_clients_wait();
  expect_to_be_served(same);
  expect_that_all_still_wait();
}

TEST_F(Fairness, fifty_clients_that_wait_for_a_kdc_keep_no_other_identity_waiting) {
  Clients other = clients_of("other.sock");
  let_clients_wait();
  expect_to_be_served(other);
  expect_that_all_still_wait();
}

// A client that never waits for an answer, and one beside it.
TEST_F(Fairness, connection_full_of_requests_keeps_no_other_waiting) {
  Clients same = clients_of("same.sock"), other = clients_of("other.sock");
  std::vector<Actor> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(actor(0, "same.sock"));
    ASSERT_EQ(busy.back().status("acquire Kerberos inbound"), "SEC_E_OK");
    ASSERT_TRUE(log_on_to(busy.back(), "host@localhost").complete());
    busy.back().tell("sign-on-and-on text");
  }
  expect_to_be_served(same);
  expect_to_be_served(other);
  EXPECT_TRUE(std::none_of(busy.begin(), busy.end(), [](const Actor& each) { return each.has_answered(); }));
}

}  // namespace
}  // namespace sspid::test
