#include "text/tokenizer/regex.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include <sift/error.h>
#include "base/unicode.h"
#include "base/utf8.h"
#include "text/tokenizer/regex_syntax.h"
#include "text/tokenizer/unicode_property.h"

namespace sift::text {
namespace {

bool matches_whole(const PcreCode& code, std::string_view text) {
  RegexScratch scratch;
  PcreCode::Match match{};
  return code.find(text, 0, scratch, match) && match.begin == 0 && match.end == text.size();
}

bool matches(const std::string& pattern, char32_t c) {
  const Regex regex(pattern, "file");
  const std::string text = to_utf8(c);
  return matches_whole(regex.form_for(text), text);
}

std::string error_of(const std::string& pattern) {
  try {
    Regex regex(pattern, "tok.json: at");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

constexpr char32_t kPinkHeart = 0x1FA77;     // So, Unicode 15
constexpr char32_t kKawiLetter = 0x11F04;    // Lo, Unicode 15
constexpr char32_t kGarayCapital = 0x10D50;  // Lu, Unicode 16
constexpr char32_t kGaraySmall = 0x10D70;
constexpr char32_t kGarayDigit = 0x10D40;
constexpr char32_t kNewMark = 0x897;  // Mn, Unicode 16

TEST(Regex, KnowsWhatUnicode16Added) {
  EXPECT_TRUE(matches(R"(\p{S})", kPinkHeart) && matches(R"([\p{P}\p{S}])", kPinkHeart));
  EXPECT_FALSE(matches(R"(\P{S})", kPinkHeart) || matches(R"([^\p{S}])", kPinkHeart));
  EXPECT_TRUE(matches(R"([\P{L}])", kPinkHeart) && matches(R"([^\p{L}\p{N}])", kPinkHeart));
  EXPECT_FALSE(matches(R"(\p{Cn})", kPinkHeart));
  EXPECT_TRUE(matches(R"(\p{L})", kKawiLetter) && matches(R"(\w)", kKawiLetter));
  EXPECT_TRUE(matches(R"([[:alpha:]])", kKawiLetter) && matches(R"([\w])", kKawiLetter));
  EXPECT_FALSE(matches(R"([[:^alpha:]])", kKawiLetter) || matches(R"(\W)", kKawiLetter));
  EXPECT_TRUE(matches(R"(\p{M})", kNewMark) && matches(R"([\w])", kNewMark));
  EXPECT_TRUE(matches(R"(\d)", kGarayDigit) && matches(R"([[:digit:]])", kGarayDigit));
  EXPECT_FALSE(matches(R"([\D])", kGarayDigit));
  EXPECT_TRUE(matches(R"(\p{Garay})", kGaraySmall) && matches(R"(\p{Gara})", kGarayDigit));
  EXPECT_TRUE(matches(R"(\bx?\w+\b)", kGaraySmall));
}

TEST(Regex, SpaceIsUnicodesWhiteSpace) {
  for (const char32_t c : {U'\t', U' ', U'\u0085', U'\u2003', U'\u3000'}) {
    EXPECT_TRUE(matches(R"(\s)", c) && matches(R"([\s])", c) && !matches(R"([\S])", c)) << std::uint32_t{c};
  }
  EXPECT_FALSE(matches(R"(\s)", U'\u180E'));
  EXPECT_TRUE(matches(R"([^\S\r\n])", U' '));
  EXPECT_FALSE(matches(R"([^\S\r\n])", U'\n'));
}

TEST(Regex, IgnoresCaseByTheTable) {
  EXPECT_TRUE(matches("(?i:\U00010D70)", kGarayCapital) && matches("(?i)[\U00010D70]", kGarayCapital));
  EXPECT_TRUE(matches(R"((?i)\u00e9)", U'\u00C9') && matches("(?i:k)", U'\u212A'));
  EXPECT_FALSE(matches("(?i:a)\u00E9", U'\u00C9'));
  EXPECT_FALSE(matches("(?i)(?-i:[\u00E9])", U'\u00C9'));
  // Oniguruma closes a bracketed class under case, but no bare property.
  EXPECT_TRUE(matches(R"((?i)[\p{Lu}])", kGaraySmall));
  EXPECT_FALSE(matches(R"((?i)\p{Lu})", kGaraySmall));
}

TEST(Regex, ClassesHoldClassesAndIntersections) {
  const char* const bloom = R"([^(\s|[.,!]])";
  EXPECT_TRUE(matches(bloom, U'a') && !matches(bloom, U'!') && !matches(bloom, U'|') &&
              !matches(bloom, U' '));
  EXPECT_TRUE(matches("[a[bc]d]", U'c') && matches("[a[^b]]", U'z') && !matches("[a[^b]]", U'b'));
  const char* const kimi = R"([\p{L}\p{M}&&[^\p{Han}]])";
  EXPECT_TRUE(matches(kimi, U'a') && matches(kimi, kNewMark) && !matches(kimi, U'\u4E00'));
  EXPECT_FALSE(matches(kimi, U'\u2EB4'));  // a Han symbol
  EXPECT_TRUE(matches("[a-f&&c-z&&[^d]]", U'e') && !matches("[a-f&&c-z&&[^d]]", U'd'));
  EXPECT_TRUE(matches("[^a-f&&c-z]", U'a') && !matches("[^a-f&&c-z]", U'c'));
  EXPECT_TRUE(matches("[^a&&b]", U'a') && !matches("[a&&b]", U'a') && matches("[a&b]", U'&'));
}

// Both forms must agree on every text without a disputed code point, whatever version PCRE2 has.
TEST(Regex, BothFormsAgreeWhereTheLibraryDoes) {
  const std::string patterns[] = {
      R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)",
      R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+|\w|[[:punct:]]|\p{Han}|\p{Emoji}|\P{Greek})",
      R"([^\s\p{P}]\b|\S\B|[\d\h\]-]|\p{Lowercase}{2}+)"};
  for (const std::string& pattern : patterns) {
    const PcreForms forms = to_pcre_syntax(pattern, "file");
    ASSERT_TRUE(forms.pcre_suffices) << pattern;
    const PcreCode by_pcre(forms.by_pcre, pattern, "file");
    const PcreCode by_table(forms.by_table, pattern, "file");
    std::string text;
    for (char32_t c = 0; c <= kLastCodePoint; ++c) {
      const bool is_char = c < kFirstSurrogate || c > kLastSurrogate;
      if (is_char && !forms.disputed.contains(c) && c % 7 < 5) append_utf8(text, c);
    }
    RegexScratch scratch;
    PcreCode::Match a{};
    PcreCode::Match b{};
    std::size_t at = 0;
    while (at < text.size() && by_pcre.find(text, at, scratch, a)) {
      ASSERT_TRUE(by_table.find(text, at, scratch, b));
      ASSERT_TRUE(a.begin == b.begin && a.end == b.end) << pattern << " at byte " << at;
      at = std::max(a.end, at + utf8_length(text[at]));
    }
  }
}

TEST(Regex, NamesWhatItCannotRead) {
  EXPECT_EQ(
      error_of(R"(a\p{Nope})"),
      "tok.json: at: the regular expression 'a\\p{Nope}' uses the property 'Nope' (at byte 1), which is not "
      "supported");
  EXPECT_NE(error_of(R"(\X)").find("uses \\X (at byte 0)"), std::string::npos);
  EXPECT_NE(error_of("[a[:vowel:]]").find("uses an unknown [:class:] (at byte 2)"), std::string::npos);
  EXPECT_NE(error_of(std::string(100, '[')).find("more than 64 character classes"), std::string::npos);
  EXPECT_NE(error_of("[a").find("uses a character class without an end"), std::string::npos);
}

TEST(UnicodeProperty, IsFoundByAnySpelling) {
  const UnicodeProperty* letters = find_unicode_property("L");
  ASSERT_NE(letters, nullptr);
  EXPECT_EQ(letters->members, unicode::code_points_of(unicode::kLetters));
  EXPECT_EQ(find_unicode_property("white_space"), find_unicode_property("White Space"));
  EXPECT_EQ(find_unicode_property("Han")->members, find_unicode_property("hani")->members);
  EXPECT_EQ(find_unicode_property(""), nullptr);
}

}  // namespace
}  // namespace sift::text
