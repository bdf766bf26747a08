#include "train/components.h"

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include <sift/error.h>

namespace sift {
namespace {

std::string key_of(const LoadedComponent& component) {
  return fmt::format("{} '{}'", to_string(kind_of(component)), component.name);
}

/// Error thrown by a component, wrapped once: nested guards must not wrap it again.
class ComponentError : public Error {
 public:
  using Error::Error;
};

[[noreturn]] void fail(const std::string& label, std::int64_t step, const std::string& what) {
  const std::string when = step > 0 ? fmt::format(" in step {}", step) : "";
  throw ComponentError(fmt::format("{} failed{}: {}", label, when, what));
}

template <class Base, class Factory, class... Setup>
Named<Base> create(const ConfiguredComponent& configured, Setup... setup) {
  const std::string key = key_of(*configured.component);
  Named<Base> named{key, fmt::format("{} ({})", key, configured.component->file.string()), nullptr};
  try {
    named.object =
        std::get<Factory>(configured.component->create)(configured.options.get(), std::move(setup)...);
  } catch (const std::exception& error) {
    fail(named.label, 0, error.what());
  } catch (...) {
    fail(named.label, 0, "it threw something that is not a std::exception");
  }
  if (named.object == nullptr) fail(named.label, 0, "its factory returned nothing");
  return named;
}

}  // namespace

template <class Function>
auto Components::guarded(const std::string& label, Function&& function) {
  try {
    return function();
  } catch (const ComponentError&) {
    throw;
  } catch (const StopComputation&) {
    throw;
  } catch (const c10::OutOfMemoryError&) {
    throw;  // out of memory is not the fault of the component that allocated last
  } catch (const c10::Error& error) {
    fail(label, step_, error.what_without_backtrace());
  } catch (const std::exception& error) {
    fail(label, step_, error.what());
  } catch (...) {
    fail(label, step_, "it threw something that is not a std::exception");
  }
}

Components::Components(const ConfiguredComponents& configured)
    : loss_(create<Loss, LossFactory>(configured.loss)), configured_optimizer_(configured.optimizer) {
  for (const auto& metric : configured.metrics) metrics_.push_back(create<Metric, MetricFactory>(metric));
  for (const auto& callback : configured.callbacks)
    callbacks_.push_back(create<Callback, CallbackFactory>(callback));
  for (const auto& memory : configured.memory)
    memory_.push_back(create<MemoryStrategy, MemoryFactory>(memory));
}

void Components::make_optimizer(OptimizerSetup setup) {
  optimizer_ = {};  // frees the state of an earlier one
  const at::NoGradGuard no_grad;
  optimizer_ = create<Optimizer, OptimizerFactory>(configured_optimizer_, std::move(setup));
}

StatsNeeds Components::needs() const {
  StatsNeeds needs;
  for (const auto& metric : metrics_) {
    const StatsNeeds of_metric = metric.object->needs();
    needs.entropy = needs.entropy || of_metric.entropy;
    needs.top1 = needs.top1 || of_metric.top1;
  }
  return needs;
}

std::vector<std::string> Components::metric_keys() const {
  std::vector<std::string> keys;
  for (const auto& metric : metrics_) keys.push_back(metric.object->key());
  return keys;
}

LossOutput Components::compute_loss(const LossInput& input) {
  LossOutput output = guarded(loss_.label, [&] { return loss_.object->compute(input); });
  if (!output.loss.defined() || output.loss.dim() != 0) {
    fail(loss_.label, step_, "it must return a loss that is a 0-d tensor");
  }
  return output;
}

std::vector<MetricValue> Components::compute_metrics(const MetricInput& input) {
  std::vector<MetricValue> values;
  for (std::size_t index = 0; index < metrics_.size(); ++index) {
    Metric& metric = *metrics_[index].object;
    guarded(metrics_[index].label, [&] {
      at::Tensor value = metric.compute(input);
      if (value.defined()) values.push_back({index, std::move(value), metric.weight(input)});
    });
  }
  return values;
}

void Components::each_callback(const std::function<void(Callback&)>& event) {
  for (const auto& callback : callbacks_) {
    guarded(callback.label, [&] { event(*callback.object); });
  }
}

at::Tensor Components::run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
  return run_layer_from(0, layer, hidden_nh);
}

at::Tensor Components::run_layer_from(std::size_t strategy, const Layer& layer, const at::Tensor& hidden_nh) {
  if (strategy == memory_.size()) return layer.forward(hidden_nh);
  const Layer inner{layer.index, layer.num_layers, [this, strategy, layer](const at::Tensor& hidden) {
                      return run_layer_from(strategy + 1, layer, hidden);
                    }};
  return guarded(memory_[strategy].label,
                 [&] { return memory_[strategy].object->run_layer(inner, hidden_nh); });
}

ScopeStack Components::step_scopes(const StepInfo& info) {
  ScopeStack scopes;
  for (const auto& strategy : memory_) {
    scopes.push(guarded(strategy.label, [&] { return strategy.object->step_scope(info); }));
  }
  return scopes;
}

void Components::begin_step() {
  const at::NoGradGuard no_grad;
  guarded(optimizer_.label, [&] { optimizer_.object->begin_step(); });
}

void Components::update_weights(const OptimizerStep& step) {
  const at::NoGradGuard no_grad;
  guarded(optimizer_.label, [&] { optimizer_.object->step(step); });
}

void Components::end_step() {
  const at::NoGradGuard no_grad;
  guarded(optimizer_.label, [&] { optimizer_.object->end_step(); });
}

template <class Visit>
void Components::each(const Visit& visit) const {
  const auto of_kind = [&](const auto& components) {
    for (const auto& one : components) visit(one.key, one.label, *one.object);
  };
  visit(loss_.key, loss_.label, *loss_.object);
  of_kind(metrics_);
  of_kind(callbacks_);
  of_kind(memory_);
  if (optimizer_.object) visit(optimizer_.key, optimizer_.label, *optimizer_.object);
}

std::vector<std::pair<std::string, std::string>> Components::states() const {
  std::vector<std::pair<std::string, std::string>> states;
  each([&](const std::string& key, const std::string&, Stateful& component) {
    std::string state = component.state();
    if (!state.empty()) states.emplace_back(key, std::move(state));
  });
  return states;
}

void Components::load_states(const std::vector<std::pair<std::string, std::string>>& states) {
  each([&](const std::string& key, const std::string& label, Stateful& component) {
    const auto entry = std::ranges::find(states, key, &std::pair<std::string, std::string>::first);
    if (entry != states.end()) guarded(label, [&] { component.load_state(entry->second); });
  });
}

std::vector<NamedTensor> Components::state_tensors() const {
  std::vector<NamedTensor> tensors;
  each([&](const std::string& key, const std::string&, Stateful& component) {
    for (const auto& [name, tensor] : component.state_tensors())
      tensors.push_back({fmt::format("{}.{}", key, name), tensor});
  });
  return tensors;
}

void Components::load_state_tensors(const std::vector<NamedTensor>& tensors) {
  each([&](const std::string& key, const std::string& label, Stateful& component) {
    std::vector<NamedTensor> own;
    for (const auto& [name, tensor] : tensors) {
      if (name.starts_with(key + ".")) own.push_back({name.substr(key.size() + 1), tensor});
    }
    if (!own.empty()) guarded(label, [&] { component.load_state_tensors(own); });
  });
}

}  // namespace sift
