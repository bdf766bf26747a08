#include "base/code_point_set.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(CodePointSet, JoinsRanges) {
  const CodePointSet set({{7, 9}, {1, 3}, {4, 4}, {2, 3}});
  EXPECT_EQ(set, CodePointSet({{1, 4}, {7, 9}}));
  for (const char32_t c : {1U, 4U, 7U, 9U}) EXPECT_TRUE(set.contains(c)) << static_cast<unsigned>(c);
  for (const char32_t c : {0U, 5U, 6U, 10U}) EXPECT_FALSE(set.contains(c)) << static_cast<unsigned>(c);
}

TEST(CodePointSet, Complement) {
  const CodePointSet set({{0, 3}, {7, 9}});
  EXPECT_EQ(set.complement(), CodePointSet({{4, 6}, {10, kLastCodePoint}}));
  EXPECT_EQ(set.complement().complement(), set);
  EXPECT_TRUE(CodePointSet().complement().complement().empty());
}

TEST(CodePointSet, Difference) {
  const CodePointSet a({{1, 5}, {8, 9}, {20, 30}});
  const CodePointSet b({{1, 3}, {9, 12}, {20, 30}});
  EXPECT_EQ(a.difference(b), CodePointSet({{4, 5}, {8, 8}, {10, 12}}));
  EXPECT_EQ(b.difference(a), a.difference(b));
  EXPECT_TRUE(a.difference(a).empty());
}

}  // namespace
}  // namespace sift
