#include "checkpoint/best_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "base/did_you_mean.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "checkpoint/reload.h"
#include "checkpoint/trainer_state.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

bool is_same_entry(const LogEntry& one, const LogEntry& other) {
  if (one.step != other.step || one.values.size() != other.values.size()) return false;
  return std::ranges::all_of(one.values, [&](const auto& value) {
    const double* found = other.find(value.first);
    return found != nullptr && (*found == value.second || (std::isnan(*found) && std::isnan(value.second)));
  });
}

/// Whether the run came through this checkpoint: then its log begins the run's.
bool is_of_this_run(const fs::path& checkpoint, const TrainerState& state) {
  if (!fs::exists(checkpoint / kTrainerStateFile)) return false;
  try {
    const std::vector<LogEntry> log = read_trainer_state(checkpoint).log_history;
    return log.size() <= state.log_history.size() &&
           std::equal(log.begin(), log.end(), state.log_history.begin(), is_same_entry);
  } catch (const Error&) {
    return false;  // damaged
  }
}

/// The step of a checkpoint with its own name or moved aside; -1: it has another name.
std::int64_t step_in_name(const fs::path& checkpoint) {
  return std::max(step_of_checkpoint(checkpoint), step_of_superseded(checkpoint));
}

/// The checkpoint of a step that the run came through: one of `known`, or any in output_dir. Empty: there is
/// none.
fs::path find_own_checkpoint(std::int64_t step, std::vector<fs::path> known, const fs::path& output_dir,
                             const TrainerState& state) {
  known.push_back(checkpoint_folder(output_dir, step));
  std::ranges::copy(find_superseded(output_dir), std::back_inserter(known));
  const auto found = std::ranges::find_if(known, [&](const fs::path& checkpoint) {
    return step >= 0 && step_in_name(checkpoint) == step && is_of_this_run(checkpoint, state);
  });
  return found == known.end() ? fs::path() : *found;
}

}  // namespace

void check_best_metric(const EvaluationPlan& plan, const std::vector<std::string>& keys) {
  const std::string& metric = plan.metric_for_best_model;
  if (metric.empty() || std::ranges::find(keys, metric) != keys.end()) return;
  throw Error(fmt::format("metric_for_best_model in [train]: no evaluation of this run reports '{}'{}",
                          metric, candidates_text(metric, keys, "known")));
}

bool update_best(const EvaluationPlan& plan, const LogEntry& evaluation, TrainerState& state) {
  if (plan.metric_for_best_model.empty()) return false;
  const double* value = evaluation.find(plan.metric_for_best_model);
  if (value == nullptr) {
    throw Error(fmt::format(
        "metric_for_best_model in [train]: the evaluation at step {} reported no '{}'; the metric has no "
        "value for these rows: choose another one",
        evaluation.step, plan.metric_for_best_model));
  }
  // NaN is never better
  const bool is_better = !state.best_metric ||
                         (plan.greater_is_better ? *value > *state.best_metric : *value < *state.best_metric);
  if (!is_better || *value != *value) return false;
  state.best_metric = *value;
  state.best_global_step = state.global_step;
  return true;
}

void note_best_checkpoint(const fs::path& output_dir, const fs::path& written, TrainerState& state) {
  if (state.best_global_step == 0) return;
  fs::path& noted = state.best_model_checkpoint;
  if (!written.empty() && step_of_checkpoint(written) == state.best_global_step) {
    noted = written;
    return;
  }
  if (!fs::is_directory(noted)) noted.clear();  // it was deleted
  if (step_in_name(noted) == state.best_global_step) return;
  const fs::path best = find_own_checkpoint(state.best_global_step, {}, output_dir, state);
  if (!best.empty()) noted = best;
}

void find_best_checkpoint(const fs::path& output_dir, const fs::path& resumed_from, TrainerState& state) {
  if (state.best_global_step == 0) return;
  const fs::path recorded = std::exchange(state.best_model_checkpoint, {});
  if (state.global_step == state.best_global_step) {
    state.best_model_checkpoint = resumed_from;
    return;
  }
  // the step of the best evaluation may not have been saved: then an older one is recorded
  for (const std::int64_t step : {state.best_global_step, step_in_name(recorded)}) {
    if (state.best_model_checkpoint.empty())
      state.best_model_checkpoint = find_own_checkpoint(step, {recorded}, output_dir, state);
  }
}

void load_best_model(const TrainerState& state, const Decoder& model, Parallel& parallel) {
  const fs::path& folder = state.best_model_checkpoint;
  if (folder.empty() || !fs::is_directory(folder)) {
    log_warning(fmt::format(
        "load_best_model_at_end: no checkpoint of the best evaluation exists ({}); the model keeps the "
        "weights of step {}",
        folder.empty() ? "none was saved" : folder.string() + " no longer exists", state.global_step));
    return;
  }
  if (const std::string damage = damage_of(folder); !damage.empty()) {
    log_warning(fmt::format(
        "load_best_model_at_end: the checkpoint is damaged: {}; the model keeps the weights of step {}",
        damage, state.global_step));
    return;
  }
  reload_weights(folder, model, parallel);
  if (read_trainer_state(folder).global_step != state.best_global_step) {
    log_warning(fmt::format(
        "load_best_model_at_end: the best step, {}, was not saved; {} is the best saved checkpoint",
        state.best_global_step, folder.filename().string()));
  }
  log_info(fmt::format("restored the weights of {}, the best checkpoint ({:.6g})", folder.string(),
                       state.best_metric.value_or(0.0)));
}

}  // namespace sift
