#include "jinja/letter_case.h"

#include <gtest/gtest.h>

namespace sift::jinja {
namespace {

TEST(LetterCase, FinalSigma) {
  EXPECT_EQ(to_lower("\u03A3"), "\u03C3");  // nothing before it
  EXPECT_EQ(to_lower("\u0391\u03A3"), "\u03B1\u03C2");
  EXPECT_EQ(to_lower("\u0391\u03A3\u0391"), "\u03B1\u03C3\u03B1");
  EXPECT_EQ(to_lower("\u0391\u03A3 \u0391"), "\u03B1\u03C2 \u03B1");
  EXPECT_EQ(to_lower("A:\u03A3"), "a:\u03C2");  // a colon is ignored,
  EXPECT_EQ(to_lower("A\u03A3:b"), "a\u03C3:b");
  EXPECT_EQ(to_lower("A \u03A3"), "a \u03C3");  // a space is not
  EXPECT_EQ(to_lower("\u03A3\u03A3\u03A3"), "\u03C3\u03C3\u03C2");
  EXPECT_EQ(to_title("\u03A3\u0391\u03A3"), "\u03A3\u03B1\u03C2");
  EXPECT_EQ(to_capitalized("\u03B1\u03A3 \u03A3"), "\u0391\u03C2 \u03C3");
  EXPECT_EQ(swap_case("a\u03A3"), "A\u03C2");
  EXPECT_EQ(fold_case("\u0391\u03A3"), "\u03B1\u03C3");  // folding knows no final sigma
}

TEST(LetterCase, LettersThatBecomeSeveral) {
  EXPECT_EQ(to_upper("\uFB01x"), "FIX");
  EXPECT_EQ(to_title("\uFB01x"), "Fix");
  EXPECT_EQ(to_lower("\u0130"), "i\u0307");
  EXPECT_EQ(fold_case("Stra\u00DFe"), "strasse");
  EXPECT_EQ(to_capitalized(""), "");
}

TEST(LetterCase, TestsOfWholeTexts) {
  EXPECT_TRUE(is_lower_text("a1") && !is_lower_text("1") && !is_lower_text("aB"));
  EXPECT_TRUE(is_upper_text("A1") && !is_upper_text("1") && !is_upper_text("\u01C5"));
  EXPECT_TRUE(is_title_text("Ab Cd") && is_title_text("\u01C5a") && !is_title_text("AB"));
}

}  // namespace
}  // namespace sift::jinja
