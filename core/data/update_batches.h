#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <sift/tensors.h>
#include "data/dataset.h"
#include "data/sampler.h"

namespace sift {

/// The data of one optimizer step on this process. The processes run their micro-batches in rounds: at the
/// end of an epoch some may have none in the last one.
struct UpdateBatches {
  std::vector<Batch> micro_batches;
  std::int64_t num_scored = 0;      ///< scored tokens of these micro-batches
  std::int64_t rounds = 0;          ///< micro-batches of the process with the most
  std::int64_t counted_ranks = 1;   ///< in the last round metrics count those of the ranks below this
  std::int64_t end_of_batches = 0;  ///< rounds of the epoch up to and including this update's last
  double epoch = 0.0;               ///< epochs finished after this update
  bool begins_epoch = false;        ///< first update of its epoch, or the first after resuming within it
  bool ends_epoch = false;
};

/// Which rows of a round are for this process.
struct RowShare {
  std::int64_t rank = 0;
  std::int64_t size = 1;        ///< processes
  bool balance_tokens = false;  ///< about equally many tokens for each process, instead of rows in turn
};

/// How an epoch is divided into updates.
struct UpdatePlan {
  std::int64_t batch_size = 1;         ///< rows of a process in a round
  std::int64_t accumulation = 1;       ///< rounds of an update; the last one may have fewer
  std::int64_t batches_per_epoch = 0;  ///< rounds
  RowShare share = {};
  std::int64_t ranks_counted_at_end = 1;  ///< counted_ranks of the epoch's last round
};

/// The ranks whose metrics accelerate's gather_for_metrics keeps in the last round of an epoch that
/// even_batches filled up: of one value for each rank it keeps as many as there are rows left over, whatever
/// the batch size.
std::int64_t ranks_kept_at_end(std::int64_t num_rows, std::int64_t batch_size, std::int64_t processes);

/// The rows for this process in a round: with `balance_tokens` at most batch_size rows, the longest first,
/// each to the process that has the fewest tokens; otherwise the next batch_size rows for each process in
/// turn. May be empty in the last round.
std::vector<std::int64_t> rows_of_round(const TokenDataset& dataset, std::span<const std::int64_t> order,
                                        std::int64_t round, std::int64_t batch_size, const RowShare& share);

/// Collates update `update` of an epoch with this order of rows.
UpdateBatches update_batches(const TokenDataset& dataset, std::span<const std::int64_t> order,
                             const UpdatePlan& plan, std::int64_t update, at::Device device);

}  // namespace sift
