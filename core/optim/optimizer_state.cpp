#include "optim/optimizer_state.h"

#include "device/host_copy.h"

namespace sift {
namespace {

/// Calls visit(tensor) for each tensor of the state.
template <class State, class Visit>
void each_tensor(State& state, const Visit& visit) {
  for (auto& group : state.groups) {
    for (auto& parameter : group.parameters) {
      for (auto& [name, tensor] : parameter) visit(tensor);
    }
  }
}

}  // namespace

OptimizerState OptimizerState::of(const Optimizer& optimizer) {
  OptimizerState state;
  const std::vector<ParameterGroup>& groups = optimizer.setup().groups;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    Group& group = state.groups.emplace_back(Group{groups[g].weight_decay, optimizer.group_options(g), {}});
    for (std::size_t i = 0; i < groups[g].parameters.size(); ++i)
      group.parameters.push_back(optimizer.parameter_state(g, i));
  }
  return state;
}

OptimizerState OptimizerState::copied() const {
  OptimizerState copy = *this;
  if (!is_shared) return copy;
  copy.is_shared = false;
  each_tensor(copy, [](at::Tensor& tensor) { tensor = host_copy(tensor); });
  return copy;
}

std::size_t OptimizerState::nbytes() const {
  std::size_t bytes = 0;
  each_tensor(*this, [&](const at::Tensor& tensor) { bytes += tensor.nbytes(); });
  return bytes;
}

OptimizerState OptimizerState::groups_alone() const {
  OptimizerState alone = *this;
  for (Group& group : alone.groups)
    for (auto& parameter : group.parameters) parameter.clear();
  return alone;
}

bool was_updated(const std::vector<NamedTensor>& state) {
  for (const auto& [name, tensor] : state) {
    if (name == "step") return tensor.item().toDouble() != 0.0;
  }
  return !state.empty();
}

at::Device device_of(const Optimizer& optimizer) {
  for (const ParameterGroup& group : optimizer.setup().groups) {
    for (const NamedTensor& parameter : group.parameters) return parameter.tensor.device();
  }
  return at::kCPU;
}

}  // namespace sift
