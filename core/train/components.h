#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sift/callback.h>
#include <sift/loss.h>
#include <sift/memory.h>
#include <sift/metric.h>
#include <sift/optimizer.h>
#include "config/configured_components.h"
#include "model/decoder/decoder.h"

namespace sift {

/// A component with its key, "loss 'nll'", which identifies its state in checkpoints, and its label for
/// errors, "loss 'nll' (.../sift_loss_nll.so)".
template <class Base>
struct Named {
  std::string key;
  std::string label;
  std::unique_ptr<Base> object;
};

/// The value of a metric for a micro-batch.
struct MetricValue {
  std::size_t index = 0;  ///< of the metric, in metric_keys()
  at::Tensor value;       ///< 0-d
  double weight = 0.0;    ///< Metric::weight()
};

/// Scopes of several strategies, ended in reverse order.
class ScopeStack {
 public:
  ScopeStack() = default;
  ScopeStack(ScopeStack&&) = default;
  ScopeStack& operator=(ScopeStack&&) = delete;
  ~ScopeStack() {
    while (!scopes_.empty()) scopes_.pop_back();
  }
  void push(std::unique_ptr<StepScope> scope) { scopes_.push_back(std::move(scope)); }

 private:
  std::vector<std::unique_ptr<StepScope>> scopes_;
};

/// The plugins of a run. Every call into one goes through here, so that any exception ends the run with one
/// error that names the plugin and the step.
class Components {
 public:
  /// Creates all of them but the optimizer, which needs the parameters. Throws Error naming the one that
  /// failed.
  explicit Components(const ConfiguredComponents& configured);
  /// Creates the optimizer, in place of an earlier one.
  void make_optimizer(OptimizerSetup setup);

  /// Set by the loop: the step named in errors, from 1.
  void set_step(std::int64_t step) { step_ = step; }

  StatsNeeds needs() const;
  std::vector<std::string> metric_keys() const;
  /// Loss::sums_over_tokens of the run's loss.
  bool loss_sums_over_tokens() const { return loss_.object->sums_over_tokens(); }
  LossOutput compute_loss(const LossInput& input);
  /// Of every metric that has a value for the micro-batch.
  std::vector<MetricValue> compute_metrics(const MetricInput& input);
  /// Calls `event` on every callback, in order.
  void each_callback(const std::function<void(Callback&)>& event);
  at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_nh);
  ScopeStack step_scopes(const StepInfo& info);
  /// Around the gradients and the update of a step: see Optimizer::begin_step().
  void begin_step();
  void update_weights(const OptimizerStep& step);
  void end_step();
  /// After make_optimizer().
  Optimizer& optimizer() { return *optimizer_.object; }
  const Optimizer& optimizer() const { return *optimizer_.object; }

  /// Key, "callback 'csv'", and state of every component with a state.
  std::vector<std::pair<std::string, std::string>> states() const;
  /// Restores the state of each component. A component without a saved state starts fresh, as in a run
  /// without a checkpoint.
  void load_states(const std::vector<std::pair<std::string, std::string>>& states);
  /// The state tensors of all components, named "callback 'ema'.NAME".
  std::vector<NamedTensor> state_tensors() const;
  void load_state_tensors(const std::vector<NamedTensor>& tensors);

 private:
  template <class Function>
  auto guarded(const std::string& label, Function&& function);
  /// Calls visit(key, label, component) for each.
  template <class Visit>
  void each(const Visit& visit) const;
  at::Tensor run_layer_from(std::size_t strategy, const Layer& layer, const at::Tensor& hidden_nh);

  Named<Loss> loss_;
  std::vector<Named<Metric>> metrics_;
  std::vector<Named<Callback>> callbacks_;
  std::vector<Named<MemoryStrategy>> memory_;
  ConfiguredComponent configured_optimizer_;
  Named<Optimizer> optimizer_;
  std::int64_t step_ = 0;
};

}  // namespace sift
