#include "contexts.h"

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <sspi_ext.h>

namespace sspid::bench {

namespace {

constexpr OM_uint32 kGssFlags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
constexpr ULONG kSspiFlags = ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;

}  // namespace

void require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s failed: %s\n", what, SspiGetLastErrorText());
  std::abort();
}

GssCredentials::GssCredentials(gss_OID with) : mechanism(with) {
  OM_uint32 minor = 0;
  gss_OID_set_desc set = {1, mechanism};
  require(!GSS_ERROR(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, GSS_C_INITIATE, &initiator,
                                      nullptr, nullptr)),
          "gss_acquire_cred");
  require(!GSS_ERROR(gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &set, GSS_C_ACCEPT, &acceptor, nullptr,
                                      nullptr)),
          "gss_acquire_cred");
}

GssCredentials::~GssCredentials() {
  OM_uint32 minor = 0;
  gss_release_cred(&minor, &initiator);
  gss_release_cred(&minor, &acceptor);
}

GssPair::GssPair(gss_cred_id_t initiator, gss_cred_id_t acceptor, gss_OID mechanism, const std::string& service) {
  OM_uint32 minor = 0;
  gss_name_t target = GSS_C_NO_NAME;
  gss_buffer_desc text = {service.size(), const_cast<char*>(service.data())};
  require(!GSS_ERROR(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target)), "gss_import_name");
  gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
  OM_uint32 major = GSS_S_CONTINUE_NEEDED;
  while (major == GSS_S_CONTINUE_NEEDED) {
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    major = gss_init_sec_context(&minor, initiator, &client, target, mechanism, kGssFlags, 0, nullptr, &token, nullptr,
                                 &answer, nullptr, nullptr);
    require(!GSS_ERROR(major), "gss_init_sec_context");
    gss_release_buffer(&minor, &token);
    if (answer.length == 0) break;
    require(!GSS_ERROR(gss_accept_sec_context(&minor, &server, acceptor, &answer, nullptr, nullptr, nullptr, &token,
                                              nullptr, nullptr, nullptr)),
            "gss_accept_sec_context");
    gss_release_buffer(&minor, &answer);
  }
  gss_release_name(&minor, &target);
}

GssPair::~GssPair() {
  OM_uint32 minor = 0;
  gss_delete_sec_context(&minor, &client, nullptr);
  gss_delete_sec_context(&minor, &server, nullptr);
}

SspiCredentials::SspiCredentials(const std::string& package) {
  std::string name = package;
  require(AcquireCredentialsHandleA(nullptr, name.data(), SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr, nullptr,
                                    &initiator, nullptr) == SEC_E_OK,
          "AcquireCredentialsHandle");
  require(AcquireCredentialsHandleA(nullptr, name.data(), SECPKG_CRED_INBOUND, nullptr, nullptr, nullptr, nullptr,
                                    &acceptor, nullptr) == SEC_E_OK,
          "AcquireCredentialsHandle");
}

SspiCredentials::~SspiCredentials() {
  FreeCredentialsHandle(&initiator);
  FreeCredentialsHandle(&acceptor);
}

SspiPair::SspiPair(SspiCredentials& credentials, const std::string& target) {
  thread_local std::vector<unsigned char> to_server(48256), to_client(48256);
  std::string name = target;
  SecBuffer in{0, SECBUFFER_TOKEN, to_client.data()}, out{};
  SecBufferDesc in_list{SECBUFFER_VERSION, 1, &in}, out_list{SECBUFFER_VERSION, 1, &out};
  ULONG attributes = 0;
  bool first = true;
  for (SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED; status == SEC_I_CONTINUE_NEEDED; first = false) {
    out = {static_cast<ULONG>(to_server.size()), SECBUFFER_TOKEN, to_server.data()};
    status = InitializeSecurityContextA(&credentials.initiator, first ? nullptr : &client, name.data(), kSspiFlags, 0,
                                        SECURITY_NATIVE_DREP, first ? nullptr : &in_list, 0, &client, &out_list,
                                        &attributes, nullptr);
    require(status >= 0, "InitializeSecurityContext");
    if (out.cbBuffer == 0) break;
    SecBuffer received = out;
    SecBufferDesc received_list{SECBUFFER_VERSION, 1, &received};
    in = {static_cast<ULONG>(to_client.size()), SECBUFFER_TOKEN, to_client.data()};
    require(AcceptSecurityContext(&credentials.acceptor, first ? nullptr : &server, &received_list, 0,
                                  SECURITY_NATIVE_DREP, &server, &in_list, &attributes, nullptr) >= 0,
            "AcceptSecurityContext");
  }
}

SspiPair::~SspiPair() {
  DeleteSecurityContext(&client);
  DeleteSecurityContext(&server);
}

}  // namespace sspid::bench
