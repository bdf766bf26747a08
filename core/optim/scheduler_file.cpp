#include "optim/scheduler_file.h"

#include <fmt/format.h>

#include <limits>
#include <utility>
#include <vector>

#include <sift/log.h>
#include "formats/generic_values.h"
#include "formats/torch_file.h"
#include "optim/saved_differences.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using c10::IValue;
using c10::impl::GenericDict;
using c10::impl::GenericList;

/// The optimizer has two groups.
GenericList for_both_groups(const IValue& value) {
  return generic_list({value, value});
}

/// The keys that torch's and transformers' schedule share.
void insert_common(GenericDict& root, const AdaptiveSchedule& schedule) {
  const AdaptiveSchedule::Options& options = schedule.options();
  const AdaptiveSchedule::State& state = schedule.state();
  root.insert("factor", options.factor);
  root.insert("min_lrs", for_both_groups(options.min_lr));
  root.insert("patience", options.patience);
  root.insert("cooldown", options.cooldown);
  root.insert("eps", options.eps);
  root.insert("last_epoch", state.num_evaluations);
  root.insert("_last_lr", for_both_groups(state.rate));
  root.insert("mode", options.is_better_if_larger ? "max" : "min");
  root.insert("threshold", options.threshold);
  root.insert("threshold_mode", options.is_relative ? "rel" : "abs");
  root.insert("best", state.best);
  root.insert("cooldown_counter", state.cooldown_counter);
  root.insert("num_bad_epochs", state.num_bad);
}

/// In torch/optim/lr_scheduler.py.
void insert_plateau(GenericDict& root, const AdaptiveSchedule& schedule) {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  root.insert("default_min_lr", schedule.options().min_lr);
  root.insert("mode_worse", schedule.options().is_better_if_larger ? -kWorst : kWorst);
}

/// In transformers/optimization.py.
void insert_greedy(GenericDict& root, const AdaptiveSchedule& schedule) {
  const AdaptiveSchedule::Options& options = schedule.options();
  const AdaptiveSchedule::State& state = schedule.state();
  root.insert("max_lrs", for_both_groups(options.max_lr));
  root.insert("verbose", options.verbose);
  root.insert("warmup", options.warmup);
  root.insert("warmup_counter", state.warmup_counter);
  root.insert("num_good_epochs", state.num_good);
  root.insert("smooth", options.smooth);
  root.insert("window_size", options.window_size);
  root.insert("reset_start", state.reset_start);
  root.insert("reset_start_original", options.reset_start);
  root.insert("_init_lrs", for_both_groups(schedule.learning_rate()));
  if (!options.smooth) return;
  GenericDict average = generic_dict();
  average.insert("window_size", options.window_size);
  average.insert("values",
                 generic_list(std::vector<IValue>(state.last_values.begin(), state.last_values.end())));
  average.insert("sum", state.sum);
  root.insert("_streaming_avg", average);
}

GenericDict adaptive_state(const AdaptiveSchedule& schedule) {
  GenericDict root = generic_dict();
  insert_common(root, schedule);
  if (schedule.options().is_greedy) {
    insert_greedy(root, schedule);
  } else {
    insert_plateau(root, schedule);
  }
  return root;
}

GenericDict lambda_state(const ScheduleState& schedule) {
  GenericDict root = generic_dict();
  root.insert("base_lrs", for_both_groups(schedule.base_lr));
  root.insert("last_epoch", schedule.finished_steps);
  root.insert("_step_count", schedule.finished_steps + 1);
  root.insert("_is_initial", false);
  root.insert("_get_lr_called_within_step", false);
  root.insert("_last_lr", for_both_groups(schedule.next_lr));
  // a lambda has no state; the functools.partial of the other schedules has an empty one
  const auto lambda = [&]() { return schedule.is_constant ? IValue() : IValue(generic_dict()); };
  root.insert("lr_lambdas", generic_list({lambda(), lambda()}));
  return root;
}

void compare_lambda(const PickleValue& root, const Schedule& schedule, std::int64_t finished_steps,
                    SavedDifferences& differences) {
  const auto base_lrs = root.at("base_lrs").items();
  if (!base_lrs.empty())
    differences.compare("learning_rate", base_lrs[0].to_double(), schedule.options().learning_rate);
  differences.compare("last_epoch", static_cast<double>(root.at("last_epoch").to_int()),
                      static_cast<double>(finished_steps));
}

double first_of(const PickleValue& root, const char* key, double fallback) {
  const auto values = root.at(key).items();
  return values.empty() ? fallback : values.front().to_double();
}

AdaptiveSchedule::State saved_state(const PickleValue& root, const AdaptiveSchedule& schedule) {
  AdaptiveSchedule::State state = schedule.state();
  state.rate = first_of(root, "_last_lr", state.rate);
  state.best = root.at("best").to_double();
  state.num_evaluations = root.at("last_epoch").to_int();
  state.num_bad = root.at("num_bad_epochs").to_int();
  state.cooldown_counter = root.at("cooldown_counter").to_int();
  if (!schedule.options().is_greedy) return state;
  state.num_good = root.at("num_good_epochs").to_int();
  state.warmup_counter = root.at("warmup_counter").to_int();
  state.reset_start = root.at("reset_start").to_int();
  if (!schedule.options().smooth || !root.has("_streaming_avg")) return state;
  const PickleValue average = root.at("_streaming_avg");
  for (const PickleValue& value : average.at("values").items())
    state.last_values.push_back(value.to_double());
  state.sum = average.at("sum").to_double();
  return state;
}

void compare_adaptive(const PickleValue& root, const AdaptiveSchedule::Options& now,
                      SavedDifferences& differences) {
  differences.compare("min_lr", first_of(root, "min_lrs", now.min_lr), now.min_lr);
  const std::pair<const char*, double> numbers[] = {{"factor", now.factor},
                                                    {"patience", static_cast<double>(now.patience)},
                                                    {"threshold", now.threshold},
                                                    {"cooldown", static_cast<double>(now.cooldown)},
                                                    {"eps", now.eps}};
  for (const auto& [key, value] : numbers) differences.compare(key, root.at(key).to_double(), value);
  if (!now.is_greedy) return;
  differences.compare("max_lr", first_of(root, "max_lrs", now.max_lr), now.max_lr);
  differences.compare("warmup", root.at("warmup").to_double(), static_cast<double>(now.warmup));
  differences.compare("window_size", root.at("window_size").to_double(),
                      static_cast<double>(now.window_size));
}

/// The key that only a file of this type has.
const char* mark_of(const Schedule& schedule) {
  if (!schedule.adaptive()) return "base_lrs";
  return schedule.adaptive()->options().is_greedy ? "num_good_epochs" : "mode_worse";
}

}  // namespace

ScheduleState ScheduleState::of(const Schedule& schedule, std::int64_t finished_steps) {
  const ScheduleOptions& options = schedule.options();
  return {options.learning_rate, schedule.at(finished_steps), finished_steps, options.type == "constant",
          schedule.adaptive()};
}

void write_scheduler_file(const fs::path& file, const ScheduleState& schedule) {
  write_torch_file(file, schedule.adaptive ? adaptive_state(*schedule.adaptive) : lambda_state(schedule));
}

void read_scheduler_file(const fs::path& file, std::int64_t finished_steps, Schedule& schedule) {
  const TorchFile saved(file);
  const PickleValue root = saved.root();
  if (!root.has(mark_of(schedule))) {
    log_warning(fmt::format("{}: written with another lr_scheduler_type; '{}' of this run {}", file.string(),
                            schedule.options().type,
                            schedule.adaptive() ? "starts with learning_rate" : "goes on by the step"));
    return;
  }
  SavedDifferences differences;
  if (schedule.adaptive()) {
    compare_adaptive(root, schedule.adaptive()->options(), differences);
    schedule.adaptive()->restore(saved_state(root, *schedule.adaptive()));
  } else {
    compare_lambda(root, schedule, finished_steps, differences);
  }
  differences.report(file);
}

}  // namespace sift
