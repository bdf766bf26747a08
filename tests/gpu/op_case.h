#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "plugin/host.h"

namespace sift::test {

/// An operator or a loss with inputs to compare it on.
struct OpCase {
  std::string name;
  std::vector<at::Tensor> inputs;  ///< float64 on the CPU
  /// The results for inputs of any device and type; what else it needs it has at hand, and moves there.
  std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)> run;
  bool has_gradients = true;
};

/// Every fused operator, on shapes that are no multiples of anything: documents of one token, an odd
/// vocabulary, rows without a scored token. Inputs are drawn from the default generator.
std::vector<OpCase> operator_cases();

/// Every loss of the shipped plugins, which `host` has loaded; it must outlive them.
std::vector<OpCase> loss_cases(const PluginHost& host);

}  // namespace sift::test
