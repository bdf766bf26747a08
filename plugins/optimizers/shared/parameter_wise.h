#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sift/optimizer.h>
#include "shared/master_weight.h"

namespace optimizers {

/// The rates of an update of one parameter.
struct Rates {
  double learning_rate, weight_decay;
};

/// An optimizer that updates one parameter after the other. State: what it keeps of each; its named() returns
/// the tensors under their names in optimizer.pt.
template <class State>
class ParameterWise : public sift::Optimizer {
 public:
  void step(const sift::OptimizerStep& step) override {
    keys_.begin_step();
    each([&](Slot& slot, const at::Tensor& weight, double weight_decay) {
      if (!weight.grad().defined()) return;
      const at::Tensor updated = slot.weight.load();
      const at::Tensor grad = weight.grad().mul_(step.grad_scale).to(updated.scalar_type());
      update(slot.state, updated, grad, {step.learning_rate, weight_decay});
      slot.weight.store(updated, keys_.key(slot.number));
    });
  }

  std::vector<sift::NamedTensor> parameter_state(std::size_t group, std::size_t parameter) const override {
    const Slot& slot = slots_[group][parameter];
    std::vector<sift::NamedTensor> tensors = slot.state.named();
    if (slot.weight.kept().defined()) tensors.push_back({"master_weight", slot.weight.kept()});
    return tensors;
  }

  std::string state() const override { return keys_.state(); }
  void load_state(const std::string& bytes) override { keys_.load_state(bytes); }

 protected:
  struct Slot {
    std::size_t number;  ///< of the parameter
    MasterWeight weight;
    State state;
  };

  /// `make_state(name, weight)` makes the state of a parameter; the weight is what update() will get.
  /// `in_float32`: see MasterWeight.
  template <class MakeState>
  ParameterWise(sift::OptimizerSetup setup, const std::string& master_weights, bool in_float32,
                const MakeState& make_state)
      : Optimizer(std::move(setup)), keys_(this->setup().seed, master_weights) {
    std::size_t number = 0;
    for (const sift::ParameterGroup& group : this->setup().groups) {
      std::vector<Slot>& slots = slots_.emplace_back();
      for (const auto& [name, tensor] : group.parameters) {
        const MasterWeight weight(tensor, master_weights, in_float32);
        slots.push_back({number++, weight, make_state(name, weight.load())});
      }
    }
  }

  /// Changes the weight in place. `grad` is clipped, of the type of `weight`, and may be changed.
  virtual void update(State& state, const at::Tensor& weight, const at::Tensor& grad, const Rates& rates) = 0;

  /// Calls visit(slot, weight, weight_decay) for each parameter.
  template <class Visit>
  void each(const Visit& visit) {
    for (std::size_t group = 0; group < slots_.size(); ++group) {
      const auto& [weight_decay, parameters] = setup().groups[group];
      for (std::size_t i = 0; i < parameters.size(); ++i)
        visit(slots_[group][i], parameters[i].tensor, weight_decay);
    }
  }

  std::vector<Slot>& slots_of(std::size_t group) { return slots_[group]; }

 private:
  std::vector<std::vector<Slot>> slots_;  ///< by group and parameter
  UpdateKeys keys_;
};

}  // namespace optimizers
