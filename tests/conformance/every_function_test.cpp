// Every function that the library exports does something: each is called here with success at least once, but for a
// closed list of those that have no counterpart on this system, which refuse whatever they are given.
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include "calls.h"
#include "support/sasl_peer.h"

namespace sspid::test {
namespace {

/// A realm that serves everything that any of the calls needs, and a daemon in it.
struct Stage {
  Stage() { realm.enter(); }

  static Realm::Options options() {
    Realm::Options options;
    options.password_service = true;
    // Whom the program may impersonate: as root nobody, otherwise itself.
    const passwd* self = ::getpwuid(::geteuid());
    const std::string account = ::geteuid() == 0 || self == nullptr ? "nobody" : self->pw_name;
    options.sections = "[realms]\n EXAMPLE.TEST = {\n auth_to_local_names = {\n alice = " + account + "\n }\n }\n";
    return options;
  }

  Realm realm{options()};
  DaemonProcess daemon{realm.environment()};
};

/// What the calls find: credentials, and a context between them.
struct Scene {
  Credential user{"Kerberos", SECPKG_CRED_OUTBOUND}, service{"Kerberos", SECPKG_CRED_INBOUND};
  Pair pair{user, service};
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

void change_password(Scene&, const char* package) {
  SecBuffer response{0, SECBUFFER_CHANGE_PASS_RESPONSE, nullptr};
  SecBufferDesc output{SECBUFFER_VERSION, 1, &response};
  std::string name = package, account = "bob", before = "bobpw", after = "another password";
  SUCCEEDS(ChangeAccountPasswordA(name.data(), nullptr, account.data(), before.data(), after.data(), 0, 0, &output));
  std::u16string wide_name = wide(name), wide_account = wide(account), wide_before = wide(before),
                 wide_after = wide(after);
  SUCCEEDS(ChangeAccountPasswordW(wide_name.data(), nullptr, wide_account.data(), wide_after.data(), wide_before.data(),
                                  0, 0, &output));
}

template <class Char>
void add_credential(SECURITY_STATUS (*add)(PCredHandle, Char*, Char*, ULONG, void*, SEC_GET_KEY_FN, void*, PTimeStamp),
                    std::basic_string<Char> package) {
  Credential credential("Negotiate", SECPKG_CRED_INBOUND);
  SUCCEEDS(add(credential.get(), nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr));
}

void set_kdc_proxy(SECURITY_STATUS (*set)(PCredHandle, ULONG, void*, ULONG)) {
  Credential credential("Kerberos", SECPKG_CRED_OUTBOUND);
  SecPkgCredentials_KdcProxySettingsW none{};
  none.Version = KDC_PROXY_SETTINGS_V1;
  SUCCEEDS(set(credential.get(), SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, &none, sizeof none));
}

void impersonate(Scene& scene, SECURITY_STATUS (*become)(PCtxtHandle)) {
  SUCCEEDS(become(scene.server.get()));
  SUCCEEDS(RevertSecurityContext(scene.server.get()));
}

void read_token(Scene& scene) {
  HANDLE token = nullptr;
  SUCCEEDS(QuerySecurityContextToken(scene.server.get(), &token));
  SspiTokenInformation* information = nullptr;
  SUCCEEDS(SspiQueryTokenInformation(token, &information));
  EXPECT_EQ(information->Principal, scene.client.client_name());
  free_block(information);
  EXPECT_TRUE(CloseHandle(token));
}

template <class Char>
void acquire_for_user(SECURITY_STATUS (*acquire)(Char*, Char*, PCredHandle, Char*, PCredHandle, PTimeStamp),
                      std::basic_string<Char> user, std::basic_string<Char> package, std::basic_string<Char> service) {
  CredHandle handle{};
  SUCCEEDS(acquire(user.data(), package.data(), nullptr, service.data(), &handle, nullptr));
  SUCCEEDS(FreeCredentialsHandle(&handle));
}

using Opaque = PSEC_WINNT_AUTH_IDENTITY_OPAQUE;
using OwnedIdentity = std::unique_ptr<void, decltype(&SspiFreeAuthIdentity)>;

OwnedIdentity opaque_identity() {
  std::u16string user = u"alice", domain = u"EXAMPLE.TEST", password = u"alicepw";
  Opaque identity = nullptr;
  SUCCEEDS(SspiEncodeStringsAsAuthIdentity(user.data(), domain.data(), password.data(), &identity));
  return {identity, SspiFreeAuthIdentity};
}

void take_identity_apart(Scene&) {
  const OwnedIdentity identity = opaque_identity();
  SUCCEEDS(SspiValidateAuthIdentity(identity.get()));
  PCWSTR user = nullptr, domain = nullptr, password = nullptr;
  SUCCEEDS(SspiEncodeAuthIdentityAsStrings(identity.get(), &user, &domain, &password));
  EXPECT_EQ(std::u16string(user), u"alice");
  for (PCWSTR text : {user, domain, password}) SspiLocalFree(const_cast<SEC_WCHAR*>(text));
}

void copy_identity(Scene&) {
  const OwnedIdentity identity = opaque_identity();
  const auto expect_the_same = [&](Opaque other) {
    const OwnedIdentity owned(other, SspiFreeAuthIdentity);
    BOOLEAN user = 0, all = 0;
    SUCCEEDS(SspiCompareAuthIdentities(identity.get(), other, &user, &all));
    EXPECT_TRUE(user != 0 && all != 0);
  };
  Opaque copy = nullptr;
  SUCCEEDS(SspiCopyAuthIdentity(identity.get(), &copy));
  expect_the_same(copy);
  ULONG length = 0;
  char* bytes = nullptr;
  SUCCEEDS(SspiMarshalAuthIdentity(identity.get(), &length, &bytes));
  SUCCEEDS(SspiUnmarshalAuthIdentity(length, bytes, &copy));
  SspiLocalFree(bytes);
  expect_the_same(copy);
  std::u16string package = u"NTLM";
  SUCCEEDS(SspiExcludePackage(identity.get(), package.data(), &copy));
  expect_the_same(copy);
}

template <class Encrypt, class Decrypt>
void encrypt_identity(Encrypt encrypt, Decrypt decrypt) {
  const OwnedIdentity identity = opaque_identity();
  SUCCEEDS(encrypt(identity.get()));
  EXPECT_NE(SspiIsAuthIdentityEncrypted(identity.get()), 0);
  SUCCEEDS(decrypt(identity.get()));
  EXPECT_EQ(SspiIsAuthIdentityEncrypted(identity.get()), 0);
}

void encrypt_identity_here(Scene&) { encrypt_identity(SspiEncryptAuthIdentity, SspiDecryptAuthIdentity); }

void encrypt_identity_for_logon(Scene&) {
  constexpr ULONG kLogon = SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON;
  encrypt_identity([](Opaque identity) { return SspiEncryptAuthIdentityEx(kLogon, identity); },
                   [](Opaque identity) { return SspiDecryptAuthIdentityEx(kLogon, identity); });
}

void zero_identity(Scene&) {
  const OwnedIdentity identity = opaque_identity();
  SspiZeroAuthIdentity(identity.get());
  std::uint32_t version = 1;
  std::memcpy(&version, identity.get(), sizeof version);
  EXPECT_EQ(version, 0U);
}

void target_host(Scene&) {
  std::u16string target = u"ldap/dc1.example.test:389";
  PWSTR host = nullptr;
  SUCCEEDS(SspiGetTargetHostName(target.data(), &host));
  EXPECT_EQ(std::u16string(host), u"dc1.example.test");
  SspiLocalFree(host);
}

void flag_bindings(Scene&) {
  Bytes bindings = channel_bindings("tls-unique:1");
  SecPkgContext_Bindings flagged{static_cast<ULONG>(bindings.size()),
                                 reinterpret_cast<SEC_CHANNEL_BINDINGS*>(bindings.data())};
  SUCCEEDS(SspiSetChannelBindingFlags(&flagged, SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS));
  EXPECT_GT(flagged.BindingsLength, bindings.size());
  free_block(flagged.Bindings);
}

/// Starts an asynchronous call and waits for its end.
template <class Start>
SECURITY_STATUS waited_for(Start start) {
  const std::unique_ptr<SspiAsyncContext, decltype(&SspiFreeAsyncContext)> async(SspiCreateAsyncContext(),
                                                                                 SspiFreeAsyncContext);
  SUCCEEDS(start(async.get()));
  for (;;) {
    const SECURITY_STATUS status = SspiGetAsyncCallStatus(async.get());
    if (status != SEC_I_ASYNC_CALL_PENDING) return status;
    pollfd watched{.fd = SspiGetAsyncDescriptor(async.get()), .events = POLLIN, .revents = 0};
    constexpr int kMilliseconds = static_cast<int>(std::chrono::milliseconds(kPatience).count());
    if (::poll(&watched, 1, kMilliseconds) < 1) throw std::runtime_error("the call does not end");
  }
}

template <class Char>
void acquire_async(SECURITY_STATUS (*acquire)(SspiAsyncContext*, Char*, Char*, ULONG, void*, void*, SEC_GET_KEY_FN,
                                              void*, PCredHandle, PTimeStamp),
                   std::basic_string<Char> package) {
  CredHandle handle{};
  SUCCEEDS(waited_for([&](SspiAsyncContext* async) {
    return acquire(async, nullptr, package.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr, &handle,
                   nullptr);
  }));
  SUCCEEDS(waited_for([&](SspiAsyncContext* async) { return SspiFreeCredentialsHandleAsync(async, &handle); }));
}

template <class Char>
void initialize_async(Scene& scene,
                      SECURITY_STATUS (*initialize)(SspiAsyncContext*, PCredHandle, PCtxtHandle, Char*, ULONG, ULONG,
                                                    ULONG, PSecBufferDesc, ULONG, PCtxtHandle, PSecBufferDesc, ULONG*,
                                                    PTimeStamp),
                      std::basic_string<Char> target) {
  CtxtHandle context{};
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  ULONG attributes = 0;
  EXPECT_STATUS(waited_for([&](SspiAsyncContext* async) {
                  return initialize(async, scene.user.get(), nullptr, target.data(), kUsualRequirements, 0,
                                    SECURITY_NATIVE_DREP, nullptr, 0, &context, output.get(), &attributes, nullptr);
                }),
                SEC_I_CONTINUE_NEEDED);
  SUCCEEDS(waited_for([&](SspiAsyncContext* async) { return SspiDeleteSecurityContextAsync(async, &context); }));
}

void accept_async(Scene& scene) {
  Buffers token, input, output;
  first_token(scene, token);
  input.add(SECBUFFER_TOKEN, token.bytes(0));
  output.room(SECBUFFER_TOKEN, 65536);
  OwnedContext context;
  ULONG attributes = 0;
  SUCCEEDS(waited_for([&](SspiAsyncContext* async) {
    return SspiAcceptSecurityContextAsync(async, scene.service.get(), nullptr, input.get(), 0, SECURITY_NATIVE_DREP,
                                          context.get(), output.get(), &attributes, nullptr);
  }));
}

void seal_and_sign_async(Scene& scene) {
  Buffers sealed;
  sealed.room(SECBUFFER_TOKEN, scene.client.sizes().cbSecurityTrailer).add(SECBUFFER_DATA, bytes_of("message"));
  const auto from = [&](auto call, Buffers& buffers) {
    return waited_for([&](SspiAsyncContext* async) { return call(async, scene.client.get(), 0, buffers.get(), 0); });
  };
  const auto to = [&](auto call, Buffers& buffers) {
    ULONG qop = 0;
    return waited_for([&](SspiAsyncContext* async) { return call(async, scene.server.get(), buffers.get(), 0, &qop); });
  };
  SUCCEEDS(from(SspiEncryptMessageAsync, sealed));
  SUCCEEDS(to(SspiDecryptMessageAsync, sealed));
  EXPECT_EQ(sealed.bytes(1), bytes_of("message"));
  Buffers signed_one;
  signed_one.add(SECBUFFER_DATA, bytes_of("message")).room(SECBUFFER_TOKEN, scene.client.sizes().cbMaxSignature);
  SUCCEEDS(from(SspiMakeSignatureAsync, signed_one));
  SUCCEEDS(to(SspiVerifySignatureAsync, signed_one));
}

// All that an asynchronous context has beside its calls.
void call_back(Scene& scene) {
  SspiAsyncContext* async = SspiCreateAsyncContext();
  ASSERT_NE(async, nullptr);
  EXPECT_GE(SspiGetAsyncDescriptor(async), 0);
  bool called = false;
  SUCCEEDS(SspiSetAsyncNotifyCallback(
      async, [](SspiAsyncContext*, void* flag) { *static_cast<bool*>(flag) = true; }, &called));
  EXPECT_NE(SspiAsyncContextRequiresNotify(async), 0);
  Pair doomed(scene.user, scene.service);
  SUCCEEDS(SspiDeleteSecurityContextAsync(async, doomed.client.get()));
  await("the call's end", [&] { return SspiDispatchAsyncCall(async) != SEC_I_ASYNC_CALL_PENDING; });
  EXPECT_TRUE(called);
  SUCCEEDS(SspiReinitAsyncContext(async));
  SUCCEEDS(SspiDeleteSecurityContextAsync(async, doomed.server.get()));
  SspiCancelAsyncCall(async);
  SspiFreeAsyncContext(async);
}

template <class Char, class Enumerate>
void sasl_profiles(Enumerate enumerate_profiles) {
  Char* list = nullptr;
  ULONG count = 0;
  SUCCEEDS(enumerate_profiles(&list, &count));
  EXPECT_GE(count, 2U);
  free_block(list);
}

template <class Char, class Info, class Describe>
void sasl_profile(Describe describe, std::basic_string<Char> profile) {
  Info info = nullptr;
  SUCCEEDS(describe(profile.data(), &info));
  free_block(info);
}

template <class Info, class Identify>
void sasl_package(Identify identify) {
  Buffers input;
  input.add(SECBUFFER_TOKEN, bytes_of("PLAIN GSSAPI"));
  Info info = nullptr;
  SUCCEEDS(identify(input.get(), &info));
  free_block(info);
}

template <class Char, class Initialize>
void sasl_initialize(Scene& scene, Initialize initialize_sasl, std::basic_string<Char> target) {
  OwnedContext context;
  Buffers output;
  output.room(SECBUFFER_TOKEN, 65536);
  ULONG attributes = 0;
  EXPECT_STATUS(initialize_sasl(scene.user.get(), nullptr, target.data(), kUsualRequirements, 0, SECURITY_NATIVE_DREP,
                                nullptr, 0, context.get(), output.get(), &attributes, nullptr),
                SEC_I_CONTINUE_NEEDED);
}

void sasl_negotiate(Scene& scene) {
  SaslInitiator client(scene.user, {kTarget, ISC_REQ_CONFIDENTIALITY});
  SaslAcceptor server(scene.service);
  EXPECT_TRUE(negotiate(client, server).complete());
  EXPECT_EQ(sasl_number(server, SASL_OPTION_SEND_SIZE), 0xFFFFU);
}

/// A name in a format, asked for its size first.
template <class Char, class Ask>
void name_of(Ask ask, EXTENDED_NAME_FORMAT format) {
  ULONG size = 0;
  (void)ask(format, nullptr, &size);  // whether that is success differs from function to function
  std::basic_string<Char> name(size, Char{});
  EXPECT_TRUE(ask(format, name.data(), &size)) << SspiGetLastErrorText();
  EXPECT_GT(size, 0U);
}

template <class Char, class Translate>
void translate(Translate translate_name, std::basic_string<Char> name) {
  name_of<Char>([&](EXTENDED_NAME_FORMAT format, Char* buffer,
                    ULONG* size) { return translate_name(name.c_str(), NameSamCompatible, format, buffer, size); },
                NameUserPrincipal);
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
      {"SspiAcquireCredentialsForUserW",
       [](Scene&) {
         acquire_for_user<SEC_WCHAR>(SspiAcquireCredentialsForUserW, u"bob", u"Kerberos", u"HTTP/localhost");
       }},
      {"SspiAcquireCredentialsForUserA",
       [](Scene&) { acquire_for_user<SEC_CHAR>(SspiAcquireCredentialsForUserA, "bob", "Kerberos", "HTTP/localhost"); }},
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
      {"ImpersonateSecurityContext", [](Scene& s) { impersonate(s, ImpersonateSecurityContext); }},
      {"RevertSecurityContext", [](Scene& s) { impersonate(s, ImpersonateSecurityContext); }},
      {"SspiImpersonateNetworkOnly", [](Scene& s) { impersonate(s, SspiImpersonateNetworkOnly); }},
      {"QuerySecurityContextToken", read_token},
      {"SspiQueryTokenInformation", read_token},
      {"CloseHandle", read_token},
      // Messages
      {"MakeSignature", sign_and_verify},
      {"VerifySignature", sign_and_verify},
      {"EncryptMessage", [](Scene& s) { seal_and_unseal(s, EncryptMessage, DecryptMessage); }},
      {"DecryptMessage", [](Scene& s) { seal_and_unseal(s, EncryptMessage, DecryptMessage); }},
      {"SealMessage", [](Scene& s) { seal_and_unseal(s, SealMessage, UnsealMessage); }},
      {"UnsealMessage", [](Scene& s) { seal_and_unseal(s, SealMessage, UnsealMessage); }},
      // Identities and what else the library does by itself
      {"SspiEncodeStringsAsAuthIdentity", take_identity_apart},
      {"SspiEncodeAuthIdentityAsStrings", take_identity_apart},
      {"SspiValidateAuthIdentity", take_identity_apart},
      {"SspiLocalFree", take_identity_apart},
      {"SspiFreeAuthIdentity", take_identity_apart},
      {"SspiCopyAuthIdentity", copy_identity},
      {"SspiCompareAuthIdentities", copy_identity},
      {"SspiMarshalAuthIdentity", copy_identity},
      {"SspiUnmarshalAuthIdentity", copy_identity},
      {"SspiExcludePackage", copy_identity},
      {"SspiEncryptAuthIdentity", encrypt_identity_here},
      {"SspiDecryptAuthIdentity", encrypt_identity_here},
      {"SspiIsAuthIdentityEncrypted", encrypt_identity_here},
      {"SspiEncryptAuthIdentityEx", encrypt_identity_for_logon},
      {"SspiDecryptAuthIdentityEx", encrypt_identity_for_logon},
      {"SspiZeroAuthIdentity", zero_identity},
      {"SspiGetTargetHostName", target_host},
      {"SspiIsPromptingNeeded",
       [](Scene&) { EXPECT_NE(SspiIsPromptingNeeded(static_cast<ULONG>(SEC_E_LOGON_DENIED)), 0); }},
      {"SspiSetChannelBindingFlags", flag_bindings},
      // Asynchronous calls
      {"SspiAcquireCredentialsHandleAsyncW",
       [](Scene&) { acquire_async<SEC_WCHAR>(SspiAcquireCredentialsHandleAsyncW, u"Kerberos"); }},
      {"SspiAcquireCredentialsHandleAsyncA",
       [](Scene&) { acquire_async<SEC_CHAR>(SspiAcquireCredentialsHandleAsyncA, "Kerberos"); }},
      {"SspiFreeCredentialsHandleAsync",
       [](Scene&) { acquire_async<SEC_CHAR>(SspiAcquireCredentialsHandleAsyncA, "Negotiate"); }},
      {"SspiInitializeSecurityContextAsyncW",
       [](Scene& s) { initialize_async<SEC_WCHAR>(s, SspiInitializeSecurityContextAsyncW, u"host/localhost"); }},
      {"SspiInitializeSecurityContextAsyncA",
       [](Scene& s) { initialize_async<SEC_CHAR>(s, SspiInitializeSecurityContextAsyncA, "host/localhost"); }},
      {"SspiAcceptSecurityContextAsync", accept_async},
      {"SspiDeleteSecurityContextAsync", call_back},
      {"SspiMakeSignatureAsync", seal_and_sign_async},
      {"SspiVerifySignatureAsync", seal_and_sign_async},
      {"SspiEncryptMessageAsync", seal_and_sign_async},
      {"SspiDecryptMessageAsync", seal_and_sign_async},
      {"SspiCreateAsyncContext", call_back},
      {"SspiFreeAsyncContext", call_back},
      {"SspiReinitAsyncContext", call_back},
      {"SspiSetAsyncNotifyCallback", call_back},
      {"SspiAsyncContextRequiresNotify", call_back},
      {"SspiGetAsyncCallStatus", accept_async},
      {"SspiDispatchAsyncCall", call_back},
      {"SspiGetAsyncDescriptor", call_back},
      {"SspiCancelAsyncCall", call_back},
      // SASL
      {"SaslEnumerateProfilesW", [](Scene&) { sasl_profiles<SEC_WCHAR>(SaslEnumerateProfilesW); }},
      {"SaslEnumerateProfilesA", [](Scene&) { sasl_profiles<SEC_CHAR>(SaslEnumerateProfilesA); }},
      {"SaslGetProfilePackageW",
       [](Scene&) { sasl_profile<SEC_WCHAR, PSecPkgInfoW>(SaslGetProfilePackageW, u"GSSAPI"); }},
      {"SaslGetProfilePackageA",
       [](Scene&) { sasl_profile<SEC_CHAR, PSecPkgInfoA>(SaslGetProfilePackageA, "GSS-SPNEGO"); }},
      {"SaslIdentifyPackageW", [](Scene&) { sasl_package<PSecPkgInfoW>(SaslIdentifyPackageW); }},
      {"SaslIdentifyPackageA", [](Scene&) { sasl_package<PSecPkgInfoA>(SaslIdentifyPackageA); }},
      {"SaslInitializeSecurityContextW",
       [](Scene& s) { sasl_initialize<SEC_WCHAR>(s, SaslInitializeSecurityContextW, u"host/localhost"); }},
      {"SaslInitializeSecurityContextA",
       [](Scene& s) { sasl_initialize<SEC_CHAR>(s, SaslInitializeSecurityContextA, "host/localhost"); }},
      {"SaslAcceptSecurityContext", sasl_negotiate},
      {"SaslGetContextOption", sasl_negotiate},
      {"SaslSetContextOption", sasl_negotiate},
      // Names of accounts
      {"GetUserNameExW", [](Scene&) { name_of<SEC_WCHAR>(GetUserNameExW, NameUserPrincipal); }},
      {"GetUserNameExA", [](Scene&) { name_of<SEC_CHAR>(GetUserNameExA, NameUserPrincipal); }},
      {"GetComputerObjectNameW", [](Scene&) { name_of<SEC_WCHAR>(GetComputerObjectNameW, NameSamCompatible); }},
      {"GetComputerObjectNameA", [](Scene&) { name_of<SEC_CHAR>(GetComputerObjectNameA, NameSamCompatible); }},
      {"TranslateNameW", [](Scene&) { translate<SEC_WCHAR>(TranslateNameW, u"EXAMPLE\\alice"); }},
      {"TranslateNameA", [](Scene&) { translate<SEC_CHAR>(TranslateNameA, "EXAMPLE\\alice"); }},
      // Packages and the rest
      {"AddCredentialsW", [](Scene&) { add_credential<SEC_WCHAR>(AddCredentialsW, u"Kerberos"); }},
      {"AddCredentialsA", [](Scene&) { add_credential<SEC_CHAR>(AddCredentialsA, "Kerberos"); }},
      {"SetCredentialsAttributesW", [](Scene&) { set_kdc_proxy(SetCredentialsAttributesW); }},
      {"SetCredentialsAttributesA", [](Scene&) { set_kdc_proxy(SetCredentialsAttributesA); }},
      {"ChangeAccountPasswordW", [](Scene& s) { change_password(s, "Kerberos"); }},
      {"ChangeAccountPasswordA", [](Scene& s) { change_password(s, "Negotiate"); }},
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
       [](Scene& s) {
         EXPECT_STATUS(FreeContextBuffer(&s), SEC_E_INVALID_HANDLE);
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
  for (const std::string& name : exported) EXPECT_EQ(calls().contains(name) + closed_list().contains(name), 1) << name;
  for (const auto& [name, call] : calls()) EXPECT_TRUE(exported.contains(name)) << name;
  for (const std::string& name : closed_list()) EXPECT_TRUE(exported.contains(name)) << name;
}

TEST(EveryFunction, is_told_to_be_supported_where_it_does_something) {
  std::ifstream document(SSPID_SOURCE "/docs/functions.md");
  std::size_t rows = 0;
  for (std::string line; std::getline(document, line) && !line.starts_with("## ");) {
    if (!line.starts_with("| `")) continue;
    ++rows;
    const std::string name = line.substr(3, line.find('`', 3) - 3);
    const bool is_supported = line.find("` | supported | ") != std::string::npos;
    EXPECT_NE(is_supported, closed_list().contains(name)) << line;
  }
  EXPECT_EQ(rows, exported_functions().size());
}

class Function : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() { stage_ = std::make_unique<Stage>(); }
  static void TearDownTestSuite() { stage_.reset(); }

 private:
  static inline std::unique_ptr<Stage> stage_;
};

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
