#include "client-lib/ticket_cache.h"

#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <stdlib.h>

namespace sspi {

namespace {

constexpr std::string_view kFile = "FILE:";

// Both name the same format; WRFILE is what MIT called it when writing.
bool strip_file_type(std::string& name) {
  for (const std::string_view type : {kFile, std::string_view("WRFILE:")}) {
    if (name.starts_with(type)) {
      name.erase(0, type.size());
      return true;
    }
  }
  return name.starts_with('/') || name.find(':') == std::string::npos;
}

}  // namespace

TicketCache open_ticket_cache(std::string name) {
  TicketCache cache;
  if (name.empty()) return cache;
  if (!strip_file_type(name)) {
    cache.name = std::move(name);
    return cache;
  }
  // O_NONBLOCK: a name that leads to a FIFO must not hang the caller.
  cache.file.reset(open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!cache.file) cache.open_error = errno;
  cache.name = kFile;
  cache.name += name;
  return cache;
}

TicketCache client_ticket_cache(const std::string& default_cache) {
  const char* named = secure_getenv("KRB5CCNAME");
  return open_ticket_cache(named != nullptr && *named != '\0' ? std::string(named) : default_cache);
}

}  // namespace sspi
