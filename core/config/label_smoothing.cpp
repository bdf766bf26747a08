#include "config/label_smoothing.h"

#include <fmt/format.h>

#include <algorithm>

namespace sift {

void apply_label_smoothing(const TrainOptions& train, const Place& place, ConfiguredComponent& loss,
                           Diagnostics& diagnostics) {
  if (train.label_smoothing_factor == 0 || !loss.component) return;
  const auto& specs = loss.component->options;
  const auto option = std::ranges::find(specs, "label_smoothing", &OptionSpec::key);
  if (option == specs.end() || option->type != "number") {
    diagnostics.warn(
        place, "[train]",
        fmt::format("label_smoothing_factor: the loss '{}' has no label smoothing, so it has no effect; "
                    "choose [loss] plugin = \"nll\", or remove it",
                    loss.component->name));
    return;
  }
  const OptionValue wanted = train.label_smoothing_factor, there = option->get(loss.options.get());
  if (there != option->default_value && there != wanted) {
    diagnostics.add(
        place, "[train]",
        fmt::format("label_smoothing_factor: {} is not label_smoothing in [loss], which is {}; set one of "
                    "the two",
                    to_toml(wanted), to_toml(there)));
    return;
  }
  option->set(loss.options.get(), wanted);
}

}  // namespace sift
