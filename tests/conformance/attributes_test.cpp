// Section F: what can be asked of a context, in both forms, before and after it is finished.
#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "calls.h"
#include "proto/descriptor.h"
#include "support/gss_peer.h"

namespace sspid::test {
namespace {

// Every attribute that a finished context of the given side answers, and the size of its structure.
struct Known {
  const char* name;
  ULONG number;
  ULONG size;
};
constexpr Known kOnBothSides[] = {
    {"SIZES", SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes)},
    {"NAMES", SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesW)},
    {"LIFESPAN", SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan)},
    {"STREAM_SIZES", SECPKG_ATTR_STREAM_SIZES, sizeof(SecPkgContext_StreamSizes)},
    {"KEY_INFO", SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoW)},
    {"AUTHORITY", SECPKG_ATTR_AUTHORITY, sizeof(SecPkgContext_AuthorityW)},
    {"PROTO_INFO", SECPKG_ATTR_PROTO_INFO, sizeof(SecPkgContext_ProtoInfoW)},
    {"PASSWORD_EXPIRY", SECPKG_ATTR_PASSWORD_EXPIRY, sizeof(SecPkgContext_PasswordExpiry)},
    {"SESSION_KEY", SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey)},
    {"PACKAGE_INFO", SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoW)},
    {"NATIVE_NAMES", SECPKG_ATTR_NATIVE_NAMES, sizeof(SecPkgContext_NativeNamesW)},
    {"FLAGS", SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags)},
};

// Those that an unfinished context answers too.
bool is_early(ULONG attribute) {
  return attribute == SECPKG_ATTR_PACKAGE_INFO || attribute == SECPKG_ATTR_NEGOTIATION_INFO ||
         attribute == SECPKG_ATTR_FLAGS || attribute == SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS;
}

constexpr std::size_t kLargest = 256;

// Gives back the pointers that a filled structure begins with.
void release(ULONG attribute, Bytes& structure) {
  std::array<void*, 2> pointers{};
  std::memcpy(pointers.data(), structure.data(), sizeof pointers);
  const bool two = attribute == SECPKG_ATTR_KEY_INFO || attribute == SECPKG_ATTR_NATIVE_NAMES;
  const bool none = attribute == SECPKG_ATTR_SIZES || attribute == SECPKG_ATTR_LIFESPAN ||
                    attribute == SECPKG_ATTR_STREAM_SIZES || attribute == SECPKG_ATTR_PASSWORD_EXPIRY ||
                    attribute == SECPKG_ATTR_FLAGS;
  if (attribute == SECPKG_ATTR_SESSION_KEY) pointers[0] = pointers[1];
  if (none) return;
  EXPECT_STATUS(FreeContextBuffer(pointers[0]), SEC_E_OK);
  if (two) {
    EXPECT_STATUS(FreeContextBuffer(pointers[1]), SEC_E_OK);
  }
}

class Attributes : public EachPackage {
 protected:
  [[nodiscard]] Pair made(ULONG requirements = kUsualRequirements, const char* target = kTarget) {
    return Pair(user_, service_, asking(requirements, target));
  }

  // The ticket's key decides where the server has no say in it, which is without mutual authentication. Tickets of
  // before may have a key of another kind.
  [[nodiscard]] Pair made_with_key(const char* service, const char* enctype) {
    realm_.use_session_enctype(service, enctype);
    const Tickets tickets(realm_, "alice", "alicepw");
    Credential user = outbound();
    return Pair(user, service_, asking(kUsualRequirements & ~ULONG{ISC_REQ_MUTUAL_AUTH}, service));
  }

  Credential user_ = outbound();
  Credential service_ = inbound();
};

std::array<SspiContext*, 2> ends(Pair& pair) { return {&pair.client, &pair.server}; }

Bytes session_key(SspiContext& context) {
  const auto key = context.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  Bytes bytes(key.SessionKey, key.SessionKey + key.SessionKeyLength);
  FreeContextBuffer(key.SessionKey);
  return bytes;
}

// ---- Sizes

TEST_P(Attributes, E_145_sizes_of_AES_SHA1_are_those_of_Windows) {
  Pair pair = made();
  for (SspiContext* end : ends(pair)) {
    const SecPkgContext_Sizes sizes = end->sizes();
    EXPECT_EQ(sizes.cbMaxSignature, 28U);
    EXPECT_EQ(sizes.cbSecurityTrailer, 60U);
    EXPECT_EQ(sizes.cbBlockSize, 1U);
    EXPECT_EQ(sizes.cbMaxToken, negotiates() ? 48256U : 48000U);
  }
}

struct SizesOf {
  const char* enctype;
  ULONG signature, trailer, key;
};

TEST_P(Attributes, E_145_E_153_sizes_and_keys_of_every_encryption_type) {
  for (const SizesOf& each :
       {SizesOf{"aes128-cts-hmac-sha1-96", 28, 60, 16}, SizesOf{"aes128-cts-hmac-sha256-128", 32, 64, 16},
        SizesOf{"aes256-cts-hmac-sha384-192", 40, 72, 32}, SizesOf{"arcfour-hmac", 37, 49, 16}}) {
    SCOPED_TRACE(each.enctype);
    Pair pair = made_with_key("imap/localhost", each.enctype);
    for (SspiContext* end : ends(pair)) {
      EXPECT_EQ(end->sizes().cbMaxSignature, each.signature);
      EXPECT_EQ(end->sizes().cbSecurityTrailer, each.trailer);
      EXPECT_EQ(end->sizes().cbBlockSize, 1U);
      EXPECT_EQ(session_key(*end).size(), each.key);
    }
    EXPECT_EQ(session_key(pair.client), session_key(pair.server));
    expect_messages_pass(pair.client, pair.server);
  }
}

TEST_P(Attributes, E_147_protection_that_was_not_granted_has_no_size) {
  Pair nothing = made(0);
  EXPECT_EQ(nothing.client.sizes().cbMaxSignature, 0U);
  EXPECT_EQ(nothing.client.sizes().cbSecurityTrailer, 0U);
  Pair integrity = made(ISC_REQ_INTEGRITY);
  EXPECT_EQ(integrity.client.sizes().cbMaxSignature, 28U);
  EXPECT_EQ(integrity.client.sizes().cbSecurityTrailer, 28U) << "what a token without encryption needs";
}

TEST_P(Attributes, stream_sizes_are_offered_to_those_who_ask) {
  Pair pair = made();
  for (SspiContext* end : ends(pair)) {
    const auto sizes = end->attribute<SecPkgContext_StreamSizes>(SECPKG_ATTR_STREAM_SIZES);
    EXPECT_EQ(sizes.cbHeader, 60U);
    EXPECT_EQ(sizes.cbTrailer, 0U);
    EXPECT_EQ(sizes.cbMaximumMessage, 65536U);
    EXPECT_EQ(sizes.cBuffers, 4U);
    EXPECT_EQ(sizes.cbBlockSize, 1U);
  }
}

// ---- When

TEST_P(Attributes, E_148_unfinished_context_tells_nothing_but_its_package_flags_and_state) {
  SspiInitiator client(user_, asking(kUsualRequirements | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor server(service_);
  server.step(client.step({}).token);
  ASSERT_STATUS(server.status(), SEC_I_CONTINUE_NEEDED);
  for (SspiContext* end : {static_cast<SspiContext*>(&client), static_cast<SspiContext*>(&server)})
    for (const Known& known : kOnBothSides) {
      SCOPED_TRACE(known.name);
      Bytes structure(kLargest, kUntouched);
      const SECURITY_STATUS status = QueryContextAttributesW(end->get(), known.number, structure.data());
      if (is_early(known.number)) {
        EXPECT_STATUS(status, SEC_E_OK);
        release(known.number, structure);
      } else {
        EXPECT_STATUS(status, SEC_E_INVALID_HANDLE);
        EXPECT_EQ(structure, Bytes(kLargest, kUntouched));
      }
    }
}

TEST_P(Attributes, every_attribute_fills_exactly_its_structure) {
  Pair pair = made();
  for (SspiContext* end : ends(pair))
    for (const Known& known : kOnBothSides) {
      SCOPED_TRACE(known.name);
      const auto expect_filled = [&](auto query) {
        Bytes structure(kLargest, kUntouched);
        ASSERT_STATUS(query(structure.data()), SEC_E_OK);
        EXPECT_NE(Bytes(structure.begin(), structure.begin() + known.size), Bytes(known.size, kUntouched));
        EXPECT_EQ(Bytes(structure.begin() + known.size, structure.end()), Bytes(kLargest - known.size, kUntouched));
        release(known.number, structure);
      };
      expect_filled([&](void* to) { return QueryContextAttributesW(end->get(), known.number, to); });
      expect_filled([&](void* to) { return QueryContextAttributesA(end->get(), known.number, to); });
      expect_filled([&](void* to) { return QueryContextAttributesExW(end->get(), known.number, to, known.size); });
      expect_filled([&](void* to) { return QueryContextAttributesExA(end->get(), known.number, to, kLargest); });
    }
}

TEST_P(Attributes, E_150_what_the_package_does_not_have_leaves_the_buffer_alone) {
  Pair pair = made();
  for (const ULONG attribute :
       {ULONG{SECPKG_ATTR_DCE_INFO}, ULONG{SECPKG_ATTR_USER_FLAGS}, ULONG{SECPKG_ATTR_USE_VALIDATED},
        ULONG{SECPKG_ATTR_CREDENTIAL_NAME}, ULONG{SECPKG_ATTR_TARGET_INFORMATION}, ULONG{SECPKG_ATTR_TARGET},
        ULONG{SECPKG_ATTR_AUTHENTICATION_ID}, ULONG{SECPKG_ATTR_NEGO_KEYS}, ULONG{SECPKG_ATTR_UNIQUE_BINDINGS},
        ULONG{SECPKG_ATTR_ENDPOINT_BINDINGS}, ULONG{SECPKG_ATTR_CONTEXT_DELETED}, ULONG{SECPKG_ATTR_IS_LOOPBACK},
        ULONG{SECPKG_ATTR_REMOTE_CERT_CONTEXT}, ULONG{SECPKG_ATTR_CONNECTION_INFO}, ULONG{4711}, ULONG{0xFFFFFFFF}}) {
    for (SspiContext* end : ends(pair)) {
      Bytes structure(kLargest, kUntouched);
      EXPECT_STATUS(QueryContextAttributesW(end->get(), attribute, structure.data()), SEC_E_UNSUPPORTED_FUNCTION);
      EXPECT_STATUS(QueryContextAttributesExA(end->get(), attribute, structure.data(), kLargest),
                    SEC_E_UNSUPPORTED_FUNCTION);
      EXPECT_EQ(structure, Bytes(kLargest, kUntouched)) << attribute;
    }
  }
}

TEST_P(Attributes, E_151_place_for_the_attribute_is_required) {
  Pair pair = made();
  for (const Known& known : kOnBothSides) {
    EXPECT_STATUS(QueryContextAttributesW(pair.client.get(), known.number, nullptr), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(QueryContextAttributesA(pair.client.get(), known.number, nullptr), SEC_E_INVALID_PARAMETER);
    EXPECT_STATUS(QueryContextAttributesExW(pair.client.get(), known.number, nullptr, kLargest),
                  SEC_E_INVALID_PARAMETER);
  }
}

TEST_P(Attributes, E_152_place_that_is_one_byte_short_is_left_alone) {
  Pair pair = made();
  for (const Known& known : kOnBothSides) {
    SCOPED_TRACE(known.name);
    Bytes structure(kLargest, kUntouched);
    EXPECT_STATUS(QueryContextAttributesExW(pair.client.get(), known.number, structure.data(), known.size - 1),
                  SEC_E_BUFFER_TOO_SMALL);
    EXPECT_STATUS(QueryContextAttributesExA(pair.server.get(), known.number, structure.data(), known.size - 1),
                  SEC_E_BUFFER_TOO_SMALL);
    EXPECT_STATUS(QueryContextAttributesExW(pair.server.get(), known.number, structure.data(), 0),
                  SEC_E_BUFFER_TOO_SMALL);
    EXPECT_EQ(structure, Bytes(kLargest, kUntouched));
  }
}

// ---- Negotiation

struct Negotiated {
  SECURITY_STATUS status;
  std::string package;
  ULONG state;
};

Negotiated negotiation(SspiContext& context) {
  SecPkgContext_NegotiationInfoW info{};
  Negotiated result{QueryContextAttributesW(context.get(), SECPKG_ATTR_NEGOTIATION_INFO, &info), {}, 0};
  if (result.status != SEC_E_OK) return result;
  result.package = narrow(info.PackageInfo->Name);
  result.state = info.NegotiationState;
  EXPECT_STATUS(FreeContextBuffer(info.PackageInfo), SEC_E_OK);
  return result;
}

TEST_P(Attributes, E_149_negotiation_is_told_while_it_goes_on_and_afterwards) {
  SspiInitiator client(user_, asking(kUsualRequirements | ISC_REQ_USE_DCE_STYLE));
  SspiAcceptor server(service_);
  Leg leg = client.step({});
  if (!negotiates()) {
    EXPECT_STATUS(negotiation(client).status, SEC_E_UNSUPPORTED_FUNCTION);
    return;
  }
  EXPECT_EQ(negotiation(client).package, "Kerberos");
  EXPECT_EQ(negotiation(client).state, ULONG{SECPKG_NEGOTIATION_OPTIMISTIC});
  leg = server.step(leg.token);
  leg = client.step(leg.token);
  ASSERT_STATUS(client.status(), SEC_I_CONTINUE_NEEDED);
  EXPECT_EQ(negotiation(client).state, ULONG{SECPKG_NEGOTIATION_IN_PROGRESS});
  leg = server.step(leg.token);
  client.step(leg.token);
  for (SspiContext* end : {static_cast<SspiContext*>(&client), static_cast<SspiContext*>(&server)}) {
    EXPECT_EQ(negotiation(*end).package, "Kerberos");
    EXPECT_EQ(negotiation(*end).state, ULONG{SECPKG_NEGOTIATION_COMPLETE});
    SecPkgContext_NegotiationInfoA info{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_NEGOTIATION_INFO, &info), SEC_E_OK);
    EXPECT_STREQ(info.PackageInfo->Name, "Kerberos");
    EXPECT_STATUS(FreeContextBuffer(info.PackageInfo), SEC_E_OK);
  }
}

TEST_P(Attributes, E_154_package_is_the_one_that_was_chosen) {
  Pair pair = made();
  for (SspiContext* end : ends(pair)) {
    EXPECT_EQ(end->package(), "Kerberos");
    SecPkgContext_PackageInfoA info{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_PACKAGE_INFO, &info), SEC_E_OK);
    EXPECT_STREQ(info.PackageInfo->Name, "Kerberos");
    EXPECT_EQ(info.PackageInfo->wRPCID, RPC_C_AUTHN_GSS_KERBEROS);
    EXPECT_STATUS(FreeContextBuffer(info.PackageInfo->Name), SEC_E_INVALID_HANDLE) << "one block with its strings";
    EXPECT_STATUS(FreeContextBuffer(info.PackageInfo), SEC_E_OK);
  }
}

TEST_P(Attributes, packages_that_Negotiate_leaves_out_are_told) {
  struct Wanted {
    const char* package_list;
    ULONG left_out;
  };
  for (const Wanted& wanted : {Wanted{"", 0},
                               {"!ntlm", SECPKG_ATTR_NEGO_INFO_FLAG_NO_NTLM},
                               {"ntlm", SECPKG_ATTR_NEGO_INFO_FLAG_NO_KERBEROS}}) {
    if (!negotiates() && *wanted.package_list != '\0') continue;
    SCOPED_TRACE(wanted.package_list);
    Identity alice("alice", "EXAMPLE", "alicepw", wanted.package_list);
    Credential user = outbound(alice.unicode_ex());
    Pair pair(user, service_);
    SecPkgContext_NegoPackageInfo info{};
    const SECURITY_STATUS status = QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_NEGO_PKG_INFO, &info);
    EXPECT_STATUS(status, negotiates() ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION);
    EXPECT_EQ(info.PackageMask, wanted.left_out);
  }
}

// ---- Keys

TEST_P(Attributes, E_153_session_key_is_the_same_on_both_sides) {
  Pair pair = made();
  EXPECT_EQ(session_key(pair.client), session_key(pair.server));
  EXPECT_EQ(session_key(pair.client).size(), 32U);
  Pair another = made();
  EXPECT_NE(session_key(another.client), session_key(pair.client));
}

TEST_P(Attributes, E_153_session_key_is_that_of_libgssapi) {
  SspiInitiator client(user_, kTarget);
  GssAcceptor server;
  establish(client, server);
  EXPECT_EQ(session_key(client), server.session_key());
}

TEST_P(Attributes, E_153_E_187_key_is_wiped_before_its_memory_is_released) {
  Pair pair = made();
  const auto key = pair.client.attribute<SecPkgContext_SessionKey>(SECPKG_ATTR_SESSION_KEY);
  ASSERT_EQ(key.SessionKeyLength, 32U);
  const proto::Descriptor memory(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(memory);
  std::array<std::uint8_t, 16> left{};
  left.fill(kUntouched);
  // The allocator writes into the first words of free memory. The kernel reads for us what we may not touch any more.
  const auto where = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(key.SessionKey)) + 16;
  FreeContextBuffer(key.SessionKey);
  ASSERT_EQ(::pread(memory.get(), left.data(), left.size(), where), static_cast<ssize_t>(left.size()));
  EXPECT_EQ(left, (std::array<std::uint8_t, 16>{}));
}

struct KeyInfo {
  const char* enctype;
  const char* encryption;
  const char* signature;
  ULONG bits;
  std::int32_t encryption_number, signature_number;
};

TEST_P(Attributes, key_info_names_both_algorithms) {
  for (const KeyInfo& each :
       {KeyInfo{"aes256-cts-hmac-sha1-96", "AES256-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES256", 256, 18, 16},
        KeyInfo{"aes128-cts-hmac-sha1-96", "AES128-CTS-HMAC-SHA1-96", "HMAC-SHA1-96-AES128", 128, 17, 15},
        KeyInfo{"arcfour-hmac", "RC4-HMAC", "HMAC-MD5", 128, 23, -138}}) {
    Pair pair = made_with_key("imap/localhost", each.enctype);
    for (SspiContext* end : ends(pair)) {
      const auto info = end->attribute<SecPkgContext_KeyInfoW>(SECPKG_ATTR_KEY_INFO);
      EXPECT_EQ(narrow(info.sEncryptAlgorithmName), each.encryption);
      EXPECT_EQ(narrow(info.sSignatureAlgorithmName), each.signature);
      EXPECT_EQ(info.KeySize, each.bits);
      EXPECT_EQ(static_cast<std::int32_t>(info.EncryptAlgorithm), each.encryption_number);
      EXPECT_EQ(static_cast<std::int32_t>(info.SignatureAlgorithm), each.signature_number);
      EXPECT_STATUS(FreeContextBuffer(info.sEncryptAlgorithmName), SEC_E_OK);
      EXPECT_STATUS(FreeContextBuffer(info.sSignatureAlgorithmName), SEC_E_OK);
    }
  }
}

// ---- The others

TEST_P(Attributes, lifespan_begins_with_the_context_and_ends_with_the_tickets) {
  const std::int64_t before = std::time(nullptr);
  Pair pair = made();
  const std::int64_t after = std::time(nullptr);
  const auto of_client = pair.client.attribute<SecPkgContext_Lifespan>(SECPKG_ATTR_LIFESPAN);
  const auto of_server = pair.server.attribute<SecPkgContext_Lifespan>(SECPKG_ATTR_LIFESPAN);
  EXPECT_EQ(of_client.tsExpiry.QuadPart, pair.client.expiry().QuadPart);
  EXPECT_EQ(of_server.tsExpiry.QuadPart, pair.server.expiry().QuadPart);
  for (const TimeStamp& start : {of_client.tsStart, of_server.tsStart}) {
    EXPECT_GE(unix_time(start), before);
    EXPECT_LE(unix_time(start), after);
  }
}

TEST_P(Attributes, authority_is_the_realm) {
  Pair pair = made();
  for (SspiContext* end : ends(pair)) {
    const auto authority = end->attribute<SecPkgContext_AuthorityW>(SECPKG_ATTR_AUTHORITY);
    EXPECT_EQ(narrow(authority.sAuthorityName), realm_.name());
    EXPECT_STATUS(FreeContextBuffer(authority.sAuthorityName), SEC_E_OK);
    SecPkgContext_AuthorityA authority_a{};
    ASSERT_STATUS(QueryContextAttributesA(end->get(), SECPKG_ATTR_AUTHORITY, &authority_a), SEC_E_OK);
    EXPECT_EQ(authority_a.sAuthorityName, realm_.name());
    EXPECT_STATUS(FreeContextBuffer(authority_a.sAuthorityName), SEC_E_OK);
  }
}

TEST_P(Attributes, protocol_is_Kerberos_5) {
  Pair pair = made();
  const auto info = pair.client.attribute<SecPkgContext_ProtoInfoW>(SECPKG_ATTR_PROTO_INFO);
  EXPECT_EQ(narrow(info.sProtocolName), "Kerberos");
  EXPECT_EQ(info.majorVersion, 5U);
  EXPECT_EQ(info.minorVersion, 0U);
  EXPECT_STATUS(FreeContextBuffer(info.sProtocolName), SEC_E_OK);
}

TEST_P(Attributes, password_does_not_expire) {
  Pair pair = made();
  const auto expiry = pair.client.attribute<SecPkgContext_PasswordExpiry>(SECPKG_ATTR_PASSWORD_EXPIRY);
  EXPECT_EQ(expiry.tsPasswordExpires.QuadPart, kNoExpiry);
}

TEST_P(Attributes, flags_are_those_of_the_last_call) {
  Pair pair = made();
  for (SspiContext* end : ends(pair))
    EXPECT_EQ(end->attribute<SecPkgContext_Flags>(SECPKG_ATTR_FLAGS).Flags,
              end->attributes() & ~ULONG{ISC_RET_ALLOCATED_MEMORY});
}

TEST_P(Attributes, server_is_told_the_target_that_the_client_named) {
  Pair pair = made(kUsualRequirements, "HTTP/localhost");
  const auto target = pair.server.attribute<SecPkgContext_ClientSpecifiedTarget>(SECPKG_ATTR_CLIENT_SPECIFIED_TARGET);
  EXPECT_EQ(narrow(target.sTargetName), "HTTP/localhost");
  EXPECT_STATUS(FreeContextBuffer(target.sTargetName), SEC_E_OK);
  // Wide from the A function as well, as on Windows.
  SecPkgContext_ClientSpecifiedTarget from_a{};
  ASSERT_STATUS(QueryContextAttributesA(pair.server.get(), SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &from_a), SEC_E_OK);
  EXPECT_EQ(narrow(from_a.sTargetName), "HTTP/localhost");
  EXPECT_STATUS(FreeContextBuffer(from_a.sTargetName), SEC_E_OK);
  EXPECT_STATUS(QueryContextAttributesW(pair.client.get(), SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &from_a),
                SEC_E_UNSUPPORTED_FUNCTION);
}

TEST_P(Attributes, client_is_told_whether_its_last_token_was_its_last) {
  SspiInitiator client(user_, kTarget);
  SspiAcceptor server(service_);
  const Leg first = client.step({});
  EXPECT_NE(
      client.attribute<SecPkgContext_LastClientTokenStatus>(SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS).LastClientTokenStatus,
      SecPkgAttrLastClientTokenYes);
  client.step(server.step(first.token).token);
  EXPECT_EQ(
      client.attribute<SecPkgContext_LastClientTokenStatus>(SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS).LastClientTokenStatus,
      SecPkgAttrLastClientTokenYes);
  SecPkgContext_LastClientTokenStatus status{};
  EXPECT_STATUS(QueryContextAttributesW(server.get(), SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, &status),
                SEC_E_UNSUPPORTED_FUNCTION);
}

FOR_EACH_PACKAGE(Attributes);

}  // namespace
}  // namespace sspid::test
