// What a ticket of Active Directory says of its user: KERB_VALIDATION_INFO, the logon information of a PAC
// (MS-PAC 2.5). The bytes come from a ticket whose PAC the mechanism has verified; they are read as if nobody had.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proto/sid.h"

namespace sspid::worker {

struct LogonInfo {
  std::string name;    ///< the account's name, "alice"
  std::string domain;  ///< the domain's NetBIOS name, "EXAMPLE"
  proto::Sid user;
  proto::Sid primary_group;
  std::vector<proto::Sid> groups;  ///< all others: of the domain, extra ones, of the resource's domain

  // UTC seconds; proto::kNever.
  std::int64_t logoff = 0;                ///< when the user's hours end
  std::int64_t kick_off = 0;              ///< when the user is to be logged off by force
  std::int64_t password_must_change = 0;  ///< when the password expires
};

/// Reads the value of GSS-API's attribute urn:mspac:logon-info. Nothing where it is not what it should be, or names
/// more than proto::kMaxSids groups.
[[nodiscard]] std::optional<LogonInfo> read_logon_info(std::span<const std::byte> bytes);

}  // namespace sspid::worker
