#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sift/options.h>

namespace sift {

/// A learning rate that follows an evaluation metric: torch's ReduceLROnPlateau (lr_scheduler_type
/// "reduce_lr_on_plateau") or transformers' GreedyLR ("greedy"). Both have the names and defaults of the
/// original. A copy has a state of its own.
class AdaptiveSchedule {
 public:
  struct Options {
    bool is_greedy = false;
    bool is_better_if_larger = false;  ///< mode = "max"
    bool is_relative = true;           ///< threshold_mode = "rel"
    bool smooth = false;
    bool verbose = false;
    double factor = 0.1;
    double threshold = 1e-4;
    double min_lr = 0.0;
    double max_lr = 0.0;
    double eps = 1e-8;
    std::int64_t patience = 10;
    std::int64_t cooldown = 0;
    std::int64_t warmup = 0;
    std::int64_t window_size = 50;
    std::int64_t reset_start = 500;
  };
  /// What changes from evaluation to evaluation.
  struct State {
    double rate = 0.0;
    double best = 0.0;
    std::int64_t num_evaluations = 0;
    std::int64_t num_bad = 0, num_good = 0;  ///< on end, without and with an improvement
    std::int64_t cooldown_counter = 0, warmup_counter = 0;
    std::int64_t reset_start = 0;     ///< reductions at min_lr until the schedule starts over
    std::vector<double> last_values;  ///< with `smooth`
    double sum = 0.0;                 ///< of last_values, as added up
  };

  static bool is_type(const std::string& lr_scheduler_type);
  /// `kwargs`: lr_scheduler_kwargs.
  AdaptiveSchedule(const std::string& lr_scheduler_type, const ScalarTable& kwargs, double learning_rate);

  double rate() const { return state_.rate; }
  /// After each evaluation, with the value of metric_for_best_model.
  void observe(double metric);

  const Options& options() const { return options_; }
  double learning_rate() const { return learning_rate_; }
  const State& state() const { return state_; }
  void restore(State state) { state_ = std::move(state); }

 private:
  void observe_plateau(double metric);
  void observe_greedy(double metric);
  double smoothed(double metric);
  bool is_better(double metric) const;
  bool reduce();
  void increase();
  State start() const;

  Options options_;
  double learning_rate_;
  State state_;
};

}  // namespace sift
