#include "client-lib/c_boundary.h"
#include "client-lib/exchange.h"
#include "client-lib/handles.h"
#include "client-lib/identity_protection.h"
#include "client-lib/impersonation.h"
#include "client-lib/time_stamp.h"
#include "client-lib/wanted_credential.h"

namespace sspi {

namespace {

SECURITY_STATUS ask_addition(const WantedCredential& wanted, const Credential& credential, PTimeStamp expiry) {
  const TicketCache tickets = wanted.ticket_cache(*credential.session);
  TableBuilder builder;
  const auto principal = wanted.principal ? builder.CreateString(*wanted.principal) : 0;
  const auto package = builder.CreateString(wanted.package);
  const auto identity = encode(builder, wanted.identity);
  const auto cache = encode(builder, tickets);
  const auto table = builder.finish(
      proto::CreateAddCredentialsRequest(builder, &credential.id, principal, package, wanted.use, identity, cache));
  const iovec secret = wanted.secret();
  Answer answer;
  const proto::AddCredentialsReply* reply = nullptr;
  const SECURITY_STATUS status = ask(*credential.session,
                                     {.opcode = proto::Opcode::AddCredentials,
                                      .table = table,
                                      .payload = std::span(&secret, 1),
                                      .descriptor = tickets.file.get()},
                                     {}, answer, reply);
  if (status != SEC_E_OK) return status;
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  write_time(reply->expiry(), expiry);
  return SEC_E_OK;
}

template <class Char>
SECURITY_STATUS add(PCredHandle handle, const Char* principal, const Char* package, ULONG use, const void* auth_data,
                    PTimeStamp expiry) {
  const auto credential = find_credential(handle);
  if (!credential) return unknown_handle();
  write_time(0, expiry);
  WantedCredential wanted;
  wanted.use = use;
  if (const SECURITY_STATUS status = read_names(principal, package, wanted); status != SEC_E_OK) return status;
  if (auth_data != nullptr)
    if (const SECURITY_STATUS status = parse_protected_identity(auth_data, wanted.identity.emplace());
        status != SEC_E_OK)
      return status;
  if (wanted.uses_ticket_cache() && impersonated())
    return failed(SEC_E_NO_CREDENTIALS, "the client that the thread acts for has credentials of its own alone");
  return ask_addition(wanted, *credential, expiry);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR* pszPrincipal, SEC_WCHAR* pszPackage,
                                ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN, void*, PTimeStamp ptsExpiry) {
  return sspi::c_boundary(
      [&] { return sspi::add(hCredentials, pszPrincipal, pszPackage, fCredentialUse, pAuthData, ptsExpiry); });
}

SECURITY_STATUS AddCredentialsA(PCredHandle hCredentials, SEC_CHAR* pszPrincipal, SEC_CHAR* pszPackage,
                                ULONG fCredentialUse, void* pAuthData, SEC_GET_KEY_FN, void*, PTimeStamp ptsExpiry) {
  return sspi::c_boundary(
      [&] { return sspi::add(hCredentials, pszPrincipal, pszPackage, fCredentialUse, pAuthData, ptsExpiry); });
}
