#include "client-lib/c_boundary.h"
#include "client-lib/token.h"

SECURITY_STATUS QuerySecurityContextToken(PCtxtHandle phContext, HANDLE* Token) {
  return sspi::c_boundary([&] {
    const sspi::ContextInUse context(phContext);
    if (!context) return context.refusal();
    if (Token == nullptr) return sspi::failed(SEC_E_INVALID_PARAMETER, "Token is NULL");
    auto token = std::make_shared<sspi::Token>();
    if (const SECURITY_STATUS status = query_identity(*context, *token); status != SEC_E_OK) return status;
    *Token = sspi::TokenHandle(std::move(token)).hand_out();
    return SEC_E_OK;
  });
}
