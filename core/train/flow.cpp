#include "train/flow.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "checkpoint/best_model.h"
#include "train/stop_signal.h"

namespace sift {

Flow::Flow(const Options& options, Progress& progress, Hooks& hooks, RunLog& log, Parallel& parallel,
           Actions actions)
    : options_(options),
      progress_(progress),
      hooks_(hooks),
      log_(log),
      parallel_(parallel),
      actions_(std::move(actions)) {}

bool Flow::stops() const {
  return parallel_.is_alone() ? hooks_.control().should_training_stop : agreed_stop_;
}

bool Flow::goes_on() const {
  return progress_.state.global_step < progress_.state.max_steps && !stops();
}

void Flow::agree() {
  received_ = StopSignals::received();
  if (parallel_.is_alone()) return;
  TrainerControl& control = hooks_.control();
  const std::array<bool*, 4> flags = {&control.should_log, &control.should_evaluate, &control.should_save,
                                      &control.should_training_stop};
  at::Tensor own = at::empty({1 + static_cast<std::int64_t>(flags.size())}, at::kLong);
  auto values = own.accessor<std::int64_t, 1>();
  values[0] = received_;
  for (std::size_t i = 0; i < flags.size(); ++i) values[static_cast<std::int64_t>(i) + 1] = *flags[i] ? 1 : 0;
  const at::Tensor all = parallel_.gathered(own);
  received_ = all.select(1, 0).max().item<int>();
  const auto of_main = all.accessor<std::int64_t, 2>()[0];
  for (std::size_t i = 0; i < flags.size(); ++i) *flags[i] = of_main[static_cast<std::int64_t>(i) + 1] != 0;
  agreed_stop_ = control.should_training_stop;
}

void Flow::evaluate() {
  const LogEntry& logged = log_.log_evaluation(actions_.evaluate());
  hooks_.fire(&Callback::on_evaluate, logged);
}

// transformers' DefaultFlowCallback; the last step is not logged specially
void Flow::request_due() {
  const std::int64_t step = progress_.state.global_step;
  const bool is_last = step >= progress_.state.max_steps;
  const auto is_due = [&](const std::string& strategy, std::int64_t steps) {
    return strategy == "steps" && (is_last || step % steps == 0);
  };
  TrainerControl& control = hooks_.control();
  const bool logs_steps = options_.logging_strategy == "steps" && step % options_.logging_steps == 0;
  if (logs_steps || (step == 1 && options_.logging_first_step)) control.should_log = true;
  if (is_due(options_.eval_strategy, options_.eval_steps) && options_.eval_delay <= static_cast<double>(step))
    control.should_evaluate = true;
  if (is_due(options_.save_strategy, options_.save_steps)) control.should_save = true;
  if (is_last) control.should_training_stop = true;
}

void Flow::act_on_control() {
  TrainerControl& control = hooks_.control();
  actions_.poll_save();
  agree();
  if (std::exchange(control.should_log, false)) {
    log_.log();
    agree();
  }
  heed_stop_signal();
  if (std::exchange(control.should_evaluate, false) && actions_.evaluate) {
    evaluate_in_turn();
    agree();
  }
  heed_stop_signal();
  if (std::exchange(control.should_save, false)) actions_.save();
}

void Flow::evaluate_in_turn() {
  evaluate();
  const LogEntry& entry = progress_.state.log_history.back();
  const bool is_best = update_best(hooks_.evaluation(), entry, progress_.state);
  if (actions_.adapt) actions_.adapt(entry);
  if (options_.save_strategy == "best") hooks_.control().should_save = is_best;
}

void Flow::heed_stop_signal() {
  stop_signal_ = received_;
  if (stop_signal_ == 0) return;
  TrainerControl& control = hooks_.control();
  // an evaluation may outlast the grace period after SIGTERM
  if (std::exchange(control.should_evaluate, false)) progress_.evaluation_due = true;
  control.should_save = control.should_training_stop = agreed_stop_ = true;
}

void Flow::end_epoch() {
  progress_.epoch_ended = true;
  hooks_.fire(&Callback::on_epoch_end);
  // also after the last step, even if the epoch is incomplete
  if (options_.logging_strategy == "epoch") hooks_.control().should_log = true;
  if (options_.eval_strategy == "epoch" && options_.eval_delay <= progress_.state.epoch)
    hooks_.control().should_evaluate = true;
  if (options_.save_strategy == "epoch") hooks_.control().should_save = true;
  act_on_control();
}

void Flow::catch_up() {
  const std::int64_t step = progress_.state.global_step;
  if (std::exchange(progress_.evaluation_due, false)) hooks_.control().should_evaluate = true;
  act_on_control();
  const double epoch = progress_.state.epoch;
  const bool is_end = epoch == std::floor(epoch) || step >= progress_.state.max_steps;
  if (step > 0 && is_end && !progress_.epoch_ended && stop_signal_ == 0) end_epoch();
}

void Flow::act(const UpdateBatches& update) {
  request_due();
  act_on_control();
  const bool epoch_ends = update.ends_epoch || stops();
  // a run stopped by a signal ends the epoch after the resume
  if (epoch_ends && stop_signal_ == 0) end_epoch();
}

}  // namespace sift
