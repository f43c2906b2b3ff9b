// Channel bindings with NTLM, raw and inside a negotiation; each end ours, and each end gss-ntlmssp in this process.
#include <cstring>
#include <string>

#include <gssapi/gssapi_ext.h>

#include "calls.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

const bool with_ntlm = realm_options().ntlm = true;

constexpr ULONG kWanted = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
constexpr OM_uint32 kGssWanted = GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;

constexpr ULONG kMatched = SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED;
constexpr ULONG kMissing = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING;
constexpr ULONG kMayMiss = SEC_CHANNEL_BINDINGS_RESULT_ABSENT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING;
constexpr ULONG kMismatch = SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH;

/// Who has which bindings (none: ""), and what a server of ours makes of it.
struct Case {
  const char* name;
  const char* client;
  const char* server;
  ULONG requirements;
  SECURITY_STATUS status;
  ULONG result;
};
constexpr Case kCases[] = {
    {"equal", "tls-unique:one", "tls-unique:one", 0, SEC_E_OK, kMatched},
    {"equal, missing ones allowed", "tls-unique:one", "tls-unique:one", ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK,
     kMatched},
    {"different", "tls-unique:one", "tls-unique:two", 0, SEC_E_BAD_BINDINGS, kMismatch},
    {"different, missing ones allowed", "tls-unique:one", "tls-unique:two", ASC_REQ_ALLOW_MISSING_BINDINGS,
     SEC_E_BAD_BINDINGS, kMismatch},
    {"the client has none", "", "tls-unique:two", 0, SEC_E_BAD_BINDINGS, kMissing},
    {"the client has none and may", "", "tls-unique:two", ASC_REQ_ALLOW_MISSING_BINDINGS, SEC_E_OK, kMayMiss},
    {"the server has none", "tls-unique:one", "", 0, SEC_E_OK, 0},
    {"nobody has any", "", "", 0, SEC_E_OK, 0},
};

Bytes bindings(const std::string& text) { return text.empty() ? Bytes{} : channel_bindings(text); }

class NtlmBindings : public ::testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] bool negotiates() const { return std::string(GetParam()) == "Negotiate"; }

  // A target without a service: Negotiate takes NTLM for it.
  [[nodiscard]] SspiInitiator own_client(const std::string& with) {
    return {outbound_, asking(kWanted, "", bindings(with))};
  }
  [[nodiscard]] GssInitiator::Options foreign_client(const std::string& with) const {
    GssInitiator::Options options{.target = "host@localhost",
                                  .mechanism = negotiates() ? Mechanism::spnego : Mechanism::ntlm,
                                  .flags = kGssWanted,
                                  .cache = {},
                                  .bindings = with};
    if (negotiates()) options.offer = Mechanism::ntlm;
    return options;
  }
  [[nodiscard]] GssAcceptor::Options foreign_server(const std::string& with) const {
    GssAcceptor::Options options{.keytab = {}, .bindings = with};
    if (negotiates()) options.offer = Mechanism::ntlm;
    return options;
  }

  struct Judged {
    SECURITY_STATUS status;
    ULONG result;
  };
  /// What a server of ours says in the end, and what SECBUFFER_CHANNEL_BINDINGS_RESULT says with it.
  template <class Client>
  [[nodiscard]] Judged judged(Client& client, const Case& by) {
    Judged said{SEC_I_CONTINUE_NEEDED, 0};
    OwnedContext server;
    CtxtHandle* context = nullptr;
    for (Leg leg = client.step({}); !leg.token.empty();) {
      Buffers input, output;
      input.add(SECBUFFER_TOKEN, leg.token);
      if (*by.server) input.add(SECBUFFER_CHANNEL_BINDINGS, bindings(by.server));
      output.room(SECBUFFER_TOKEN, 65536).room(SECBUFFER_CHANNEL_BINDINGS_RESULT, sizeof(SEC_CHANNEL_BINDINGS_RESULT));
      said.status = accept({.credential = inbound_.get(),
                            .context = context,
                            .input = input.get(),
                            .requirements = by.requirements,
                            .new_context = server.get(),
                            .output = output.get()});
      std::memcpy(&said.result, output[1].pvBuffer, sizeof said.result);
      if (said.status != SEC_I_CONTINUE_NEEDED) break;
      EXPECT_EQ(said.result, 0U) << "what the client has comes with its last token";
      context = server.get();
      leg = client.step(output.bytes(0));
    }
    return said;
  }

  World& world_ = world();
  Credential outbound_{GetParam(), SECPKG_CRED_OUTBOUND};
  Credential inbound_{GetParam(), SECPKG_CRED_INBOUND};
};

INSTANTIATE_TEST_SUITE_P(Package, NtlmBindings, ::testing::Values("NTLM", "Negotiate"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(NtlmBindings, E_063_E_064_E_065_decide_with_both_ends_ours) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    SspiInitiator client = own_client(each.client);
    const Judged said = judged(client, each);
    EXPECT_STATUS(said.status, each.status);
    EXPECT_EQ(said.result, each.result);
    EXPECT_EQ(client.package(), "NTLM");
  }
}

TEST_P(NtlmBindings, E_063_E_064_E_065_decide_with_a_foreign_client) {
  for (const Case& each : kCases) {
    SCOPED_TRACE(each.name);
    GssInitiator client(foreign_client(each.client));
    const Judged said = judged(client, each);
    EXPECT_STATUS(said.status, each.status);
    EXPECT_EQ(said.result, each.result);
  }
}

TEST_P(NtlmBindings, E_063_E_064_of_ours_satisfy_a_foreign_server) {
  SspiInitiator bound = own_client("tls-unique:one");
  GssAcceptor server(foreign_server("tls-unique:one"));
  establish(bound, server);
  EXPECT_EQ(bound.package(), "NTLM");
  EXPECT_NE(server.flags() & GSS_C_CHANNEL_BOUND_FLAG, 0U);

  SspiInitiator astray = own_client("tls-unique:two");
  GssAcceptor strict(foreign_server("tls-unique:one"));
  EXPECT_EQ(shake_hands(astray, strict).acceptor.state, Leg::State::failed);

  SspiInitiator unasked = own_client("tls-unique:one");
  GssAcceptor careless(foreign_server(""));
  establish(unasked, careless);
  EXPECT_EQ(careless.flags() & GSS_C_CHANNEL_BOUND_FLAG, 0U);
}

}  // namespace
}  // namespace sspid::test
