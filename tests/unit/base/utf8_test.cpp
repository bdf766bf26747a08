#include "base/utf8.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

// A, e acute, the euro sign, the musical G clef: 1, 2, 3 and 4 bytes.
const std::string kText = "A\u00E9\u20AC\U0001D11E";

TEST(Utf8, DecodesWhatItEncodes) {
  std::string text;
  for (const char32_t c :
       {0x0U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    const std::string one = to_utf8(c);
    EXPECT_EQ(decode_utf8(one, 0).code_point, c);
    EXPECT_EQ(decode_utf8(one, 0).num_bytes, one.size());
    EXPECT_EQ(utf8_length(one[0]), one.size());
    EXPECT_EQ(find_invalid_utf8(one), std::string_view::npos);
    append_utf8(text, c);
  }
  EXPECT_EQ(count_code_points(text), 10U);
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(code_points(kText), (std::vector<char32_t>{'A', 0xE9, 0x20AC, 0x1D11E}));
  EXPECT_EQ(count_code_points(kText), 4U);
  EXPECT_EQ(byte_offset(kText, 0), 0U);
  EXPECT_EQ(byte_offset(kText, 3), 6U);
  EXPECT_EQ(byte_offset(kText, 9), kText.size());
  EXPECT_TRUE(is_ascii("A"));
  EXPECT_FALSE(is_ascii(kText));
}

TEST(Utf8, FindsTheStartOfACharacter) {
  EXPECT_EQ(previous_utf8(kText, kText.size()), 6U);
  EXPECT_EQ(previous_utf8(kText, 3), 1U);
  EXPECT_EQ(utf8_boundary(kText, 5), 3U);
  EXPECT_EQ(utf8_boundary(kText, 6), 6U);
  EXPECT_EQ(utf8_boundary(kText, kText.size()), kText.size());
}

TEST(Utf8, FindsTheFirstBadByte) {
  const auto bad = [](std::string_view text) { return find_invalid_utf8(text); };
  EXPECT_EQ(bad("ten bytes and more, all of them ASCII"), std::string_view::npos);
  EXPECT_EQ(bad("more than eight\xC3"), 15U);
  for (const char* text : {"\x80", "\xC0\x80", "\xC3(", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(bad(text), 0U) << text;
  }
}

TEST(Utf8, ReplacesWhatIsMalformed) {
  EXPECT_EQ(to_valid_utf8(kText), kText);
  EXPECT_EQ(to_valid_utf8("a\xE2\x82z\xFF"), "a\uFFFDz\uFFFD");  // what is cut short is replaced as a whole
}

}  // namespace
}  // namespace sift
