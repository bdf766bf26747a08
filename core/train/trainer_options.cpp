#include "train/trainer_options.h"

#include <fmt/format.h>

#include <limits>

#include <sift/error.h>
#include "optim/parameter_groups.h"
#include "train/passes.h"

namespace sift {

void check_batches(const std::string& what, const TokenDataset& data, std::int64_t batch_size,
                   const TrainOptions& options) {
  if (!options.dataloader_drop_last || data.num_rows() >= batch_size) return;
  throw Error(fmt::format(
      "dataloader_drop_last in [train]: the {} {} rows do not fill one batch of {}, so none is left; use a smaller "
      "batch or keep the last one",
      data.num_rows(), what, batch_size));
}

StepPlan plan_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  check_batches("training", parts.train_data.dataset,
                options.per_device_train_batch_size * parts.parallel.row_size(), options);
  return StepPlan::make(parts.train_data.dataset.num_rows(),
                        options.per_device_train_batch_size * parts.parallel.row_size(),
                        options.gradient_accumulation_steps, options.num_train_epochs, options.max_steps,
                        options.dataloader_drop_last);
}

ScheduleOptions schedule_of(const TrainOptions& options, std::int64_t max_steps) {
  return {options.lr_scheduler_type, options.lr_scheduler_kwargs, options.learning_rate, options.warmup_steps,
          max_steps};
}

OptimizerSetup optimizing_of(const TrainerParts& parts, std::int64_t max_steps) {
  const TrainOptions& options = parts.options;
  return {parameter_groups(parts.parallel.updated(parts.model.trainable()), options.weight_decay),
          options.adam_beta1,
          options.adam_beta2,
          options.adam_epsilon,
          num_warmup_steps(options.warmup_steps, max_steps),
          options.seed};
}

BatchLoader::Options loading_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  const bool is_even = parts.sharing.even_batches && parts.parallel.row_size() > 1;
  // transformers groups the rows of one process by length, which is a smaller group than that of the update
  const std::int64_t processes = is_even ? 1 : parts.parallel.row_size();
  const std::int64_t rows_per_update =
      options.per_device_train_batch_size * options.gradient_accumulation_steps * processes;
  return {options.per_device_train_batch_size,
          options.gradient_accumulation_steps,
          {options.train_sampling_strategy, options.order_seed(), options.seed, rows_per_update, parts.spill},
          {parts.parallel.row_rank(), parts.parallel.row_size(), parts.sharing.balance_tokens},
          is_even};
}

TrainStep::Options stepping_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  const Adapter* adapter = parts.model.adapter();
  return {parts.bf16,
          options.max_grad_norm,
          tokens_per_pass(options, parts.components, parts.model.config()) * parts.parallel.context_size(),
          options.neftune_noise_alpha,
          parts.is_flat,
          adapter != nullptr && adapter->options().lora_dropout > 0};
}

namespace {

/// A non-finite step changes nothing, so its report may wait for the next log entry, but no longer than
/// max_nonfinite_steps. On a CPU reading is free; "stop" and "rollback" act at once.
std::int64_t unread_steps_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  if (parts.model.device().is_cpu() || options.on_nonfinite != "skip") return 1;
  return options.max_nonfinite_steps > 0 ? options.max_nonfinite_steps
                                         : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

/// transformers counts the planned samples, ignoring that the last batches are smaller.
RunLog::Options logging_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  const auto rows = static_cast<double>(parts.train_data.dataset.num_rows());
  const auto rows_of_step = static_cast<double>(
      options.per_device_train_batch_size * options.gradient_accumulation_steps * parts.parallel.row_size());
  return {options.max_steps > 0 ? static_cast<double>(options.max_steps) * rows_of_step
                                : rows * options.num_train_epochs,
          parts.model.num_non_embedding_parameters(), unread_steps_of(parts),
          options.include_num_input_tokens_seen != "no"};
}

Checkpointer::Options checkpointing_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.options;
  // weights that are not always in memory cannot be written while training continues
  return {options.output_dir, options.save_in_background && parts.parallel.keeps_whole(),
          options.save_total_limit, options.save_only_model, parts.earlier};
}

Flow::Options flow_of(const TrainOptions& options, const StepPlan& plan) {
  const auto steps = [&](double steps_or_ratio) { return resolve_steps(steps_or_ratio, plan.max_steps); };
  return {options.logging_strategy, steps(options.logging_steps),      options.logging_first_step,
          options.eval_strategy,    steps(options.evaluation_steps()), options.eval_delay,
          options.save_strategy,    steps(options.save_steps)};
}

EvaluationOptions evaluation_options(const TrainOptions& options, const ParallelOptions& sharing, bool bf16) {
  EvaluationOptions evaluation{options.per_device_eval_batch_size, bf16, options.dataloader_drop_last};
  if (options.train_sampling_strategy == "group_by_length") evaluation.grouping_seed = options.order_seed();
  evaluation.even_batches = sharing.even_batches;
  return evaluation;
}

bool saves_in_shards(const TrainerParts& parts) {
  const ParallelOptions& options = parts.sharing;
  const bool is_asked_for = options.state_dict_type == "sharded" ||
                            (options.state_dict_type == "auto" && options.strategy != "replicas");
  return is_asked_for && !parts.parallel.is_alone() && parts.model.adapter() == nullptr;
}

}  // namespace sift
