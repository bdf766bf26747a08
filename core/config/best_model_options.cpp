#include "config/best_model_options.h"

#include <fmt/format.h>

#include <cmath>

#include "config/callback_option.h"

namespace sift {
namespace {

constexpr double kDefaultLoggingSteps = 10;  // TRL's

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

std::string fault_of(const Config& config) {
  const std::string& eval_strategy = config.train.eval_strategy;
  if (eval_strategy == "no") {
    return "needs evaluations to select the best model, found eval_strategy = \"no\"; choose \"steps\" or "
           "\"epoch\"";
  }
  const auto save_strategy = callback_option<std::string>(config, "save_strategy");
  if (!save_strategy) {
    return "needs checkpoints, but no callback writes any; add [[callbacks]] plugin = \"checkpoint\"";
  }
  if (*save_strategy != eval_strategy) {
    return fmt::format(
        "needs a save at each evaluation, found save_strategy = \"{}\" and eval_strategy = \"{}\"; use the "
        "same value for both",
        *save_strategy, eval_strategy);
  }
  const auto save_steps = callback_option<double>(config, "save_steps");
  if (eval_strategy != "steps" || !save_steps) return {};
  double eval_steps = config.train.eval_steps;
  if (eval_steps <= 0) {
    eval_steps = callback_option<double>(config, "logging_steps").value_or(kDefaultLoggingSteps);
  }
  return fault_of_steps(*save_steps, eval_steps);
}

}  // namespace

void check_best_model(const Config& config, const Place& place, Diagnostics& diagnostics) {
  if (!config.train.load_best_model_at_end) return;
  const std::string fault = fault_of(config);
  if (!fault.empty()) diagnostics.add(place, "[train]", "load_best_model_at_end " + fault);
}

}  // namespace sift
