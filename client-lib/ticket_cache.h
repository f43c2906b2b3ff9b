// Which ticket cache an outbound credential uses: what the client's environment names, else its default as the daemon
// knows it. What is a file (FILE, and the caches of a DIR collection) is opened here, with the client's own rights and
// in its own mount namespace.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client-lib/principal.h"
#include "proto/descriptor.h"

namespace sspi {

struct TicketCache {
  std::string name;  ///< with its type; empty: there is none
  int open_error = 0;
  sspid::proto::Descriptor file;
};

/// `default_cache` is a template: %{uid} and what else krb5.conf's default_ccache_name may hold is filled in here,
/// where the program's user is known. Of a collection it is the cache of `wanted`, if there is one.
[[nodiscard]] TicketCache client_ticket_cache(const std::string& default_cache,
                                              const std::optional<Principal>& wanted = std::nullopt);

/// Fills in %{uid}, %{USERID}, %{euid}, %{username}, %{TEMP} and %{null} as libkrb5 does. Empty where there is another,
/// or one that has no value.
[[nodiscard]] std::string expand_cache_name(std::string_view pattern);

/// Gives a name its type and opens what is a file.
[[nodiscard]] TicketCache open_ticket_cache(std::string name, const std::optional<Principal>& wanted = std::nullopt);

}  // namespace sspi
