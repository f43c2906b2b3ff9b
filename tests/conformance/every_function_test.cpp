// Every function that the library exports does something: each is called here with success at least once, but for a
// closed list of those that have no counterpart on this system, which refuse whatever they are given.
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "calls.h"

namespace sspid::test {
namespace {

/// What the calls find: one context, and credentials for more.
struct Scene {
  Scene() : user("Kerberos", SECPKG_CRED_OUTBOUND), service("Kerberos", SECPKG_CRED_INBOUND), pair(user, service) {}

  World& all = world();
  Credential user, service;
  Pair pair;
  SspiContext& client = pair.client;
  SspiContext& server = pair.server;
};

#define SUCCEEDS(call) EXPECT_STATUS(call, SEC_E_OK)

using Call = std::function<void(Scene&)>;

// ---- One function, one entry. A block that is handed out is given back by FreeContextBuffer.

void free_block(void* block) { SUCCEEDS(FreeContextBuffer(block)); }

void first_token(Scene& scene, Buffers& output) {
  OwnedContext context;
  output.room(SECBUFFER_TOKEN, 65536);
  EXPECT_STATUS(initialize({.credential = scene.user.get(), .new_context = context.get(), .output = output.get()}),
                SEC_I_CONTINUE_NEEDED);
}

void acquire_a(Scene&) {
  CredHandle handle{};
  char package[] = "Kerberos";
  SUCCEEDS(AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr,
                                     &handle, nullptr));
  SUCCEEDS(FreeCredentialsHandle(&handle));
}

template <class Names, class Query>
void credential_name(Scene& scene, Query query) {
  Names names{};
  SUCCEEDS(query(scene.user.get(), SECPKG_CRED_ATTR_NAMES, &names));
  free_block(names.sUserName);
}

void initialize_a(Scene& scene) {
  OwnedContext context;
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  char target[] = "host/localhost";
  ULONG attributes = 0;
  EXPECT_STATUS(
      InitializeSecurityContextA(scene.user.get(), nullptr, target, kUsualRequirements, 0, SECURITY_NATIVE_DREP,
                                 nullptr, 0, context.get(), output.get(), &attributes, nullptr),
      SEC_I_CONTINUE_NEEDED);
}

void accept_token(Scene& scene) {
  Buffers token, output;
  first_token(scene, token);
  Buffers input;
  input.add(SECBUFFER_TOKEN, token.bytes(0));
  output.room(SECBUFFER_TOKEN, 65536);
  OwnedContext context;
  SUCCEEDS(accept(
      {.credential = scene.service.get(), .input = input.get(), .new_context = context.get(), .output = output.get()}));
}

template <class Seal, class Unseal>
void seal_and_unseal(Scene& scene, Seal seal, Unseal unseal) {
  const Bytes message = bytes_of("message");
  Buffers buffers;
  buffers.room(SECBUFFER_TOKEN, scene.client.sizes().cbSecurityTrailer).add(SECBUFFER_DATA, message);
  SUCCEEDS(seal(scene.client.get(), 0, buffers.get(), 0));
  EXPECT_NE(buffers.bytes(1), message);
  ULONG qop = 0;
  SUCCEEDS(unseal(scene.server.get(), buffers.get(), 0, &qop));
  EXPECT_EQ(buffers.bytes(1), message);
}

void sign_and_verify(Scene& scene) {
  Buffers buffers;
  buffers.add(SECBUFFER_DATA, bytes_of("message")).room(SECBUFFER_TOKEN, scene.client.sizes().cbMaxSignature);
  SUCCEEDS(MakeSignature(scene.client.get(), 0, buffers.get(), 0));
  ULONG qop = 0;
  SUCCEEDS(VerifySignature(scene.server.get(), buffers.get(), 0, &qop));
}

template <class Enumerate, class Info>
void enumerate(Enumerate enumerate_packages) {
  ULONG count = 0;
  Info* packages = nullptr;
  SUCCEEDS(enumerate_packages(&count, &packages));
  EXPECT_GE(count, 2U);
  free_block(packages);
}

template <class Char, class Info>
void describe_package(SECURITY_STATUS (*query)(Char*, Info**), std::basic_string<Char> name) {
  Info* package = nullptr;
  SUCCEEDS(query(name.data(), &package));
  EXPECT_EQ(package->Name, name);
  free_block(package);
}

template <class Char>
void import_context(Scene& scene, SECURITY_STATUS (*import)(Char*, PSecBuffer, void*, PCtxtHandle),
                    std::basic_string<Char> name) {
  Buffers packed;
  packed.add(SECBUFFER_EMPTY, scene.client.packed());
  OwnedContext context;
  SUCCEEDS(import(name.data(), &packed[0], nullptr, context.get()));
}

const std::map<std::string, Call>& calls() {
  static const std::map<std::string, Call> all{
      // Credentials
      {"AcquireCredentialsHandleW", [](Scene&) { SUCCEEDS(Acquired({}).status); }},
      {"AcquireCredentialsHandleA", acquire_a},
      {"FreeCredentialsHandle", acquire_a},
      {"QueryCredentialsAttributesW",
       [](Scene& s) { credential_name<SecPkgCredentials_NamesW>(s, QueryCredentialsAttributesW); }},
      {"QueryCredentialsAttributesA",
       [](Scene& s) { credential_name<SecPkgCredentials_NamesA>(s, QueryCredentialsAttributesA); }},
      {"QueryCredentialsAttributesExW",
       [](Scene& s) {
         credential_name<SecPkgCredentials_NamesW>(
             s, [](auto... to) { return QueryCredentialsAttributesExW(to..., sizeof(SecPkgCredentials_NamesW)); });
       }},
      {"QueryCredentialsAttributesExA",
       [](Scene& s) {
         credential_name<SecPkgCredentials_NamesA>(
             s, [](auto... to) { return QueryCredentialsAttributesExA(to..., sizeof(SecPkgCredentials_NamesA)); });
       }},
      // Contexts
      {"InitializeSecurityContextW",
       [](Scene& s) {
         Buffers token;
         first_token(s, token);
       }},
      {"InitializeSecurityContextA", initialize_a},
      {"AcceptSecurityContext", accept_token},
      {"CompleteAuthToken", [](Scene& s) { SUCCEEDS(CompleteAuthToken(s.server.get(), nullptr)); }},
      {"DeleteSecurityContext",
       [](Scene& s) { SUCCEEDS(DeleteSecurityContext(Pair(s.user, s.service).client.get())); }},
      {"QueryContextAttributesW",
       [](Scene& s) {
         SecPkgContext_Sizes to{};
         SUCCEEDS(QueryContextAttributesW(s.client.get(), SECPKG_ATTR_SIZES, &to));
       }},
      {"QueryContextAttributesA",
       [](Scene& s) {
         SecPkgContext_Sizes to{};
         SUCCEEDS(QueryContextAttributesA(s.client.get(), SECPKG_ATTR_SIZES, &to));
       }},
      {"QueryContextAttributesExW",
       [](Scene& s) {
         SecPkgContext_Sizes to{};
         SUCCEEDS(QueryContextAttributesExW(s.client.get(), SECPKG_ATTR_SIZES, &to, sizeof to));
       }},
      {"QueryContextAttributesExA",
       [](Scene& s) {
         SecPkgContext_Sizes to{};
         SUCCEEDS(QueryContextAttributesExA(s.client.get(), SECPKG_ATTR_SIZES, &to, sizeof to));
       }},
      {"ExportSecurityContext", [](Scene& s) { import_context<SEC_WCHAR>(s, ImportSecurityContextW, u"Kerberos"); }},
      {"ImportSecurityContextW", [](Scene& s) { import_context<SEC_WCHAR>(s, ImportSecurityContextW, u"Kerberos"); }},
      {"ImportSecurityContextA", [](Scene& s) { import_context<SEC_CHAR>(s, ImportSecurityContextA, "Kerberos"); }},
      // Messages
      {"MakeSignature", sign_and_verify},
      {"VerifySignature", sign_and_verify},
      {"EncryptMessage", [](Scene& s) { seal_and_unseal(s, EncryptMessage, DecryptMessage); }},
      {"DecryptMessage", [](Scene& s) { seal_and_unseal(s, EncryptMessage, DecryptMessage); }},
      {"SealMessage", [](Scene& s) { seal_and_unseal(s, SealMessage, UnsealMessage); }},
      {"UnsealMessage", [](Scene& s) { seal_and_unseal(s, SealMessage, UnsealMessage); }},
      // Packages and the rest
      {"EnumerateSecurityPackagesW",
       [](Scene&) { enumerate<decltype(&EnumerateSecurityPackagesW), SecPkgInfoW>(EnumerateSecurityPackagesW); }},
      {"EnumerateSecurityPackagesA",
       [](Scene&) { enumerate<decltype(&EnumerateSecurityPackagesA), SecPkgInfoA>(EnumerateSecurityPackagesA); }},
      {"QuerySecurityPackageInfoW",
       [](Scene&) { describe_package<SEC_WCHAR>(QuerySecurityPackageInfoW, u"Negotiate"); }},
      {"QuerySecurityPackageInfoA", [](Scene&) { describe_package<SEC_CHAR>(QuerySecurityPackageInfoA, "Negotiate"); }},
      {"FreeContextBuffer", [](Scene&) { describe_package<SEC_CHAR>(QuerySecurityPackageInfoA, "Kerberos"); }},
      {"InitSecurityInterfaceW",
       [](Scene& s) { SUCCEEDS(InitSecurityInterfaceW()->CompleteAuthToken(s.client.get(), nullptr)); }},
      {"InitSecurityInterfaceA",
       [](Scene& s) { SUCCEEDS(InitSecurityInterfaceA()->CompleteAuthToken(s.client.get(), nullptr)); }},
      {"SspiGetLastErrorText",
       [](Scene&) {
         EXPECT_STATUS(FreeContextBuffer(&world()), SEC_E_INVALID_HANDLE);
         EXPECT_STRNE(SspiGetLastErrorText(), "");
       }},
  };
  return all;
}

/// What may refuse everything. A name in here is a decision; docs/functions.md gives the reasons.
const std::set<std::string>& closed_list() {
  static const std::set<std::string> all{
      "AddSecurityPackageA",       "AddSecurityPackageW",        "ApplyControlToken",       "DelegateSecurityContext",
      "DeleteSecurityPackageA",    "DeleteSecurityPackageW",     "SetContextAttributesA",   "SetContextAttributesW",
      "SspiGetCredUIContext",      "SspiPrepareForCredRead",     "SspiPrepareForCredWrite", "SspiPromptForCredentialsA",
      "SspiPromptForCredentialsW", "SspiUnmarshalCredUIContext", "SspiUpdateCredentials",
  };
  return all;
}

std::set<std::string> exported_functions() {
  std::set<std::string> all;
  std::ifstream map(SSPID_SOURCE "/client-lib/sspi.map");
  for (std::string line; std::getline(map, line);) {
    const auto first = line.find_first_not_of(' ');
    if (first == 4 && line.ends_with(';') && line[first] != '*')
      all.insert(line.substr(first, line.size() - first - 1));
  }
  return all;
}

TEST(EveryFunction, is_called_here_or_stands_on_the_closed_list) {
  const std::set<std::string> exported = exported_functions();
  ASSERT_GT(exported.size(), 90U);
  for (const std::string& name : exported) EXPECT_NE(calls().contains(name), closed_list().contains(name)) << name;
  for (const auto& [name, call] : calls()) EXPECT_TRUE(exported.contains(name)) << name;
  for (const std::string& name : closed_list()) EXPECT_TRUE(exported.contains(name)) << name;
}

class Function : public ::testing::TestWithParam<std::string> {};

TEST_P(Function, succeeds) {
  Scene scene;
  calls().at(GetParam())(scene);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, call] : calls()) all.push_back(name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(, Function, ::testing::ValuesIn(names()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace sspid::test
