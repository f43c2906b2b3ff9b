#include "listing.h"

namespace sspictl {

namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

/// "Negotiate/Kerberos" once a negotiation has chosen.
std::string package_of(const Json& item) {
  const std::string package = text_of(item, "package");
  const std::string chosen = text_of(item, "chosen");
  return chosen.empty() || chosen == package ? package : package + '/' + chosen;
}

std::vector<std::string> row(const Json& item, std::int64_t now) {
  // Of a client's context the other end is whom it asked for, until it is known.
  const std::string peer = text_of(item, "peer");
  const std::int64_t since = number_of(item, "since");
  const std::int64_t expires = number_of(item, "expires");
  return {text_of(item, "identity"),
          std::to_string(number_of(item, "session")),
          package_of(item),
          text_of(item, "role"),
          text_of(item, "stage"),
          or_dash(text_of(item, "own")),
          or_dash(peer.empty() ? text_of(item, "target") : peer),
          or_dash(text_of(item, "flags")),
          since == 0 ? "-" : duration(now - since),
          expires == 0 ? "-" : duration(expires - now)};
}

}  // namespace

Result contexts(const Options& options) {
  return list_all(options, "contexts",
                  {"IDENTITY", "SESSION", "PACKAGE", "ROLE", "STAGE", "OWN NAME", "PEER", "FLAGS", "AGE", "EXPIRES IN"},
                  row);
}

}  // namespace sspictl
