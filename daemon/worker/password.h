// Changing passwords at a realm's password service (RFC 3244). The calls block as long as KDC and service take; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "daemon/worker/outcome.h"
#include "daemon/worker/secret.h"
#include "daemon/worker/ticket_cache.h"

namespace sspid::worker {

/// What a domain asks of passwords, as DOMAIN_PASSWORD_INFORMATION has it: ages in 100 ns, negative.
struct PasswordRules {
  std::uint16_t min_length = 0;
  std::uint16_t history = 0;
  std::uint32_t properties = 0;
  std::int64_t max_age = 0;
  std::int64_t min_age = 0;
};

/// Active Directory puts its rules where other services put a text. Nothing: it is a text.
[[nodiscard]] std::optional<PasswordRules> decode_password_rules(std::span<const std::byte> answer);

/// The service's result code (RFC 3244 2) as the program sees it. There is no SEC_E_* for a password that breaks the
/// rules: it is STATUS_PASSWORD_RESTRICTION.
[[nodiscard]] SECURITY_STATUS password_status(int result);

/// Tells the service the old password's worth by a ticket of its own. `rules` are set where it names them.
Outcome change_password(const std::string& principal, const Secret& old_password, const Secret& new_password,
                        std::optional<PasswordRules>& rules);

/// Sets a password without the old one, by the right that the owner of these tickets has.
Outcome set_password(const TicketCache& tickets, const std::string& principal, const Secret& new_password,
                     std::optional<PasswordRules>& rules);

}  // namespace sspid::worker
