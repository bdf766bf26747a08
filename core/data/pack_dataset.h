#pragma once

#include <cstdint>
#include <optional>

#include "data/dataset.h"
#include "data/packing.h"

namespace sift {

struct PackingOptions {
  std::int64_t max_length = 0;
  PackingStrategy strategy = PackingStrategy::kBfd;
  bool cross_documents = false;  ///< a packed row is one document; else each of its pieces is
  /// Rows are shuffled before they are packed, and packed rows after that (shuffled_order()).
  std::optional<std::int64_t> shuffle_seed = std::nullopt;
};

/// The rows of `dataset`, which have one excerpt each, put together by pack_rows(). What is made of which is
/// decided first, so that the tokens move only once.
TokenDataset pack(const TokenDataset& dataset, const PackingOptions& options, const Spill& spill = {});

/// How many rows pack() would make.
std::int64_t num_packed_rows(const TokenDataset& dataset, const PackingOptions& options,
                             const Spill& spill = {});

}  // namespace sift
