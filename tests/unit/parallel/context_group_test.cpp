#include "parallel/context_group.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "ops/context_division.h"
#include "support/context_groups.h"

namespace sift {
namespace {

at::Tensor own_rows(const at::Tensor& rows, const ContextExchange& context) {
  const auto ranges = ContextDivision(rows.size(0), context.size()).ranges(context.rank());
  return at::cat(
      {rows.slice(0, ranges[0].begin, ranges[0].end), rows.slice(0, ranges[1].begin, ranges[1].end)});
}

// Also of fewer tokens than processes, and of none.
TEST(ContextGroup, PutsThePartsTogether) {
  test::run_context(3, [](test::ContextParallel& parallel) {
    ContextExchange& context = *parallel.context();
    for (const std::int64_t tokens : {13, 12, 2, 1, 0}) {
      const at::Tensor first = at::arange(tokens * 6, at::kFloat).view({tokens, 2, 3});
      const at::Tensor second = (first + 0.5).to(at::kBFloat16);
      const auto whole = context.whole({own_rows(first, context), own_rows(second, context)}, tokens);
      EXPECT_TRUE(at::equal(whole[0], first)) << tokens;
      EXPECT_TRUE(at::equal(whole[1], second)) << tokens;
    }
  });
}

TEST(ContextGroup, GivesEachItsPartOfTheSum) {
  test::run_context(3, [](test::ContextParallel& parallel) {
    ContextExchange& context = *parallel.context();
    for (const std::int64_t tokens : {13, 2, 0}) {
      const at::Tensor rows = at::arange(tokens * 2, at::kFloat).view({tokens, 2});
      const auto parts = context.summed_parts({rows + static_cast<double>(context.rank()), rows});
      EXPECT_TRUE(at::equal(parts[0], own_rows(rows * 3 + 3, context))) << tokens;
      EXPECT_TRUE(at::equal(parts[1], own_rows(rows * 3, context))) << tokens;
    }
  });
}

TEST(ContextGroup, AddsUpValues) {
  test::run_context(2, [](test::ContextParallel& parallel) {
    const at::Tensor values = at::tensor({1, 2}, at::kLong) + parallel.rank();
    EXPECT_TRUE(at::equal(parallel.context()->summed(values), at::tensor({3, 5}, at::kLong)));
  });
}

TEST(ContextGroup, HasConsecutiveRanks) {
  EXPECT_EQ(context_ranks(0, 2), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(context_ranks(3, 2), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(context_ranks(5, 3), (std::vector<std::int64_t>{3, 4, 5}));
}

}  // namespace
}  // namespace sift
