// Requests and headers are taken exactly as they are made, or not at all.
#include "daemon/admin_protocol.h"

#include <gtest/gtest.h>

namespace sspid::admin {
namespace {

TEST(AdminProtocol, requests_survive_the_way) {
  for (const Kind kind : {Kind::status, Kind::reports, Kind::reload}) EXPECT_EQ(decode_request(encode(kind)), kind);
}

TEST(AdminProtocol, any_other_byte_makes_a_request_none) {
  const auto good = encode(Kind::status);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::byte{0x80};
    EXPECT_EQ(decode_request(bad), std::nullopt) << i;
  }
  EXPECT_EQ(decode_request(encode(static_cast<Kind>(99))), std::nullopt);
}

TEST(AdminProtocol, headers_survive_the_way_within_their_bounds) {
  const auto header = decode_header(encode(Header{.json = 17, .reports = 3}));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->json, 17U);
  EXPECT_EQ(header->reports, 3U);
  EXPECT_FALSE(decode_header(encode(Header{.json = kMaxJson + 1, .reports = 0})));
  EXPECT_FALSE(decode_header(encode(Header{.json = 0, .reports = kMaxReports + 1})));
}

TEST(AdminProtocol, headers_of_another_version_are_none) {
  auto bytes = encode(Header{});
  bytes[4] ^= std::byte{1};
  EXPECT_FALSE(decode_header(bytes));
}

TEST(AdminProtocol, its_socket_is_beside_the_one_for_programs) {
  EXPECT_EQ(default_socket("/run/sspid/sspid.sock"), "/run/sspid/admin.sock");
  EXPECT_EQ(default_socket("my.sock"), "admin.sock");
  EXPECT_EQ(default_socket("/sock"), "/admin.sock");
}

}  // namespace
}  // namespace sspid::admin
