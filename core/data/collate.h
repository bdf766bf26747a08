#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include <sift/tensors.h>
#include "data/dataset.h"

namespace sift {

/// The rows as one flat micro-batch on `device`: targets shifted by one inside each document, positions from
/// 0 in each document, no padding. Empty documents are skipped.
Batch collate(const TokenDataset& dataset, std::span<const std::int64_t> rows, at::Device device);

/// The number of scored targets of a document: its labels after the first that are not kIgnoreIndex.
std::int64_t num_scored(std::span<const std::int32_t> labels);
/// The same, summed over the documents of a row.
std::int64_t num_scored(const TokenDataset& dataset, std::int64_t row);

}  // namespace sift
