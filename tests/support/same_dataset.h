#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "data/dataset.h"

namespace sift::test {

/// The same rows, documents, tokens, labels and origins.
inline void expect_same(const TokenDataset& found, const TokenDataset& expected) {
  const auto ours = found.buffers(), theirs = expected.buffers();
  EXPECT_TRUE(std::ranges::equal(ours.input_ids, theirs.input_ids));
  EXPECT_TRUE(std::ranges::equal(ours.labels, theirs.labels));
  EXPECT_TRUE(std::ranges::equal(ours.excerpts, theirs.excerpts));
  EXPECT_TRUE(std::ranges::equal(ours.document_ends, theirs.document_ends));
  EXPECT_TRUE(std::ranges::equal(ours.row_ends, theirs.row_ends));
}

}  // namespace sift::test
