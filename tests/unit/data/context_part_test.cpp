#include "data/context_part.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "support/tensor_values.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using test::values;
using Tokens = std::vector<std::int64_t>;

// Of two processes, the second has the tokens 2 to 6 of 8: the end of the first document and the beginning of
// the second.
TEST(ContextPart, CutsDocuments) {
  const Batch batch = test::make_batch({{1, 2, 3, 4, 5}, {6, 7, 8}});
  const Batch part = context_part(batch, 1, 2);
  EXPECT_EQ(values(part.input_ids_n), (Tokens{3, 4, 5, 6}));
  EXPECT_EQ(values(part.position_ids_n), (Tokens{2, 3, 4, 0}));
  EXPECT_EQ(values(part.targets_n), (Tokens{4, 5, kIgnoreIndex, 7}));
  EXPECT_EQ(values(part.scored_m), (Tokens{0, 1, 3}));
  EXPECT_EQ(part.document_starts, (Tokens{0, 2, 3, 4}));
  EXPECT_EQ(part.scored_starts, (Tokens{0, 2, 2, 3}));
  EXPECT_EQ(values(part.cu_seqlens_s), part.document_starts);
  EXPECT_EQ(part.max_seqlen, 5);
  EXPECT_EQ(part.num_rows, 2);
  EXPECT_EQ(part.num_tokens(), 4);
}

TEST(ContextPart, HasTheFirstAndTheLastTokens) {
  Batch batch = test::make_batch({{1, 2, 3, 4, 5}, {6, 7, 8}});
  batch.row_ids = {4, 9};
  const Batch part = context_part(batch, 0, 2);
  EXPECT_EQ(values(part.input_ids_n), (Tokens{1, 2, 7, 8}));
  EXPECT_EQ(values(part.position_ids_n), (Tokens{0, 1, 1, 2}));
  EXPECT_EQ(values(part.scored_m), (Tokens{0, 1, 2}));
  EXPECT_EQ(part.document_starts, (Tokens{0, 2, 4}));
  EXPECT_EQ(part.row_ids, batch.row_ids);
}

TEST(ContextPart, MayHaveNoToken) {
  const Batch batch = test::make_batch({{1, 2}});
  std::int64_t tokens = 0, scored = 0;
  for (std::int64_t rank = 0; rank < 3; ++rank) {
    const Batch part = context_part(batch, rank, 3);
    EXPECT_EQ(part.input_ids_n.numel(), part.num_tokens());
    EXPECT_EQ(part.scored_starts.back(), part.num_scored());
    tokens += part.num_tokens();
    scored += part.num_scored();
  }
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(scored, 1);
}

TEST(ContextPart, JoinsThePartsOfSeveralPasses) {
  const Batch all = joined({test::make_batch({{1, 2, 3}}), test::make_batch({{4, 5}, {6, 7}})});
  const Batch expected = test::make_batch({{1, 2, 3}, {4, 5}, {6, 7}});
  EXPECT_EQ(values(all.input_ids_n), values(expected.input_ids_n));
  EXPECT_EQ(values(all.targets_n), values(expected.targets_n));
  EXPECT_EQ(values(all.scored_m), values(expected.scored_m));
  EXPECT_EQ(all.document_starts, expected.document_starts);
  EXPECT_EQ(all.scored_starts, expected.scored_starts);
  EXPECT_EQ(values(all.cu_seqlens_s), expected.document_starts);
}

}  // namespace
}  // namespace sift
