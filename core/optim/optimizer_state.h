#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sift/optimizer.h>

namespace sift {

/// Where a slice [length] of a parameter lies in it.
struct ParameterSlice {
  std::vector<std::int64_t> shape;  ///< of the whole parameter
  std::int64_t begin = 0;           ///< of its elements in their order in memory
};
/// By the name of the parameter. An optimizer that is not in it has whole parameters.
using ParameterSlices = std::map<std::string, ParameterSlice>;

/// The state of an optimizer at one point of a run, as optimizer.pt holds it.
struct OptimizerState {
  struct Group {
    double weight_decay = 0.0;
    std::vector<GroupOption> options;
    std::vector<std::vector<NamedTensor>> parameters;  ///< the state of each
  };
  std::vector<Group> groups;
  bool is_shared = true;  ///< its tensors with the optimizer

  /// Shares its tensors with the optimizer.
  static OptimizerState of(const Optimizer& optimizer);
  /// With tensors in host memory that the optimizer does not change.
  OptimizerState copied() const;
  /// Without the states of the parameters.
  OptimizerState groups_alone() const;
  std::size_t nbytes() const;
};

/// Whether a parameter with this state was ever updated: torch gives it its state with its first update.
bool was_updated(const std::vector<NamedTensor>& state);

/// The device of its parameters.
at::Device device_of(const Optimizer& optimizer);

}  // namespace sift
