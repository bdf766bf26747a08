#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include "data/prefetcher.h"
#include "data/sampler.h"
#include "data/update_batches.h"

namespace sift {

/// The batches of a run's updates, epoch after epoch. While one update is trained on, the next one is
/// prepared on another thread.
class BatchLoader {
 public:
  struct Options {
    std::int64_t batch_size = 1;
    std::int64_t accumulation = 1;
    std::int64_t seed = 42;
    Spill spill;  ///< where the order of an epoch is kept
  };
  /// The data set must outlive it. Batches are on `device`.
  BatchLoader(const TokenDataset& dataset, const StepPlan& plan, const Options& options, at::Device device);

  /// Continues after `step` finished updates of the run. Reads none of the data before them.
  void seek(std::int64_t step);
  /// The batches of the next update; nullopt after the last one.
  std::optional<UpdateBatches> next();

 private:
  void begin_epoch(std::int64_t epoch, std::int64_t first_update);

  const TokenDataset& dataset_;
  StepPlan plan_;
  Options options_;
  at::Device device_;
  std::int64_t step_ = 0;  ///< updates returned by next() or skipped by seek()
  std::optional<RowOrder> order_;
  std::optional<Prefetcher<UpdateBatches>> ahead_;  // after the order, which its thread reads
};

}  // namespace sift
