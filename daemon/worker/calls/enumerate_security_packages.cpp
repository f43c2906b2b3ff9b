#include "daemon/worker/calls/calls.h"

namespace sspid::worker {

std::unique_ptr<proto::PackageT> describe_package(const Package& package) {
  auto described = std::make_unique<proto::PackageT>();
  described->name = package.name;
  described->comment = package.comment;
  described->capabilities = package.capabilities;
  described->version = 1;  // SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION, the only one there is (E-007)
  described->rpc_id = package.rpc_id;
  described->max_token = package.max_token;
  return described;
}

Outcome calls::enumerate_security_packages(Caller&, const proto::EnumerateSecurityPackagesRequest&,
                                           Reply<proto::EnumerateSecurityPackagesReplyT>& out) {
  const auto offered = offered_packages();
  for (const Package* package : *offered) out.table.packages.push_back(describe_package(*package));
  return {};
}

}  // namespace sspid::worker
