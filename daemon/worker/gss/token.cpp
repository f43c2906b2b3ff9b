#include "daemon/worker/gss/token.h"

#include <algorithm>
#include <string_view>

namespace sspid::worker::gss {

namespace {

using namespace std::string_view_literals;

struct Framed {
  std::string_view oid;  // DER, with tag and length
  TokenKind kind;
};

constexpr Framed kFramed[] = {
    {"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"sv, TokenKind::kerberos},  // 1.2.840.113554.1.2.2
    {"\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"sv, TokenKind::kerberos},  // 1.2.840.48018.1.2.2, Windows' alias
    {"\x06\x06\x2b\x06\x01\x05\x05\x02"sv, TokenKind::negotiate},             // 1.3.6.1.5.5.2
    {"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"sv, TokenKind::ntlm},  // 1.3.6.1.4.1.311.2.2.10
};

/// What follows the DER length at `at`; empty where there is none.
std::string_view after_length(std::string_view bytes, std::size_t at) {
  if (at >= bytes.size()) return {};
  const auto first = static_cast<unsigned char>(bytes[at]);
  const std::size_t more = first < 0x80 ? 0 : first & 0x7Fu;
  if (more > 4 || at + 1 + more > bytes.size()) return {};
  return bytes.substr(at + 1 + more);
}

}  // namespace

TokenKind kind_of_token(std::span<const std::byte> token) {
  if (token.empty()) return TokenKind::empty;
  const std::string_view bytes(reinterpret_cast<const char*>(token.data()), token.size());
  if (bytes.substr(0, 8) == "NTLMSSP\0"sv) return TokenKind::ntlm;
  if (bytes.front() == '\x6e') return TokenKind::kerberos;   // AP-REQ, [APPLICATION 14]
  if (bytes.front() == '\xa0') return TokenKind::negotiate;  // NegTokenInit without framing
  if (bytes.front() != '\x60') return TokenKind::unknown;
  const std::string_view body = after_length(bytes, 1);
  const auto framed = std::find_if(std::begin(kFramed), std::end(kFramed),
                                   [&](const Framed& each) { return body.substr(0, each.oid.size()) == each.oid; });
  return framed == std::end(kFramed) ? TokenKind::unknown : framed->kind;
}

bool is_framed_for(std::span<const std::byte> token, gss_const_OID mechanism) {
  const std::string_view bytes(reinterpret_cast<const char*>(token.data()), token.size());
  if (bytes.empty() || bytes.front() != '\x60') return false;
  const std::string_view body = after_length(bytes, 1);
  const std::string_view oid(static_cast<const char*>(mechanism->elements), mechanism->length);
  return oid.size() < 0x80 && body.size() >= 2 + oid.size() && body[0] == '\x06' &&
         static_cast<std::size_t>(body[1]) == oid.size() && body.substr(2, oid.size()) == oid;
}

}  // namespace sspid::worker::gss
