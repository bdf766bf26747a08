#include "config/step_options.h"

#include <sift/callback.h>

namespace sift {

std::int64_t callback_steps(const Config& config, const std::string& key, std::int64_t max_steps) {
  for (const ConfiguredComponent& callback : config.callbacks) {
    for (const OptionSpec& option : callback.component->options) {
      if (option.key != key) continue;
      const OptionValue value = option.get(callback.options.get());
      if (const auto* steps = std::get_if<double>(&value)) return resolve_steps(*steps, max_steps);
    }
  }
  return 0;
}

std::int64_t evaluation_steps(const Config& config, std::int64_t max_steps) {
  constexpr std::int64_t kDefaultLoggingSteps = 10;  // TRL's
  if (config.train.eval_steps > 0) return resolve_steps(config.train.eval_steps, max_steps);
  const std::int64_t logging_steps = callback_steps(config, "logging_steps", max_steps);
  return logging_steps > 0 ? logging_steps : kDefaultLoggingSteps;
}

}  // namespace sift
