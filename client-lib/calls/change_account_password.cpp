#include <array>
#include <optional>

#include "client-lib/c_boundary.h"
#include "client-lib/context_buffers.h"
#include "client-lib/exchange.h"
#include "client-lib/impersonation.h"
#include "client-lib/sec_buffers.h"
#include "client-lib/secret.h"
#include "client-lib/text.h"
#include "client-lib/ticket_cache.h"
#include "proto/limits.h"

namespace sspi {

namespace {

struct Change {
  std::string package;
  std::string domain;
  std::string account;
  std::optional<Secret> old_password;
  Secret new_password;
  bool administrative = false;

  /// Whether it is the caller's tickets that give the right to it.
  [[nodiscard]] bool by_ticket() const { return administrative && !old_password; }
};

template <class Char>
SECURITY_STATUS read_name(const Char* from, std::string& to) {
  auto text = to_utf8(from);
  if (!text || text->size() > proto::kMaxName)
    return failed(SEC_E_INVALID_PARAMETER, "a name is too long or not well-formed text");
  to = std::move(*text);
  return SEC_E_OK;
}

template <class Char>
SECURITY_STATUS read_password(const Char* from, std::optional<Secret>& to) {
  to = password_of(std::basic_string_view<Char>(from));
  return to ? SEC_E_OK : failed(SEC_E_INVALID_PARAMETER, "a password is too long or not well-formed text");
}

template <class Char>
SECURITY_STATUS read(const Char* package, const Char* domain, const Char* account, const Char* old_password,
                     const Char* new_password, Change& change) {
  if (package == nullptr) return failed(SEC_E_SECPKG_NOT_FOUND, "no package is named");
  if (account == nullptr || new_password == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "account and new password are needed");
  if (const SECURITY_STATUS status = read_name(package, change.package); status != SEC_E_OK) return status;
  if (const SECURITY_STATUS status = read_name(account, change.account); status != SEC_E_OK) return status;
  if (domain != nullptr)
    if (const SECURITY_STATUS status = read_name(domain, change.domain); status != SEC_E_OK) return status;
  if (old_password != nullptr)
    if (const SECURITY_STATUS status = read_password(old_password, change.old_password); status != SEC_E_OK)
      return status;
  std::optional<Secret> replacement;
  if (const SECURITY_STATUS status = read_password(new_password, replacement); status != SEC_E_OK) return status;
  change.new_password = std::move(*replacement);
  return SEC_E_OK;
}

/// The one SECBUFFER_CHANGE_PASS_RESPONSE; nullptr where there is none or more than one.
SecBuffer* response_buffer(PSecBufferDesc output) {
  const SecBuffers buffers(output);
  if (!buffers.valid()) return nullptr;
  SecBuffer* response = nullptr;
  for (SecBuffer& buffer : buffers.all()) {
    if (type_of(buffer) != SECBUFFER_CHANGE_PASS_RESPONSE) continue;
    if (response != nullptr) return nullptr;
    response = &buffer;
  }
  return response;
}

iovec part(const Secret& secret) {
  const auto bytes = secret.bytes();
  return {const_cast<std::byte*>(bytes.data()), bytes.size()};
}

Exchange ask_change(const Change& change, Session& session, Answer& answer) {
  const TicketCache cache = change.by_ticket() ? client_ticket_cache(session.default_cache()) : TicketCache();
  TableBuilder builder;
  const auto package = builder.CreateString(change.package);
  const auto domain = builder.CreateString(change.domain);
  const auto account = builder.CreateString(change.account);
  flatbuffers::Offset<proto::TicketCache> named_cache;
  if (!cache.name.empty()) {
    const auto name = builder.CreateString(cache.name);
    named_cache = proto::CreateTicketCache(builder, name, cache.open_error);
  }
  const auto old_length = static_cast<std::uint32_t>(change.old_password ? change.old_password->size() : 0);
  const auto table = builder.finish(proto::CreateChangeAccountPasswordRequest(
      builder, package, domain, account, old_length, change.old_password.has_value(), change.by_ticket(), named_cache));
  const std::array<iovec, 2> passwords{change.old_password ? part(*change.old_password) : iovec{},
                                       part(change.new_password)};
  return session.transact({.opcode = proto::Opcode::ChangeAccountPassword,
                           .table = table,
                           .payload = passwords,
                           .descriptor = cache.file.get()},
                          {}, answer);
}

void write_rules(const proto::PasswordRules& rules, SecBuffer& response) {
  ContextBuffer block(sizeof(DOMAIN_PASSWORD_INFORMATION));
  auto& information = *static_cast<DOMAIN_PASSWORD_INFORMATION*>(block.get());
  information.MinPasswordLength = rules.min_length();
  information.PasswordHistoryLength = rules.history();
  information.PasswordProperties = rules.properties();
  information.MaxPasswordAge.QuadPart = rules.max_age();
  information.MinPasswordAge.QuadPart = rules.min_age();
  response.pvBuffer = block.hand_out();
  response.cbBuffer = sizeof(DOMAIN_PASSWORD_INFORMATION);
}

template <class Char>
SECURITY_STATUS change_password(const Char* package, const Char* domain, const Char* account, const Char* old_password,
                                const Char* new_password, BOOLEAN impersonating, PSecBufferDesc output) {
  SecBuffer* response = response_buffer(output);
  if (response == nullptr)
    return failed(SEC_E_INVALID_PARAMETER, "pOutput must have one buffer SECBUFFER_CHANGE_PASS_RESPONSE");
  response->pvBuffer = nullptr;
  response->cbBuffer = 0;
  Change change;
  change.administrative = impersonating != 0;
  if (const SECURITY_STATUS status = read(package, domain, account, old_password, new_password, change);
      status != SEC_E_OK)
    return status;
  // The process' right is not the client's, for whom a server on its thread may well be asking.
  if (change.by_ticket() && impersonated())
    return failed(SEC_E_NO_CREDENTIALS, "the client that the thread acts for has credentials of its own alone");

  Answer answer;
  const auto ask = [&](const std::shared_ptr<Session>& session) { return ask_change(change, *session, answer); };
  if (const SECURITY_STATUS status = Session::on_current(ask); status != SEC_E_OK) return status;
  const auto* reply = answer.read<proto::ChangeAccountPasswordReply>();
  if (reply == nullptr) return nonsense(answer);
  if (reply->rules() != nullptr) write_rules(*reply->rules(), *response);
  return status_of(*reply);
}

}  // namespace

}  // namespace sspi

SECURITY_STATUS ChangeAccountPasswordW(SEC_WCHAR* pszPackageName, SEC_WCHAR* pszDomainName, SEC_WCHAR* pszAccountName,
                                       SEC_WCHAR* pszOldPassword, SEC_WCHAR* pszNewPassword, BOOLEAN bImpersonating,
                                       ULONG, PSecBufferDesc pOutput) {
  return sspi::c_boundary([&] {
    return sspi::change_password(pszPackageName, pszDomainName, pszAccountName, pszOldPassword, pszNewPassword,
                                 bImpersonating, pOutput);
  });
}

SECURITY_STATUS ChangeAccountPasswordA(SEC_CHAR* pszPackageName, SEC_CHAR* pszDomainName, SEC_CHAR* pszAccountName,
                                       SEC_CHAR* pszOldPassword, SEC_CHAR* pszNewPassword, BOOLEAN bImpersonating,
                                       ULONG, PSecBufferDesc pOutput) {
  return sspi::c_boundary([&] {
    return sspi::change_password(pszPackageName, pszDomainName, pszAccountName, pszOldPassword, pszNewPassword,
                                 bImpersonating, pOutput);
  });
}
