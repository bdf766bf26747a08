#pragma once

#include <cstdint>
#include <optional>

#include "data/dataset.h"
#include "data/packing.h"

namespace sift {

struct PackingOptions {
  std::int64_t max_length = 0;
  PackingStrategy strategy = PackingStrategy::kBfd;
  bool cross_documents = false;  ///< a packed row is one document; false: each of its pieces is one
  /// Rows are shuffled before they are packed, and packed rows after that (shuffled_order()).
  std::optional<std::int64_t> shuffle_seed = std::nullopt;
};

/// Packs the rows of `dataset`, which have a single excerpt each, with pack_rows(). The plan is complete
/// before any token is copied, so tokens move only once.
TokenDataset pack(const TokenDataset& dataset, const PackingOptions& options, const Spill& spill = {});

/// The number of rows that pack() would return.
std::int64_t num_packed_rows(const TokenDataset& dataset, const PackingOptions& options,
                             const Spill& spill = {});

}  // namespace sift
