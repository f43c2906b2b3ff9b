#include "daemon/worker/ntlm/host.h"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace sspid::worker::ntlm {

namespace {

constexpr std::size_t kMostOfName = 15;  // what a NetBIOS name has room for

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string this_host() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

std::string account_here(std::string_view name) {
  const std::size_t backslash = name.find('\\');
  if (backslash == std::string_view::npos || backslash == 0) return {};
  const std::string host = this_host();
  const std::string_view domain = name.substr(0, backslash);
  const std::string_view computer = std::string_view(host).substr(0, host.find('.'));
  const bool is_here =
      equal_ignoring_case(domain, computer) || equal_ignoring_case(domain, computer.substr(0, kMostOfName));
  return std::string(is_here ? name.substr(backslash + 1) : name);
}

}  // namespace sspid::worker::ntlm
