#include "train/evaluate.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <chrono>

#include "checkpoint/window.h"
#include "data/collate.h"
#include "data/prefetcher.h"
#include "data/sampler.h"
#include "data/update_batches.h"
#include "train/forward.h"
#include "train/metric_rounds.h"

namespace sift {
namespace {

RowOrder grouped_order(const TokenDataset& dataset, std::int64_t batch_size, std::int64_t seed) {
  return length_grouped_order(dataset, batch_size,
                              at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed)));
}

/// `even_processes`: the processes whose last batches are filled up; 0: none.
RowOrder order_of(const TokenDataset& dataset, const EvaluationOptions& options,
                  std::int64_t even_processes) {
  RowOrder order = options.grouping_seed ? grouped_order(dataset, options.batch_size, *options.grouping_seed)
                                         : sequential_order(dataset.num_rows());
  if (even_processes > 0) fill_up(options.batch_size * even_processes, order);
  return order;
}

struct Sums {
  double row_loss = 0.0;  ///< of the mean loss of each batch, times its rows
  double rows = 0.0;
  double token_loss = 0.0;
  double scored = 0.0;
};

Sums over_processes(const Sums& own, Parallel& parallel) {
  const at::Tensor values = at::tensor({own.row_loss, own.rows, own.token_loss, own.scored}, at::kDouble);
  const at::Tensor sums = parallel.gathered(values).sum(0);
  const auto* sum = sums.const_data_ptr<double>();
  return {sum[0], sum[1], sum[2], sum[3]};
}

}  // namespace

std::vector<std::string> evaluation_keys(const Components& components) {
  std::vector<std::string> keys{"eval_loss", "eval_token_loss"};
  for (const std::string& key : components.metric_keys()) keys.push_back("eval_" + key);
  return keys;
}

std::vector<std::pair<std::string, double>> evaluate(const Decoder& model, Components& components,
                                                     const TokenDataset& dataset,
                                                     const EvaluationOptions& options, Parallel& parallel) {
  const at::NoGradGuard no_grad;
  const auto start = std::chrono::steady_clock::now();
  const at::Device device = model.device();
  const std::int64_t rank = parallel.row_rank(), processes = parallel.row_size();
  const bool is_even = options.even_batches && processes > 1;
  const RowOrder order = order_of(dataset, options, is_even ? processes : 0);
  const std::int64_t batches_in_all =
      num_batches(static_cast<std::int64_t>(order.view().size()), options.batch_size, options.drop_last);
  const std::int64_t rounds = (batches_in_all + processes - 1) / processes;
  const std::int64_t own_batches = (batches_in_all - rank + processes - 1) / processes;
  const std::int64_t kept_ranks =
      is_even ? ranks_kept_at_end(dataset.num_rows(), options.batch_size, processes) : processes;

  MetricRounds metrics(components.metric_keys());
  Sums own;
  Prefetcher<Batch> batches(0, own_batches, [&](std::int64_t index) {
    return collate(dataset, batch_rows(order.view(), index * processes + rank, options.batch_size), device);
  });
  // without those that only fill up
  const auto rows_that_count = [&](std::int64_t index) {
    const std::int64_t begin = (index * processes + rank) * options.batch_size;
    return std::clamp<std::int64_t>(dataset.num_rows() - begin, 0, options.batch_size);
  };
  parallel.begin_evaluation(own_batches);
  for (std::int64_t index = 0; index < own_batches; ++index) {
    const Batch batch = batches.next();
    const std::int64_t num_items = std::max<std::int64_t>(1, batch.num_scored());
    const ForwardOutput output =
        forward(model, components, parallel, batch, {.num_items = num_items, .bf16 = options.bf16});
    const auto rows = static_cast<double>(rows_that_count(index));
    own.row_loss += output.loss.item().toDouble() * rows;
    own.token_loss += output.task_loss.item().toDouble() * static_cast<double>(batch.num_scored());
    if (parallel.counts_rows()) {
      own.scored += static_cast<double>(batch.num_scored());
      own.rows += rows;
    }
    metrics.add(
        components.compute_metrics({output.part ? *output.part : batch, output.stats, output.aux_loss}));
    if (index + 1 == rounds && rank >= kept_ranks) metrics.drop_last();
  }

  parallel.end_evaluation();
  const Sums sums = over_processes(own, parallel);
  MetricWindow window;
  window.add(metrics.joined(parallel, rounds));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const auto rows = static_cast<double>(dataset.num_rows());
  std::vector<std::pair<std::string, double>> values{
      {"eval_loss", sums.row_loss / sums.rows},
      {"eval_token_loss", sums.token_loss / std::max(1.0, sums.scored)},
      {"eval_runtime", seconds.count()},
      {"eval_samples_per_second", rows / seconds.count()},
      {"eval_steps_per_second", static_cast<double>(rounds) / seconds.count()}};
  for (auto& [key, value] : window.means()) values.emplace_back("eval_" + key, value);
  return values;
}

}  // namespace sift
