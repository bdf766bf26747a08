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

Range above_zero_below_one() {
  return {"above 0 and below 1", [](const OptionValue& value) {
            const double number = std::get<double>(value);
            return number > 0 && number < 1;
          }};
}

struct Kwargs {
  std::optional<double> num_cycles, lr_end, power, timescale, min_lr, min_lr_rate, warmup_lr_rate,
      min_lr_ratio, factor, threshold, max_lr, eps;
  std::optional<std::int64_t> num_decay_steps, num_stable_steps, patience, cooldown, warmup, window_size,
      reset_start;
  std::optional<std::string> warmup_type, decay_type, mode, threshold_mode;
  std::optional<bool> verbose, smooth;

  static void describe(Schema<Kwargs>& schema) {
    using Self = Kwargs;
    schema.add("num_cycles", &Self::num_cycles, "number of cosine cycles", above(0));
    schema.add("lr_end", &Self::lr_end, "final learning rate", at_least(0));
    schema.add("power", &Self::power, "exponent of the polynomial", above(0));
    schema.add("timescale", &Self::timescale,
               "steps after the warmup until the learning rate has decayed to 1 / sqrt(2) of its peak",
               above(0));
    schema.add("min_lr", &Self::min_lr, "lowest learning rate", at_least(0));
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
    describe_adaptive(schema);
  }

  /// Those of the schedules that follow an evaluation metric.
  static void describe_adaptive(Schema<Kwargs>& schema) {
    using Self = Kwargs;
    schema.add("mode", &Self::mode, "whether a smaller or a larger value of the metric is better",
               one_of({"min", "max"}));
    schema.add("factor", &Self::factor, "factor of a reduction; greedy also divides by it",
               above_zero_below_one());
    schema.add("patience", &Self::patience, "evaluations in a row before the learning rate changes",
               at_least(0));
    schema.add("threshold", &Self::threshold, "least change of the metric that counts as an improvement");
    schema.add("threshold_mode", &Self::threshold_mode, "whether threshold is relative or absolute",
               one_of({"rel", "abs"}));
    schema.add("cooldown", &Self::cooldown, "evaluations that do not count after a reduction", at_least(0));
    schema.add("warmup", &Self::warmup, "evaluations that do not count after an increase", at_least(0));
    schema.add("max_lr", &Self::max_lr, "highest learning rate", at_least(0));
    schema.add("eps", &Self::eps, "least change of the learning rate that is made", at_least(0));
    schema.add("verbose", &Self::verbose, "log each change of the learning rate");
    schema.add("smooth", &Self::smooth, "compare means of the last window_size evaluations");
    schema.add("window_size", &Self::window_size, "evaluations in such a mean", at_least(1));
    schema.add("reset_start", &Self::reset_start,
               "reductions at min_lr after which the schedule starts over");
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
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
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
  if (AdaptiveSchedule::is_type(schedule) && train.eval_strategy == "no") {
    return fmt::format(
        "'{}' follows the evaluations, found eval_strategy = \"no\"; choose \"steps\" or \"epoch\"",
        schedule);
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

/// transformers' default of min_lr is made for larger learning rates.
void warn_of_min_lr(const TrainOptions& train, const Kwargs& options, const Place& place,
                    const Diagnostics& diagnostics) {
  constexpr double kDefaultMinLr = 1e-3;
  const double min_lr = options.min_lr.value_or(kDefaultMinLr);
  if (train.lr_scheduler_type != "greedy" || train.learning_rate > min_lr) return;
  diagnostics.warn(
      place, "[train]",
      fmt::format("lr_scheduler_type: 'greedy' never goes below min_lr, which is {}, so it will not reduce "
                  "a learning_rate of {}; set min_lr in lr_scheduler_kwargs",
                  to_toml(min_lr), to_toml(train.learning_rate)));
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

  if (faulty.empty()) warn_of_min_lr(train, options, place, diagnostics);

  train.lr_scheduler_kwargs.clear();
  for (const OptionSpec& spec : specs) {
    const OptionValue value = spec.get(&options);
    if (value.index() != 0) train.lr_scheduler_kwargs[spec.key] = to_scalar(value);
  }
}

}  // namespace sift
