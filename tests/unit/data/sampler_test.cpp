#include "data/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "support/temp_folder.h"

namespace sift {
namespace {

using Order = std::vector<std::int64_t>;

Order numbers(const RowOrder& order) {
  return {order.begin(), order.end()};
}

RowOrder epoch_of_zero(std::int64_t num_rows, std::int64_t seed, const Spill& spill) {
  return epoch_order(num_rows, seed, 0, spill);
}

// Golden orders: accelerate's sampler and datasets.Dataset.shuffle, both for seed 42.
TEST(Sampler, EpochOrderIsTrls) {
  EXPECT_EQ(numbers(epoch_order(10, 42, 0)), (Order{2, 6, 1, 8, 4, 5, 0, 9, 3, 7}));
  EXPECT_EQ(numbers(epoch_order(10, 42, 1)), (Order{8, 4, 9, 0, 5, 1, 6, 7, 2, 3}));
}

TEST(Sampler, ShuffledOrderIsNumpys) {
  EXPECT_EQ(numbers(shuffled_order(10, 42)), (Order{5, 6, 0, 7, 3, 2, 4, 9, 1, 8}));
  const Order hundred = numbers(shuffled_order(100, 42));
  EXPECT_EQ(Order(hundred.begin(), hundred.begin() + 10), (Order{59, 21, 56, 18, 33, 42, 50, 27, 92, 71}));
  // a seed of more than 32 bits
  EXPECT_EQ(numbers(shuffled_order(10, (std::int64_t{1} << 40) + 5)), (Order{8, 1, 2, 5, 3, 0, 9, 7, 4, 6}));
}

TEST(Sampler, ShuffledOrderIsAPermutation) {
  for (const std::int64_t size : {0, 1, 2, 1000}) {
    Order order = numbers(shuffled_order(size, 7));
    std::ranges::sort(order);
    Order expected(static_cast<std::size_t>(size));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(order, expected);
  }
}

TEST(Sampler, OrdersOfManyRowsLieInAFile) {
  const test::TempFolder folder;
  const Spill spill{folder / "cache", 1000};
  for (const auto make : {epoch_of_zero, shuffled_order}) {
    const RowOrder in_file = make(100'000, 7, spill);
    EXPECT_TRUE(in_file.in_file());
    EXPECT_EQ(numbers(in_file), numbers(make(100'000, 7, {})));
  }
}

TEST(StepPlan, CountsAsTransformers) {
  // 97 rows in batches of 8 for 2 epochs: the last batch of an epoch has one row
  StepPlan plan = StepPlan::make(97, 8, 1, 2.0, -1);
  EXPECT_EQ(plan.batches_per_epoch, 13);
  EXPECT_EQ(plan.max_steps, 26);
  EXPECT_EQ(plan.num_epochs, 2);
  // accumulation never crosses an epoch
  plan = StepPlan::make(97, 8, 4, 1.5, -1);
  EXPECT_EQ(plan.updates_per_epoch, 4);
  EXPECT_EQ(plan.max_steps, 6);
  EXPECT_EQ(plan.num_epochs, 2);
  // max_steps beats num_train_epochs
  plan = StepPlan::make(400, 4, 1, 3.0, 20);
  EXPECT_EQ(plan.max_steps, 20);
  EXPECT_EQ(plan.num_epochs, 1);
  // without the last batch of one row
  plan = StepPlan::make(97, 8, 1, 2.0, -1, /*drop_last=*/true);
  EXPECT_EQ(plan.batches_per_epoch, 12);
  EXPECT_EQ(plan.max_steps, 24);
  // fewer batches than one update takes
  plan = StepPlan::make(2, 1, 8, 3.0, -1);
  EXPECT_EQ(plan.updates_per_epoch, 1);
  EXPECT_EQ(plan.max_steps, 3);
}

// accelerate's BatchSamplerShard: with fewer rows than it needs, they are repeated
TEST(Sampler, FillsUpWithTheFirstRows) {
  RowOrder order = sequential_order(5);
  fill_up(4, order);
  EXPECT_EQ(Order(order.begin(), order.end()), (Order{0, 1, 2, 3, 4, 0, 1, 2}));
  fill_up(4, order);
  EXPECT_EQ(order.size(), 8U);
  RowOrder few = sequential_order(2);
  fill_up(7, few);
  EXPECT_EQ(Order(few.begin(), few.end()), (Order{0, 1, 0, 1, 0, 1, 0}));
}

TEST(StepPlan, LastBatchIsKept) {
  const RowOrder order = epoch_order(10, 42, 0);
  const auto last = batch_rows(order, 2, 4);
  EXPECT_EQ(Order(last.begin(), last.end()), (Order{3, 7}));
}

}  // namespace
}  // namespace sift
