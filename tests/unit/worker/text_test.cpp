#include "daemon/worker/text.h"

#include <gtest/gtest.h>

namespace sspid::worker {
namespace {

TEST(Text, that_is_UTF_8_is_left_as_it_is) {
  for (const std::string& text : {std::string(), std::string("alice@EXAMPLE.TEST"), std::string("a\0b\n\x7F", 5),
                                  std::string("jürgen €"), std::string("\xF0\x9F\x98\x80"),
                                  std::string("\xF4\x8F\xBF\xBF"), std::string("\xED\x9F\xBF"), std::string("\\x41")})
    EXPECT_EQ(as_utf8(text), text);
}

TEST(Text, shows_each_byte_that_is_part_of_no_character) {
  EXPECT_EQ(as_utf8("caf\xE9@E"), "caf\\xE9@E");
  EXPECT_EQ(as_utf8("\x80"), "\\x80") << "a lone continuation";
  EXPECT_EQ(as_utf8("\xC3"), "\\xC3") << "cut off";
  EXPECT_EQ(as_utf8("\xE2\x82x"), "\\xE2\\x82x");
  EXPECT_EQ(as_utf8("\xC0\xAF"), "\\xC0\\xAF") << "not the shortest form";
  EXPECT_EQ(as_utf8("\xE0\x80\x80"), "\\xE0\\x80\\x80");
  EXPECT_EQ(as_utf8("\xF0\x8F\xBF\xBF"), "\\xF0\\x8F\\xBF\\xBF");
  EXPECT_EQ(as_utf8("\xED\xA0\x80"), "\\xED\\xA0\\x80") << "a surrogate";
  EXPECT_EQ(as_utf8("\xF4\x90\x80\x80"), "\\xF4\\x90\\x80\\x80") << "beyond the last";
  EXPECT_EQ(as_utf8("\xFF\xC3\xBC\xFE"), "\\xFF\xC3\xBC\\xFE");
}

TEST(Text, that_differs_is_shown_differently) { EXPECT_NE(as_utf8("caf\xE9"), as_utf8("caf\xE8")); }

}  // namespace
}  // namespace sspid::worker
