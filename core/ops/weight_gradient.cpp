#include "ops/weight_gradient.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/graph_task.h>

#include <utility>

namespace sift {
namespace {

/// ctx's map holds no type of ours: the tensors ride along as an owned object.
struct Kept : torch::CustomClassHolder {
  explicit Kept(std::vector<at::Tensor> of) : parameters(std::move(of)) {}
  std::vector<at::Tensor> parameters;
};

}  // namespace

at::IValue keep_parameters(at::TensorList parameters) {
  return c10::IValue::make_capsule(c10::make_intrusive<Kept>(parameters.vec()));
}

const std::vector<at::Tensor>& kept_parameters(const at::IValue& kept) {
  return c10::static_intrusive_pointer_cast<Kept>(kept.toCapsule())->parameters;
}

bool adds_in_place(const at::Tensor& parameter) {
  if (!parameter.is_leaf() || !parameter.grad().defined() || at::GradMode::is_enabled()) return false;
  const auto* const wanted = torch::autograd::get_current_graph_task_exec_info();
  return wanted != nullptr && wanted->empty();
}

}  // namespace sift
