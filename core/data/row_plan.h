#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"

namespace sift {

/// What decides which rows a step meets. Two runs with equal plans meet the same rows at the same steps.
struct RowPlan {
  std::int64_t num_rows = 0;  ///< after packing; 0: unknown
  std::int64_t batch_size = 1;
  std::int64_t accumulation = 1;
  std::int64_t seed = 0;            ///< of the order of each epoch
  std::string content;              ///< content_of() the rows
  std::string sampling = "random";  ///< train_sampling_strategy
  bool drop_last = false;           ///< the last batch of an epoch is left out if it is smaller
  std::int64_t processes = 1;       ///< each has batch_size rows of a round

  std::int64_t rows_of_round() const { return batch_size * processes; }

  bool operator==(const RowPlan&) const = default;
};

/// A short text that two data sets share if they have the same rows in the same order: a hash of all lengths
/// and of a sample of the tokens.
std::string content_of(const TokenDataset& dataset);

/// Where a run is in its data after `step` steps.
struct RowPosition {
  std::int64_t epoch = 0;  ///< epochs that are complete
  std::int64_t rows = 0;   ///< rows met in the current one
  double epochs = 0.0;     ///< both, as the log counts them
};
RowPosition position_after(const RowPlan& plan, std::int64_t step);

/// How often the rows are met if a run goes on with another plan, compared with a run that has it from the
/// start.
struct MetRows {
  std::int64_t more = 0;  ///< rows met once more, times that this happens
  std::int64_t less = 0;
};
/// Requires plans of the same rows, neither in groups by length, whose order depends on more than the plan.
MetRows met_rows(const RowPlan& before, const RowPlan& now, std::int64_t step);

}  // namespace sift
