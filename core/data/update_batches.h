#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <sift/tensors.h>
#include "data/dataset.h"
#include "data/sampler.h"

namespace sift {

/// What one optimizer step is trained on.
struct UpdateBatches {
  std::vector<Batch> micro_batches;
  std::int64_t num_scored = 0;      ///< tokens, of all of them
  std::int64_t end_of_batches = 0;  ///< of the epoch: micro-batches up to this update's last one
  double epoch = 0.0;               ///< where the run is in its epochs after this update
  bool begins_epoch = false;        ///< the first of its epoch, or the first that a resumed run takes of it
  bool ends_epoch = false;
};

/// How an epoch is cut into updates.
struct UpdatePlan {
  std::int64_t batch_size = 1;
  std::int64_t accumulation = 1;  ///< micro-batches of an update; the last one may have fewer
  std::int64_t batches_per_epoch = 0;
};

/// Collates update number `update` of an epoch with this order of rows.
UpdateBatches update_batches(const TokenDataset& dataset, std::span<const std::int64_t> order,
                             const UpdatePlan& plan, std::int64_t update, at::Device device);

}  // namespace sift
