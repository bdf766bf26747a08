#include "data/batch_loader.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace sift {
namespace {

constexpr std::int64_t kNumRows = 5, kBatch = 2, kAccumulation = 2, kSeed = 7;

class BatchLoaderTest : public testing::Test {
 protected:
  BatchLoaderTest() {
    for (std::int32_t row = 0; row < kNumRows; ++row) {
      const std::vector<std::int32_t> ids{row, row + 10, row + 20};
      data_.add_row(ids, ids);
    }
  }
  BatchLoader loader() { return {data_, plan_, {kBatch, kAccumulation, {.order_seed = kSeed}}, at::kCPU}; }

  static std::vector<std::int64_t> rows_of(const UpdateBatches& update) {
    std::vector<std::int64_t> rows;
    for (const Batch& batch : update.micro_batches)
      rows.insert(rows.end(), batch.row_ids.begin(), batch.row_ids.end());
    return rows;
  }
  /// The rows of each update that is left.
  static std::vector<std::vector<std::int64_t>> rest_of(BatchLoader& loader) {
    std::vector<std::vector<std::int64_t>> updates;
    while (const auto update = loader.next()) updates.push_back(rows_of(*update));
    return updates;
  }

  TokenDataset data_;
  // two updates an epoch, of two micro-batches and of one
  StepPlan plan_ = StepPlan::make(kNumRows, kBatch, kAccumulation, 2.0, -1);
};

TEST_F(BatchLoaderTest, GivesEveryEpochInItsOrder) {
  BatchLoader loading = loader();
  const auto updates = rest_of(loading);
  ASSERT_EQ(updates.size(), 4U);
  for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
    const RowOrder order = epoch_order(kNumRows, kSeed, epoch);
    const std::span<const std::int64_t> rows = order;
    const auto first = static_cast<std::size_t>(2 * epoch);
    EXPECT_EQ(updates[first], std::vector(rows.begin(), rows.begin() + 4));
    EXPECT_EQ(updates[first + 1], std::vector(rows.begin() + 4, rows.end()));
  }
}

TEST_F(BatchLoaderTest, SaysWhereInItsEpochsAnUpdateIs) {
  BatchLoader loading = loader();
  std::vector<double> epochs;
  std::vector<bool> begins, ends;
  while (const auto update = loading.next()) {
    epochs.push_back(update->epoch);
    begins.push_back(update->begins_epoch);
    ends.push_back(update->ends_epoch);
  }
  EXPECT_EQ(epochs, (std::vector<double>{2.0 / 3, 1.0, 1 + 2.0 / 3, 2.0}));
  EXPECT_EQ(begins, (std::vector{true, false, true, false}));
  EXPECT_EQ(ends, (std::vector{false, true, false, true}));
  EXPECT_FALSE(loading.next().has_value());
}

TEST_F(BatchLoaderTest, SeeksToTheUpdateBehindAStep) {
  BatchLoader whole = loader();
  const auto all = rest_of(whole);
  for (std::int64_t step = 0; step <= 4; ++step) {
    BatchLoader loading = loader();
    loading.next();
    loading.seek(step);
    EXPECT_EQ(rest_of(loading), std::vector(all.begin() + step, all.end())) << step;
  }
  BatchLoader loading = loader();
  loading.seek(3);
  EXPECT_TRUE(loading.next()->begins_epoch);  // of what this process does of it
}

TEST_F(BatchLoaderTest, BeginsTheEpochAgainOnRequest) {
  BatchLoader whole = loader();
  const auto all = rest_of(whole);
  BatchLoader loading = loader();
  loading.seek(1, /*begins_epoch_again=*/true);
  const auto first = loading.next();
  EXPECT_EQ(rows_of(*first), all[0]);
  EXPECT_EQ(first->epoch, 2.0 / 3);
  EXPECT_EQ(rest_of(loading), (std::vector{all[1], all[2]}));  // max_steps ends the run
}

TEST_F(BatchLoaderTest, EndsInTheMiddleOfAnEpoch) {
  plan_ = StepPlan::make(kNumRows, kBatch, kAccumulation, 3.0, 3);
  BatchLoader loading = loader();
  EXPECT_EQ(rest_of(loading).size(), 3U);
}

}  // namespace
}  // namespace sift
