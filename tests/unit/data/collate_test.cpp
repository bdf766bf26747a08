#include "data/collate.h"

#include <gtest/gtest.h>

#include "support/tensor_values.h"

namespace sift {
namespace {

using test::values;

TokenDataset dataset() {
  TokenDataset data;
  const std::vector<std::int32_t> first{1, 2, 3}, second{4, 5}, third{6};
  const std::vector<std::int32_t> masked{-100, -100, 3};
  data.add_row(first, masked);
  data.add_row(second, second);
  data.add_row(third, third);
  return data;
}

TEST(Collate, FlattensRowsInTheOrderGiven) {
  const Batch batch = collate(dataset(), std::vector<std::int64_t>{1, 0, 2}, at::kCPU);
  EXPECT_EQ(values(batch.input_ids_n), (std::vector<std::int64_t>{4, 5, 1, 2, 3, 6}));
  EXPECT_EQ(values(batch.targets_n), (std::vector<std::int64_t>{5, -100, -100, 3, -100, -100}));
  EXPECT_EQ(values(batch.position_ids_n), (std::vector<std::int64_t>{0, 1, 0, 1, 2, 0}));
  EXPECT_EQ(values(batch.scored_m), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(values(batch.cu_seqlens_s), (std::vector<std::int64_t>{0, 2, 5, 6}));
  EXPECT_EQ(batch.document_starts, (std::vector<std::int64_t>{0, 2, 5, 6}));
  EXPECT_EQ(batch.max_seqlen, 3);
  EXPECT_EQ(batch.num_rows, 3);
  EXPECT_EQ(batch.num_tokens(), 6);
  EXPECT_EQ(batch.num_scored(), 2);
}

TEST(Collate, CountsTheLabelsThatAreScored) {
  const TokenDataset data = dataset();
  EXPECT_EQ(num_scored(data.labels(0)), 1);
  EXPECT_EQ(num_scored(data.labels(1)), 1);
  EXPECT_EQ(num_scored(data.labels(2)), 0);  // the first token of a row is never a target
}

}  // namespace
}  // namespace sift
