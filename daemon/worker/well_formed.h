// What the schema cannot say of a request: strings that are UTF-8 without NULs and within bounds, payload lengths that
// agree with the table. Asked once by dispatch, before any handler sees the request.
#pragma once

#include "daemon/worker/dispatch.h"

namespace sspid::worker {

bool well_formed(const proto::HelloRequest&, const Frame&);
bool well_formed(const proto::PingRequest&, const Frame&);
bool well_formed(const proto::EnumerateSecurityPackagesRequest&, const Frame&);
bool well_formed(const proto::AcquireCredentialsHandleRequest&, const Frame&);
bool well_formed(const proto::AcquireCredentialsForUserRequest&, const Frame&);
bool well_formed(const proto::FreeCredentialsHandleRequest&, const Frame&);
bool well_formed(const proto::QueryCredentialsAttributesRequest&, const Frame&);
bool well_formed(const proto::AddCredentialsRequest&, const Frame&);
bool well_formed(const proto::SetCredentialsAttributesRequest&, const Frame&);
bool well_formed(const proto::ChangeAccountPasswordRequest&, const Frame&);
bool well_formed(const proto::ProtectForLogonRequest&, const Frame&);
bool well_formed(const proto::TranslateNameRequest&, const Frame&);
bool well_formed(const proto::InitializeSecurityContextRequest&, const Frame&);
bool well_formed(const proto::AcceptSecurityContextRequest&, const Frame&);
bool well_formed(const proto::DeleteSecurityContextRequest&, const Frame&);
bool well_formed(const proto::QueryContextAttributesRequest&, const Frame&);
bool well_formed(const proto::ExportSecurityContextRequest&, const Frame&);
bool well_formed(const proto::ImportSecurityContextRequest&, const Frame&);
bool well_formed(const proto::QueryContextIdentityRequest&, const Frame&);
bool well_formed(const proto::MakeSignatureRequest&, const Frame&);
bool well_formed(const proto::VerifySignatureRequest&, const Frame&);
bool well_formed(const proto::EncryptMessageRequest&, const Frame&);
bool well_formed(const proto::DecryptMessageRequest&, const Frame&);

}  // namespace sspid::worker
