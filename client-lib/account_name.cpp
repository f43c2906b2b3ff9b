#include "client-lib/account_name.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "client-lib/context_identity.h"
#include "client-lib/exchange.h"
#include "client-lib/impersonation.h"
#include "proto/limits.h"

namespace sspi {

namespace {

/// More than any entry of a user database has.
constexpr std::size_t kMaxEntry = std::size_t{1} << 20;

/// `look_up` is getpwnam_r or getpwuid_r on a buffer. The account's name and full name.
struct LocalUser {
  std::string name;
  std::string full_name;
};

template <class LookUp>
std::optional<LocalUser> find_local(LookUp&& look_up) {
  for (std::size_t size = 1024; size <= kMaxEntry; size *= 4) {
    std::vector<char> memory(size);
    passwd entry{};
    passwd* found = nullptr;
    const int error = look_up(&entry, memory.data(), memory.size(), &found);
    if (error == ERANGE) continue;
    if (error != 0 || found == nullptr) return std::nullopt;
    const std::string comment = entry.pw_gecos == nullptr ? "" : entry.pw_gecos;
    return LocalUser{entry.pw_name, comment.substr(0, comment.find(','))};
  }
  return std::nullopt;
}

std::optional<LocalUser> find_local_user(const std::string& name) {
  return find_local([&](passwd* entry, char* memory, std::size_t size, passwd** found) {
    return getpwnam_r(name.c_str(), entry, memory, size, found);
  });
}

std::optional<LocalUser> find_process_user() {
  return find_local([](passwd* entry, char* memory, std::size_t size, passwd** found) {
    return getpwuid_r(geteuid(), entry, memory, size, found);
  });
}

/// This host's name up to the first dot, in capitals, as NetBIOS has it.
std::string computer_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  std::string text(name.data());
  text.resize(std::min(text.find('.'), text.size()));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

/// What a name is: somebody's writing in this format, or a principal as the daemon has told it.
struct Reading {
  EXTENDED_NAME_FORMAT format = NameUnknown;
  bool displayed = false;
};

SECURITY_STATUS ask_name(const std::string* name, const Reading& reading, AccountName& account) {
  if (name != nullptr && name->size() > proto::kMaxName) return failed(SEC_E_TARGET_UNKNOWN, "the name is too long");
  TableBuilder builder;
  const auto text = name == nullptr ? flatbuffers::Offset<flatbuffers::String>() : builder.CreateString(*name);
  const auto table = builder.finish(
      proto::CreateTranslateNameRequest(builder, text, static_cast<std::uint32_t>(reading.format), reading.displayed));
  Answer answer;
  const SECURITY_STATUS status = Session::on_current([&](const std::shared_ptr<Session>& session) {
    return session->transact({.opcode = proto::Opcode::TranslateName, .table = table}, {}, answer);
  });
  if (status != SEC_E_OK) return status;
  const auto* reply = answer.read<proto::TranslateNameReply>();
  if (reply == nullptr) return nonsense(answer);
  if (const SECURITY_STATUS refusal = status_of(*reply); refusal != SEC_E_OK) return refusal;
  account = {text_of(reply->account()), text_of(reply->realm()), text_of(reply->domain()),
             text_of(reply->local_account())};
  return SEC_E_OK;
}

/// The principal of the credential that AcquireCredentialsHandle gives the calling thread.
SECURITY_STATUS own_principal(std::string& principal) {
  char package[] = "Kerberos";
  CredHandle credential;
  SECURITY_STATUS status = AcquireCredentialsHandleA(nullptr, package, SECPKG_CRED_OUTBOUND, nullptr, nullptr, nullptr,
                                                     nullptr, &credential, nullptr);
  if (status != SEC_E_OK) return status;
  SecPkgCredentials_NamesA names{};
  status = QueryCredentialsAttributesA(&credential, SECPKG_CRED_ATTR_NAMES, &names);
  if (status == SEC_E_OK) {
    principal = names.sUserName;
    FreeContextBuffer(names.sUserName);
  }
  FreeCredentialsHandle(&credential);
  return status;
}

/// The daemon tells the parts, since it knows of which mechanism the name is: a backslash separates in NTLM's names,
/// and in Kerberos' it takes the meaning from a character that the client's realm was free to choose.
SECURITY_STATUS find_client(const Impersonated& client, AccountName& account) {
  ContextIdentity identity;
  const Context context(client.session, client.context);
  if (const SECURITY_STATUS status = query_identity(context, identity); status != SEC_E_OK) return status;
  if (identity.user.empty()) return failed(SEC_E_TARGET_UNKNOWN, "no account has a name like " + identity.principal);
  account = {identity.user, identity.realm, identity.domain, identity.account_name};
  return SEC_E_OK;
}

}  // namespace

SECURITY_STATUS find_account(const std::string& name, EXTENDED_NAME_FORMAT format, AccountName& account) {
  return ask_name(&name, {.format = format}, account);
}

SECURITY_STATUS find_caller(AccountName& account) {
  if (const auto client = impersonated()) return find_client(*client, account);
  std::string principal;
  const SECURITY_STATUS status = own_principal(principal);
  if (status == SEC_E_OK) return ask_name(&principal, {.displayed = true}, account);
  if (status != SEC_E_NO_CREDENTIALS) return status;
  const auto user = find_process_user();
  if (!user) return failed(SEC_E_NO_CREDENTIALS, "the process has neither tickets nor an account of this system");
  account = {user->name, {}, computer_name(), user->name};
  return SEC_E_OK;
}

SECURITY_STATUS find_computer(AccountName& account) {
  const std::string name = computer_name();
  if (name.empty()) return failed(SEC_E_INTERNAL_ERROR, "this host has no name");
  if (const SECURITY_STATUS status = ask_name(nullptr, {}, account); status != SEC_E_OK) return status;
  account.account = name + '$';
  return SEC_E_OK;
}

std::optional<std::string> write_name(const AccountName& account, EXTENDED_NAME_FORMAT format) {
  const bool in_realm = !account.realm.empty();
  switch (format) {
    case NameSamCompatible:
      return account.domain + '\\' + account.account;
    case NameUserPrincipal:
      if (in_realm) return account.account + '@' + account.realm;
      remember_error("an account of this system alone has no principal");
      return std::nullopt;
    case NameDnsDomain:
      if (in_realm) return account.realm + '\\' + account.account;
      remember_error("an account of this system alone has no domain");
      return std::nullopt;
    case NameDisplay: {
      const auto user = account.local_account.empty() ? std::nullopt : find_local_user(account.local_account);
      if (user && !user->full_name.empty()) return user->full_name;
      remember_error("this system has no account, or no full name, for " + account.account);
      return std::nullopt;
    }
    default:
      remember_error("names are not written in this format here");
      return std::nullopt;
  }
}

}  // namespace sspi
