#include "train/train_step.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <sift/log.h>

#include "data/context_part.h"
#include "train/metric_rounds.h"
#include "train/passes.h"

namespace sift {
namespace {

/// `sum` is undefined at first.
at::Tensor sum_of(const at::Tensor& sum, const at::Tensor& loss) {
  const at::Tensor value = loss.detach().to(at::kFloat);
  return sum.defined() ? sum + value : value;
}

/// From the generator whose state a checkpoint keeps. Processes that divide a micro-batch have equal ones.
std::uint64_t next_seed(const ContextExchange* context) {
  const auto seed = static_cast<std::uint64_t>(at::empty({}, at::kLong).random_().item<std::int64_t>());
  return context == nullptr ? seed : seed + static_cast<std::uint64_t>(context->rank());
}

}  // namespace

TrainStep::TrainStep(const Decoder& model, Components& components, Parallel& parallel, const Options& options)
    : model_(model),
      components_(components),
      parallel_(parallel),
      options_(options),
      trainable_(model.trainable()),
      updated_(parallel.updated(trainable_)) {
  for (const Parameter& parameter : model.parameters()) weights_.push_back(parameter.tensor);
}

StepResult TrainStep::gradients(const UpdateBatches& update, std::int64_t step) {
  StepResult result;
  result.step = step;
  const ForwardOptions options = begin(update, result);
  parallel_.begin_update(trainable_, num_passes(update));
  MetricRounds metrics(components_.metric_keys());
  for (const Batch& batch : update.micro_batches) {
    metrics.add(add_micro_batch(batch, options, result));
    if (!is_counted(update, &batch - update.micro_batches.data())) metrics.drop_last();
  }
  parallel_.reduce_gradients();  // no other communication between backward and this
  result.metrics = metrics.joined(parallel_, update.rounds);
  result.loss = over_processes(result.loss);
  result.norm = parallel_.grad_norm(trainable_);
  result.found_inf =
      at::isfinite(result.loss).logical_and(at::isfinite(result.norm)).logical_not().to(at::kFloat);
  return result;
}

/// Whether metrics count this micro-batch of the process.
bool TrainStep::is_counted(const UpdateBatches& update, std::int64_t round) const {
  return round + 1 < update.rounds || parallel_.row_rank() < update.counted_ranks;
}

ForwardOptions TrainStep::begin(const UpdateBatches& update, StepResult& result) {
  at::Tensor counts = at::zeros({2 + update.rounds}, at::kLong);
  auto* count = counts.data_ptr<std::int64_t>();
  *count++ = update.num_scored;
  *count++ = static_cast<std::int64_t>(update.micro_batches.size());
  for (const Batch& batch : update.micro_batches)
    *count++ = is_counted(update, &batch - update.micro_batches.data()) ? batch.num_tokens() : 0;
  if (!parallel_.counts_rows()) counts.zero_();
  const at::Tensor sums = parallel_.gathered(counts).sum(0);
  const auto* sum = sums.const_data_ptr<std::int64_t>();
  const std::int64_t num_items = sum[0], num_micro_batches = sum[1];
  result.num_tokens.assign(sum + 2, sum + sums.numel());
  if (num_items == 0) {
    log_warning(fmt::format(
        "step {}: no token contributes to the loss (every label is -100), so this step learns nothing",
        result.step));
  }
  components_.begin_step();
  return {std::max<std::int64_t>(1, num_items), num_micro_batches, options_.bf16};
}

std::int64_t TrainStep::num_passes(const UpdateBatches& update) const {
  std::int64_t count = 0;
  for (const Batch& batch : update.micro_batches) count += sift::num_passes(batch, options_.tokens_per_pass);
  return count;
}

std::vector<MetricValue> TrainStep::add_micro_batch(const Batch& batch, const ForwardOptions& options,
                                                    StepResult& result) {
  MicroBatchResult micro_batch{{}, batch.num_tokens(), batch.row_ids};
  at::Tensor aux_loss;
  std::vector<TokenStats> stats;
  std::vector<Batch> parts;  // of a micro-batch that is divided
  ForwardOptions pass_options = options;
  pass_options.noise.embedding_noise = embedding_noise(batch);
  for (const Batch& pass : passes_of(batch, options_.tokens_per_pass)) {
    if (options_.has_dropout || options_.neftune_noise_alpha > 0)
      pass_options.noise.seed = next_seed(parallel_.context());
    parallel_.begin_pass();
    ForwardOutput output = run_pass(pass, pass_options);
    micro_batch.loss = sum_of(micro_batch.loss, output.loss);
    aux_loss = output.aux_loss;
    stats.push_back(std::move(output.stats));
    if (output.part) parts.push_back(std::move(*output.part));
  }

  const at::NoGradGuard no_grad;
  result.loss = sum_of(result.loss, micro_batch.loss);
  result.micro_batches.push_back(std::move(micro_batch));
  return components_.compute_metrics({parts.empty() ? batch : joined(parts), joined(stats), aux_loss});
}

/// The sum of the losses; undefined counts as zero.
at::Tensor TrainStep::over_processes(const at::Tensor& loss) const {
  if (parallel_.is_alone()) return loss;
  const auto on_device = at::TensorOptions().dtype(at::kFloat).device(model_.device());
  return parallel_.gathered((loss.defined() ? loss : at::zeros({}, on_device)).view({1})).sum();
}

double TrainStep::embedding_noise(const Batch& batch) const {
  const std::int64_t length = options_.is_flat ? batch.num_tokens() : batch.max_seqlen;
  const auto values = static_cast<double>(length * model_.config().hidden_size);
  return options_.neftune_noise_alpha / std::sqrt(values);
}

ForwardOutput TrainStep::run_pass(const Batch& pass, const ForwardOptions& options) {
  const ScopeStack scopes = components_.step_scopes({weights_});
  ForwardOutput output = forward(model_, components_, parallel_, pass, options);
  output.loss.backward();
  return output;
}

void TrainStep::update(const StepResult& result, double learning_rate) {
  OptimizerStep step{learning_rate, clip_coefficient(result.norm, options_.max_grad_norm), result.found_inf};
  const bool waits = result.loss.is_cpu() || !components_.optimizer().supports_found_inf();
  const bool is_skipped = waits && result.found_inf.item().toBool();
  if (waits) step.found_inf = at::Tensor();
  if (!is_skipped) {
    components_.update_weights(step);
    parallel_.finish_update();
  }
  components_.end_step();
}

}  // namespace sift
