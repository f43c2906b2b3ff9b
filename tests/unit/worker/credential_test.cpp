// What a credential becomes by an addition.
#include "daemon/worker/credential.h"

#include <gtest/gtest.h>

#include "daemon/worker/credential_request.h"

namespace sspid::worker {
namespace {

CredentialRequest outbound(const Package& package, bool with_password, std::string package_list = {}) {
  CredentialRequest request;
  request.package = &package;
  request.outbound = true;
  request.package_list = std::move(package_list);
  if (with_password) request.identity = std::make_shared<PasswordIdentity>();
  return request;
}

/// Whether it would be a wrong user, not missing tickets, that the KDC does not know the one who initiates.
bool logs_on_explicitly(const CredentialRequest& old, const CredentialRequest& addition) {
  std::shared_ptr<Credential> whole;
  EXPECT_TRUE(Credential::join(Credential(old), Credential(addition), whole).ok());
  return whole->logs_on_explicitly();
}

TEST(Credential, LogsOnWithWhatItsKerberosPartWasGiven) {
  offer_packages({});
  const Package& negotiate = *find_package("Negotiate");
  EXPECT_FALSE(logs_on_explicitly(outbound(negotiate, false), outbound(negotiate, true, "NTLM")))
      << "an NTLM identity leaves the tickets as they are";
  EXPECT_TRUE(logs_on_explicitly(outbound(negotiate, true), outbound(negotiate, false, "NTLM")));
  EXPECT_TRUE(logs_on_explicitly(outbound(negotiate, false), outbound(negotiate, true, "Kerberos")));
  EXPECT_FALSE(logs_on_explicitly(outbound(negotiate, true), outbound(negotiate, false, "Kerberos")));
  EXPECT_TRUE(logs_on_explicitly(outbound(kerberos(), false), outbound(kerberos(), true)));
}

}  // namespace
}  // namespace sspid::worker
