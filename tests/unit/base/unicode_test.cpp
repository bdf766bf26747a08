#include "base/unicode.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/unicode_case.h"
#include "base/unicode_data.h"
#include "base/utf8.h"

namespace sift::unicode {
namespace {

TEST(Unicode, HasEveryCategory) {
  const std::vector<std::pair<std::string, std::vector<char32_t>>> samples = {
      {"Lu", {'A', 0xC0, 0x100, 0x10D50}},  // the last: Garay, new in 16
      {"Ll", {'z', 0xDF, 0x101, 0x10D70}},  // and its lower case
      {"Lt", {0x1C5, 0x1FFC}},
      {"Lm", {0x2B0, 0x1E030}},                  // new in 15
      {"Lo", {0xAA, 0x4E2D, 0x323AF, 0x2EBF0}},  // CJK of 15, of 15.1
      {"Mn", {0x301, 0x897}},                    // new in 16
      {"Me", {0x488}},
      {"Mc", {0x903, 0x11F34}},                // new in 15
      {"Nd", {'7', 0x664, 0x11F50, 0x10D40}},  // Kawi, new in 15; Garay
      {"Nl", {0x2160}},
      {"No", {0xB2, 0x1D2C0}},  // new in 15
      {"Zs", {' ', 0xA0, 0x3000}},
      {"Zl", {0x2028}},
      {"Zp", {0x2029}},
      {"Cc", {0, 0x1F, 0x7F}},
      {"Cf", {0xAD, 0x200D, 0x13439}},  // new in 15
      {"Co", {0xE000, 0x10FFFD}},
      {"Cs", {0xD800, 0xDFFF}},
      {"Pd", {'-', 0x10D6E}},  // new in 16
      {"Ps", {'('}},
      {"Pe", {')'}},
      {"Pc", {'_', 0x203F}},
      {"Po", {'!', 0x1B4E}},   // new in 16
      {"Sm", {'+', 0x10D8E}},  // new in 16
      {"Sc", {'$', 0x20C0}},
      {"Sk", {'^', 0x1F3FB}},
      {"So", {0xA9, 0x1FA77, 0x1FAE9, 0x2FFC}},  // pink heart of 15, face of 16, 15.1
      {"Pi", {0xAB}},
      {"Pf", {0xBB}},
      {"Cn", {0x378, 0x1FAFD, 0x10FFFF, 0x110000}},
  };
  Categories seen = 0;
  for (const auto& [name, code_points] : samples) {
    const Categories set = categories_named(name);
    seen |= set;
    for (const char32_t c : code_points) {
      EXPECT_TRUE(is_in(c, set)) << name << " " << std::hex << static_cast<std::uint32_t>(c);
    }
  }
  EXPECT_EQ(seen, (1U << samples.size()) - 1);
}

TEST(Unicode, NamesGroups) {
  EXPECT_EQ(categories_named("L"), kLetters);
  EXPECT_EQ(categories_named("M"), kMarks);
  EXPECT_EQ(categories_named("N"), kNumbers);
  EXPECT_EQ(categories_named("P"), kPunctuation);
  EXPECT_EQ(categories_named("Z"), kSeparators);
  EXPECT_EQ(categories_named("C"), kOthers);
  EXPECT_EQ(categories_named("LC"), categories({Category::Lu, Category::Ll, Category::Lt}));
  EXPECT_EQ(categories_named("Lx"), 0U);
  EXPECT_EQ(categories_named(""), 0U);
}

// Numbers of code points that Unicode 16.0 itself gives for the whole of each property.
TEST(Unicode, CountsOfVersion16) {
  const auto count = [](const CodePointSet& set) {
    std::size_t sum = 0;
    for (const CodePointRange& range : set.ranges()) sum += range.last - range.first + 1;
    return sum;
  };
  EXPECT_EQ(count(code_points_of(kLetters)), 141'028U);
  EXPECT_EQ(count(code_points_of(kMarks)), 2'501U);
  EXPECT_EQ(count(code_points_of(kNumbers)), 1'911U);
  EXPECT_EQ(count(code_points_of(kPunctuation)), 855U);
  EXPECT_EQ(count(code_points_of(categories_named("S"))), 8'514U);
  EXPECT_EQ(count(code_points_of(categories({Category::Cn}))), 819'533U);
  EXPECT_EQ(count(code_points_of_script("Hani")), 99'030U);
  std::map<std::string, std::size_t> counts;
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    counts["alphabetic"] += is_alphabetic(c) ? 1 : 0;
    counts["lowercase"] += is_lowercase(c) ? 1 : 0;
    counts["uppercase"] += is_uppercase(c) ? 1 : 0;
    counts["cased"] += is_cased(c) ? 1 : 0;
    counts["white space"] += is_white_space(c) ? 1 : 0;
  }
  EXPECT_EQ(counts["alphabetic"], 142'759U);
  EXPECT_EQ(counts["lowercase"], 2'569U);
  EXPECT_EQ(counts["uppercase"], 1'978U);
  EXPECT_EQ(counts["cased"], 4'578U);
  EXPECT_EQ(counts["white space"], 25U);
}

TEST(Unicode, TellsPropertiesApart) {
  EXPECT_TRUE(is_lowercase(0xAA) && is_lowercase(0x24D0));  // beyond the categories
  EXPECT_TRUE(is_uppercase(0x24B6) && is_alphabetic(0x345));
  EXPECT_TRUE(is_case_ignorable(':') && is_case_ignorable(0x2019) && is_case_ignorable(0x301));
  EXPECT_FALSE(is_case_ignorable('a') || is_case_ignorable(' '));
  EXPECT_TRUE(has_digit_value('7') && has_digit_value(0xB2));
  EXPECT_FALSE(has_digit_value(0xBD));
  EXPECT_TRUE(has_numeric_value(0xBD) && has_numeric_value(0x4E00));
  EXPECT_FALSE(has_numeric_value('a'));
}

TEST(Unicode, TablesAreSortedAndDisjoint) {
  for (const auto& ranges : {kOtherAlphabetic, kOtherLowercase, kOtherUppercase, kOtherCaseIgnorable,
                             kOtherDigit, kOtherNumeric, kEmoji, kExtendedPictographic}) {
    ASSERT_FALSE(ranges.empty());
    EXPECT_TRUE(std::ranges::equal(CodePointSet({ranges.begin(), ranges.end()}).ranges(), ranges));
  }
  for (const CaseTable& table : {kUpper, kLower, kTitle, kFold}) {
    for (std::size_t i = 0; i < table.runs.size(); ++i) {
      const CaseRun& run = table.runs[i];
      EXPECT_TRUE(run.first <= run.last && (run.last - run.first) % run.stride == 0);
      EXPECT_TRUE(i == 0 || table.runs[i - 1].last < run.first);
    }
    EXPECT_TRUE(std::ranges::is_sorted(table.expansions, {}, &CaseExpansion::from));
  }
  CodePointSet all;
  for (const ScriptName& script : kScriptNames) {
    const CodePointSet members = code_points_of_script(script.code);
    EXPECT_FALSE(members.empty()) << script.name;
    all.add(members);
  }
  EXPECT_TRUE(all.complement().empty());
}

template <void (*kMap)(std::string&, char32_t)>
std::string mapped(char32_t c) {
  std::string out;
  kMap(out, c);
  return out;
}

TEST(UnicodeCase, MapsOneOrSeveral) {
  EXPECT_EQ(mapped<append_upper>('z'), "Z");
  EXPECT_EQ(mapped<append_upper>('1'), "1");
  EXPECT_EQ(mapped<append_upper>(0xDF), "SS");
  EXPECT_EQ(mapped<append_title>(0xDF), "Ss");
  EXPECT_EQ(mapped<append_folded>(0xDF), "ss");
  EXPECT_EQ(mapped<append_folded>(0x1E9E), "ss");
  EXPECT_EQ(mapped<append_lower>(0x130), "i\u0307");
  EXPECT_EQ(mapped<append_upper>(0x1C6), "\u01C4");
  EXPECT_EQ(mapped<append_title>(0x1C6), "\u01C5");
  EXPECT_EQ(mapped<append_lower>(0x1C4), "\u01C6");
  EXPECT_EQ(mapped<append_title>(0x10D0), "\u10D0");  // Georgian has upper case, but no title case
  EXPECT_EQ(mapped<append_upper>(0x10D0), "\u1C90");
  EXPECT_EQ(mapped<append_folded>(0x3C2), "\u03C3");
  EXPECT_EQ(mapped<append_folded>(0x13F8), "\u13F0");  // Cherokee folds to upper case
  EXPECT_EQ(mapped<append_folded>(0x13A0), "\u13A0");
}

TEST(UnicodeCase, KnowsLettersOfVersion16) {
  EXPECT_EQ(mapped<append_lower>(0x10D50), "\U00010D70");
  EXPECT_EQ(mapped<append_upper>(0x10D85), "\U00010D65");
  EXPECT_EQ(mapped<append_upper>(0x19B), "\uA7DC");
  EXPECT_EQ(mapped<append_lower>(0xA7CB), "\u0264");
}

TEST(UnicodeCase, SimpleFoldGivesOneForAll) {
  for (const char32_t theta : {0x398U, 0x3B8U, 0x3D1U, 0x3F4U}) EXPECT_EQ(simple_fold(theta), 0x3B8U);
  EXPECT_EQ(simple_fold(0x212A), U'k');
  EXPECT_EQ(simple_fold(0x1E9E), 0xDFU);
  EXPECT_EQ(simple_fold(0x130), 0x130U);
}

}  // namespace
}  // namespace sift::unicode
