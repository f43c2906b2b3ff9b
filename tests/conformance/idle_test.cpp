// E-186: what a client leaves half-done. Its own daemon, which waits a second only.
#include <ctime>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "calls.h"

namespace sspid::test {
namespace {

class Idle : public ::testing::Test {
 protected:
  Idle() { realm_.enter(); }

  Realm realm_;
  DaemonProcess daemon_{realm_.environment(), {"--half-open-seconds", "1"}};
};

// A server that waits for the third token of a client.
struct HalfOpen {
  HalfOpen(Credential& user, Credential& service)
      : client(user, asking(kUsualRequirements | ISC_REQ_USE_DCE_STYLE)), server(service) {
    third = client.step(server.step(client.step({}).token).token).token;
    if (server.status() != SEC_I_CONTINUE_NEEDED) throw std::runtime_error("not half open");
  }
  SspiInitiator client;
  SspiAcceptor server;
  Bytes third;
};

TEST_F(Idle, E_186_context_left_half_open_expires_and_a_finished_one_does_not) {
  Credential user("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential service("Kerberos", SECPKG_CRED_INBOUND);
  Pair finished(user, service);
  HalfOpen left(user, service);
  // Asking a context whether it has expired ends its being idle: each is asked once.
  std::vector<std::unique_ptr<HalfOpen>> younger;
  for (int i = 0; i < 100; ++i) younger.push_back(std::make_unique<HalfOpen>(user, service));
  std::time_t last_asked = 0;
  await("younger contexts to expire", [&] {
    if (std::time(nullptr) == last_asked || younger.empty()) return false;
    last_asked = std::time(nullptr);
    const std::unique_ptr<HalfOpen> asked = std::move(younger.back());
    younger.pop_back();
    asked->server.step(asked->third);
    return asked->server.status() == SEC_E_CONTEXT_EXPIRED;
  });

  left.server.step(left.third);
  EXPECT_STATUS(left.server.status(), SEC_E_CONTEXT_EXPIRED);
  CtxtHandle handle = *left.server.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  expect_messages_pass(finished.client, finished.server);
}

}  // namespace
}  // namespace sspid::test

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
