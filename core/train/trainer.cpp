#include "train/trainer.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>

#include "checkpoint/best_model.h"
#include "checkpoint/changed_rows.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/reload.h"
#include "config/best_model_options.h"
#include "train/agreement.h"
#include "train/evaluate.h"
#include "train/nonfinite.h"
#include "train/trainer_options.h"

namespace sift {
Trainer::Trainer(const TrainerParts& parts)
    : parts_(parts),
      plan_(plan_of(parts)),
      run_model_(parts.model, parts.text, parts.info.source,
                 [&parallel = parts.parallel] { WeightRequests(parallel).ask(); }),
      hooks_(parts.components, progress_.state, parts.options.output_dir, parts.resume_from, parts.config,
             evaluation_plan(parts.options), &run_model_, &parts.parallel),
      schedule_(schedule_of(parts.options, plan_.max_steps)),
      loader_(parts.train_data.dataset, plan_, loading_of(parts), parts.model.device()),
      step_(parts.model, parts.components, parts.parallel, stepping_of(parts)),
      log_(progress_, hooks_, logging_of(parts),
           [this](const StepResult& result) { handle_nonfinite(result); }),
      checkpointer_(
          checkpointing_of(parts), parts.info, progress_, parts.resume_from,
          [this](const std::filesystem::path& folder) { hooks_.fire_part(&Callback::on_save, folder); }),
      flow_(flow_of(parts.options, plan_), progress_, hooks_, log_, parts.parallel, actions()) {
  parts.components.make_optimizer(optimizing_of(parts, plan_.max_steps));
  progress_.state.max_steps = plan_.max_steps;
  progress_.state.num_train_epochs = plan_.num_epochs;
  if (parts.eval_data == nullptr) return;
  check_best_metric(hooks_.evaluation(), evaluation_keys(parts.components));
  check_batches("evaluation", *parts.eval_data, parts.options.per_device_eval_batch_size, parts.options);
}

Flow::Actions Trainer::actions() {
  Flow::Actions actions;
  if (parts_.eval_data != nullptr) {
    actions.evaluate = [this] {
      loader_.orders().count_evaluation();
      return evaluate(parts_.model, parts_.components, *parts_.eval_data,
                      evaluation_options(parts_.options, parts_.sharing, parts_.bf16), parts_.parallel);
    };
  }
  if (schedule_.adaptive()) {
    actions.adapt = [this](const LogEntry& evaluation) {
      schedule_.adaptive()->observe(*evaluation.find(hooks_.evaluation().metric_for_best_model));
    };
  }
  actions.save = [this] { save(); };
  actions.poll_save = [this] { checkpointer_.poll(); };
  return actions;
}

void Trainer::save() {
  log_.read_steps();
  const std::vector<NamedTensor> other_rng_states =
      rng_states_of_others(parts_.model.device(), parts_.parallel);
  const Components& components = parts_.components;
  Parallel& parallel = parts_.parallel;
  const bool only_model = parts_.options.save_only_model, in_shards = saves_in_shards(parts_);
  OptimizerState optimizer;
  if (in_shards) {
    optimizer = OptimizerState::of(components.optimizer()).groups_alone();
  } else {
    parallel.make_whole();
    if (!only_model) optimizer = parallel.whole_state(components.optimizer());
  }
  const RunState state{parts_.model,
                       std::move(optimizer),
                       schedule_,
                       progress_,
                       components.states(),
                       components.state_tensors(),
                       loader_.orders().states(),
                       other_rng_states};
  if (in_shards)
    checkpointer_.save_together(state, only_model ? nullptr : &components.optimizer(), parallel);
  else if (parallel.is_main())
    checkpointer_.save(state);
  WeightRequests(parts_.parallel).finish_event();  // on_save
}

TrainOutput Trainer::train() {
  begin();
  while (flow_.goes_on()) {
    const auto update = loader_.next();
    parts_.components.set_step(progress_.state.global_step + 1);
    parts_.parallel.set_step(progress_.state.global_step + 1);
    if (update->begins_epoch) hooks_.fire(&Callback::on_epoch_begin);
    hooks_.fire(&Callback::on_step_begin);
    train_on(*update);
    hooks_.fire(&Callback::on_step_end);
    flow_.act(*update);
  }
  checkpointer_.wait();
  return finish();
}

void Trainer::begin() {
  const bool is_resumed = !parts_.resume_from.empty();
  if (is_resumed) resume();
  log_.start();
  hooks_.fire(&Callback::on_train_begin);
  if (parts_.options.eval_on_start && !is_resumed) flow_.evaluate();
  if (is_resumed) flow_.catch_up();
}

void Trainer::resume() {
  Components& components = parts_.components;
  components.load_states(load_checkpoint(parts_.resume_from, components.optimizer(), schedule_, progress_,
                                         parts_.parallel.rank(), parts_.parallel.slices()));
  if (!parts_.options.ignore_data_skip)
    warn_of_changed_rows(parts_.resume_from, parts_.info.rows, progress_.state);
  components.load_state_tensors(read_component_tensors(parts_.resume_from));
  find_best_checkpoint(parts_.options.output_dir, parts_.resume_from, progress_.state);
  first_step_ = progress_.state.global_step;
  loader_.seek(first_step_, parts_.options.ignore_data_skip, read_order_states(parts_.resume_from));
  log_info(fmt::format("resumed from {} at step {} of {}", parts_.resume_from.string(), first_step_,
                       plan_.max_steps));
}

void Trainer::train_on(const UpdateBatches& update) {
  TrainerState& state = progress_.state;
  StepResult result = step_.gradients(update, state.global_step + 1);
  log_.count(result);
  state.learning_rate = schedule_.at(state.global_step);
  hooks_.fire(&Callback::on_pre_optimizer_step, state.learning_rate);
  state.learning_rate = of_main(state.learning_rate, parts_.parallel);
  step_.update(result, state.learning_rate);
  step_.zero_grad();
  log_.add(std::move(result));
  ++state.global_step;
  state.epoch = update.epoch;
  progress_.epoch_ended = false;
}

void Trainer::handle_nonfinite(const StepResult& result) {
  const std::string description =
      describe_nonfinite(result, parts_.train_data, parts_.text.tokenizer(), parts_.parallel);
  count_nonfinite(description, parts_.options, progress_);
  if (parts_.options.on_nonfinite == "rollback") {
    log_warning(description);
    roll_back();
  } else {
    log_warning(description + "; the weights are unchanged");
  }
}

void Trainer::roll_back() {
  checkpointer_.wait();
  const std::filesystem::path checkpoint = parts_.parallel.of_main(checkpointer_.last_complete().string());
  if (checkpoint.empty()) {
    throw Error(
        "on_nonfinite = \"rollback\" in [train]: no checkpoint exists yet; save earlier (save_strategy, "
        "save_steps), or choose \"skip\"");
  }
  check_intact(checkpoint);
  reload_weights(checkpoint, parts_.model, parts_.parallel);
  parts_.components.make_optimizer(optimizing_of(parts_, plan_.max_steps));
  load_optimizer(checkpoint, parts_.components.optimizer(), parts_.parallel.slices());
  log_warning(
      fmt::format("restored weights and optimizer from {}; later updates are lost, and training "
                  "continues with the rows and the learning rate of step {}",
                  checkpoint.string(), progress_.state.global_step + 2));
}

TrainOutput Trainer::finish() {
  log_.read_steps();
  TrainOutput output{progress_.state.global_step,
                     log_.training_loss(),
                     {},
                     flow_.stop_signal(),
                     checkpointer_.last_complete()};
  if (output.stop_signal == 0) {
    output.metrics = log_.log_summary(log_.seconds(), first_step_);
    if (parts_.options.load_best_model_at_end) {
      note_best_checkpoint(parts_.options.output_dir, {}, progress_.state);
      progress_.state.best_model_checkpoint =
          parts_.parallel.of_main(progress_.state.best_model_checkpoint.string());
      load_best_model(progress_.state, parts_.model, parts_.parallel);
    }
  }
  hooks_.fire(&Callback::on_train_end);
  return output;
}

}  // namespace sift
