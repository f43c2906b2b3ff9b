#include "client-lib/package_info.h"

namespace sspi {

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

}  // namespace sspi
