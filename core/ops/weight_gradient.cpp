#include "ops/weight_gradient.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/graph_task.h>

namespace sift {

bool adds_in_place(const at::Tensor& parameter) {
  if (!parameter.is_leaf() || !parameter.grad().defined() || at::GradMode::is_enabled()) return false;
  const auto* const wanted = torch::autograd::get_current_graph_task_exec_info();
  return wanted != nullptr && wanted->empty();
}

}  // namespace sift
