// What the library does when memory is short: this program's malloc fails where a test wants it to.
#include <cerrno>
#include <cstddef>
#include <functional>
#include <optional>

#include <gtest/gtest.h>

#include "messages_ends.h"

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
}

namespace {

// Of this thread: how many allocations succeed before one fails. Negative: all do.
thread_local long before_failure = -1;
thread_local bool has_failed = false;

bool fails_now() {
  if (before_failure < 0 || before_failure-- > 0) return false;
  has_failed = true;
  errno = ENOMEM;
  return true;
}

}  // namespace

// The executable's own come before those of the C library for all libraries of the process.
#define REPLACES_LIBC extern "C" __attribute__((visibility("default")))
REPLACES_LIBC void* malloc(std::size_t size) { return fails_now() ? nullptr : __libc_malloc(size); }
REPLACES_LIBC void* calloc(std::size_t n, std::size_t size) { return fails_now() ? nullptr : __libc_calloc(n, size); }
REPLACES_LIBC void* realloc(void* memory, std::size_t size) {
  return fails_now() ? nullptr : __libc_realloc(memory, size);
}

namespace sspid::test {
namespace {

class OutOfMemory : public Messages {
 protected:
  /// Makes the call again and again, each time with a later allocation failing, until it needs no more of them.
  /// Returns how many could fail.
  template <class Call>
  int fail_each_allocation(
      Call call, const std::function<void()>& prepare = [] {}) {
    for (int number = 0; number < 1000; ++number) {
      prepare();
      has_failed = false;
      before_failure = number;
      const SECURITY_STATUS status = call();
      before_failure = -1;
      if (!has_failed) {
        EXPECT_STATUS(status, SEC_E_OK);
        return number;
      }
      EXPECT_STATUS(status, SEC_E_INSUFFICIENT_MEMORY) << "allocation " << number;
    }
    ADD_FAILURE() << "the call never comes to an end of its allocations";
    return 0;
  }
};

TEST_F(OutOfMemory, the_library_asks_this_malloc) {
  CredHandle credential{};
  std::u16string package = u"Kerberos";
  EXPECT_GT(fail_each_allocation([&] {
              return AcquireCredentialsHandleW(nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                               nullptr, &credential, nullptr);
            }),
            0);
  EXPECT_STATUS(FreeCredentialsHandle(&credential), SEC_E_OK);
}

TEST_F(OutOfMemory, E_185_encrypt_and_decrypt) {
  SspiPair pair;
  Bytes token(60);
  Bytes data = bytes_of("short of memory");
  Message message{buffer(SECBUFFER_TOKEN, token), buffer(SECBUFFER_DATA, data)};
  fail_each_allocation([&] { return message.encrypt(pair.client); });
  fail_each_allocation([&] { return message.decrypt(pair.server); });
  EXPECT_EQ(text_of(data), "short of memory");
  expect_passes(pair.client, pair.server);
}

TEST_F(OutOfMemory, E_185_large_message_as_a_stream) {
  SspiPair pair;
  const Bytes plain = random_bytes(std::size_t{1} << 20);
  Bytes stream = pair.client.seal(plain).stream();
  Message message{buffer(SECBUFFER_STREAM, stream), {0, SECBUFFER_DATA, nullptr}};
  fail_each_allocation([&] { return message.decrypt(pair.server); });
  EXPECT_TRUE(content(message[1]) == plain);
}

TEST_F(OutOfMemory, E_185_sign_and_verify) {
  SspiPair pair;
  Bytes signature(28);
  Bytes data = bytes_of("short of memory");
  Message message{buffer(SECBUFFER_DATA, data), buffer(SECBUFFER_TOKEN, signature)};
  fail_each_allocation([&] { return message.sign(pair.client); });
  fail_each_allocation([&] { return message.verify(pair.server); });
  expect_passes(pair.client, pair.server);
}

TEST_F(OutOfMemory, E_185_attributes) {
  SspiPair pair;
  SecPkgContext_NativeNamesW names{};
  fail_each_allocation([&] { return QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_NATIVE_NAMES, &names); });
  EXPECT_EQ(narrow(names.sClientName), "alice@EXAMPLE.TEST");
  FreeContextBuffer(names.sClientName);
  FreeContextBuffer(names.sServerName);
  PSecPkgInfoW packages = nullptr;
  ULONG count = 0;
  fail_each_allocation([&] { return EnumerateSecurityPackagesW(&count, &packages); });
  EXPECT_GT(count, 0U);
  FreeContextBuffer(packages);
}

TEST_F(OutOfMemory, E_185_first_leg_of_a_client) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  std::u16string target = wide(kTarget);
  OwnedContext client;
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  fail_each_allocation([&] {
    return InitializeSecurityContextW(outbound.get(), nullptr, target.data(),
                                      ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_INTEGRITY, 0, SECURITY_NATIVE_DREP, nullptr, 0,
                                      client.get(), &output, nullptr, nullptr);
  });
  FreeContextBuffer(out.pvBuffer);
}

// A token that a server has seen is spent, also when its answer found no room: each attempt has a client of its own.
TEST_F(OutOfMemory, E_185_first_leg_of_a_server) {
  Credential outbound("Kerberos", SECPKG_CRED_OUTBOUND);
  Credential inbound("Kerberos", SECPKG_CRED_INBOUND);
  OwnedContext server;
  SecBuffer out{0, SECBUFFER_TOKEN, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &out};
  std::optional<SspiInitiator> client;
  Bytes token;
  fail_each_allocation(
      [&] {
        SecBuffer in = buffer(SECBUFFER_TOKEN, token);
        SecBufferDesc input{SECBUFFER_VERSION, 1, &in};
        return AcceptSecurityContext(inbound.get(), nullptr, &input, ASC_REQ_ALLOCATE_MEMORY, SECURITY_NATIVE_DREP,
                                     server.get(), &output, nullptr, nullptr);
      },
      [&] {
        client.emplace(outbound, kTarget);
        token = client->step({}).token;
      });
  EXPECT_EQ(client->step(content(out)).state, Leg::State::done);
  FreeContextBuffer(out.pvBuffer);
}

}  // namespace
}  // namespace sspid::test
