#include "train/passes.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/tensor_values.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using test::values;

/// Documents of 3, 2, 4, 1 and 6 tokens.
Batch five_documents() {
  Batch batch = test::make_batch({{1, 2, 3}, {4, 5}, {6, 7, 8, 9}, {10}, {11, 12, 13, 14, 15, 16}});
  batch.row_ids = {7, 3};
  batch.num_rows = 2;
  return batch;
}

TEST(Passes, TakeDocumentsInOrderAsFarAsTheyFit) {
  const std::vector<Batch> passes = passes_of(five_documents(), 5);
  ASSERT_EQ(passes.size(), 3U);
  EXPECT_EQ(passes[0].document_starts, (std::vector<std::int64_t>{0, 3, 5}));
  EXPECT_EQ(passes[1].document_starts, (std::vector<std::int64_t>{0, 4, 5}));
  EXPECT_EQ(passes[2].document_starts, (std::vector<std::int64_t>{0, 6}));  // longer than is asked for
  EXPECT_EQ(passes_of(five_documents(), 1).size(), 5U);
  EXPECT_EQ(passes_of(five_documents(), 15).size(), 2U);
}

TEST(Passes, AreBatchesOfTheirOwn) {
  const Batch pass = passes_of(five_documents(), 5)[1];
  EXPECT_EQ(values(pass.input_ids_n), (std::vector<std::int64_t>{6, 7, 8, 9, 10}));
  EXPECT_EQ(values(pass.targets_n), (std::vector<std::int64_t>{7, 8, 9, -100, -100}));
  EXPECT_EQ(values(pass.position_ids_n), (std::vector<std::int64_t>{0, 1, 2, 3, 0}));
  EXPECT_EQ(values(pass.scored_m), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(values(pass.cu_seqlens_s), pass.document_starts);
  EXPECT_EQ(pass.cu_seqlens_s.scalar_type(), at::kInt);
  EXPECT_EQ(pass.max_seqlen, 6);  // of the whole batch
  EXPECT_EQ(pass.num_rows, 2);
  EXPECT_EQ(pass.row_ids, (std::vector<std::int64_t>{7, 3}));
}

TEST(Passes, EveryScoredTokenIsInOne) {
  const Batch batch = five_documents();
  std::int64_t scored = 0;
  for (const Batch& pass : passes_of(batch, 3)) scored += pass.num_scored();
  EXPECT_EQ(scored, batch.num_scored());
}

TEST(Passes, ABatchThatFitsIsLeftAsItIs) {
  for (const std::int64_t most :
       {std::int64_t{0}, std::int64_t{16}, std::numeric_limits<std::int64_t>::max()}) {
    const std::vector<Batch> passes = passes_of(five_documents(), most);
    ASSERT_EQ(passes.size(), 1U) << most;
    EXPECT_EQ(passes[0].document_starts, five_documents().document_starts);
  }
  // of one document there is nothing to cut
  EXPECT_EQ(passes_of(test::make_batch({{1, 2, 3}}), 2).size(), 1U);
  EXPECT_EQ(passes_of(test::make_batch({}), 2).size(), 1U);
}

TEST(Passes, FiguresOfTheTokensAreJoinedInOrder) {
  const at::Tensor first = at::tensor({-1.0F, -2.0F}).requires_grad_(), second = at::tensor({-3.0F});
  const TokenStats stats = joined({{first, first, {}}, {second, second, {}}});
  EXPECT_TRUE(at::equal(stats.log_prob_m, at::tensor({-1.0F, -2.0F, -3.0F})));
  EXPECT_FALSE(stats.log_prob_m.requires_grad());
  EXPECT_TRUE(at::equal(stats.entropy_m, stats.log_prob_m));
  EXPECT_FALSE(stats.is_top1_m.defined());
}

}  // namespace
}  // namespace sift
