#include "ops/context_division.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sift {
namespace {

TEST(ContextDivision, GivesEachProcessAnEarlyAndALateChunk) {
  const ContextDivision division(16, 2);
  const auto first = division.ranges(0), second = division.ranges(1);
  EXPECT_EQ(first[0].begin, 0);
  EXPECT_EQ(first[0].end, 4);
  EXPECT_EQ(first[1].begin, 12);
  EXPECT_EQ(first[1].end, 16);
  EXPECT_EQ(second[0].begin, 4);
  EXPECT_EQ(second[1].end, 12);
}

TEST(ContextDivision, GivesEachTokenToOneProcess) {
  for (const std::int64_t size : {1, 2, 3, 5}) {
    for (std::int64_t num_tokens = 0; num_tokens < 40; ++num_tokens) {
      const ContextDivision division(num_tokens, size);
      std::vector<int> owners(static_cast<std::size_t>(num_tokens));
      for (std::int64_t rank = 0; rank < size; ++rank) {
        std::int64_t tokens = 0;
        for (const TokenRange& range : division.ranges(rank)) {
          tokens += range.size();
          EXPECT_GE(range.size(), num_tokens / (2 * size));
          for (std::int64_t token = range.begin; token < range.end; ++token)
            ++owners[static_cast<std::size_t>(token)];
        }
        EXPECT_LE(tokens, division.most_tokens());
      }
      EXPECT_TRUE(std::ranges::all_of(owners, [](int count) { return count == 1; }));
    }
  }
}

}  // namespace
}  // namespace sift
