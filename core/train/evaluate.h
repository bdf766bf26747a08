#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "model/decoder/decoder.h"
#include "parallel/parallel.h"
#include "train/components.h"

namespace sift {

struct EvaluationOptions {
  std::int64_t batch_size = 8;
  bool bf16 = false;
  bool drop_last = false;  ///< leave out the last batch if it is not full
  /// Set for train_sampling_strategy "group_by_length", which holds for evaluations as well: the seed of the
  /// order.
  std::optional<std::int64_t> grouping_seed = {};
  /// Fill up the last batches as accelerate does; see ranks_kept_at_end().
  bool even_batches = false;
};

/// The keys of an evaluation during training, without the timing keys.
std::vector<std::string> evaluation_keys(const Components& components);

/// Evaluates every row, in order unless grouped by length, without gradients; each process a share of the
/// batches. Keys as in transformers and TRL: eval_loss (the mean over rows of the mean loss of their batch),
/// eval_ + key of each metric (the mean over batches; those that the processes run at the same time count as
/// one), eval_runtime and speeds. Additionally eval_token_loss, the mean over scored tokens, which does not
/// depend on the batch size.
std::vector<std::pair<std::string, double>> evaluate(const Decoder& model, Components& components,
                                                     const TokenDataset& dataset,
                                                     const EvaluationOptions& options, Parallel& parallel);

}  // namespace sift
