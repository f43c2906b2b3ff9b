#include "daemon/worker/gss/ticket.h"

#include <cstring>
#include <initializer_list>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace sspid::worker::gss {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> values) {
  Bytes result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes der(int tag, const Bytes& content) {
  const auto size = static_cast<int>(content.size());
  const Bytes header = size < 128 ? bytes({tag, size}) : bytes({tag, 0x82, size >> 8, size & 0xFF});
  return header + content;
}

/// ticket_in() of a heap block of exactly this size, as a copy.
Bytes found_in(const Bytes& token) {
  const auto exact = std::make_unique<std::byte[]>(token.size());
  if (!token.empty()) std::memcpy(exact.get(), token.data(), token.size());
  const auto ticket = ticket_in({exact.get(), token.size()});
  return {ticket.begin(), ticket.end()};
}

const Bytes kTicket = der(0x61, der(0x30, Bytes(300, std::byte{7})));
const Bytes kApReq = der(0x6E, der(0x30, der(0xA0, der(0x02, bytes({5}))) + der(0xA1, der(0x02, bytes({14}))) +
                                             der(0xA2, der(0x03, bytes({0, 32, 0, 0, 0}))) + der(0xA3, kTicket) +
                                             der(0xA4, der(0x30, Bytes(40, std::byte{9})))));
const Bytes kKerberos = bytes({0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2});
const Bytes kSpnego = bytes({0x06, 6, 0x2B, 6, 1, 5, 5, 2});
const Bytes kFramed = der(0x60, kKerberos + bytes({1, 0}) + kApReq);
const Bytes kNegTokenInit =
    der(0x60, kSpnego + der(0xA0, der(0x30, der(0xA0, der(0x30, kKerberos)) + der(0xA2, der(0x04, kFramed)))));
const Bytes kNegTokenResp = der(0xA1, der(0x30, der(0xA0, der(0x0A, bytes({1}))) + der(0xA2, der(0x04, kFramed))));

TEST(TicketInToken, is_found_with_and_without_framing) {
  EXPECT_EQ(found_in(kFramed), kTicket);
  EXPECT_EQ(found_in(kApReq), kTicket);
}

TEST(TicketInToken, is_found_inside_a_negotiation) {
  EXPECT_EQ(found_in(kNegTokenInit), kTicket);
  EXPECT_EQ(found_in(kNegTokenResp), kTicket);
}

TEST(TicketInToken, is_not_found_where_there_is_none) {
  EXPECT_EQ(found_in({}), Bytes());
  EXPECT_EQ(found_in(der(0x60, kKerberos + bytes({2, 0}) + der(0x6F, der(0x30, {})))), Bytes());  // AP-REP
  EXPECT_EQ(found_in(der(0x6E, der(0x30, der(0xA0, der(0x02, bytes({5})))))), Bytes());
  EXPECT_EQ(found_in(der(0xA1, der(0x30, der(0xA0, der(0x0A, bytes({0})))))), Bytes());
  const char ntlm[] = "NTLMSSP\0\1\0\0\0\0\0\0\0";
  EXPECT_EQ(found_in(Bytes(reinterpret_cast<const std::byte*>(ntlm),
                           reinterpret_cast<const std::byte*>(ntlm) + sizeof ntlm - 1)),
            Bytes());
}

TEST(TicketInToken, is_whole_or_nothing_wherever_the_token_ends) {
  for (const Bytes* token : {&kFramed, &kApReq, &kNegTokenInit, &kNegTokenResp})
    for (std::size_t size = 0; size < token->size(); ++size)
      EXPECT_EQ(found_in(Bytes(token->begin(), token->begin() + static_cast<std::ptrdiff_t>(size))), Bytes()) << size;
}

TEST(TicketInToken, survives_lengths_that_lie) {
  for (const Bytes& lie : {bytes({0x6E, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x30}), bytes({0x6E, 0x85, 1, 1, 1, 1, 1}),
                           bytes({0x6E, 0x80, 0x30, 0x80}), bytes({0x6E, 0x84, 0, 0}), bytes({0x7F, 0x81, 0x01, 0})})
    EXPECT_EQ(found_in(lie), Bytes());
}

}  // namespace
}  // namespace sspid::worker::gss
