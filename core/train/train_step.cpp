#include "train/train_step.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <sift/log.h>

#include "train/passes.h"

namespace sift {

TrainStep::TrainStep(const Decoder& model, Components& components, AdamW& optimizer, Parallel& parallel,
                     const Options& options)
    : model_(model),
      components_(components),
      optimizer_(optimizer),
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
  for (const Batch& batch : update.micro_batches) add_micro_batch(batch, options, result);
  result.norm = grad_norm(trainable_);
  result.grad_norm = result.norm.item().toDouble();
  return result;
}

void TrainStep::add_micro_batch(const Batch& batch, const ForwardOptions& options, StepResult& result) {
  float loss = 0.0F;
  at::Tensor aux_loss;
  std::vector<TokenStats> stats;
  for (const Batch& pass : passes_of(batch, options_.tokens_per_pass)) {
    ForwardOutput output = run_pass(pass, options);
    loss += output.loss.item().toFloat();
    aux_loss = output.aux_loss;
    stats.push_back(std::move(output.stats));
  }

  const at::NoGradGuard no_grad;
  result.loss += loss;
  const auto& rows = batch.row_ids;
  result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  if (!std::isfinite(loss))
    result.nonfinite_rows.insert(result.nonfinite_rows.end(), rows.begin(), rows.end());
  for (auto& metric : components_.compute_metrics({batch, joined(stats), aux_loss}))
    result.metrics.push_back(std::move(metric));
  result.num_tokens.push_back(batch.num_tokens());
}

ForwardOutput TrainStep::run_pass(const Batch& pass, const ForwardOptions& options) {
  const ScopeStack scopes = components_.step_scopes({weights_});
  ForwardOutput output = forward(model_, components_, pass, options);
  output.loss.backward();
  return output;
}

void TrainStep::update(const StepResult& result, double learning_rate) {
  optimizer_.step(learning_rate, clip_coefficient(result.norm, options_.max_grad_norm));
}

}  // namespace sift
