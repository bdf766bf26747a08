#pragma once

#include <ATen/core/Generator.h>

#include <cstdint>
#include <span>

#include "data/dataset.h"

namespace sift {

/// The order of the rows in epoch `epoch`, as in accelerate's SeedableRandomSampler:
/// torch.randperm(n) from a CPU generator seeded with seed + epoch.
RowOrder epoch_order(std::int64_t num_rows, std::int64_t seed, std::int64_t epoch, const Spill& spill = {});

/// The rows as they come.
RowOrder sequential_order(std::int64_t num_rows, const Spill& spill = {});

/// The order of transformers' LengthGroupedSampler: the rows in a random order, which is sorted by length,
/// longest first, within groups of at most 50 batches; the longest of all comes first. Draws from
/// `generator`.
RowOrder length_grouped_order(const TokenDataset& dataset, std::int64_t batch_size, at::Generator generator,
                              const Spill& spill = {});

/// The order of datasets.Dataset.shuffle(seed): numpy.random.default_rng(seed).permutation(n).
RowOrder shuffled_order(std::int64_t num_rows, std::int64_t seed, const Spill& spill = {});

/// Appends rows from the beginning of `order` until it has a multiple of `num_rows`, as accelerate's
/// BatchSamplerShard with even_batches.
void fill_up(std::int64_t num_rows, RowOrder& order);

/// The batches of `num_rows` rows; the last one may be smaller, or is left out with `drop_last`.
std::int64_t num_batches(std::int64_t num_rows, std::int64_t batch_size, bool drop_last);

/// The steps of a run, from the size of the data and the options, as transformers counts them.
struct StepPlan {
  std::int64_t batches_per_epoch = 0;  ///< micro-batches; the last one may be smaller
  std::int64_t updates_per_epoch = 0;  ///< optimizer steps; the last one may have fewer micro-batches
  std::int64_t max_steps = 0;          ///< optimizer steps of the whole run
  std::int64_t num_epochs = 0;         ///< epochs started

  static StepPlan make(std::int64_t num_rows, std::int64_t batch_size, std::int64_t accumulation,
                       double num_train_epochs, std::int64_t max_steps, bool drop_last = false);
};

/// The rows of micro-batch `index` of an epoch: a slice of its order.
std::span<const std::int64_t> batch_rows(std::span<const std::int64_t> order, std::int64_t index,
                                         std::int64_t batch_size);

}  // namespace sift
