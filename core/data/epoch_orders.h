#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include <sift/tensors.h>
#include "data/dataset.h"

namespace sift {

/// The order of the rows in each epoch, by train_sampling_strategy.
///
/// "random" and "sequential" depend on the epoch alone. "group_by_length" draws from one generator for the
/// whole run, as transformers does from torch's own, which evaluations move on as well; a checkpoint has its
/// states.
class EpochOrders {
 public:
  struct Options {
    std::string strategy = "random";  ///< "random", "sequential" or "group_by_length"
    std::int64_t order_seed = 42;     ///< of "random"
    std::int64_t seed = 42;           ///< of "group_by_length"
    std::int64_t rows_per_update = 1;
    Spill spill = {};  ///< where an order is kept
  };
  /// The data set must outlive it.
  EpochOrders(const TokenDataset& dataset, Options options);

  /// The order of an epoch. Epochs are begun one after the other.
  RowOrder begin(std::int64_t epoch);
  /// To be called for each evaluation of the run.
  void count_evaluation();

  /// The generator before the current epoch and now, for a checkpoint; none unless an order depends on it.
  std::vector<NamedTensor> states() const;
  /// Continues from those states, within an epoch or at the beginning of one. Without them the generator
  /// starts at its seed, as in transformers.
  void restore(const std::vector<NamedTensor>& states, bool is_within_epoch);

 private:
  bool draws() const { return options_.strategy == "group_by_length"; }

  const TokenDataset& dataset_;
  Options options_;
  at::Generator generator_;
  at::Tensor before_epoch_;
  bool is_within_epoch_ = false;  ///< the next epoch is the resumed one, and its order was drawn before
};

/// The names of states(), in a checkpoint.
inline constexpr const char* kEpochOrderState = "epoch_order";
inline constexpr const char* kNextOrderState = "next_order";

}  // namespace sift
