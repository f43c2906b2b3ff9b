// A client that says which packages its daemon offers, by which a test tells one daemon from another; and a server that
// is none, to be run as a stranger.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sspi.h>
#include <sspi_ext.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

int ask() {
  if (getauxval(AT_SECURE) != 0) std::printf("secure ");
  ULONG count = 0;
  SecPkgInfoA* packages = nullptr;
  const SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &packages);
  if (status != SEC_E_OK) {
    std::printf("%08x %s\n", static_cast<unsigned>(status), SspiGetLastErrorText());
    return 1;
  }
  for (ULONG i = 0; i < count; ++i) std::printf("%s%s", i == 0 ? "" : " ", packages[i].Name);
  std::printf("\n");
  FreeContextBuffer(packages);
  return 0;
}

int listen_at(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return 2;
  std::strcpy(address.sun_path, path);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 2;
  if (::listen(socket, 5) != 0) return 2;
  std::puts("listening");
  std::fflush(stdout);
  for (;;) ::pause();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "listen") == 0) return listen_at(argv[2]);
  return ask();
}
