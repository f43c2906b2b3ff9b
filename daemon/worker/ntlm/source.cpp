#include "daemon/worker/ntlm/source.h"

#include "daemon/worker/gss/mechanisms.h"
#include "daemon/worker/gss/names.h"
#include "daemon/worker/gss/status.h"
#include "daemon/worker/ntlm/host.h"

namespace sspid::worker::ntlm {

namespace {

constexpr const char* kUsersFile = "ntlmssp_keyfile";

}  // namespace

void Source::add_user(gss::CredentialStore& store) const { store.add(kUsersFile, user_->path().c_str()); }

void Source::add_users(gss::CredentialStore& store) const { store.add(kUsersFile, users_->path().c_str()); }

Outcome server_name(const std::string& target, gss::Name& name) {
  const gss::Target parsed = gss::parse_target(target);
  const std::string text = parsed.kind == gss::TargetKind::service ? parsed.text : '@' + this_host();
  OM_uint32 minor = 0;
  gss_buffer_desc buffer = gss::borrow(text);
  const OM_uint32 major = gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, name.out());
  if (!GSS_ERROR(major)) return {};
  return {SEC_E_TARGET_UNKNOWN, "NTLM: " + gss::describe(major, minor, gss::ntlm())};
}

}  // namespace sspid::worker::ntlm
