#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include <sift/tensors.h>
#include "data/dataset.h"

namespace sift {

/// The rows as one flat micro-batch on `device`: targets shifted by one inside each document, positions from
/// 0 in each document, nothing padded. Documents without tokens are left out.
Batch collate(const TokenDataset& dataset, std::span<const std::int64_t> rows, at::Device device);

/// How many targets of a document are scored: its labels from the second on that are not kIgnoreIndex.
std::int64_t num_scored(std::span<const std::int32_t> labels);
/// The same over the documents of a row.
std::int64_t num_scored(const TokenDataset& dataset, std::int64_t row);

}  // namespace sift
