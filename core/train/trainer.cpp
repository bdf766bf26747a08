#include "train/trainer.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <sift/error.h>
#include <sift/log.h>
#include "checkpoint/best_model.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/reload.h"
#include "config/step_options.h"
#include "data/cache_folder.h"
#include "data/made_ahead.h"
#include "train/evaluate.h"
#include "train/forward.h"
#include "train/nonfinite.h"
#include "train/passes.h"
#include "train/stop_signal.h"
#include "train/train_log.h"

namespace sift {
namespace {

using Clock = std::chrono::steady_clock;

StepPlan plan_of(const TrainerParts& parts) {
  const TrainOptions& options = parts.config.train;
  return StepPlan::make(parts.train_data.dataset.num_rows(), options.per_device_train_batch_size,
                        options.gradient_accumulation_steps, options.num_train_epochs, options.max_steps);
}

ScheduleOptions schedule_of(const TrainOptions& options, std::int64_t max_steps) {
  return {options.lr_scheduler_type, options.lr_scheduler_kwargs, options.learning_rate, options.warmup_steps,
          max_steps};
}

}  // namespace

Trainer::Trainer(const TrainerParts& parts)
    : parts_(parts),
      options_(parts.config.train),
      plan_(plan_of(parts)),
      schedule_(schedule_of(options_, plan_.max_steps)),
      optimizer_(parts.model.parameters(), options_),
      tokens_per_pass_(tokens_per_pass(options_, parts.components, parts.model)),
      context_{progress_.state,           control_,
               options_.output_dir,       parts.resume_from,
               dump_config(parts.config), evaluation_plan(options_)},
      writer_(options_.output_dir, parts.config, parts.text) {
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
  if (!parts_.resume_from.empty()) catch_up();

  while (progress_.state.global_step < plan_.max_steps && !control_.should_training_stop) {
    train_epoch(progress_.state.global_step / plan_.updates_per_epoch);
  }

  take_in(writer_.wait());
  if (stop_signal_ != 0) return interrupted();
  const std::chrono::duration<double> seconds = Clock::now() - start;
  return finish(seconds.count());
}

void Trainer::train_epoch(std::int64_t epoch) {
  const RowOrder order =
      epoch_order(parts_.train_data.dataset.num_rows(), options_.seed, epoch, spill_of(parts_.config.data));
  fire([](Callback& c, CallbackContext& ctx) { c.on_epoch_begin(ctx); });
  // a resumed run finds its place from the number of steps alone
  const std::int64_t first_update = progress_.state.global_step % plan_.updates_per_epoch;
  const at::Device device = parts_.model.parameters().front().tensor.device();
  const UpdatePlan update_plan{options_.per_device_train_batch_size, options_.gradient_accumulation_steps,
                               plan_.batches_per_epoch};
  MadeAhead<UpdateBatches> updates(first_update, plan_.updates_per_epoch, [&](std::int64_t update) {
    order.give_back_pages();  // those that the update before was made from
    return update_batches(parts_.train_data.dataset, order, update_plan, update, device);
  });
  for (std::int64_t update = first_update; update < plan_.updates_per_epoch; ++update) {
    parts_.components.set_step(progress_.state.global_step + 1);
    fire([](Callback& c, CallbackContext& ctx) { c.on_step_begin(ctx); });
    train_step(updates.next());
    fire([](Callback& c, CallbackContext& ctx) { c.on_step_end(ctx); });
    schedule_evaluation();
    act_on_control();
    if (control_.should_training_stop) break;
  }
  // a run that a signal ended comes back to it
  if (stop_signal_ == 0) end_epoch();
}

void Trainer::end_epoch() {
  progress_.epoch_ended = true;
  fire([](Callback& c, CallbackContext& ctx) { c.on_epoch_end(ctx); });
  if (options_.eval_strategy == "epoch") control_.should_evaluate = true;
  act_on_control();
}

void Trainer::train_step(const UpdateBatches& update) {
  // 1. What the losses of this update are divided by.
  std::int64_t num_items = parts_.world.all_reduce_sum(update.num_scored);
  if (num_items == 0) {
    log_warning(
        fmt::format("step {}: no token of its rows is scored, so its loss is 0 and it teaches nothing",
                    progress_.state.global_step + 1));
  }
  num_items = std::max<std::int64_t>(1, num_items);

  // 2. Gradients, normalised by the scored tokens of the whole update.
  step_loss_ = 0.0;
  nonfinite_rows_.clear();
  step_rows_.clear();
  const MetricWindow window_before = progress_.window;
  const auto num_micro_batches = static_cast<std::int64_t>(update.micro_batches.size());
  const ForwardOptions options{num_items, num_micro_batches, parts_.bf16};
  for (const Batch& batch : update.micro_batches) train_micro_batch(batch, options);

  // 3. Clip, update, count.
  TrainerState& state = progress_.state;
  const at::Tensor norm = grad_norm(parts_.model.parameters());
  state.learning_rate = schedule_.at(state.global_step);
  fire([&state](Callback& c, CallbackContext& ctx) { c.on_pre_optimizer_step(ctx, state.learning_rate); });
  update_weights(norm, window_before);
  ++state.global_step;
  progress_.epoch_ended = false;
  const std::int64_t epoch = (state.global_step - 1) / plan_.updates_per_epoch;
  state.epoch = static_cast<double>(epoch) +
                static_cast<double>(update.end_of_batches) / static_cast<double>(plan_.batches_per_epoch);
}

void Trainer::train_micro_batch(const Batch& batch, const ForwardOptions& options) {
  float loss = 0.0F;
  at::Tensor aux_loss;
  std::vector<TokenStats> stats;
  for (const Batch& pass : passes_of(batch, tokens_per_pass_)) {
    ForwardOutput output = train_pass(pass, options);
    loss += output.loss.item().toFloat();
    aux_loss = output.aux_loss;
    stats.push_back(std::move(output.stats));
  }

  const at::NoGradGuard no_grad;
  step_loss_ = static_cast<float>(step_loss_) + loss;
  const auto& rows = batch.row_ids;
  step_rows_.insert(step_rows_.end(), rows.begin(), rows.end());
  if (!std::isfinite(loss)) nonfinite_rows_.insert(nonfinite_rows_.end(), rows.begin(), rows.end());
  progress_.window.add(parts_.components.compute_metrics({batch, joined(stats), aux_loss}));
  progress_.state.num_tokens += batch.num_tokens();
  progress_.total_flos += 6.0 * static_cast<double>(batch.num_tokens()) *
                          static_cast<double>(parts_.model.num_non_embedding_parameters());
}

ForwardOutput Trainer::train_pass(const Batch& pass, const ForwardOptions& options) {
  const ScopeStack scopes = parts_.components.step_scopes({weights_});
  ForwardOutput output = forward(parts_.model, parts_.components, pass, options);
  output.loss.backward();
  return output;
}

void Trainer::update_weights(const at::Tensor& norm, const MetricWindow& window_before) {
  const double grad_norm = norm.item().toDouble();
  if (std::isfinite(step_loss_) && std::isfinite(grad_norm)) {
    optimizer_.step(progress_.state.learning_rate, clip_coefficient(norm, options_.max_grad_norm));
    progress_.grad_norm = grad_norm;
    progress_.loss_since_log = static_cast<float>(progress_.loss_since_log) + static_cast<float>(step_loss_);
    ++progress_.steps_since_log;
    progress_.nonfinite_in_a_row = 0;
  } else {
    progress_.window = window_before;  // its metrics are no figures either
    skip_update(grad_norm);
  }
  optimizer_.zero_grad();
}

void Trainer::skip_update(double grad_norm) {
  const auto& rows = nonfinite_rows_.empty() ? step_rows_ : nonfinite_rows_;
  const std::string description =
      describe_nonfinite({progress_.state.global_step + 1, step_loss_, grad_norm, rows}, parts_.train_data,
                         parts_.text.tokenizer());
  count_nonfinite(description, options_, progress_);
  if (options_.on_nonfinite == "rollback") {
    log_warning(description);
    roll_back();
  } else {
    log_warning(description + "; the weights are left as they are");
  }
}

void Trainer::roll_back() {
  take_in(writer_.wait());
  if (last_whole_.empty()) {
    throw Error(
        "on_nonfinite = \"rollback\" in [train]: there is no checkpoint yet to go back to; save earlier "
        "(save_steps of the checkpoint callback), or choose \"skip\"");
  }
  reload_weights_and_optimizer(last_whole_, parts_.model, optimizer_);
  log_warning(
      fmt::format("weights and optimizer are those of {} again; what was learned since is lost, and training "
                  "goes on with the rows and the learning rate of step {}",
                  last_whole_.string(), progress_.state.global_step + 2));
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
  take_in(writer_.poll());
  if (std::exchange(control_.should_log, false)) log();
  heed_stop_signal();
  if (std::exchange(control_.should_evaluate, false) && parts_.eval_data != nullptr) {
    run_evaluation();
    update_best(context_.evaluation, progress_.state.log_history.back(), progress_.state);
  }
  heed_stop_signal();
  if (std::exchange(control_.should_save, false)) save();
}

void Trainer::heed_stop_signal() {
  stop_signal_ = StopSignals::received();
  if (stop_signal_ == 0) return;
  // an evaluation may take longer than one that sends SIGTERM will wait
  if (std::exchange(control_.should_evaluate, false)) progress_.evaluation_due = true;
  control_.should_save = control_.should_training_stop = true;
}

void Trainer::log() {
  if (progress_.state.global_step > progress_.last_logged_step) append(end_log_window(progress_));
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

RunState Trainer::run_state() {
  return {parts_.model, optimizer_, schedule_, progress_, parts_.components.states()};
}

void Trainer::save() {
  take_in(writer_.wait());
  TrainerState& state = progress_.state;
  best_before_ = state.best_model_checkpoint;
  note_best_checkpoint(options_.output_dir, checkpoint_folder(options_.output_dir, state.global_step), state);
  const RunState run = run_state();
  const bool in_background = options_.save_in_background && fits_in_memory(run);
  writer_.start(take_snapshot(run, parts_.config, in_background), in_background);
  take_in(writer_.poll());
}

void Trainer::take_in(const std::optional<CheckpointWriter::Outcome>& saved) {
  if (!saved) return;
  if (saved->problem.empty()) {
    last_whole_ = saved->folder;
    log_info(fmt::format("saved {}", saved->folder.string()));
    fire([&saved](Callback& c, CallbackContext& ctx) { c.on_save(ctx, saved->folder); });
    return;
  }
  const std::string problem =
      fmt::format("{} could not be saved: {}", saved->folder.string(), saved->problem);
  if (last_whole_.empty()) throw Error(problem + "; there is no earlier checkpoint, so the run ends here");
  progress_.state.best_model_checkpoint = best_before_;
  log_warning(fmt::format("{}; training goes on, {} stays, and the next save tries again", problem,
                          last_whole_.filename().string()));
}

void Trainer::resume() {
  const auto states = load_checkpoint(parts_.resume_from, parts_.config, optimizer_, schedule_, progress_);
  parts_.components.load_states(states);
  note_best_checkpoint(options_.output_dir, {}, progress_.state);
  first_step_ = progress_.state.global_step;
  last_whole_ = parts_.resume_from;
  log_info(fmt::format("resumed from {} at step {} of {}", parts_.resume_from.string(), first_step_,
                       plan_.max_steps));
}

/// What the interrupted run had still to do at its last step.
void Trainer::catch_up() {
  if (std::exchange(progress_.evaluation_due, false)) control_.should_evaluate = true;
  act_on_control();
  const bool is_end = first_step_ % plan_.updates_per_epoch == 0 || first_step_ >= plan_.max_steps;
  if (first_step_ > 0 && is_end && !progress_.epoch_ended && stop_signal_ == 0) end_epoch();
}

TrainOutput Trainer::interrupted() {
  fire([](Callback& c, CallbackContext& ctx) { c.on_train_end(ctx); });
  TrainOutput output;
  output.global_step = progress_.state.global_step;
  output.training_loss = training_loss(progress_);
  output.stop_signal = stop_signal_;
  return output;
}

TrainOutput Trainer::finish(double seconds) {
  const TrainerState& state = progress_.state;
  TrainOutput output;
  output.global_step = state.global_step;
  output.training_loss = training_loss(progress_);
  append(summary_entry(progress_, options_,
                       {seconds, first_step_, plan_.max_steps, parts_.train_data.dataset.num_rows()}));
  output.metrics = state.log_history.back();
  if (options_.load_best_model_at_end) {
    note_best_checkpoint(options_.output_dir, {}, progress_.state);
    load_best_model(state, parts_.model);
  }
  fire([](Callback& c, CallbackContext& ctx) { c.on_train_end(ctx); });
  return output;
}

}  // namespace sift
