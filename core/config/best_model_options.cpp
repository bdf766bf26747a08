#include "config/best_model_options.h"

#include <fmt/format.h>

#include <cmath>

#include "optim/adaptive_schedule.h"

namespace sift {
namespace {

/// Empty if every save coincides with an evaluation.
std::string fault_of_steps(double save_steps, double eval_steps) {
  if ((save_steps < 1) != (eval_steps < 1)) {
    return fmt::format(
        "needs save_steps ({}) to be a multiple of eval_steps ({}), which cannot be guaranteed if one is a "
        "number of steps and the other a fraction of max_steps; give both in the same form",
        save_steps, eval_steps);
  }
  // fractions are compared in whole millionths, as in transformers
  constexpr double kMillion = 1e6;
  const double scale = eval_steps < 1 ? kMillion : 1.0;
  if (std::fmod(std::round(save_steps * scale), std::round(eval_steps * scale)) == 0) return {};
  return fmt::format(
      "needs save_steps ({}) to be a multiple of eval_steps ({}); otherwise the best model might not be "
      "saved",
      save_steps, eval_steps);
}

std::string fault_of(const TrainOptions& options) {
  if (options.eval_strategy == "no") {
    return "needs evaluations to select the best model, found eval_strategy = \"no\"; choose \"steps\" or "
           "\"epoch\"";
  }
  if (options.save_strategy == "best") return {};
  if (options.save_strategy != options.eval_strategy) {
    return fmt::format(
        "needs a save at each evaluation, found save_strategy = \"{}\" and eval_strategy = \"{}\"; use the "
        "same value for both",
        options.save_strategy, options.eval_strategy);
  }
  if (options.eval_strategy != "steps") return {};
  return fault_of_steps(options.save_steps, options.evaluation_steps());
}

}  // namespace

EvaluationPlan evaluation_plan(const TrainOptions& options) {
  const std::string prefix = "eval_";
  EvaluationPlan plan;
  plan.strategy = options.eval_strategy;
  plan.load_best_model_at_end = options.load_best_model_at_end;
  const bool needs_metric =
      options.load_best_model_at_end || AdaptiveSchedule::is_type(options.lr_scheduler_type);
  std::string metric = options.metric_for_best_model.value_or(needs_metric ? "loss" : "");
  if (metric.empty()) return plan;
  plan.greater_is_better = options.greater_is_better.value_or(!metric.ends_with("loss"));
  plan.metric_for_best_model = metric.starts_with(prefix) ? metric : prefix + metric;
  return plan;
}

void check_saving_best(const TrainOptions& options, const Place& place, Diagnostics& diagnostics) {
  if (options.save_strategy != "best") return;
  const std::string subject = "save_strategy: \"best\" ";
  if (options.eval_strategy == "no") {
    diagnostics.add(
        place, "[train]",
        subject + "needs evaluations, found eval_strategy = \"no\"; choose \"steps\" or \"epoch\"");
  }
  if (evaluation_plan(options).metric_for_best_model.empty()) {
    diagnostics.add(
        place, "[train]",
        subject + "needs metric_for_best_model, such as \"loss\", or load_best_model_at_end = true");
  }
}

void check_best_model(const TrainOptions& options, const Place& place, Diagnostics& diagnostics) {
  if (!options.load_best_model_at_end) return;
  const std::string fault = fault_of(options);
  if (!fault.empty()) diagnostics.add(place, "[train]", "load_best_model_at_end " + fault);
}

}  // namespace sift
