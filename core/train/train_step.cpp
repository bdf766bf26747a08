#include "train/train_step.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <sift/log.h>

#include "train/passes.h"

namespace sift {
namespace {

/// `sum` is undefined at first.
at::Tensor sum_of(const at::Tensor& sum, const at::Tensor& loss) {
  const at::Tensor value = loss.detach().to(at::kFloat);
  return sum.defined() ? sum + value : value;
}

/// From the generator whose state a checkpoint keeps.
std::uint64_t next_seed() {
  return static_cast<std::uint64_t>(at::empty({}, at::kLong).random_().item<std::int64_t>());
}

}  // namespace

TrainStep::TrainStep(const Decoder& model, Components& components, Parallel& parallel, const Options& options)
    : model_(model),
      components_(components),
      parallel_(parallel),
      options_(options),
      trainable_(model.trainable()) {
  for (const Parameter& parameter : model.parameters()) weights_.push_back(parameter.tensor);
}

StepResult TrainStep::gradients(const UpdateBatches& update, std::int64_t step) {
  const std::int64_t num_items = parallel_.sum(update.num_scored);
  if (num_items == 0) {
    log_warning(fmt::format(
        "step {}: no token contributes to the loss (every label is -100), so this step learns nothing",
        step));
  }
  const ForwardOptions options{std::max<std::int64_t>(1, num_items),
                               static_cast<std::int64_t>(update.micro_batches.size()), options_.bf16};
  StepResult result;
  result.step = step;
  for (const Batch& batch : update.micro_batches) add_micro_batch(batch, options, result);
  parallel_.reduce_gradients(trainable_);
  result.norm = parallel_.grad_norm(trainable_);
  result.found_inf =
      at::isfinite(result.loss).logical_and(at::isfinite(result.norm)).logical_not().to(at::kFloat);
  return result;
}

void TrainStep::add_micro_batch(const Batch& batch, const ForwardOptions& options, StepResult& result) {
  MicroBatchResult micro_batch{{}, batch.num_tokens(), batch.row_ids};
  at::Tensor aux_loss;
  std::vector<TokenStats> stats;
  ForwardOptions pass_options = options;
  pass_options.noise.embedding_noise = embedding_noise(batch);
  for (const Batch& pass : passes_of(batch, options_.tokens_per_pass)) {
    if (options_.has_dropout || options_.neftune_noise_alpha > 0) pass_options.noise.seed = next_seed();
    ForwardOutput output = run_pass(pass, pass_options);
    micro_batch.loss = sum_of(micro_batch.loss, output.loss);
    aux_loss = output.aux_loss;
    stats.push_back(std::move(output.stats));
  }

  const at::NoGradGuard no_grad;
  result.loss = sum_of(result.loss, micro_batch.loss);
  for (auto& metric : components_.compute_metrics({batch, joined(stats), aux_loss}))
    result.metrics.push_back(std::move(metric));
  result.micro_batches.push_back(std::move(micro_batch));
}

double TrainStep::embedding_noise(const Batch& batch) const {
  const std::int64_t length = options_.is_flat ? batch.num_tokens() : batch.max_seqlen;
  const auto values = static_cast<double>(length * model_.config().hidden_size);
  return options_.neftune_noise_alpha / std::sqrt(values);
}

ForwardOutput TrainStep::run_pass(const Batch& pass, const ForwardOptions& options) {
  const ScopeStack scopes = components_.step_scopes({weights_});
  ForwardOutput output = forward(model_, components_, pass, options);
  output.loss.backward();
  return output;
}

void TrainStep::update(const StepResult& result, double learning_rate) {
  OptimizerStep step{learning_rate, clip_coefficient(result.norm, options_.max_grad_norm), result.found_inf};
  const bool waits = result.loss.is_cpu() || !components_.optimizer().supports_found_inf();
  if (waits) {
    if (result.found_inf.item().toBool()) return;
    step.found_inf = at::Tensor();
  }
  components_.update_weights(step);
}

}  // namespace sift
