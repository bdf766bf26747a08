#include "data/update_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <set>
#include <vector>

namespace sift {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Rows = std::vector<std::int64_t>;

/// Row i has lengths[i] tokens.
TokenDataset dataset_of(const std::vector<std::size_t>& lengths) {
  TokenDataset dataset;
  for (const std::size_t length : lengths) {
    const std::vector<std::int32_t> ids(length, 1);
    dataset.add_row(ids, ids);
  }
  return dataset;
}

Rows first_rows(std::int64_t count) {
  Rows order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(RowsOfRound, AreDealtInTurn) {
  const TokenDataset dataset = dataset_of(std::vector<std::size_t>(11, 3));
  const Rows order = first_rows(11);
  const auto rows = [&](std::int64_t round, std::int64_t rank) {
    return rows_of_round(dataset, order, round, 2, {rank, 3});
  };
  EXPECT_THAT(rows(0, 0), ElementsAre(0, 1));
  EXPECT_THAT(rows(0, 2), ElementsAre(4, 5));
  EXPECT_THAT(rows(1, 1), ElementsAre(8, 9));
  EXPECT_THAT(rows(1, 2), ElementsAre(10));
  EXPECT_THAT(rows_of_round(dataset, first_rows(7), 1, 2, {1, 3}), IsEmpty());
}

TEST(RowsOfRound, BalanceTheTokens) {
  const TokenDataset dataset = dataset_of({1, 9, 2, 8, 3, 7, 4, 6});
  const Rows order = first_rows(8);
  std::set<std::int64_t> met;
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    std::size_t tokens = 0;
    for (const std::int64_t row : rows_of_round(dataset, order, 0, 4, {rank, 2, true})) {
      EXPECT_TRUE(met.insert(row).second) << row;
      tokens += dataset.input_ids(row).size();
    }
    EXPECT_EQ(tokens, 20U);
  }
  EXPECT_EQ(met.size(), 8U);
}

TEST(RowsOfRound, BalancedHaveNoMoreRowsThanABatch) {
  const TokenDataset dataset = dataset_of({100, 1, 1, 1, 1, 1});
  EXPECT_THAT(rows_of_round(dataset, first_rows(6), 0, 3, {0, 2, true}), ElementsAre(0, 4, 5));
  EXPECT_THAT(rows_of_round(dataset, first_rows(6), 0, 3, {1, 2, true}), ElementsAre(1, 2, 3));
}

TEST(UpdateBatches, AreTheMicroBatchesOfOneUpdate) {
  TokenDataset data;
  for (std::int32_t row = 0; row < 7; ++row) {
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(row) + 2, row);
    data.add_row(ids, row == 6 ? std::vector<std::int32_t>(ids.size(), -100) : ids);
  }
  const std::vector<std::int64_t> order{6, 5, 4, 3, 2, 1, 0};
  const UpdatePlan plan{.batch_size = 2, .accumulation = 3, .batches_per_epoch = 4};

  const UpdateBatches first = update_batches(data, order, plan, 0, at::kCPU);
  ASSERT_EQ(first.micro_batches.size(), 3);
  EXPECT_THAT(first.micro_batches[0].row_ids, ElementsAre(6, 5));
  EXPECT_THAT(first.micro_batches[2].row_ids, ElementsAre(2, 1));
  EXPECT_EQ(first.num_scored, 0 + 6 + 5 + 4 + 3 + 2);
  EXPECT_EQ(first.end_of_batches, 3);

  const UpdateBatches last = update_batches(data, order, plan, 1, at::kCPU);
  ASSERT_EQ(last.micro_batches.size(), 1);
  EXPECT_THAT(last.micro_batches[0].row_ids, ElementsAre(0));
  EXPECT_EQ(last.num_scored, 1);
  EXPECT_EQ(last.end_of_batches, 4);
}

TEST(UpdateBatches, OfAProcessMayLackTheLastRound) {
  const TokenDataset dataset = dataset_of(std::vector<std::size_t>(10, 3));
  const Rows order = first_rows(10);
  const UpdatePlan plan{2, 2, 2, {2, 3}, 3};  // rank 2: rows 4 and 5, and none of the second round
  const UpdateBatches update = update_batches(dataset, order, plan, 0, at::kCPU);
  EXPECT_EQ(update.rounds, 2);
  ASSERT_EQ(update.micro_batches.size(), 1U);
  EXPECT_THAT(update.micro_batches[0].row_ids, ElementsAre(4, 5));
  EXPECT_EQ(update.num_scored, 4);
}

// accelerate cuts the N gathered values to as many as rows are left over
TEST(RanksKeptAtEnd, AreThoseOfGatherForMetrics) {
  EXPECT_EQ(ranks_kept_at_end(97, 2, 2), 1);
  EXPECT_EQ(ranks_kept_at_end(98, 4, 3), 2);
  EXPECT_EQ(ranks_kept_at_end(103, 4, 3), 3);
  EXPECT_EQ(ranks_kept_at_end(96, 4, 3), 3);
}

}  // namespace
}  // namespace sift
