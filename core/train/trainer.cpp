#include "train/trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "api/log.h"
#include "data/collate.h"
#include "train/best_model.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"
#include "train/forward.h"
#include "train/step_options.h"

namespace sift {
namespace {

using Clock = std::chrono::steady_clock;

StepPlan plan_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.config.train;
  return StepPlan::make(parts.train_data.num_rows(), options.per_device_train_batch_size,
                        options.gradient_accumulation_steps, options.num_train_epochs, options.max_steps);
}

ScheduleOptions schedule_of(const TrainOptions& options, std::int64_t max_steps) {
  return {options.lr_scheduler_type, options.lr_scheduler_kwargs, options.learning_rate, options.warmup_steps,
          max_steps};
}

double rounded(double value, double digits) {
  return std::round(value * digits) / digits;
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts)
    : parts_(parts),
      options_(parts.config.train),
      plan_(plan_of(parts)),
      schedule_(schedule_of(options_, plan_.max_steps)),
      optimizer_(parts.model.parameters(), options_),
      context_{progress_.state,           control_,
               options_.output_dir,       parts.resume_from,
               dump_config(parts.config), evaluation_plan(options_)} {
  for (const Parameter& parameter : parts_.model.parameters()) weights_.push_back(parameter.tensor);
  progress_.state.max_steps = plan_.max_steps;
  progress_.state.num_train_epochs = plan_.num_epochs;
  if (parts.eval_data != nullptr) check_best_metric(context_.evaluation, evaluation_keys(parts.components));
}

TrainOutput Trainer::train() {
  if (!parts_.resume_from.empty()) resume();
  const auto start = Clock::now();
  fire([](Callback& c, CallbackContext& ctx) { c.on_train_begin(ctx); });
  if (options_.eval_on_start && parts_.resume_from.empty()) run_evaluation();

  while (progress_.state.global_step < plan_.max_steps && !control_.should_training_stop) {
    train_epoch(progress_.state.global_step / plan_.updates_per_epoch);
  }

  const std::chrono::duration<double> seconds = Clock::now() - start;
  return finish(seconds.count());
}

void Trainer::train_epoch(std::int64_t epoch) {
  const auto order = epoch_order(parts_.train_data.num_rows(), options_.seed, epoch);
  fire([](Callback& c, CallbackContext& ctx) { c.on_epoch_begin(ctx); });
  // a resumed run finds its place from the number of steps alone
  const std::int64_t first_update = progress_.state.global_step % plan_.updates_per_epoch;
  for (std::int64_t update = first_update; update < plan_.updates_per_epoch; ++update) {
    parts_.components.set_step(progress_.state.global_step + 1);
    fire([](Callback& c, CallbackContext& ctx) { c.on_step_begin(ctx); });
    train_step(order, update);
    fire([](Callback& c, CallbackContext& ctx) { c.on_step_end(ctx); });
    schedule_evaluation();
    act_on_control();
    if (control_.should_training_stop) break;
  }
  fire([](Callback& c, CallbackContext& ctx) { c.on_epoch_end(ctx); });
  if (options_.eval_strategy == "epoch") control_.should_evaluate = true;
  act_on_control();
}

void Trainer::train_step(std::span<const std::int64_t> order, std::int64_t update) {
  // 1. The micro-batches of this update; the last group of an epoch may be smaller.
  std::vector<std::span<const std::int64_t>> micro_batches;
  const std::int64_t first = update * options_.gradient_accumulation_steps;
  const std::int64_t last = std::min(first + options_.gradient_accumulation_steps, plan_.batches_per_epoch);
  std::int64_t num_items = 0;
  for (std::int64_t index = first; index < last; ++index) {
    micro_batches.push_back(batch_rows(order, index, options_.per_device_train_batch_size));
    for (const std::int64_t row : micro_batches.back()) num_items += num_scored(parts_.train_data, row);
  }
  num_items = parts_.world.all_reduce_sum(num_items);
  if (num_items == 0) {
    log_warning(
        fmt::format("step {}: no token of its rows is scored, so its loss is 0 and it teaches nothing",
                    progress_.state.global_step + 1));
  }
  num_items = std::max<std::int64_t>(1, num_items);

  // 2. Gradients, normalised by the scored tokens of the whole update.
  step_loss_ = 0.0;
  const ForwardOptions options{num_items, last - first, parts_.bf16};
  for (const auto rows : micro_batches) train_micro_batch(rows, options);

  // 3. Clip, update, count.
  TrainerState& state = progress_.state;
  progress_.grad_norm = clip_grad_norm(parts_.model.parameters(), options_.max_grad_norm).item().toDouble();
  state.learning_rate = schedule_.at(state.global_step);
  fire([&state](Callback& c, CallbackContext& ctx) { c.on_pre_optimizer_step(ctx, state.learning_rate); });
  update_weights();
  ++state.global_step;
  const std::int64_t epoch = (state.global_step - 1) / plan_.updates_per_epoch;
  state.epoch =
      static_cast<double>(epoch) + static_cast<double>(last) / static_cast<double>(plan_.batches_per_epoch);
}

void Trainer::train_micro_batch(std::span<const std::int64_t> rows, const ForwardOptions& options) {
  const at::Device device = parts_.model.parameters().front().tensor.device();
  const Batch batch = collate(parts_.train_data, rows, device);
  const ScopeStack scopes = parts_.components.step_scopes({weights_});
  const ForwardOutput output = forward(parts_.model, parts_.components, batch, options);
  output.loss.backward();

  const at::NoGradGuard no_grad;
  step_loss_ = static_cast<float>(step_loss_) + output.loss.item().toFloat();
  progress_.window.add(parts_.components.compute_metrics({batch, output.stats, output.aux_loss}));
  progress_.state.num_tokens += batch.num_tokens();
  progress_.total_flos += 6.0 * static_cast<double>(batch.num_tokens()) *
                          static_cast<double>(parts_.model.num_non_embedding_parameters());
}

void Trainer::update_weights() {
  if (std::isfinite(step_loss_) && std::isfinite(progress_.grad_norm)) {
    optimizer_.step(progress_.state.learning_rate);
    progress_.loss_since_log = static_cast<float>(progress_.loss_since_log) + static_cast<float>(step_loss_);
    ++progress_.steps_since_log;
  } else {
    log_warning(
        fmt::format("step {}: loss {} or gradient norm {} is not finite; the weights are left as they are",
                    progress_.state.global_step + 1, step_loss_, progress_.grad_norm));
  }
  optimizer_.zero_grad();
}

void Trainer::fire(const std::function<void(Callback&, CallbackContext&)>& event) {
  parts_.components.each_callback([&](Callback& callback) { event(callback, context_); });
}

void Trainer::schedule_evaluation() {
  const TrainerState& state = progress_.state;
  const bool is_last = state.global_step >= plan_.max_steps;
  if (options_.eval_strategy == "steps") {
    const std::int64_t every = evaluation_steps(parts_.config, plan_.max_steps);
    if (is_last || state.global_step % every == 0) control_.should_evaluate = true;
  }
  if (is_last) control_.should_training_stop = true;
}

void Trainer::act_on_control() {
  if (std::exchange(control_.should_log, false)) log();
  if (std::exchange(control_.should_evaluate, false) && parts_.eval_data != nullptr) {
    run_evaluation();
    update_best(context_.evaluation, progress_.state.log_history.back(), progress_.state);
  }
  if (std::exchange(control_.should_save, false)) save();
}

void Trainer::log() {
  TrainerState& state = progress_.state;
  if (state.global_step <= progress_.last_logged_step) return;
  LogEntry entry;
  const auto steps = static_cast<double>(std::max<std::int64_t>(1, progress_.steps_since_log));
  entry.values = {{"loss", progress_.loss_since_log / steps},
                  {"grad_norm", progress_.grad_norm},
                  {"learning_rate", state.learning_rate}};
  for (auto& mean : progress_.window.means()) entry.values.push_back(std::move(mean));
  entry.values.emplace_back("num_tokens", static_cast<double>(state.num_tokens));
  progress_.total_loss += progress_.loss_since_log;
  progress_.total_loss_steps += progress_.steps_since_log;
  progress_.loss_since_log = 0.0;
  progress_.steps_since_log = 0;
  progress_.last_logged_step = state.global_step;
  progress_.window.clear();
  append(std::move(entry));
}

void Trainer::append(LogEntry entry) {
  entry.step = progress_.state.global_step;
  entry.values.emplace_back("epoch", progress_.state.epoch);
  progress_.state.log_history.push_back(entry);
  fire([&entry](Callback& c, CallbackContext& ctx) { c.on_log(ctx, entry); });
}

void Trainer::run_evaluation() {
  LogEntry entry;
  entry.values = evaluate(parts_.model, parts_.components, *parts_.eval_data,
                          {options_.per_device_eval_batch_size, parts_.bf16});
  entry.values.emplace_back("eval_num_tokens", static_cast<double>(progress_.state.num_tokens));
  append(std::move(entry));
  const LogEntry& logged = progress_.state.log_history.back();
  fire([&logged](Callback& c, CallbackContext& ctx) { c.on_evaluate(ctx, logged); });
}

void Trainer::save() {
  const auto written = checkpoint_folder(options_.output_dir, progress_.state.global_step);
  note_best_checkpoint(options_.output_dir, written, progress_.state);
  const auto folder = save_checkpoint(
      options_.output_dir, parts_.config,
      {parts_.model, parts_.text, optimizer_, schedule_, progress_, parts_.components.states()});
  log_info(fmt::format("saved {}", folder.string()));
  fire([&folder](Callback& c, CallbackContext& ctx) { c.on_save(ctx, folder); });
}

void Trainer::resume() {
  const auto states = load_checkpoint(parts_.resume_from, parts_.config, optimizer_, schedule_, progress_);
  parts_.components.load_states(states);
  note_best_checkpoint(options_.output_dir, {}, progress_.state);
  first_step_ = progress_.state.global_step;
  log_info(fmt::format("resumed from {} at step {} of {}", parts_.resume_from.string(), first_step_,
                       plan_.max_steps));
}

TrainOutput Trainer::finish(double seconds) {
  const TrainerState& state = progress_.state;
  const auto steps_run = static_cast<double>(state.global_step - first_step_);
  const auto max_steps = static_cast<double>(plan_.max_steps);
  // transformers counts the samples of the plan, not those of the last, smaller batches
  const double samples = options_.max_steps > 0
                             ? max_steps * static_cast<double>(options_.per_device_train_batch_size *
                                                               options_.gradient_accumulation_steps)
                             : static_cast<double>(parts_.train_data.num_rows()) * options_.num_train_epochs;
  const double loss_sum = progress_.total_loss + progress_.loss_since_log;
  const auto loss_steps = std::max<std::int64_t>(1, progress_.total_loss_steps + progress_.steps_since_log);

  TrainOutput output;
  output.global_step = state.global_step;
  output.training_loss = loss_sum / static_cast<double>(loss_steps);
  LogEntry entry;
  entry.values = {{"train_runtime", rounded(seconds, 1e4)},
                  {"train_samples_per_second", rounded(samples * steps_run / max_steps / seconds, 1e3)},
                  {"train_steps_per_second", rounded(steps_run / seconds, 1e3)},
                  {"total_flos", progress_.total_flos},
                  {"train_loss", output.training_loss}};
  for (auto& mean : progress_.window.means()) entry.values.push_back(std::move(mean));
  append(std::move(entry));
  output.metrics = state.log_history.back();
  if (options_.load_best_model_at_end) {
    note_best_checkpoint(options_.output_dir, {}, progress_.state);
    load_best_model(state, parts_.model);
  }
  fire([](Callback& c, CallbackContext& ctx) { c.on_train_end(ctx); });
  return output;
}

}  // namespace sift
