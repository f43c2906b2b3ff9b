// A context at both ends, once in libgssapi inside this program and once through sspid. Each pair belongs to one
// thread.
#pragma once

#include <string>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <sspi.h>

namespace sspid::bench {

/// A failed call ends the program: a measurement of failures is worth nothing.
void require(bool good, const char* what);

/// In the program: what one gets by linking libgssapi.
class GssPair {
 public:
  GssPair(gss_cred_id_t initiator, gss_cred_id_t acceptor, gss_OID mechanism, const std::string& service);
  GssPair(const GssPair&) = delete;
  GssPair& operator=(const GssPair&) = delete;
  ~GssPair();
  gss_ctx_id_t client = GSS_C_NO_CONTEXT, server = GSS_C_NO_CONTEXT;
};

/// Credentials acquired once, as a server does and a client that is written well.
struct GssCredentials {
  explicit GssCredentials(gss_OID mechanism);
  ~GssCredentials();
  gss_cred_id_t initiator = GSS_C_NO_CREDENTIAL, acceptor = GSS_C_NO_CREDENTIAL;
  gss_OID mechanism;
};

struct SspiCredentials {
  explicit SspiCredentials(const std::string& package);
  ~SspiCredentials();
  CredHandle initiator{}, acceptor{};
};

class SspiPair {
 public:
  SspiPair(SspiCredentials& credentials, const std::string& target);
  SspiPair(const SspiPair&) = delete;
  SspiPair& operator=(const SspiPair&) = delete;
  ~SspiPair();
  CtxtHandle client{}, server{};
};

}  // namespace sspid::bench
