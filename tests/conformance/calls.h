// SSPI calls with everything that can be wrong in the test's hands. For what ought to work see support/sspi_peer.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sspi.h>
#include <sspi_ext.h>

#include "support/bytes.h"
#include "support/handshake.h"
#include "support/sspi_peer.h"
#include "support/world.h"

namespace sspid::test {

inline constexpr const char* kTarget = "host/localhost";
inline constexpr ULONG kUsualRequirements =
    ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;

/// What no call hands out and no failed call may leave behind or change: each byte is 0xA5.
inline constexpr std::uint8_t kUntouched = 0xA5;

/// An array of buffers and its descriptor. Each buffer lies in a heap block of exactly its size, so that
/// AddressSanitizer sees one byte too many.
class Buffers {
 public:
  Buffers& add(ULONG type, const Bytes& content);
  Buffers& room(ULONG type, std::size_t capacity);  ///< filled with kUntouched
  Buffers& pointing(ULONG type, ULONG length, void* memory);

  [[nodiscard]] SecBufferDesc* get();
  [[nodiscard]] SecBuffer& operator[](std::size_t i) { return buffers_.at(i); }
  /// What the buffer holds by its cbBuffer of now.
  [[nodiscard]] Bytes bytes(std::size_t i) const;
  /// All of the memory that was given, whatever cbBuffer says.
  [[nodiscard]] Bytes memory(std::size_t i) const;

 private:
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
  };
  std::vector<SecBuffer> buffers_;
  std::vector<Block> blocks_;
  SecBufferDesc description_{};
};

/// AcquireCredentialsHandleW with all its arguments.
struct AcquireArguments {
  const char* package = "Kerberos";
  ULONG use = SECPKG_CRED_OUTBOUND;
  void* identity = nullptr;
  const char* principal = nullptr;
  void* logon = nullptr;
};
/// Frees what it acquires. `handle` of a failure stays to be looked at.
class Acquired {
 public:
  explicit Acquired(const AcquireArguments& arguments);
  ~Acquired();
  Acquired(const Acquired&) = delete;
  Acquired& operator=(const Acquired&) = delete;

  CredHandle handle{1, 2};
  TimeStamp expiry{};
  SECURITY_STATUS status = SEC_E_OK;
};

/// InitializeSecurityContextW with all its arguments.
struct InitializeArguments {
  CredHandle* credential = nullptr;
  CtxtHandle* context = nullptr;
  const char* target = kTarget;
  ULONG requirements = kUsualRequirements;
  SecBufferDesc* input = nullptr;
  CtxtHandle* new_context = nullptr;
  SecBufferDesc* output = nullptr;
  ULONG* attributes = nullptr;
  TimeStamp* expiry = nullptr;
};
[[nodiscard]] SECURITY_STATUS initialize(const InitializeArguments& arguments);

struct AcceptArguments {
  CredHandle* credential = nullptr;
  CtxtHandle* context = nullptr;
  SecBufferDesc* input = nullptr;
  ULONG requirements = 0;
  CtxtHandle* new_context = nullptr;
  SecBufferDesc* output = nullptr;
  ULONG* attributes = nullptr;
  TimeStamp* expiry = nullptr;
};
[[nodiscard]] SECURITY_STATUS accept(const AcceptArguments& arguments);

/// A context's handle alone, deleted with this if it names something.
class OwnedContext {
 public:
  OwnedContext() { SecInvalidateHandle(&handle_); }
  ~OwnedContext() {
    if (!is_invalidated(handle_)) DeleteSecurityContext(&handle_);
  }
  OwnedContext(const OwnedContext&) = delete;
  OwnedContext& operator=(const OwnedContext&) = delete;
  [[nodiscard]] CtxtHandle* get() { return &handle_; }

 private:
  CtxtHandle handle_{};
};

[[nodiscard]] inline SspiInitiator::Options asking(ULONG requirements, std::string target = kTarget,
                                                   Bytes bindings = {}) {
  return {.target = std::move(target), .requirements = requirements, .bindings = std::move(bindings)};
}

/// Both ends of a context in this process.
struct Pair {
  Pair(Credential& outbound, Credential& inbound, SspiInitiator::Options initiator = asking(kUsualRequirements),
       SspiAcceptor::Options acceptor = {})
      : client(outbound, std::move(initiator)), server(inbound, std::move(acceptor)) {
    handshake = establish(client, server);
  }

  SspiInitiator client;
  SspiAcceptor server;
  Handshake handshake;
};

/// Sealed by one, opened by the other, and signed and verified likewise.
void expect_messages_pass(SspiContext& from, SspiContext& to);

/// Statements that hold for each package alike.
class EachPackage : public ::testing::TestWithParam<const char*> {
 protected:
  EachPackage() : world_(world()), realm_(world_.realm), package_(GetParam()) {}

  [[nodiscard]] bool negotiates() const { return package_ == "Negotiate"; }
  [[nodiscard]] bool is_ntlm() const { return package_ == "NTLM"; }
  /// For names that differ from package to package: hosts are compared in lower case.
  [[nodiscard]] std::string in_lower_case() const {
    return negotiates() ? "negotiate" : is_ntlm() ? "ntlm" : "kerberos";
  }
  [[nodiscard]] Credential outbound(void* identity = nullptr) const {
    return Credential(package_, SECPKG_CRED_OUTBOUND, identity);
  }
  [[nodiscard]] Credential inbound() const { return Credential(package_, SECPKG_CRED_INBOUND); }

  World& world_;
  Realm& realm_;
  const std::string package_;
};

#define FOR_EACH_PACKAGE(suite)                                                        \
  INSTANTIATE_TEST_SUITE_P(Package, suite, ::testing::Values("Kerberos", "Negotiate"), \
                           [](const auto& parameter) { return std::string(parameter.param); })

/// Where the realm has NTLM, too (realm_options).
#define FOR_EACH_PACKAGE_AND_NTLM(suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(Package, suite, ::testing::Values("Kerberos", "Negotiate", "NTLM"), \
                           [](const auto& parameter) { return std::string(parameter.param); })

/// A variable of this process' environment, as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value);
  ~Variable();
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  bool existed_;
  std::string before_;
};

/// Tickets of a user in a cache of its own, which is the process' default as long as this lives.
class Tickets {
 public:
  Tickets(Realm& realm, const std::string& user, const std::string& password,
          const std::vector<std::string>& kinit_options = {});
  [[nodiscard]] std::string path() const { return directory_.file("cc"); }

 private:
  Directory directory_;
  Variable cache_;
};

/// Seconds since 1970 that a time stamp stands for: it holds local time, as Windows has it.
[[nodiscard]] std::int64_t unix_time(const TimeStamp& stamp);
inline constexpr std::int64_t kNoExpiry = 0x7FFFFFFFFFFFFFFF;

}  // namespace sspid::test
