#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include "data/epoch_orders.h"
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
    EpochOrders::Options order;
    RowShare share = {};
    /// Fill up the last round of an epoch with rows from the epoch's beginning, as accelerate does, so that
    /// every process has equally many full batches.
    bool even_batches = false;
  };
  /// The data set must outlive it. Batches are on `device`.
  BatchLoader(const TokenDataset& dataset, const StepPlan& plan, const Options& options, at::Device device);

  /// Continues after `step` finished updates of the run, with the next rows or at the beginning of the epoch.
  /// Reads none of the data before them. `order_states`: those of the checkpoint.
  void seek(std::int64_t step, bool begins_epoch_again = false,
            const std::vector<NamedTensor>& order_states = {});
  /// The batches of the next update; nullopt after the last one.
  std::optional<UpdateBatches> next();
  EpochOrders& orders() { return orders_; }

 private:
  void begin_epoch();

  const TokenDataset& dataset_;
  StepPlan plan_;
  Options options_;
  at::Device device_;
  EpochOrders orders_;
  std::int64_t step_ = 0;                ///< updates returned by next() or finished before seek()
  std::int64_t epoch_ = 0, update_ = 0;  ///< the place of the next update
  std::optional<RowOrder> order_;
  std::optional<Prefetcher<UpdateBatches>> ahead_;  // after the order, which its thread reads
};

}  // namespace sift
