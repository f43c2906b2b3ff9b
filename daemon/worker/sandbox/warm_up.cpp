#include <array>
#include <ctime>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5/krb5.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pwd.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/worker/gss/handle.h"
#include "daemon/worker/gss/krb5_handle.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/sandbox/sandbox.h"

namespace sspid::worker {

namespace {

// Asking a mechanism for anything loads it; being listed does not.
void load_mechanisms() {
  OM_uint32 minor = 0;
  gss::OidSet mechanisms;
  if (GSS_ERROR(gss_indicate_mechs(&minor, mechanisms.out()))) return;
  for (std::size_t i = 0; i < mechanisms.get()->count; ++i) {
    gss::OidSet names;
    gss_inquire_names_for_mech(&minor, &mechanisms.get()->elements[i], names.out());
  }
}

// Not the modules that would ask somebody: name servers for a KDC, sssd for a local name. They are loaded when needed.
void load_modules_of_kerberos() {
  gss::Krb5Context context;
  if (const auto code = context.initialize(); code != 0) {
    spdlog::warn("Kerberos cannot read its configuration: {}", gss::describe_krb5(nullptr, code));
    return;
  }
  char** realms = nullptr;
  if (krb5_get_host_realm(context.get(), "localhost", &realms) == 0) krb5_free_host_realm(context.get(), realms);
}

void load_name_services() {
  ::tzset();
  ::getpwuid(::geteuid());
  ::getservbyname("kerberos", "udp");
  addrinfo* addresses = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &addresses) == 0) ::freeaddrinfo(addresses);
}

void load_ciphers() {
  ::OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS,
                        nullptr);
  ::EVP_MD_free(::EVP_MD_fetch(nullptr, "SHA256", nullptr));
  std::array<unsigned char, 16> seed;
  ::RAND_bytes(seed.data(), seed.size());
}

}  // namespace

void warm_up() {
  load_mechanisms();
  load_modules_of_kerberos();
  load_name_services();
  load_ciphers();
}

}  // namespace sspid::worker
