#include "daemon/worker/gss/duplicate.h"

namespace sspid::worker::gss {

MessageStatus duplicate(Context& context, Context& copy) {
  MessageStatus status;
  Buffer state;  // keys and all; wiped with it
  status.major = gss_export_sec_context(&status.minor, context.inout(), state.out());
  if (GSS_ERROR(status.major)) return status;
  gss_buffer_desc token = borrow(state.bytes());
  status.major = gss_import_sec_context(&status.minor, &token, context.out());
  if (GSS_ERROR(status.major)) return status;
  status.major = gss_import_sec_context(&status.minor, &token, copy.out());
  return status;
}

MessageStatus duplicate(gss_cred_id_t credential, Credential& copy) {
  MessageStatus status;
  Buffer state;
  status.major = gss_export_cred(&status.minor, credential, state.out());
  if (GSS_ERROR(status.major)) return status;
  gss_buffer_desc token = borrow(state.bytes());
  status.major = gss_import_cred(&status.minor, &token, copy.out());
  return status;
}

}  // namespace sspid::worker::gss
