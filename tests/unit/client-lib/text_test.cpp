#include "client-lib/text.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "exact.h"

namespace sspi {
namespace {

using test::Exact;

std::string_view view(const Exact& bytes) { return {static_cast<const char*>(bytes.data()), bytes.size()}; }

std::u16string wide(std::string_view text) {
  std::u16string result(*utf16_length(text), u'\0');
  encode_utf16(text, result.data());
  return result;
}

TEST(Text, round_trips_every_length_of_utf8) {
  const std::u16string original = u"aé€\U0001F600";
  const auto utf8 = to_utf8(original);
  ASSERT_TRUE(utf8);
  EXPECT_EQ(*utf8, "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(wide(*utf8), original);
}

TEST(Text, takes_the_ends_of_every_range) {
  for (const std::u16string text :
       {u"\u007F", u"\u0080", u"\u07FF", u"\u0800", u"\uD7FF", u"\uE000", u"\uFFFF", u"\U00010000", u"\U0010FFFF"}) {
    const auto utf8 = to_utf8(text);
    ASSERT_TRUE(utf8);
    EXPECT_EQ(wide(*utf8), text);
  }
}

TEST(Text, refuses_utf8_cut_at_every_length) {
  const std::string whole = "\xF0\x9F\x98\x80";
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_FALSE(is_utf8(view(Exact(whole.data(), length)))) << length;
  EXPECT_TRUE(is_utf8(view(Exact(whole.data(), whole.size()))));
  EXPECT_TRUE(is_utf8({}));
}

TEST(Text, refuses_bytes_that_are_not_the_shortest_form_of_a_scalar_value) {
  for (const std::string_view bytes :
       {"\x80", "\xFF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xC3(", "\xE2\x82(", "a\xE9z"})
    EXPECT_FALSE(to_utf8(bytes)) << testing::PrintToString(bytes);
}

TEST(Text, refuses_surrogates_that_stand_alone) {
  const std::vector<std::u16string> broken{{0xD800},       {0xDBFF},         {0xDC00},         {0xDFFF},
                                           {0xD800, u'a'}, {0xD800, 0xD800}, {0xDC00, 0xD800}, {u'a', 0xD83D}};
  for (const std::u16string& text : broken) {
    const Exact units(text.data(), text.size() * sizeof(char16_t));
    EXPECT_FALSE(to_utf8(WideView(static_cast<const SEC_WCHAR*>(units.data()), text.size())));
  }
}

TEST(Text, needs_no_more_room_than_it_says) {
  const std::u16string text = u"€€€\U0001F600";
  std::vector<char> room(most_utf8(text));
  const auto used = encode_utf8(text, room.data());
  ASSERT_TRUE(used);
  EXPECT_LE(*used, room.size());
}

}  // namespace
}  // namespace sspi
