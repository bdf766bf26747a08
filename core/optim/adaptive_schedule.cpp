#include "optim/adaptive_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>
#include <variant>

#include <sift/log.h>

namespace sift {
namespace {

constexpr const char* kGreedy = "greedy";

/// The arguments of a schedule; those that were not given leave their option as it is.
class Kwargs {
 public:
  explicit Kwargs(const ScalarTable& table) : table_(table) {}

  template <class Value>
  void read(const std::string& key, Value& option) const {
    const auto entry = table_.find(key);
    if (entry == table_.end()) return;
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_convertible_v<decltype(value), Value>) option = static_cast<Value>(value);
        },
        entry->second);
  }
  std::string text(const std::string& key, std::string fallback) const {
    read(key, fallback);
    return fallback;
  }

 private:
  const ScalarTable& table_;
};

AdaptiveSchedule::Options options_of(const std::string& type, const ScalarTable& table) {
  AdaptiveSchedule::Options options;
  options.is_greedy = type == kGreedy;
  if (options.is_greedy) {
    options.factor = 0.95;
    options.threshold = 1e-6;
    options.min_lr = 1e-3;
    options.max_lr = 1.0;
  }
  const Kwargs kwargs(table);
  options.is_better_if_larger = kwargs.text("mode", "min") == "max";
  options.is_relative = kwargs.text("threshold_mode", options.is_greedy ? "abs" : "rel") == "rel";
  kwargs.read("smooth", options.smooth);
  kwargs.read("verbose", options.verbose);
  kwargs.read("factor", options.factor);
  kwargs.read("threshold", options.threshold);
  kwargs.read("min_lr", options.min_lr);
  kwargs.read("max_lr", options.max_lr);
  kwargs.read("eps", options.eps);
  kwargs.read("patience", options.patience);
  kwargs.read("cooldown", options.cooldown);
  kwargs.read("warmup", options.warmup);
  kwargs.read("window_size", options.window_size);
  kwargs.read("reset_start", options.reset_start);
  return options;
}

}  // namespace

bool AdaptiveSchedule::is_type(const std::string& lr_scheduler_type) {
  return lr_scheduler_type == kGreedy || lr_scheduler_type == "reduce_lr_on_plateau";
}

AdaptiveSchedule::AdaptiveSchedule(const std::string& lr_scheduler_type, const ScalarTable& kwargs,
                                   double learning_rate)
    : options_(options_of(lr_scheduler_type, kwargs)), learning_rate_(learning_rate), state_(start()) {}

AdaptiveSchedule::State AdaptiveSchedule::start() const {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  State state;
  state.rate = learning_rate_;
  state.best = options_.is_better_if_larger ? -kWorst : kWorst;
  state.reset_start = options_.reset_start;
  return state;
}

bool AdaptiveSchedule::is_better(double metric) const {
  const double best = state_.best, threshold = options_.threshold;
  if (options_.is_better_if_larger)
    return metric > (options_.is_relative ? best * (1.0 + threshold) : best + threshold);
  return metric < (options_.is_relative ? best * (1.0 - threshold) : best - threshold);
}

/// Returns whether the rate is at its minimum now.
bool AdaptiveSchedule::reduce() {
  const double reduced = std::max(state_.rate * options_.factor, options_.min_lr);
  if (state_.rate - reduced > options_.eps) {
    state_.rate = reduced;
    if (options_.verbose) log_info(fmt::format("greedy: learning rate reduced to {:.4e}", state_.rate));
  }
  return state_.rate <= options_.min_lr;
}

void AdaptiveSchedule::increase() {
  const double increased = std::min(state_.rate / options_.factor, options_.max_lr);
  if (increased - state_.rate > options_.eps) {
    state_.rate = increased;
    if (options_.verbose) log_info(fmt::format("greedy: learning rate increased to {:.4e}", state_.rate));
  }
  state_.reset_start = options_.reset_start;
}

/// transformers' StreamingAverage.
double AdaptiveSchedule::smoothed(double metric) {
  std::vector<double>& values = state_.last_values;
  values.push_back(metric);
  state_.sum += metric;
  if (static_cast<std::int64_t>(values.size()) > options_.window_size) {
    state_.sum -= values.front();
    values.erase(values.begin());
  }
  return state_.sum / static_cast<double>(values.size());
}

void AdaptiveSchedule::observe(double metric) {
  ++state_.num_evaluations;
  if (options_.is_greedy) {
    observe_greedy(options_.smooth ? smoothed(metric) : metric);
  } else {
    observe_plateau(metric);
  }
}

// ReduceLROnPlateau.step of torch/optim/lr_scheduler.py
void AdaptiveSchedule::observe_plateau(double metric) {
  if (is_better(metric)) {
    state_.best = metric;
    state_.num_bad = 0;
  } else {
    ++state_.num_bad;
  }
  if (state_.cooldown_counter > 0) {
    --state_.cooldown_counter;
    state_.num_bad = 0;
  }
  if (state_.num_bad <= options_.patience) return;
  reduce();
  state_.cooldown_counter = options_.cooldown;
  state_.num_bad = 0;
}

// GreedyLR.step of transformers/optimization.py
void AdaptiveSchedule::observe_greedy(double metric) {
  std::int64_t& pause = state_.cooldown_counter > 0 ? state_.cooldown_counter : state_.warmup_counter;
  if (pause > 0) {
    --pause;
    state_.num_bad = state_.num_good = 0;
    return;
  }
  if (is_better(metric)) {
    state_.best = metric;
    state_.num_bad = 0;
    ++state_.num_good;
  } else {
    ++state_.num_bad;
    state_.num_good = 0;
  }
  if (state_.num_good > options_.patience) {
    increase();
    state_.warmup_counter = options_.warmup;
    state_.num_good = 0;
  } else if (state_.num_bad > options_.patience) {
    const bool starts_over = reduce() && --state_.reset_start <= 0;
    if (starts_over) {
      const std::int64_t num_evaluations = state_.num_evaluations;
      state_ = start();
      state_.num_evaluations = num_evaluations;
    }
    state_.cooldown_counter = options_.cooldown;
    state_.num_bad = 0;
  }
}

}  // namespace sift
