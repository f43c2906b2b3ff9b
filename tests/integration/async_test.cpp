// Asynchronous calls with a real daemon and a real KDC. All of a test runs on its one thread.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sspi_ext.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "context_pair.h"
#include "raw_client.h"
#include "support/world.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr ULONG kRequirements =
    ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
constexpr std::size_t kMostToken = 64'000;

struct FreeAsync {
  void operator()(SspiAsyncContext* context) const { SspiFreeAsyncContext(context); }
};
using Async = std::unique_ptr<SspiAsyncContext, FreeAsync>;

std::size_t threads_of(pid_t process) {
  const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(process) + "/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

void poll_or_throw(std::vector<pollfd>& watched) {
  const int patience = static_cast<int>(std::chrono::milliseconds(kPatience).count());
  if (::poll(watched.data(), watched.size(), patience) < 1) throw std::runtime_error("no descriptor is ready");
}

/// Waits for one call.
SECURITY_STATUS ended(const Async& async, SECURITY_STATUS started) {
  must("starting", started);
  for (;;) {
    const SECURITY_STATUS status = SspiGetAsyncCallStatus(async.get());
    if (status != SEC_I_ASYNC_CALL_PENDING) return status;
    std::vector<pollfd> watched{{.fd = SspiGetAsyncDescriptor(async.get()), .events = POLLIN, .revents = 0}};
    poll_or_throw(watched);
  }
}

/// A timer of the program's own, beside the calls in its event loop.
class Ticker {
 public:
  Ticker() : timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
    itimerspec often{};
    often.it_interval.tv_nsec = often.it_value.tv_nsec = 1'000'000;
    timerfd_settime(timer_.get(), 0, &often, nullptr);
  }
  [[nodiscard]] int descriptor() const { return timer_.get(); }
  [[nodiscard]] std::size_t ticks() const { return ticks_; }
  void handle() {
    std::uint64_t expirations = 0;
    if (::read(timer_.get(), &expirations, sizeof expirations) == sizeof expirations) ++ticks_;
  }

 private:
  proto::Descriptor timer_;
  std::size_t ticks_ = 0;
};

/// Both ends of one context, establishing it by asynchronous calls that call back.
class Logon {
 public:
  Logon(Credential& outbound, Credential& inbound, std::string target)
      : outbound_(outbound), inbound_(inbound), target_(std::move(target)), async_(SspiCreateAsyncContext()) {
    SspiSetAsyncNotifyCallback(
        async_.get(), [](SspiAsyncContext*, void* logon) { static_cast<Logon*>(logon)->leg_ended(); }, this);
  }
  Logon(const Logon&) = delete;
  Logon& operator=(const Logon&) = delete;
  ~Logon() {
    async_.reset();
    if (client_.known) DeleteSecurityContext(&client_.context);
    if (server_.known) DeleteSecurityContext(&server_.context);
  }

  void start() { call_client(); }
  /// Whether the call was in flight, and is not any more.
  bool cancel() {
    cancelled_ = true;
    if (SspiCancelAsyncCall(async_.get())) return true;
    (void)SspiDispatchAsyncCall(async_.get());  // it has ended meanwhile
    return false;
  }
  [[nodiscard]] SspiAsyncContext* async() const { return async_.get(); }
  [[nodiscard]] bool is_complete() const { return client_.done && server_.done; }
  [[nodiscard]] bool is_pending() { return SspiGetAsyncCallStatus(async_.get()) == SEC_I_ASYNC_CALL_PENDING; }
  [[nodiscard]] std::size_t legs() const { return legs_; }
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] ULONG client_attributes() const { return client_.attributes; }
  [[nodiscard]] ULONG server_attributes() const { return server_.attributes; }

 private:
  struct End {
    CtxtHandle context{};
    bool known = false;
    bool done = false;
    ULONG attributes = 0;
    Bytes memory = Bytes(kMostToken);
    SecBuffer out{};
    SecBufferDesc output{};
  };

  PSecBufferDesc room(End& end) {
    end.out = {static_cast<ULONG>(end.memory.size()), SECBUFFER_TOKEN, end.memory.data()};
    end.output = {SECBUFFER_VERSION, 1, &end.out};
    return &end.output;
  }

  PSecBufferDesc token_of(const End& end) {
    in_ = {end.out.cbBuffer, SECBUFFER_TOKEN, end.out.pvBuffer};
    input_ = {SECBUFFER_VERSION, 1, &in_};
    return &input_;
  }

  void call_client() {
    at_client_ = true;
    must("SspiInitializeSecurityContextAsync",
         SspiInitializeSecurityContextAsyncA(async_.get(), outbound_.get(), client_.known ? &client_.context : nullptr,
                                             target_.data(), kRequirements, 0, SECURITY_NATIVE_DREP,
                                             client_.known ? token_of(server_) : nullptr, 0, &client_.context,
                                             room(client_), &client_.attributes, nullptr));
  }

  void call_server() {
    at_client_ = false;
    must("SspiAcceptSecurityContextAsync",
         SspiAcceptSecurityContextAsync(async_.get(), inbound_.get(), server_.known ? &server_.context : nullptr,
                                        token_of(client_), 0, SECURITY_NATIVE_DREP, &server_.context, room(server_),
                                        &server_.attributes, nullptr));
  }

  void leg_ended() {
    const SECURITY_STATUS status = SspiGetAsyncCallStatus(async_.get());
    if (!SEC_SUCCESS(status)) {  // nothing may be thrown through the library
      failure_ = (at_client_ ? "InitializeSecurityContext: " : "AcceptSecurityContext: ") + status_name(status) + ' ' +
                 SspiGetLastErrorText();
      return;
    }
    ++legs_;
    End& end = at_client_ ? client_ : server_;
    end.known = true;
    end.done = status == SEC_E_OK;
    if (end.out.cbBuffer == 0 || cancelled_) return;
    at_client_ ? call_server() : call_client();
  }

  Credential& outbound_;
  Credential& inbound_;
  std::string target_;
  End client_;
  End server_;
  SecBuffer in_{};
  SecBufferDesc input_{};
  bool at_client_ = true;
  std::size_t legs_ = 0;
  std::string failure_;
  bool cancelled_ = false;
  Async async_;
};

class Logons {
 public:
  Logons(std::size_t count, Credential& outbound, Credential& inbound, const std::string& target) {
    for (std::size_t i = 0; i < count; ++i) all_.push_back(std::make_unique<Logon>(outbound, inbound, target));
    for (const auto& logon : all_) logon->start();
  }

  [[nodiscard]] std::vector<std::unique_ptr<Logon>>& all() { return all_; }
  [[nodiscard]] Ticker& ticker() { return ticker_; }
  [[nodiscard]] bool are_complete() const {
    return std::all_of(all_.begin(), all_.end(), [](const auto& logon) { return logon->is_complete(); });
  }

  /// The event loop.
  template <class Done>
  void turn_until(Done&& done) {
    while (!done()) {
      std::vector<pollfd> watched{{.fd = ticker_.descriptor(), .events = POLLIN, .revents = 0}};
      for (const auto& logon : all_)
        watched.push_back({.fd = SspiGetAsyncDescriptor(logon->async()), .events = POLLIN, .revents = 0});
      poll_or_throw(watched);
      if (watched[0].revents != 0) ticker_.handle();
      for (std::size_t i = 0; i < all_.size(); ++i)
        if (watched[i + 1].revents != 0) dispatch(*all_[i]);
      for (const auto& logon : all_)
        if (!logon->failure().empty()) throw std::runtime_error(logon->failure());
    }
  }

 private:
  /// It says what SspiGetAsyncCallStatus says, also where the callback has started the next call.
  static void dispatch(Logon& logon) {
    const std::size_t legs = logon.legs();
    const SECURITY_STATUS status = SspiDispatchAsyncCall(logon.async());
    if (logon.legs() == legs)
      EXPECT_STATUS(status, SEC_I_ASYNC_CALL_PENDING);
    else
      EXPECT_TRUE(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) << status_name(status);
  }

  Ticker ticker_;
  std::vector<std::unique_ptr<Logon>> all_;
};

/// While it lives, the KDC answers nothing.
class PausedKdc {
 public:
  explicit PausedKdc(Realm& realm) : realm_(realm) { realm_.pause_kdc(); }
  ~PausedKdc() { resume(); }
  void resume() { realm_.continue_kdc(); }

 private:
  Realm& realm_;
};

class AsyncLogons : public ::testing::TestWithParam<std::string> {
 protected:
  /// A service of which nobody has a ticket yet, so that the KDC is asked.
  std::string new_service() {
    static int count = 0;
    const std::string service = "HTTP/service" + std::to_string(++count) + ".example.test";
    world_.realm.add_service(service);
    world_.realm.write_keytab(service, world_.realm.keytab());
    world_.daemon.restart();
    return service;
  }

  [[nodiscard]] std::string objects() const {
    return run_or_throw({built_program("sspictl"), "--socket", world_.daemon.socket(), "ping"});
  }
  [[nodiscard]] bool counts(const std::string& text) const { return objects().find(text) != std::string::npos; }

  World& world_ = world();
};

TEST_P(AsyncLogons, hundred_in_flight_wait_for_a_kdc_while_the_event_loop_turns) {
  constexpr std::size_t kCount = 100;
  const std::string service = new_service();
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  const std::size_t idle = threads_of(world_.daemon.worker());  // nothing has waited yet
  Credential kerberos_outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential kerberos_inbound("Kerberos", SECPKG_CRED_INBOUND);
  ContextPair other(kerberos_outbound, kerberos_inbound);
  const std::size_t threads = threads_of(::getpid());
  const std::size_t descriptors = open_descriptors(::getpid());
  {
    PausedKdc kdc(world_.realm);
    Logons logons(kCount, outbound, inbound, service);
    // Every one of them has its thread in the worker, waiting for the KDC.
    logons.turn_until([&] { return threads_of(world_.daemon.worker()) >= idle + kCount; });
    EXPECT_EQ(threads_of(::getpid()), threads) << "there is a thread of libsspi's";

    // Meanwhile a timer is handled, and other calls do not wait.
    const std::size_t ticks = logons.ticker().ticks();
    logons.turn_until([&] { return logons.ticker().ticks() >= ticks + 10; });
    exchange(other.client, other.server);
    for (const auto& logon : logons.all()) ASSERT_TRUE(logon->is_pending());

    kdc.resume();
    logons.turn_until([&] { return logons.are_complete(); });
    EXPECT_EQ(threads_of(::getpid()), threads);
    EXPECT_TRUE(counts("contexts " + std::to_string(2 * kCount + 2))) << objects();
  }
  // A few connections stay for the next calls. Deletes are not answered.
  EXPECT_LE(open_descriptors(::getpid()), descriptors + 8);
  await("the contexts to go", [&] { return counts("contexts 2"); });
}

TEST_P(AsyncLogons, cancelled_ones_leave_nothing_behind) {
  constexpr std::size_t kCount = 100;
  const std::string service = new_service();
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  const std::size_t descriptors = open_descriptors(::getpid());
  {
    PausedKdc kdc(world_.realm);
    const std::size_t idle = threads_of(world_.daemon.worker());
    Logons logons(kCount, outbound, inbound, service);
    logons.turn_until([&] { return threads_of(world_.daemon.worker()) >= idle + kCount; });
    auto& all = logons.all();
    for (std::size_t i = 0; i < kCount / 2; ++i) EXPECT_TRUE(all[i]->cancel());
    all.erase(all.begin(), all.begin() + kCount / 2);
    kdc.resume();
    logons.turn_until([&] { return logons.are_complete(); });
    // The initiations that were given up come to their end in the worker, too, and are taken back.
    await("what was made for nobody to go", [&] { return counts("contexts " + std::to_string(kCount)); });
  }
  EXPECT_LE(open_descriptors(::getpid()), descriptors + 8);
  await("the contexts to go", [&] { return counts("contexts 0"); });
}

TEST_P(AsyncLogons, cancelled_when_the_answer_is_there_leave_nothing_behind) {
  const std::string service = new_service();
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  for (int i = 0; i < 10; ++i) {
    (void)outbound.name();  // leaves an idle connection, so that the next call is sent when it is started
    {
      Logon logon(outbound, inbound, service);
      logon.start();
      await("the worker to have made the context", [&] { return counts("contexts 1"); });
      const bool was_in_flight = logon.cancel();
      EXPECT_STATUS(SspiGetAsyncCallStatus(logon.async()),
                    was_in_flight ? SEC_E_INVALID_PARAMETER : SEC_I_CONTINUE_NEEDED);
    }
    await("the context to go", [&] { return counts("contexts 0"); });
  }
}

TEST_P(AsyncLogons, agree_with_synchronous_ones) {
  const std::string service = new_service();
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  SspiInitiator client(outbound, service);
  SspiAcceptor server(inbound);
  const Handshake handshake = establish(client, server);
  Logons logons(1, outbound, inbound, service);
  logons.turn_until([&] { return logons.are_complete(); });
  const Logon& logon = *logons.all().front();
  EXPECT_EQ(logon.client_attributes(), client.attributes() & ~ULONG{ISC_RET_ALLOCATED_MEMORY});
  EXPECT_EQ(logon.server_attributes(), server.attributes() & ~ULONG{ASC_RET_ALLOCATED_MEMORY});
  EXPECT_GE(logon.legs(), handshake.tokens);
}

INSTANTIATE_TEST_SUITE_P(Over, AsyncLogons, ::testing::Values("Kerberos", "Negotiate"),
                         [](const auto& package) { return package.param; });

/// Establishments by NTLM, which wait for no KDC: all of their legs are in flight beside each other.
class AsyncNtlmLogons : public ::testing::TestWithParam<std::string> {
 protected:
  World& world_ = world();
};

TEST_P(AsyncNtlmLogons, hundred_in_flight_come_to_their_end) {
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND), inbound(GetParam(), SECPKG_CRED_INBOUND);
  const std::size_t threads = threads_of(::getpid());
  Logons logons(100, outbound, inbound, "");
  logons.turn_until([&] { return logons.are_complete(); });
  EXPECT_EQ(threads_of(::getpid()), threads) << "there is a thread of libsspi's";
  for (const auto& logon : logons.all()) {
    EXPECT_GE(logon->legs(), 4U) << "two of the client's, two of the server's";
    EXPECT_NE(logon->client_attributes() & ISC_RET_CONFIDENTIALITY, 0U);
    EXPECT_NE(logon->server_attributes() & ASC_RET_CONFIDENTIALITY, 0U);
  }
}

TEST_P(AsyncNtlmLogons, cancelled_ones_leave_nothing_behind) {
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND), inbound(GetParam(), SECPKG_CRED_INBOUND);
  const auto counts = [&](const std::string& text) {
    return run_or_throw({built_program("sspictl"), "--socket", world_.daemon.socket(), "ping"}).find(text) !=
           std::string::npos;
  };
  {
    Logons logons(20, outbound, inbound, "");
    for (std::size_t i = 0; i < 10; ++i) (void)logons.all()[i]->cancel();  // the answer may be there already
    logons.all().erase(logons.all().begin(), logons.all().begin() + 10);
    logons.turn_until([&] { return logons.are_complete(); });
    await("what was made for nobody to go", [&] { return counts("contexts 20"); });
  }
  await("the contexts to go", [&] { return counts("contexts 0"); });
}

INSTANTIATE_TEST_SUITE_P(Over, AsyncNtlmLogons, ::testing::Values("NTLM", "Negotiate"),
                         [](const auto& package) { return package.param; });

// What cancelling comes to, without the library: the connection is closed with the answer in it.
TEST(AsyncAnswers, that_are_not_read_leave_nothing_behind) {
  RawClient stays(world().daemon.socket());
  ASSERT_EQ(stays.hello(), SEC_E_OK);
  const auto credentials = [&] {
    flatbuffers::FlatBufferBuilder ping;
    ping.Finish(proto::CreatePingRequest(ping));
    stays.send_frame(proto::Opcode::Ping, ping);
    const auto answer = stays.receive();
    if (!answer) throw std::runtime_error("no answer to Ping");
    return flatbuffers::GetRoot<proto::PingReply>(answer->table.data())->credentials();
  };
  const auto acquire = [&](RawClient& client) {
    ASSERT_EQ(client.hello(1, 1, &stays.session()), SEC_E_OK);
    flatbuffers::FlatBufferBuilder table;
    const auto package = table.CreateString("Kerberos");
    table.Finish(proto::CreateAcquireCredentialsHandleRequest(table, 0, package, SECPKG_CRED_INBOUND));
    client.send_frame(proto::Opcode::AcquireCredentialsHandle, table);
    client.await_answer();
  };
  {
    RawClient reads(world().daemon.socket());
    acquire(reads);
    ASSERT_TRUE(reads.receive());
  }
  {
    RawClient does_not(world().daemon.socket());
    acquire(does_not);
    EXPECT_EQ(credentials(), 2U);
  }
  await("the credential to go", [&] { return credentials() == 1; });
}

/// Each function beside its synchronous twin.
class AsyncTwins : public ::testing::TestWithParam<std::string> {
 protected:
  World& world_ = world();
  Async async_{SspiCreateAsyncContext()};
};

TEST_P(AsyncTwins, acquire_and_free_credentials) {
  std::string package = GetParam();
  std::u16string wide(package.begin(), package.end());
  CredHandle one{}, two{}, sync{};
  TimeStamp ends_one{}, ends_two{}, ends{};
  must("sync", AcquireCredentialsHandleA(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                         nullptr, &sync, &ends));
  EXPECT_STATUS(
      ended(async_, SspiAcquireCredentialsHandleAsyncA(async_.get(), nullptr, package.data(), SECPKG_CRED_OUTBOUND,
                                                       nullptr, nullptr, nullptr, nullptr, &one, &ends_one)),
      SEC_E_OK);
  EXPECT_STATUS(ended(async_, SspiAcquireCredentialsHandleAsyncW(
                                  async_.get(), nullptr, reinterpret_cast<SEC_WCHAR*>(wide.data()),
                                  SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &two, &ends_two)),
                SEC_E_OK);
  EXPECT_EQ(ends_one.QuadPart, ends.QuadPart);
  EXPECT_EQ(ends_two.QuadPart, ends.QuadPart);
  for (CredHandle* handle : {&one, &two}) {
    EXPECT_STATUS(ended(async_, SspiFreeCredentialsHandleAsync(async_.get(), handle)), SEC_E_OK);
    EXPECT_STATUS(ended(async_, SspiFreeCredentialsHandleAsync(async_.get(), handle)), SEC_E_INVALID_HANDLE);
  }
  must("sync", FreeCredentialsHandle(&sync));

  std::string unknown = "Unknown";
  EXPECT_STATUS(
      ended(async_, SspiAcquireCredentialsHandleAsyncA(async_.get(), nullptr, unknown.data(), SECPKG_CRED_OUTBOUND,
                                                       nullptr, nullptr, nullptr, nullptr, &one, &ends_one)),
      SEC_E_SECPKG_NOT_FOUND);
  EXPECT_TRUE(is_invalidated(one));
}

// It takes a question of its own to open it. The worker is stopped: whoever waited for the answer when the call is
// started would wait until something lets the worker go on.
TEST_P(AsyncTwins, encrypted_identity_is_opened_without_waiting) {
  std::string package = GetParam();
  std::u16string user = u"bob", domain = u"EXAMPLE", password = u"bobpw";
  const auto text = [](std::u16string& string) { return reinterpret_cast<PCWSTR>(string.data()); };
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
  must("encoding", SspiEncodeStringsAsAuthIdentity(text(user), text(domain), text(password), &identity));
  must("encrypting", SspiEncryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, identity));

  const pid_t worker = world_.daemon.worker();
  freeze(worker);
  std::promise<void> started;
  auto rescue = std::async(std::launch::async, [&, has_started = started.get_future()] {
    const bool waited = has_started.wait_for(std::chrono::seconds(2)) != std::future_status::ready;
    if (waited) ::kill(worker, SIGCONT);
    return waited;
  });
  CredHandle handle{};
  const SECURITY_STATUS status =
      SspiAcquireCredentialsHandleAsyncA(async_.get(), nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, identity,
                                         nullptr, nullptr, &handle, nullptr);
  started.set_value();
  EXPECT_FALSE(rescue.get());
  EXPECT_STATUS(SspiGetAsyncCallStatus(async_.get()), SEC_I_ASYNC_CALL_PENDING);
  SspiFreeAuthIdentity(identity);  // it was copied
  ::kill(worker, SIGCONT);
  ASSERT_STATUS(ended(async_, status), SEC_E_OK);
  Credential bob(handle);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  ContextPair pair(bob, inbound);
  EXPECT_EQ(pair.server.user_name(), GetParam() == "NTLM" ? "EXAMPLE\\bob" : world_.realm.qualified("bob"));
}

TEST_P(AsyncTwins, identity_that_was_encrypted_elsewhere_is_refused) {
  std::string package = GetParam();
  std::u16string user = u"bob", password = u"bobpw";
  const auto text = [](std::u16string& string) { return reinterpret_cast<PCWSTR>(string.data()); };
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
  must("encoding", SspiEncodeStringsAsAuthIdentity(text(user), nullptr, text(password), &identity));
  must("encrypting", SspiEncryptAuthIdentity(identity));
  auto* header = static_cast<SEC_WINNT_AUTH_IDENTITY_EX2*>(identity);
  static_cast<std::uint8_t*>(identity)[header->PackedCredentialsOffset + header->PackedCredentialsLength - 1] ^= 1;
  CredHandle handle{};
  EXPECT_STATUS(
      ended(async_, SspiAcquireCredentialsHandleAsyncA(async_.get(), nullptr, package.data(), SECPKG_CRED_OUTBOUND,
                                                       nullptr, identity, nullptr, nullptr, &handle, nullptr)),
      SEC_E_DECRYPT_FAILURE);
  EXPECT_TRUE(is_invalidated(handle));
  SspiFreeAuthIdentity(identity);
}

TEST_P(AsyncTwins, token_that_does_not_fit_is_kept) {  // as E-041
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  char target[] = "host/localhost";
  CtxtHandle context{};
  Bytes memory(kMostToken);
  SecBuffer out{10, SECBUFFER_TOKEN, memory.data()};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  const auto initialize = [&](ULONG requirements) {
    return ended(async_, SspiInitializeSecurityContextAsyncA(async_.get(), outbound.get(), nullptr, target,
                                                             kRequirements | requirements, 0, 0, nullptr, 0, &context,
                                                             &output, &attributes, nullptr));
  };
  EXPECT_STATUS(initialize(0), SEC_E_BUFFER_TOO_SMALL);
  EXPECT_TRUE(is_invalidated(context));
  const ULONG needed = out.cbBuffer;
  EXPECT_GT(needed, 10U);
  out.cbBuffer = static_cast<ULONG>(memory.size());
  EXPECT_STATUS(initialize(0), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(out.cbBuffer, needed);
  EXPECT_STATUS(ended(async_, SspiDeleteSecurityContextAsync(async_.get(), &context)), SEC_E_OK);
  EXPECT_STATUS(ended(async_, SspiDeleteSecurityContextAsync(async_.get(), &context)), SEC_E_OK);  // E-132

  out = {0, SECBUFFER_TOKEN, nullptr};
  EXPECT_STATUS(initialize(ISC_REQ_ALLOCATE_MEMORY), SEC_I_CONTINUE_NEEDED);
  EXPECT_NE(out.pvBuffer, nullptr);
  EXPECT_STATUS(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
  EXPECT_STATUS(DeleteSecurityContext(&context), SEC_E_OK);
}

TEST_P(AsyncTwins, messages) {
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  ContextPair pair(outbound, inbound);
  const SecPkgContext_Sizes sizes = pair.client.sizes();

  // Large enough that neither request nor answer fits a socket.
  const Bytes plain = random_bytes(std::size_t{1} << 20);
  Sealed sealed{Bytes(sizes.cbSecurityTrailer), plain, Bytes(sizes.cbBlockSize)};
  std::array<SecBuffer, 3> parts{
      {{static_cast<ULONG>(sealed.token.size()), SECBUFFER_TOKEN, sealed.token.data()},
       {static_cast<ULONG>(sealed.data.size()), SECBUFFER_DATA, sealed.data.data()},
       {static_cast<ULONG>(sealed.padding.size()), SECBUFFER_PADDING, sealed.padding.data()}}};
  SecBufferDesc message{SECBUFFER_VERSION, static_cast<ULONG>(parts.size()), parts.data()};
  EXPECT_STATUS(ended(async_, SspiEncryptMessageAsync(async_.get(), pair.client.get(), 0, &message, 0)), SEC_E_OK);
  EXPECT_NE(sealed.data, plain);
  sealed.token.resize(parts[0].cbBuffer);
  sealed.padding.resize(parts[2].cbBuffer);
  EXPECT_STATUS(pair.server.open(sealed), SEC_E_OK);
  EXPECT_EQ(sealed.data, plain);

  ULONG qop = 1;
  sealed = pair.client.seal(plain);
  parts = {{{static_cast<ULONG>(sealed.token.size()), SECBUFFER_TOKEN, sealed.token.data()},
            {static_cast<ULONG>(sealed.data.size()), SECBUFFER_DATA, sealed.data.data()},
            {static_cast<ULONG>(sealed.padding.size()), SECBUFFER_PADDING, sealed.padding.data()}}};
  EXPECT_STATUS(ended(async_, SspiDecryptMessageAsync(async_.get(), pair.server.get(), &message, 0, &qop)), SEC_E_OK);
  EXPECT_EQ(sealed.data, plain);
  EXPECT_EQ(qop, 0U);
  // NTLM looks at the number first, which was had already.
  const SECURITY_STATUS again = GetParam() == "NTLM" ? SEC_E_OUT_OF_SEQUENCE : SEC_E_MESSAGE_ALTERED;
  EXPECT_STATUS(ended(async_, SspiDecryptMessageAsync(async_.get(), pair.server.get(), &message, 0, &qop)), again);

  Bytes text = bytes_of("what is signed");
  Bytes signature(sizes.cbMaxSignature);
  std::array<SecBuffer, 2> signed_parts{{{static_cast<ULONG>(text.size()), SECBUFFER_DATA, text.data()},
                                         {sizes.cbMaxSignature, SECBUFFER_TOKEN, signature.data()}}};
  SecBufferDesc signed_message{SECBUFFER_VERSION, 2, signed_parts.data()};
  EXPECT_STATUS(ended(async_, SspiMakeSignatureAsync(async_.get(), pair.client.get(), 0, &signed_message, 0)),
                SEC_E_OK);
  signature.resize(signed_parts[1].cbBuffer);
  EXPECT_STATUS(pair.server.verify(text, signature), SEC_E_OK);

  signature = pair.server.sign(text);
  signed_parts[1] = {static_cast<ULONG>(signature.size()), SECBUFFER_TOKEN, signature.data()};
  EXPECT_STATUS(ended(async_, SspiVerifySignatureAsync(async_.get(), pair.client.get(), &signed_message, 0, &qop)),
                SEC_E_OK);
  text.front() ^= 1;
  EXPECT_STATUS(ended(async_, SspiVerifySignatureAsync(async_.get(), pair.client.get(), &signed_message, 0, &qop)),
                again);
}

// The worker is stopped, so that the call is in flight when it is given up; then it answers, and nobody is there to
// hear it.
TEST_P(AsyncTwins, cancelled_message_leaves_the_buffers_alone) {
  Credential outbound(GetParam(), SECPKG_CRED_OUTBOUND);
  Credential inbound(GetParam(), SECPKG_CRED_INBOUND);
  const Bytes plain = random_bytes(5000);
  using Start = SECURITY_STATUS (*)(SspiAsyncContext*, ContextPair&, PSecBufferDesc);
  const Start kStarts[] = {[](SspiAsyncContext* async, ContextPair& pair, PSecBufferDesc message) {
                             return SspiEncryptMessageAsync(async, pair.client.get(), 0, message, 0);
                           },
                           [](SspiAsyncContext* async, ContextPair& pair, PSecBufferDesc message) {
                             return SspiDecryptMessageAsync(async, pair.server.get(), message, 0, nullptr);
                           },
                           [](SspiAsyncContext* async, ContextPair& pair, PSecBufferDesc message) {
                             return SspiMakeSignatureAsync(async, pair.client.get(), 0, message, 0);
                           },
                           [](SspiAsyncContext* async, ContextPair& pair, PSecBufferDesc message) {
                             return SspiVerifySignatureAsync(async, pair.server.get(), message, 0, nullptr);
                           }};
  for (const Start start : kStarts) {
    ContextPair pair(outbound, inbound);
    Sealed sealed = pair.client.seal(plain);
    std::array<SecBuffer, 3> parts{
        {{static_cast<ULONG>(sealed.token.size()), SECBUFFER_TOKEN, sealed.token.data()},
         {static_cast<ULONG>(sealed.data.size()), SECBUFFER_DATA, sealed.data.data()},
         {static_cast<ULONG>(sealed.padding.size()), SECBUFFER_PADDING, sealed.padding.data()}}};
    SecBufferDesc message{SECBUFFER_VERSION, static_cast<ULONG>(parts.size()), parts.data()};
    const Sealed before = sealed;
    const std::array<SecBuffer, 3> described = parts;
    const pid_t worker = world_.daemon.worker();
    freeze(worker);
    const SECURITY_STATUS status = start(async_.get(), pair, &message);
    EXPECT_STATUS(status, SEC_E_OK);
    EXPECT_STATUS(SspiDispatchAsyncCall(async_.get()), SEC_I_ASYNC_CALL_PENDING);
    EXPECT_TRUE(SspiCancelAsyncCall(async_.get()));
    EXPECT_FALSE(SspiCancelAsyncCall(async_.get())) << "there is nothing any more";
    EXPECT_STATUS(SspiDispatchAsyncCall(async_.get()), SEC_E_INVALID_PARAMETER);
    ::kill(worker, SIGCONT);
    (void)inbound.name();  // the worker has come to its requests
    EXPECT_EQ(sealed.token, before.token);
    EXPECT_EQ(sealed.data, before.data);
    EXPECT_EQ(sealed.padding, before.padding);
    for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(parts[i].cbBuffer, described[i].cbBuffer);
    EXPECT_STATUS(DeleteSecurityContext(pair.client.get()), SEC_E_OK);
    EXPECT_STATUS(DeleteSecurityContext(pair.server.get()), SEC_E_OK);
  }
}

INSTANTIATE_TEST_SUITE_P(Over, AsyncTwins, ::testing::Values("Kerberos", "Negotiate", "NTLM"),
                         [](const auto& package) { return package.param; });

}  // namespace
}  // namespace sspid::test
