// A block that says to be a SEC_WINNT_AUTH_IDENTITY_EX2, such as one that was unmarshalled: nothing outside it may be
// read, and what is taken from it is what the protocol can carry. The bytes lie in a block of exactly their size.
#include <cstring>
#include <memory>

#include "client-lib/identity_ex2.h"
#include "proto/limits.h"

namespace {

void check(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace proto = sspid::proto;
  const auto bytes = std::make_unique<std::byte[]>(size);
  if (size != 0) std::memcpy(bytes.get(), data, size);
  const std::span<const std::byte> block(bytes.get(), size);

  sspi::Identity identity;
  const SECURITY_STATUS status = sspi::parse_ex2(block, identity);
  if (status != SEC_E_OK) return 0;
  check(sspi::is_valid_ex2(block));
  for (const std::string* text : {&identity.user, &identity.domain, &identity.package_list})
    check(text->size() <= proto::kMaxName && sspi::is_utf8(*text) && text->find('\0') == std::string::npos);
  check(!identity.password || identity.password->size() <= proto::kMaxPassword);
  check(!(identity.password && identity.keytab));
  return 0;
}
