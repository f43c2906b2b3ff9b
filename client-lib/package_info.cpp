#include "client-lib/package_info.h"

#include <algorithm>

namespace sspi {

namespace {

// ASCII alone: neither the locale nor a longer name that begins alike may match.
bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

SECURITY_STATUS ask_packages(Answer& answer, const PackageList*& packages) {
  TableBuilder builder;
  const Request request{.opcode = proto::Opcode::EnumerateSecurityPackages,
                        .table = builder.finish(proto::CreateEnumerateSecurityPackagesRequest(builder))};
  const auto ask = [&](const std::shared_ptr<Session>& session) { return session->transact(request, {}, answer); };
  if (const SECURITY_STATUS status = Session::on_current(ask); status != SEC_E_OK) return status;
  const auto* reply = answer.read<proto::EnumerateSecurityPackagesReply>();
  if (reply == nullptr) return nonsense(answer);
  if (const SECURITY_STATUS status = status_of(*reply); status != SEC_E_OK) return status;
  packages = reply->packages();
  return packages == nullptr ? nonsense(answer) : SEC_E_OK;
}

const proto::Package* find_package(const PackageList& packages, std::string_view name) {
  for (const proto::Package* package : packages)
    if (package->name() != nullptr && same_name(package->name()->string_view(), name)) return package;
  return nullptr;
}

}  // namespace sspi
