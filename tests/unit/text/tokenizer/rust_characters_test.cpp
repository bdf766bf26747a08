#include "text/tokenizer/rust_characters.h"

#include <gtest/gtest.h>

#include "base/unicode.h"

namespace sift::text {
namespace {

std::string lower(char32_t c) {
  std::string out;
  append_lowercase(out, c);
  return out;
}

int count(bool (*has)(char32_t)) {
  int found = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) found += has(c) ? 1 : 0;
  return found;
}

// The numbers of code points are those of the tokenizers package 0.23.
TEST(RustCharacters, NumbersAreThoseOfUnicode17) {
  EXPECT_TRUE(is_numeric(U'7') && is_numeric(U'\u00BD') && is_numeric(U'\u2167'));
  EXPECT_TRUE(is_numeric(0x11DE0) && is_numeric(0x11DE9) && is_numeric(0x16FF5));
  EXPECT_FALSE(is_numeric(0x11DEA) || is_numeric(U'\u4E00'));
}

TEST(RustCharacters, LowerCaseIsThatOfUnicode17) {
  EXPECT_EQ(lower(U'\uA7CE'), "\uA7CF");
  EXPECT_EQ(lower(U'\uA7D2'), "\uA7D3");
  EXPECT_EQ(lower(0x16EB8), "\U00016ED3");
  EXPECT_EQ(lower(0x16EBB), "\U00016EBB");
  EXPECT_EQ(lower(U'\u0130'), "i\u0307");
  EXPECT_EQ(lower(U'\u03A3'), "\u03C3");
}

TEST(RustCharacters, PunctuationIsThatOfUnicode8) {
  EXPECT_TRUE(is_punctuation(U'$') && is_punctuation(U'\u3002') && is_punctuation(U'\u166D'));
  EXPECT_FALSE(is_punctuation(U'\u20AC') || is_punctuation(U'\u2E43'));
  EXPECT_EQ(count(is_punctuation), 726);
}

TEST(RustCharacters, MarksAreThoseOfUnicode9) {
  EXPECT_TRUE(is_combining_mark(U'\u0301') && is_combining_mark(U'\u1CF2'));
  EXPECT_FALSE(is_combining_mark(U'a') || is_combining_mark(U'\u0897'));
  EXPECT_EQ(count(is_combining_mark), 2097);
}

TEST(RustCharacters, WordsHoldTheJoiners) {
  EXPECT_TRUE(is_word(U'a') && is_word(U'_') && is_word(U'\u200D') && is_word(U'\u0301') &&
              is_word(U'\u24B6'));
  EXPECT_FALSE(is_word(U'-') || is_word(U'\u00B2') || is_word(0x1FA77));
}

}  // namespace
}  // namespace sift::text
