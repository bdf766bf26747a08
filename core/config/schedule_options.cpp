#include "config/schedule_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "config/option_table.h"
#include "optim/schedule.h"

namespace sift {
namespace {

constexpr double kDefaultLrEnd = 1e-7;  // lr_end of polynomial in transformers

struct Kwargs {
  std::optional<double> num_cycles, lr_end, power, timescale, min_lr, min_lr_rate, warmup_lr_rate,
      min_lr_ratio;
  std::optional<std::int64_t> num_decay_steps, num_stable_steps;
  std::optional<std::string> warmup_type, decay_type;

  static void describe(Schema<Kwargs>& schema) {
    using Self = Kwargs;
    schema.add("num_cycles", &Self::num_cycles, "number of cosine cycles", above(0));
    schema.add("lr_end", &Self::lr_end, "final learning rate", at_least(0));
    schema.add("power", &Self::power, "exponent of the polynomial", above(0));
    schema.add("timescale", &Self::timescale,
               "steps after the warmup until the learning rate has decayed to 1 / sqrt(2) of its peak",
               above(0));
    schema.add("min_lr", &Self::min_lr, "final learning rate", at_least(0));
    schema.add("min_lr_rate", &Self::min_lr_rate, "final learning rate as a fraction of learning_rate",
               between(0, 1));
    schema.add("warmup_lr_rate", &Self::warmup_lr_rate,
               "initial learning rate as a fraction of learning_rate", between(0, 1));
    schema.add("num_decay_steps", &Self::num_decay_steps, "number of decay steps", at_least(0));
    schema.add("num_stable_steps", &Self::num_stable_steps, "number of steps at the peak learning rate",
               at_least(0));
    schema.add("warmup_type", &Self::warmup_type, "shape of the warmup",
               one_of({"linear", "cosine", "1-sqrt"}));
    schema.add("decay_type", &Self::decay_type, "shape of the decay", one_of({"linear", "cosine", "1-sqrt"}));
    schema.add("min_lr_ratio", &Self::min_lr_ratio,
               "minimum learning rate of warmup and decay as a fraction of learning_rate", between(0, 1));
  }
};

std::vector<std::string> keys_of(const std::string& schedule) {
  for (const ScheduleType& type : schedule_types()) {
    if (type.name == schedule) return type.kwargs;
  }
  return {};
}

Scalar to_scalar(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::get<std::string>(value);
}

/// Checks requirements across several options of a schedule; empty if all are met.
std::string missing_option(const Kwargs& options, const TrainOptions& train) {
  const std::string& schedule = train.lr_scheduler_type;
  if (schedule == "cosine_with_min_lr" || schedule == "cosine_warmup_with_min_lr") {
    if (options.min_lr.has_value() == options.min_lr_rate.has_value()) {
      return fmt::format("'{}' needs exactly one of min_lr and min_lr_rate in lr_scheduler_kwargs, found {}",
                         schedule, options.min_lr ? "both" : "neither");
    }
  }
  if (schedule == "warmup_stable_decay" && !options.num_decay_steps) {
    return "'warmup_stable_decay' needs num_decay_steps in lr_scheduler_kwargs";
  }
  if (schedule == "polynomial") {
    const double lr_end = options.lr_end.value_or(kDefaultLrEnd);
    if (train.learning_rate <= lr_end) {
      return fmt::format(
          "'polynomial' needs a learning_rate above lr_end, found learning_rate {} and lr_end {}",
          to_toml(train.learning_rate), to_toml(lr_end));
    }
  }
  return {};
}

}  // namespace

Range schedule_name() {
  Range range;
  for (const ScheduleType& type : schedule_types()) {
    range.text += (range.text.empty() ? "one of " : ", ") + to_toml(type.name);
    range.names.push_back(type.name);
  }
  range.holds = [names = range.names](const OptionValue& value) {
    return std::ranges::find(names, std::get<std::string>(value)) != names.end();
  };
  return range;
}

std::vector<OptionSpec> schedule_specs(const std::string& lr_scheduler_type) {
  Schema<Kwargs> schema;
  Kwargs::describe(schema);
  std::vector<OptionSpec> specs;
  for (const std::string& key : keys_of(lr_scheduler_type)) {
    const auto found = std::find_if(schema.specs().begin(), schema.specs().end(),
                                    [&](const OptionSpec& spec) { return spec.key == key; });
    specs.push_back(*found);
  }
  return specs;
}

void check_schedule(const TomlTable* table, const Place& place, TrainOptions& train,
                    Diagnostics& diagnostics) {
  const std::vector<OptionSpec> specs = schedule_specs(train.lr_scheduler_type);
  const std::string owner = fmt::format(" for lr_scheduler_type '{}'", train.lr_scheduler_type);
  Kwargs options;
  const OptionTable target{"[train]", "lr_scheduler_kwargs.", owner, specs, &options};
  const std::set<std::string> faulty = read_options(target, table, place, diagnostics);
  const std::string missing = missing_option(options, train);
  if (faulty.empty() && !missing.empty()) diagnostics.add(place, "[train]", "lr_scheduler_type: " + missing);

  train.lr_scheduler_kwargs.clear();
  for (const OptionSpec& spec : specs) {
    const OptionValue value = spec.get(&options);
    if (value.index() != 0) train.lr_scheduler_kwargs[spec.key] = to_scalar(value);
  }
}

}  // namespace sift
