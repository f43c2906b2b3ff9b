#include "client-lib/principal.h"

#include <bit>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "exact.h"

namespace sspi {
namespace {

using test::Exact;

const Principal kAlice{{"alice"}, "EXAMPLE.TEST"};
const Principal kService{{"HTTP", "www"}, "EXAMPLE.TEST"};

TEST(PrincipalText, has_components_and_a_realm) {
  EXPECT_EQ(parse_principal("alice@EXAMPLE.TEST", ""), kAlice);
  EXPECT_EQ(parse_principal("alice", "EXAMPLE.TEST"), kAlice);
  EXPECT_EQ(parse_principal("HTTP/www", "EXAMPLE.TEST"), kService);
  EXPECT_EQ(parse_principal("HTTP/www@OTHER/REALM", "EXAMPLE.TEST"), (Principal{{"HTTP", "www"}, "OTHER/REALM"}));
}

TEST(PrincipalText, takes_escaped_characters_as_they_are) {
  EXPECT_EQ(parse_principal(R"(a\/b\@c\\d@EXAMPLE.TEST)", ""), (Principal{{R"(a/b@c\d)"}, "EXAMPLE.TEST"}));
  EXPECT_EQ(parse_principal(R"(a\n\t\bz@R)", ""), (Principal{{"a\n\t\bz"}, "R"}));
}

TEST(PrincipalText, that_names_nobody_is_none) {
  for (const char* text : {"alice@", "a@b@c", R"(alice\)"}) EXPECT_EQ(parse_principal(text, "R"), std::nullopt) << text;
  EXPECT_EQ(parse_principal("alice", ""), std::nullopt) << "there is no realm";
  EXPECT_EQ(parse_principal(std::string(100, '/'), "R"), std::nullopt);
}

std::string number(std::uint32_t value, bool big) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> 8 * (big ? 3 - i : i));
  return bytes;
}

/// The beginning of a cache of this version, with little-endian numbers where the version leaves that to the machine.
std::string beginning(int version, const Principal& owner) {
  const bool big = version >= 3;
  std::string bytes{5, static_cast<char>(version)};
  if (version == 4) bytes += std::string("\0\x0c\0\x01\0\x08timediff", 14);
  if (version != 1) bytes += number(1, big);
  bytes += number(static_cast<std::uint32_t>(owner.components.size()) + (version == 1 ? 1 : 0), big);
  bytes += number(static_cast<std::uint32_t>(owner.realm.size()), big) + owner.realm;
  for (const auto& part : owner.components) bytes += number(static_cast<std::uint32_t>(part.size()), big) + part;
  return bytes;
}

TEST(OwnerOfCache, stands_at_the_beginning_of_each_version) {
  for (const int version : {1, 2, 3, 4}) {
    if (version < 3 && std::endian::native != std::endian::little) continue;
    for (const auto& owner : {kAlice, kService}) {
      const std::string bytes = beginning(version, owner) + "credentials";
      EXPECT_EQ(owner_of_cache(Exact(bytes.data(), bytes.size()).span()), owner) << version;
    }
  }
}

TEST(OwnerOfCache, is_nobody_where_bytes_are_missing) {
  for (const int version : {1, 2, 3, 4}) {
    const std::string whole = beginning(version, kService);
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_EQ(owner_of_cache(Exact(whole.data(), size).span()), std::nullopt) << version << ' ' << size;
  }
}

TEST(OwnerOfCache, is_nobody_where_it_is_no_cache) {
  for (const std::string& bytes :
       {std::string("neither"), std::string("\x05\x05\0\0", 4), std::string("\x05\0\0\0", 4)})
    EXPECT_EQ(owner_of_cache(Exact(bytes.data(), bytes.size()).span()), std::nullopt);
  EXPECT_EQ(owner_of_cache({}), std::nullopt);
}

TEST(OwnerOfCache, has_not_more_parts_than_anybody) {
  const std::string parts = beginning(4, {std::vector<std::string>(17, "a"), "R"});
  EXPECT_EQ(owner_of_cache(Exact(parts.data(), parts.size()).span()), std::nullopt);
  const std::string none = beginning(4, {{}, "R"});
  EXPECT_EQ(owner_of_cache(Exact(none.data(), none.size()).span()), std::nullopt);
}

}  // namespace
}  // namespace sspi
