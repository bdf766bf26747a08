#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <sift/tensors.h>
#include "data/dataset.h"
#include "data/sampler.h"

namespace sift {

/// The data of one optimizer step.
struct UpdateBatches {
  std::vector<Batch> micro_batches;
  std::int64_t num_scored = 0;      ///< scored tokens of all micro-batches
  std::int64_t end_of_batches = 0;  ///< micro-batches of the epoch up to and including this update's last
  double epoch = 0.0;               ///< epochs finished after this update
  bool begins_epoch = false;        ///< first update of its epoch, or the first after resuming within it
  bool ends_epoch = false;
};

/// How an epoch is divided into updates.
struct UpdatePlan {
  std::int64_t batch_size = 1;
  std::int64_t accumulation = 1;  ///< micro-batches of an update; the last one may have fewer
  std::int64_t batches_per_epoch = 0;
};

/// Collates update `update` of an epoch with this order of rows.
UpdateBatches update_batches(const TokenDataset& dataset, std::span<const std::int64_t> order,
                             const UpdatePlan& plan, std::int64_t update, at::Device device);

}  // namespace sift
