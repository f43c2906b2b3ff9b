// What a server is called where it has no other name, and whose accounts are those of this system.
#pragma once

#include <string>
#include <string_view>

namespace sspid::worker::ntlm {

[[nodiscard]] std::string this_host();

/// Which account of this system "DOM\user" would be: that of the user's name where the domain is this host, as Windows
/// has it; else the whole name, which winbind's and sssd's services know. Empty where no domain is named: who logs on
/// so is found in the users file under any domain.
///
/// gss_localname is no help: gss-ntlmssp drops a domain that it finds no account for, and makes everybody's "root" this
/// system's.
[[nodiscard]] std::string account_here(std::string_view name);

}  // namespace sspid::worker::ntlm
