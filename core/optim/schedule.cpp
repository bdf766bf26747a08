#include "optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include <sift/error.h>

namespace sift {
namespace {

using Factor = std::function<double(double)>;
constexpr double kPi = std::numbers::pi;

/// The arguments shared by all formulas; s is the number of finished steps.
struct Arguments {
  const ScheduleOptions& options;
  double warmup;  ///< W, in whole steps
  double total;   ///< T

  std::optional<double> number(const std::string& key) const {
    const auto entry = options.kwargs.find(key);
    if (entry == options.kwargs.end()) return std::nullopt;
    if (const auto* real = std::get_if<double>(&entry->second)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&entry->second)) return static_cast<double>(*whole);
    throw Error(fmt::format("lr_scheduler_kwargs.{} must be a number", key));
  }
  double number(const std::string& key, double fallback) const { return number(key).value_or(fallback); }
  std::string text(const std::string& key, const std::string& fallback) const {
    const auto entry = options.kwargs.find(key);
    if (entry == options.kwargs.end()) return fallback;
    if (const auto* value = std::get_if<std::string>(&entry->second)) return *value;
    throw Error(fmt::format("lr_scheduler_kwargs.{} must be a string", key));
  }
  /// The minimum rate as a fraction of learning_rate: min_lr_rate, or min_lr divided by it.
  double min_rate() const {
    const auto rate = number("min_lr_rate");
    const auto lowest = number("min_lr");
    if (rate.has_value() == lowest.has_value()) {
      throw Error(
          fmt::format("lr_scheduler_type '{}' needs exactly one of min_lr and min_lr_rate in "
                      "lr_scheduler_kwargs",
                      options.type));
    }
    return rate ? *rate : *lowest / options.learning_rate;
  }
  double warm(double step) const { return step / std::max(1.0, warmup); }
  double progress(double step) const { return (step - warmup) / std::max(1.0, total - warmup); }
};

double half_cosine(double progress, double num_cycles) {
  return 0.5 * (1.0 + std::cos(kPi * num_cycles * 2.0 * progress));
}

Factor linear(const Arguments& a) {
  return [a](double s) {
    if (s < a.warmup) return a.warm(s);
    return std::max(0.0, (a.total - s) / std::max(1.0, a.total - a.warmup));
  };
}

Factor constant(const Arguments&) {
  return [](double) { return 1.0; };
}

Factor constant_with_warmup(const Arguments& a) {
  return [a](double s) { return s < a.warmup ? a.warm(s) : 1.0; };
}

Factor cosine(const Arguments& a) {
  return [a, cycles = a.number("num_cycles", 0.5)](double s) {
    return s < a.warmup ? a.warm(s) : std::max(0.0, half_cosine(a.progress(s), cycles));
  };
}

Factor cosine_with_restarts(const Arguments& a) {
  return [a, cycles = a.number("num_cycles", 1.0)](double s) {
    if (s < a.warmup) return a.warm(s);
    const double progress = a.progress(s);
    if (progress >= 1.0) return 0.0;
    return std::max(0.0, 0.5 * (1.0 + std::cos(kPi * std::fmod(cycles * progress, 1.0))));
  };
}

Factor polynomial(const Arguments& a) {
  const double start = a.options.learning_rate;
  const double end = a.number("lr_end", 1e-7);
  const double power = a.number("power", 1.0);
  if (!(start > end)) {
    throw Error(
        fmt::format("lr_scheduler_type 'polynomial' needs learning_rate ({}) above lr_end ({})", start, end));
  }
  return [a, start, end, power](double s) {
    if (s < a.warmup) return a.warm(s);
    if (s > a.total) return end / start;
    const double remaining = 1.0 - (s - a.warmup) / (a.total - a.warmup);
    return ((start - end) * std::pow(remaining, power) + end) / start;
  };
}

Factor inverse_sqrt(const Arguments& a) {
  const double timescale = a.number("timescale", a.warmup > 0 ? a.warmup : 10000.0);
  return [a, timescale](double s) {
    return s < a.warmup ? a.warm(s) : 1.0 / std::sqrt((s + timescale - a.warmup) / timescale);
  };
}

Factor cosine_with_min_lr(const Arguments& a) {
  return [a, rate = a.min_rate(), cycles = a.number("num_cycles", 0.5)](double s) {
    if (s < a.warmup) return a.warm(s);
    return std::max(0.0, half_cosine(a.progress(s), cycles) * (1.0 - rate) + rate);
  };
}

Factor cosine_warmup_with_min_lr(const Arguments& a) {
  return [a, rate = a.min_rate(), cycles = a.number("num_cycles", 0.5),
          from = a.number("warmup_lr_rate")](double s) {
    if (s < a.warmup) {
      if (!from) return (s + 1.0) / std::max(1.0, a.warmup);
      return *from + (1.0 - *from) * s / std::max(1.0, a.warmup - 1.0);
    }
    const double progress = (s - a.warmup + 1.0) / std::max(1.0, a.total - a.warmup);
    return std::max(0.0, half_cosine(progress, cycles) * (1.0 - rate) + rate);
  };
}

/// The warm-up curves of warmup_stable_decay; the decay curves mirror them, except for the cycles of the
/// cosine.
double rising(const std::string& type, double p) {
  if (type == "linear") return p;
  if (type == "cosine") return 0.5 * (1.0 - std::cos(kPi * p));
  return 1.0 - std::sqrt(1.0 - p);
}

double falling(const std::string& type, double p, double num_cycles) {
  if (type == "linear") return 1.0 - p;
  if (type == "cosine") return half_cosine(p, num_cycles);
  return 1.0 - std::sqrt(p);
}

std::string curve(const Arguments& a, const std::string& key, const std::string& fallback) {
  std::string type = a.text(key, fallback);
  if (type != "linear" && type != "cosine" && type != "1-sqrt") {
    throw Error(fmt::format("lr_scheduler_kwargs.{} is '{}', expected linear, cosine or 1-sqrt", key, type));
  }
  return type;
}

Factor warmup_stable_decay(const Arguments& a) {
  const auto decay = a.number("num_decay_steps");
  if (!decay)
    throw Error("lr_scheduler_type 'warmup_stable_decay' needs num_decay_steps in lr_scheduler_kwargs");
  const double stable = a.number("num_stable_steps", a.total - a.warmup - *decay);
  const double floor = a.number("min_lr_ratio", 0.0);
  const double cycles = a.number("num_cycles", 0.5);
  return [a, decay = *decay, stable, floor, cycles, up = curve(a, "warmup_type", "linear"),
          down = curve(a, "decay_type", "cosine")](double s) {
    const auto above_floor = [floor](double factor) { return std::max(0.0, factor * (1.0 - floor) + floor); };
    if (s < a.warmup) return above_floor(rising(up, a.warm(s)));
    if (s < a.warmup + stable) return 1.0;
    if (s < a.warmup + stable + decay) {
      return above_floor(falling(down, (s - a.warmup - stable) / std::max(1.0, decay), cycles));
    }
    return floor;
  };
}

struct NamedSchedule {
  ScheduleType type;
  Factor (*make)(const Arguments&);  ///< nullptr for an adaptive schedule
};

const std::vector<NamedSchedule>& schedules() {
  static const std::vector<NamedSchedule> all = {
      {{"linear", {}}, linear},
      {{"cosine", {"num_cycles"}}, cosine},
      {{"cosine_with_restarts", {"num_cycles"}}, cosine_with_restarts},
      {{"polynomial", {"lr_end", "power"}}, polynomial},
      {{"constant", {}}, constant},
      {{"constant_with_warmup", {}}, constant_with_warmup},
      {{"inverse_sqrt", {"timescale"}}, inverse_sqrt},
      {{"cosine_with_min_lr", {"num_cycles", "min_lr", "min_lr_rate"}}, cosine_with_min_lr},
      {{"cosine_warmup_with_min_lr", {"num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"}},
       cosine_warmup_with_min_lr},
      {{"warmup_stable_decay",
        {"num_decay_steps", "num_stable_steps", "warmup_type", "decay_type", "min_lr_ratio", "num_cycles"}},
       warmup_stable_decay},
      {{"reduce_lr_on_plateau",
        {"mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"}},
       nullptr},
      {{"greedy",
        {"mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "warmup", "min_lr",
         "max_lr", "eps", "verbose", "smooth", "window_size", "reset_start"}},
       nullptr}};
  return all;
}

}  // namespace

const std::vector<ScheduleType>& schedule_types() {
  static const std::vector<ScheduleType> types = [] {
    std::vector<ScheduleType> all;
    for (const NamedSchedule& schedule : schedules()) all.push_back(schedule.type);
    return all;
  }();
  return types;
}

std::int64_t num_warmup_steps(double warmup_steps, std::int64_t max_steps) {
  return static_cast<std::int64_t>(warmup_steps >= 1.0
                                       ? std::floor(warmup_steps)
                                       : std::ceil(static_cast<double>(max_steps) * warmup_steps));
}

Schedule::Schedule(const ScheduleOptions& options) : options_(options) {
  const double total = static_cast<double>(options.max_steps);
  const auto warmup = static_cast<double>(num_warmup_steps(options.warmup_steps, options.max_steps));
  const auto named =
      std::ranges::find_if(schedules(), [&](const auto& entry) { return options.type == entry.type.name; });
  if (named == schedules().end()) throw Error(fmt::format("unknown lr_scheduler_type '{}'", options.type));
  if (AdaptiveSchedule::is_type(options.type)) {
    adaptive_.emplace(options.type, options.kwargs, options.learning_rate);
    return;
  }
  factor_ = named->make(Arguments{options, warmup, total});
}

double Schedule::at(std::int64_t finished_steps) const {
  if (adaptive_) return adaptive_->rate();
  return options_.learning_rate * factor_(static_cast<double>(finished_steps));
}

}  // namespace sift
