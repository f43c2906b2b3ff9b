// Section E: handles, what they name and how long, and what stays when a process goes.
#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "proto/descriptor.h"
#include "support/sanitizers.h"

namespace sspid::test {
namespace {

class Handles : public EachPackage {
 protected:
  Credential user_ = outbound();
  Credential service_ = inbound();
};

// What every function says of a handle of a context.
struct Answers {
  std::vector<std::pair<const char*, SECURITY_STATUS>> all;
};

Answers ask_everything(CtxtHandle handle, Credential& user, Credential& service) {
  Answers answers;
  const auto add = [&](const char* function, SECURITY_STATUS status) { answers.all.emplace_back(function, status); };
  Buffers token;
  token.add(SECBUFFER_TOKEN, random_bytes(60));
  Buffers output;
  output.room(SECBUFFER_TOKEN, 4096);
  Buffers message;
  message.add(SECBUFFER_DATA, bytes_of("text")).room(SECBUFFER_TOKEN, 60).room(SECBUFFER_PADDING, 0);
  SecPkgContext_Sizes sizes{};
  CtxtHandle next{1, 2};
  add("InitializeSecurityContext", initialize({.credential = user.get(),
                                               .context = &handle,
                                               .input = token.get(),
                                               .new_context = &next,
                                               .output = output.get()}));
  add("AcceptSecurityContext", accept({.credential = service.get(),
                                       .context = &handle,
                                       .input = token.get(),
                                       .new_context = &next,
                                       .output = output.get()}));
  add("CompleteAuthToken", CompleteAuthToken(&handle, token.get()));
  add("ApplyControlToken", ApplyControlToken(&handle, token.get()));
  add("QueryContextAttributesA", QueryContextAttributesA(&handle, SECPKG_ATTR_SIZES, &sizes));
  add("QueryContextAttributesW", QueryContextAttributesW(&handle, SECPKG_ATTR_SIZES, &sizes));
  add("QueryContextAttributesExA", QueryContextAttributesExA(&handle, SECPKG_ATTR_SIZES, &sizes, sizeof sizes));
  add("QueryContextAttributesExW", QueryContextAttributesExW(&handle, SECPKG_ATTR_SIZES, &sizes, sizeof sizes));
  add("SetContextAttributesA", SetContextAttributesA(&handle, SECPKG_ATTR_SIZES, &sizes, sizeof sizes));
  add("SetContextAttributesW", SetContextAttributesW(&handle, SECPKG_ATTR_SIZES, &sizes, sizeof sizes));
  add("MakeSignature", MakeSignature(&handle, 0, message.get(), 0));
  add("VerifySignature", VerifySignature(&handle, message.get(), 0, nullptr));
  add("EncryptMessage", EncryptMessage(&handle, 0, message.get(), 0));
  add("DecryptMessage", DecryptMessage(&handle, message.get(), 0, nullptr));
  return answers;
}

void expect_invalid(const CtxtHandle& handle, Credential& user, Credential& service) {
  for (const auto& [function, status] : ask_everything(handle, user, service).all)
    EXPECT_EQ(status, SEC_E_INVALID_HANDLE) << function << " says " << status_name(status);
}

constexpr ULONG_PTR kAllOnes = static_cast<ULONG_PTR>(-1);

TEST_P(Handles, E_131_handle_that_names_nothing_is_invalid_for_every_function) {
  expect_invalid({kAllOnes, kAllOnes}, user_, service_);
  expect_invalid({0, 0}, user_, service_);
  expect_invalid({4711, 0x123456789ABCDEF0}, user_, service_);
}

TEST_P(Handles, E_131_pointer_to_no_handle_is_invalid_too) {
  SecPkgContext_Sizes sizes{};
  Buffers message;
  message.add(SECBUFFER_DATA, bytes_of("text")).room(SECBUFFER_TOKEN, 60);
  EXPECT_STATUS(QueryContextAttributesW(nullptr, SECPKG_ATTR_SIZES, &sizes), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(MakeSignature(nullptr, 0, message.get(), 0), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(EncryptMessage(nullptr, 0, message.get(), 0), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(DeleteSecurityContext(nullptr), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(FreeCredentialsHandle(nullptr), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(QueryCredentialsAttributesW(nullptr, SECPKG_CRED_ATTR_NAMES, &sizes), SEC_E_INVALID_HANDLE);
}

TEST_P(Handles, E_132_deleting_twice_is_no_error) {
  Pair pair(user_, service_);
  CtxtHandle handle = *pair.client.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  EXPECT_EQ(handle.dwLower, SEC_DELETED_HANDLE);
  EXPECT_EQ(handle.dwUpper, SEC_DELETED_HANDLE);
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
}

TEST_P(Handles, E_132_a_copy_of_the_variable_is_not_the_same_variable) {
  Pair pair(user_, service_);
  CtxtHandle handle = *pair.client.get();
  CtxtHandle copy = handle;
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  EXPECT_STATUS(DeleteSecurityContext(&copy), SEC_E_INVALID_HANDLE);
}

TEST_P(Handles, E_133_deleting_what_never_was_is_an_error) {
  CtxtHandle random{0x1122334455667788, 0x99AABBCCDDEEFF00};
  EXPECT_STATUS(DeleteSecurityContext(&random), SEC_E_INVALID_HANDLE);
  CtxtHandle zero{0, 0};
  EXPECT_STATUS(DeleteSecurityContext(&zero), SEC_E_INVALID_HANDLE);
  // A handle with another tag is a guess.
  Pair pair(user_, service_);
  CtxtHandle guess = *pair.client.get();
  guess.dwUpper ^= 1;
  EXPECT_STATUS(DeleteSecurityContext(&guess), SEC_E_INVALID_HANDLE);
  expect_messages_pass(pair.client, pair.server);
}

TEST_P(Handles, E_134_half_built_failed_and_rejected_contexts_can_be_deleted) {
  SspiInitiator half_built(user_, kTarget);
  half_built.step({});
  CtxtHandle handle = *half_built.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  expect_invalid(*half_built.get(), user_, service_);

  SspiInitiator failed(user_, kTarget);
  failed.step({});
  failed.step(random_bytes(50));
  ASSERT_STATUS(failed.status(), SEC_E_INVALID_TOKEN);
  handle = *failed.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  expect_invalid(*failed.get(), user_, service_);

  SspiInitiator client(user_, asking(kUsualRequirements | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor rejecting(service_);
  rejecting.step(client.step({}).token);
  rejecting.step(random_bytes(50));
  ASSERT_LT(rejecting.status(), 0);
  handle = *rejecting.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  expect_invalid(*rejecting.get(), user_, service_);
}

TEST_P(Handles, E_135_deleted_context_is_invalid_for_every_function) {
  Pair pair(user_, service_);
  CtxtHandle handle = *pair.client.get();
  EXPECT_STATUS(DeleteSecurityContext(&handle), SEC_E_OK);
  expect_invalid(*pair.client.get(), user_, service_);
  expect_invalid(handle, user_, service_);  // what the library wrote into the variable
}

TEST_P(Handles, E_136_second_release_of_a_credential_is_an_error) {
  Credential credential = outbound();
  CredHandle handle = *credential.get();
  EXPECT_STATUS(FreeCredentialsHandle(&handle), SEC_E_OK);
  EXPECT_EQ(handle.dwLower, SEC_DELETED_HANDLE);
  EXPECT_STATUS(FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
  EXPECT_STATUS(FreeCredentialsHandle(credential.get()), SEC_E_INVALID_HANDLE);
  SecPkgCredentials_NamesW names{};
  EXPECT_STATUS(QueryCredentialsAttributesW(credential.get(), SECPKG_CRED_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE);
  OwnedContext context;
  EXPECT_STATUS(initialize({.credential = credential.get(), .new_context = context.get()}), SEC_E_INVALID_HANDLE);
}

TEST_P(Handles, E_137_handles_of_one_kind_are_nothing_as_the_other) {
  Pair pair(user_, service_);
  expect_invalid(*user_.get(), user_, service_);
  CtxtHandle credential_as_context = *user_.get();
  EXPECT_STATUS(DeleteSecurityContext(&credential_as_context), SEC_E_INVALID_HANDLE);
  CredHandle context_as_credential = *pair.client.get();
  EXPECT_STATUS(FreeCredentialsHandle(&context_as_credential), SEC_E_INVALID_HANDLE);
  OwnedContext context;
  EXPECT_STATUS(initialize({.credential = pair.client.get(), .new_context = context.get()}), SEC_E_INVALID_HANDLE);
  SecPkgCredentials_NamesW names{};
  EXPECT_STATUS(QueryCredentialsAttributesW(pair.client.get(), SECPKG_CRED_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE);
  expect_messages_pass(pair.client, pair.server);
  EXPECT_EQ(user_.name(), realm_.qualified("alice"));
}

TEST_P(Handles, E_138_failed_first_leg_leaves_nothing_to_delete) {
  CtxtHandle context{1, 2};
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  EXPECT_STATUS(
      initialize(
          {.credential = user_.get(), .target = "nosuch/localhost", .new_context = &context, .output = output.get()}),
      SEC_E_TARGET_UNKNOWN);
  EXPECT_TRUE(is_invalidated(context));
  EXPECT_STATUS(DeleteSecurityContext(&context), SEC_E_INVALID_HANDLE);
}

TEST_P(Handles, E_139_failed_later_leg_leaves_a_handle_to_delete) {
  OwnedContext context;
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  ASSERT_STATUS(initialize({.credential = user_.get(), .new_context = context.get(), .output = output.get()}),
                SEC_I_CONTINUE_NEEDED);
  const CtxtHandle before = *context.get();
  Buffers garbage;
  garbage.add(SECBUFFER_TOKEN, random_bytes(50));
  EXPECT_STATUS(initialize({.credential = user_.get(),
                            .context = context.get(),
                            .input = garbage.get(),
                            .new_context = context.get(),
                            .output = output.get()}),
                SEC_E_INVALID_TOKEN);
  EXPECT_EQ(context.get()->dwLower, before.dwLower);
  EXPECT_EQ(context.get()->dwUpper, before.dwUpper);
  EXPECT_STATUS(DeleteSecurityContext(context.get()), SEC_E_OK);
}

TEST_P(Handles, E_170_nothing_is_left_to_complete_in_any_context) {
  Pair pair(user_, service_);
  SspiInitiator half_built(user_, kTarget);
  half_built.step({});
  for (SspiContext* context : {static_cast<SspiContext*>(&pair.client), static_cast<SspiContext*>(&pair.server),
                               static_cast<SspiContext*>(&half_built)}) {
    Buffers token;
    token.add(SECBUFFER_TOKEN, random_bytes(20));
    EXPECT_STATUS(CompleteAuthToken(context->get(), token.get()), SEC_E_OK);
    EXPECT_STATUS(CompleteAuthToken(context->get(), nullptr), SEC_E_OK);
    EXPECT_EQ(token.bytes(0), random_bytes(20));
  }
  expect_messages_pass(pair.client, pair.server);
}

TEST_P(Handles, E_171_control_tokens_and_settable_attributes_are_for_TLS) {
  Pair pair(user_, service_);
  Buffers token;
  token.add(SECBUFFER_TOKEN, random_bytes(20));
  SecPkgContext_Flags flags{};
  EXPECT_STATUS(ApplyControlToken(pair.client.get(), token.get()), SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(SetContextAttributesW(pair.client.get(), SECPKG_ATTR_FLAGS, &flags, sizeof flags),
                SEC_E_UNSUPPORTED_FUNCTION);
  EXPECT_STATUS(SetContextAttributesA(pair.server.get(), SECPKG_ATTR_FLAGS, &flags, sizeof flags),
                SEC_E_UNSUPPORTED_FUNCTION);
  expect_messages_pass(pair.client, pair.server);
}

// ---- Processes

TEST_P(Handles, E_140_child_of_another_user_does_not_join_the_session) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Pair pair(user_, service_);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // Nothing of the parent may run in here: no destructor, no listener of the test.
    if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
    SecPkgContext_Sizes sizes{};
    const SECURITY_STATUS status = QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_SIZES, &sizes);
    ::_exit(status == SEC_E_INVALID_HANDLE ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  expect_messages_pass(pair.client, pair.server);
}

TEST_P(Handles, E_141_handles_of_before_a_restart_are_invalid_and_new_ones_work) {
  Pair pair(user_, service_);
  world_.daemon.restart();
  Credential user = outbound();
  Credential service = inbound();
  expect_invalid(*pair.client.get(), user, service);
  CtxtHandle context = *pair.server.get();
  EXPECT_STATUS(DeleteSecurityContext(&context), SEC_E_INVALID_HANDLE);
  CredHandle credential = *user_.get();
  EXPECT_STATUS(FreeCredentialsHandle(&credential), SEC_E_INVALID_HANDLE);
  Pair new_pair(user, service);
  expect_messages_pass(new_pair.client, new_pair.server);
}

TEST_P(Handles, E_142_without_a_daemon_a_call_fails_after_a_bounded_time) {
  world_.daemon.stop();
  const auto asked = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> command{built_program("conformance_program")};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command,
               with(realm_.environment(), {{"SSPI_SOCKET", world_.daemon.socket()}, {"SSPI_CONNECT_TIMEOUT", "1"}}))
        .output;
  };
  EXPECT_EQ(asked({"acquire", GetParam(), "outbound"}), status_name(SEC_E_INTERNAL_ERROR) + '\n');
  EXPECT_EQ(asked({"enumerate"}), status_name(SEC_E_INTERNAL_ERROR) + '\n');
  // This process had a session: it notices that it is gone, and does no better.
  const Variable patience("SSPI_CONNECT_TIMEOUT", "0");
  const Acquired acquired({.package = GetParam()});
  EXPECT_STATUS(acquired.status, SEC_E_INTERNAL_ERROR);
  EXPECT_STATUS(acquired.status, SEC_E_NO_SPM);
  EXPECT_TRUE(is_invalidated(acquired.handle));
  world_.daemon.start();
  EXPECT_STATUS(Acquired({.package = GetParam()}).status, SEC_E_OK);
}

TEST_P(Handles, E_144_handles_are_not_used_again_and_leave_nothing_behind) {
  const int rounds = is_sanitized() ? 1'000 : 50'000;  // for each package
  std::set<std::pair<ULONG_PTR, ULONG_PTR>> seen;
  std::set<ULONG_PTR> ids;
  const auto round = [&] {
    const Acquired acquired({.package = GetParam(), .use = SECPKG_CRED_INBOUND});
    ASSERT_STATUS(acquired.status, SEC_E_OK);
    seen.emplace(acquired.handle.dwLower, acquired.handle.dwUpper);
    ids.insert(acquired.handle.dwLower);
  };
  for (int i = 0; i < rounds / 10; ++i) round();
  const std::size_t before = private_memory(world_.daemon.worker());
  for (int i = 0; i < rounds; ++i) round();
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(rounds + rounds / 10));
  EXPECT_EQ(ids.size(), seen.size());
  if (is_sanitized()) return;  // they keep freed memory for a while, to catch its use
  constexpr std::size_t kUnsteady = std::size_t{1} << 20;
  await("memory to come back", [&] { return private_memory(world_.daemon.worker()) < before + kUnsteady; });
}

// ---- A connection that is closed before Hello is answered

/// Closes the first connection unread, and passes all bytes of later ones to the daemon and back.
class ClosingRelay {
 public:
  explicit ClosingRelay(std::string daemon) : daemon_(std::move(daemon)) {
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(path());
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 8) != 0)
      throw std::runtime_error("cannot listen at " + path());
    thread_ = std::thread([this] { serve(); });
  }
  ~ClosingRelay() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    for (std::thread& each : pumps_) each.join();
  }
  [[nodiscard]] std::string path() const { return directory_.file("sock"); }
  [[nodiscard]] int closed() const { return closed_; }

 private:
  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
  }

  static void pump(int from, int to) {
    char bytes[4096];
    ssize_t got = 0;
    while ((got = ::read(from, bytes, sizeof bytes)) > 0)
      if (::write(to, bytes, static_cast<std::size_t>(got)) != got) break;
    ::shutdown(to, SHUT_WR);
  }

  void serve() {
    for (;;) {
      auto client = std::make_shared<proto::Descriptor>(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!*client) return;
      if (closed_++ == 0) continue;
      auto server = std::make_shared<proto::Descriptor>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const sockaddr_un address = address_of(daemon_);
      if (::connect(server->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) continue;
      pumps_.emplace_back([client, server] { pump(client->get(), server->get()); });
      pumps_.emplace_back([client, server] { pump(server->get(), client->get()); });
    }
  }

  const std::string daemon_;
  Directory directory_;
  proto::Descriptor listener_;
  std::atomic<int> closed_{0};
  std::vector<std::thread> pumps_;
  std::thread thread_;
};

TEST_P(Handles, E_189_connection_closed_before_Hello_is_answered_is_tried_once_more) {
  const ClosingRelay relay(world_.daemon.socket());
  const Result result = run({built_program("conformance_program"), "acquire", GetParam(), "inbound"},
                            with(realm_.environment(), {{"SSPI_SOCKET", relay.path()}}));
  EXPECT_EQ(result.output, status_name(SEC_E_OK) + '\n');
  EXPECT_GT(relay.closed(), 1);
}

FOR_EACH_PACKAGE(Handles);

}  // namespace
}  // namespace sspid::test
