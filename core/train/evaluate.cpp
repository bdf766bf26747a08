#include "train/evaluate.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>

#include "checkpoint/window.h"
#include "data/collate.h"
#include "data/prefetcher.h"
#include "data/sampler.h"
#include "train/forward.h"

namespace sift {
namespace {

RowOrder order_of(const TokenDataset& dataset, const EvaluationOptions& options) {
  if (!options.grouping_seed) return sequential_order(dataset.num_rows());
  const auto seed = static_cast<std::uint64_t>(*options.grouping_seed);
  return length_grouped_order(dataset, options.batch_size, at::detail::createCPUGenerator(seed));
}

}  // namespace

std::vector<std::string> evaluation_keys(const Components& components) {
  std::vector<std::string> keys{"eval_loss", "eval_token_loss"};
  for (const std::string& key : components.metric_keys()) keys.push_back("eval_" + key);
  return keys;
}

std::vector<std::pair<std::string, double>> evaluate(const Decoder& model, Components& components,
                                                     const TokenDataset& dataset,
                                                     const EvaluationOptions& options) {
  const at::NoGradGuard no_grad;
  const auto start = std::chrono::steady_clock::now();
  const at::Device device = model.device();
  const RowOrder order = order_of(dataset, options);
  const std::int64_t batches_in_all = num_batches(dataset.num_rows(), options.batch_size, options.drop_last);

  MetricWindow window;
  double row_loss = 0.0;
  std::int64_t rows_evaluated = 0;
  double token_loss = 0.0;
  std::int64_t scored = 0;
  Prefetcher<Batch> batches(0, batches_in_all, [&](std::int64_t index) {
    return collate(dataset, batch_rows(order.view(), index, options.batch_size), device);
  });
  for (std::int64_t index = 0; index < batches_in_all; ++index) {
    const Batch batch = batches.next();
    const std::int64_t num_items = std::max<std::int64_t>(1, batch.num_scored());
    const ForwardOutput output =
        forward(model, components, batch, {.num_items = num_items, .bf16 = options.bf16});
    row_loss += output.loss.item().toDouble() * static_cast<double>(batch.num_rows);
    token_loss += output.task_loss.item().toDouble() * static_cast<double>(batch.num_scored());
    scored += batch.num_scored();
    rows_evaluated += batch.num_rows;
    window.add(components.compute_metrics({batch, output.stats, output.aux_loss}));
  }

  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const auto rows = static_cast<double>(dataset.num_rows());
  std::vector<std::pair<std::string, double>> values{
      {"eval_loss", row_loss / static_cast<double>(rows_evaluated)},
      {"eval_token_loss", token_loss / static_cast<double>(std::max<std::int64_t>(1, scored))},
      {"eval_runtime", seconds.count()},
      {"eval_samples_per_second", rows / seconds.count()},
      {"eval_steps_per_second", static_cast<double>(batches_in_all) / seconds.count()}};
  for (auto& [key, value] : window.means()) values.emplace_back("eval_" + key, value);
  return values;
}

}  // namespace sift
