// What a test cannot do to itself, because its library has a session already: be a process of another user, or one that
// finds no daemon. Prints one status.
#include <cstdio>
#include <cstring>

#include <grp.h>
#include <unistd.h>

#include "calls.h"

namespace {

using namespace sspid::test;

int tell(SECURITY_STATUS status) {
  std::printf("%s\n", status_name(status).c_str());
  return 0;
}

int acquire(const char* package, const char* direction) {
  const ULONG use = std::strcmp(direction, "inbound") == 0 ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND;
  return tell(Acquired({.package = package, .use = use}).status);
}

int enumerate() {
  ULONG count = 0;
  SecPkgInfoW* all = nullptr;
  const SECURITY_STATUS status = EnumerateSecurityPackagesW(&count, &all);
  if (status == SEC_E_OK) FreeContextBuffer(all);
  return tell(status);
}

// Bytes that name no context: who may not ask at all is told so, nobody else is told more than that.
int import(const char* package) {
  std::u16string name = wide(package);
  Bytes bytes(56, 1);
  SecBuffer packed{static_cast<ULONG>(bytes.size()), SECBUFFER_EMPTY, bytes.data()};
  OwnedContext context;
  return tell(ImportSecurityContextW(name.data(), &packed, nullptr, context.get()));
}

// Reads the bytes of SspiMarshalAuthIdentity, in hexadecimal, and tells what another process may do with them.
int use_identity(const char* verb, const std::string& hexadecimal) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hexadecimal.substr(i, 2), nullptr, 16)));
  PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = nullptr;
  SECURITY_STATUS status =
      SspiUnmarshalAuthIdentity(static_cast<ULONG>(bytes.size()), reinterpret_cast<char*>(bytes.data()), &identity);
  if (status == SEC_E_OK && std::strcmp(verb, "acquire-as") == 0)
    status = Acquired({.package = "Kerberos", .identity = identity}).status;
  else if (status == SEC_E_OK)
    status = SspiDecryptAuthIdentityEx(std::strcmp(verb, "decrypt-process") == 0
                                           ? ULONG{SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS}
                                           : ULONG{SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON},
                                       identity);
  SspiFreeAuthIdentity(identity);
  return tell(status);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "as-nobody") == 0) {
    // From inside: the directory of the built programs may be closed to other users.
    if (::setgroups(0, nullptr) != 0 || ::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0)
      return 2;
    ++argv;
    --argc;
  }
  if (argc == 4 && std::strcmp(argv[1], "acquire") == 0) return acquire(argv[2], argv[3]);
  if (argc == 2 && std::strcmp(argv[1], "enumerate") == 0) return enumerate();
  if (argc == 3 && std::strcmp(argv[1], "import") == 0) return import(argv[2]);
  if (argc == 3) return use_identity(argv[1], argv[2]);
  std::fprintf(stderr,
               "usage: conformance_program [as-nobody] acquire PACKAGE inbound|outbound\n"
               "       conformance_program [as-nobody] enumerate\n"
               "       conformance_program [as-nobody] import PACKAGE\n"
               "       conformance_program [as-nobody] acquire-as|decrypt-logon|decrypt-process IDENTITY\n");
  return 2;
}
