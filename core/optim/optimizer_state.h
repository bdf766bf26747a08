#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include <sift/optimizer.h>

namespace sift {

/// The state of an optimizer at one point of a run, as optimizer.pt holds it.
struct OptimizerState {
  struct Group {
    double weight_decay = 0.0;
    std::vector<GroupOption> options;
    std::vector<std::vector<NamedTensor>> parameters;  ///< the state of each
  };
  std::vector<Group> groups;

  /// Shares its tensors with the optimizer.
  static OptimizerState of(const Optimizer& optimizer);
  /// With copies of the tensors in host memory.
  OptimizerState copied() const;
  std::size_t nbytes() const;
};

/// The device of its parameters.
at::Device device_of(const Optimizer& optimizer);

}  // namespace sift
