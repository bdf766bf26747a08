#include "checkpoint/best_model.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>
#include <sift/log.h>
#include "base/did_you_mean.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "checkpoint/reload.h"

namespace sift {
namespace fs = std::filesystem;

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
  const fs::path best = checkpoint_folder(output_dir, state.best_global_step);
  if (best == written || fs::is_directory(best)) state.best_model_checkpoint = best;
  // the run was moved, or its checkpoints were deleted
  if (!fs::is_directory(state.best_model_checkpoint) && state.best_model_checkpoint != written) {
    const fs::path moved = output_dir / state.best_model_checkpoint.filename();
    const bool is_there = !state.best_model_checkpoint.empty() && fs::is_directory(moved);
    state.best_model_checkpoint = is_there ? moved : fs::path();
  }
}

void load_best_model(const TrainerState& state, const Decoder& model) {
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
  reload_weights(folder, model);
  if (folder != checkpoint_folder(folder.parent_path(), state.best_global_step)) {
    log_warning(fmt::format(
        "load_best_model_at_end: the best step, {}, was not saved; {} is the best saved checkpoint",
        state.best_global_step, folder.filename().string()));
  }
  log_info(fmt::format("restored the weights of {}, the best checkpoint ({:.6g})", folder.string(),
                       state.best_metric.value_or(0.0)));
}

}  // namespace sift
