// What the conformance tests of messages start from: pairs of established ends, and messages whose buffers a test lays
// out itself.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "calls.h"
#include "support/gss_peer.h"
#include "support/sspi_peer.h"

namespace sspid::test {

inline constexpr const char* kGssTarget = "host@localhost";

inline constexpr ULONG kIntegrity = ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY;
inline constexpr ULONG kPrivacy = kIntegrity | ISC_REQ_CONFIDENTIALITY;
inline constexpr ULONG kOrder = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT;

class Messages : public ::testing::Test {
 protected:
  void SetUp() override { world(); }
};

[[nodiscard]] inline SspiInitiator::Options asking_for(ULONG requirements) {
  return {.target = kTarget, .requirements = requirements, .bindings = {}};
}

/// Both ends ours.
struct SspiPair {
  explicit SspiPair(ULONG requirements = kPrivacy | kOrder, const std::string& package = "Kerberos")
      : outbound(package, SECPKG_CRED_OUTBOUND),
        inbound(package, SECPKG_CRED_INBOUND),
        client(outbound, asking_for(requirements)),
        server(inbound) {
    establish(client, server);
  }

  Credential outbound, inbound;
  SspiInitiator client;
  SspiAcceptor server;
};

/// The client is ours, the server is libgssapi.
struct OursToGss {
  explicit OursToGss(ULONG requirements = kPrivacy | kOrder, const std::string& package = "Kerberos")
      : outbound(package, SECPKG_CRED_OUTBOUND), ours(outbound, asking_for(requirements)) {
    establish(ours, gss);
  }

  Credential outbound;
  SspiInitiator ours;
  GssAcceptor gss;
};

/// The client is libgssapi, the server is ours.
struct GssToOurs {
  explicit GssToOurs(OM_uint32 more_flags = 0, Mechanism mechanism = Mechanism::kerberos)
      : gss({.target = kGssTarget,
             .mechanism = mechanism,
             .flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                      more_flags,
             .cache = {},
             .bindings = {}}),
        inbound(mechanism == Mechanism::kerberos ? "Kerberos" : "Negotiate", SECPKG_CRED_INBOUND),
        ours(inbound) {
    establish(gss, ours);
  }

  GssInitiator gss;
  Credential inbound;
  SspiAcceptor ours;
};

[[nodiscard]] inline SecBuffer buffer(ULONG type, Bytes& bytes) {
  return {static_cast<ULONG>(bytes.size()), type, bytes.data()};
}

/// The buffers of one message. They are views: their bytes live elsewhere.
class Message {
 public:
  Message(std::initializer_list<SecBuffer> buffers) : buffers_(buffers) {}

  SecBuffer& operator[](std::size_t i) { return buffers_.at(i); }
  PSecBufferDesc get() {
    description_ = {SECBUFFER_VERSION, static_cast<ULONG>(buffers_.size()), buffers_.data()};
    return &description_;
  }

  [[nodiscard]] SECURITY_STATUS encrypt(SspiContext& context, ULONG qop = 0, ULONG sequence = 0) {
    return EncryptMessage(context.get(), qop, get(), sequence);
  }
  [[nodiscard]] SECURITY_STATUS decrypt(SspiContext& context, ULONG* qop = nullptr, ULONG sequence = 0) {
    return DecryptMessage(context.get(), get(), sequence, qop);
  }
  [[nodiscard]] SECURITY_STATUS sign(SspiContext& context, ULONG qop = 0, ULONG sequence = 0) {
    return MakeSignature(context.get(), qop, get(), sequence);
  }
  [[nodiscard]] SECURITY_STATUS verify(SspiContext& context, ULONG* qop = nullptr, ULONG sequence = 0) {
    return VerifySignature(context.get(), get(), sequence, qop);
  }

 private:
  std::vector<SecBuffer> buffers_;
  SecBufferDesc description_{};
};

/// What a buffer says it holds now.
[[nodiscard]] inline Bytes content(const SecBuffer& buffer) {
  const auto* bytes = static_cast<const std::uint8_t*>(buffer.pvBuffer);
  return {bytes, bytes + buffer.cbBuffer};
}

/// SND_SEQ of an RFC 4121 token.
[[nodiscard]] inline std::uint64_t sequence_of(const Bytes& token) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i < 16; ++i) number = number << 8 | token.at(i);
  return number;
}

[[nodiscard]] inline Bytes first(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}
[[nodiscard]] inline Bytes behind(const Bytes& bytes, std::size_t count) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(count), bytes.end()};
}

/// A message sealed by one end is read by the other.
inline void expect_passes(SspiContext& from, SspiContext& to, const std::string& text = "in order") {
  Sealed message = from.seal(bytes_of(text));
  EXPECT_STATUS(to.open(message), SEC_E_OK);
  EXPECT_EQ(text_of(message.data), text);
}

}  // namespace sspid::test
