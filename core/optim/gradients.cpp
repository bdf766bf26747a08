#include "optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cctype>

#include "ops/adamw.h"

namespace sift {

bool is_without_decay(const std::string& parameter_name) {
  // transformers/trainer.py, get_decay_parameter_names: bias | layernorm | rmsnorm | (^|.)norm($|.) |
  // _norm($|.)
  std::string name = parameter_name;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* part : {"bias", "layernorm", "rmsnorm"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string component = name.substr(begin, end - begin);
    if (component == "norm" || component.ends_with("_norm")) return true;
    begin = end + 1;
  }
  return false;
}

at::Tensor grad_norm(const std::vector<Parameter>& parameters) {
  std::vector<at::Tensor> grads;
  for (const Parameter& parameter : parameters) {
    if (parameter.tensor.grad().defined()) grads.push_back(parameter.tensor.grad());
  }
  if (grads.empty()) return at::zeros({}, at::kFloat);
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(grads, 2)), 2);
}

at::Tensor clip_coefficient(const at::Tensor& norm, double max_norm) {
  if (max_norm <= 0) return at::ones_like(norm);
  return at::clamp_max(max_norm / (norm + 1e-6), 1.0);
}

AdamW::AdamW(const std::vector<Parameter>& parameters, const Options& options)
    : groups_{{options.weight_decay, {}}, {0.0, {}}},
      device_(parameters.at(0).tensor.device()),
      beta1_(options.beta1),
      beta2_(options.beta2),
      epsilon_(options.epsilon) {
  at::NoGradGuard no_grad;
  for (const Parameter& parameter : parameters) {
    const at::Tensor& weight = parameter.tensor;
    Slot slot{parameter, at::zeros_like(weight), at::zeros_like(weight),
              at::zeros({}, weight.options().dtype(at::kFloat).requires_grad(false))};
    groups_[is_without_decay(parameter.name) ? 1 : 0].slots.push_back(std::move(slot));
  }
}

void AdamW::step(double learning_rate, const at::Tensor& grad_scale) {
  at::NoGradGuard no_grad;
  for (Group& group : groups_) step_group(group, learning_rate, grad_scale);
}

void AdamW::step_group(Group& group, double learning_rate, const at::Tensor& grad_scale) {
  AdamWTensors tensors;
  for (const Slot& slot : group.slots) {
    if (!slot.parameter.tensor.grad().defined()) continue;
    tensors.weights.push_back(slot.parameter.tensor);
    tensors.grads.push_back(slot.parameter.tensor.grad());
    tensors.exp_avgs.push_back(slot.exp_avg);
    tensors.exp_avg_sqs.push_back(slot.exp_avg_sq);
    tensors.steps.push_back(slot.step);
  }
  if (tensors.weights.empty()) return;
  at::_foreach_add_(tensors.steps, 1);
  adamw_update(tensors, grad_scale, {learning_rate, beta1_, beta2_, group.weight_decay, epsilon_});
}

void AdamW::zero_grad() {
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) slot.parameter.tensor.mutable_grad().reset();
  }
}

AdamW AdamW::snapshot(bool copies) const {
  AdamW snapshot = *this;
  if (!copies) return snapshot;
  for (Group& group : snapshot.groups_) {
    for (Slot& slot : group.slots) {
      for (at::Tensor* tensor : {&slot.exp_avg, &slot.exp_avg_sq, &slot.step})
        *tensor = tensor->to(at::kCPU, tensor->scalar_type(), false, true);
    }
  }
  return snapshot;
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const {
  std::vector<std::pair<std::string, at::Tensor>> state;
  for (const Group& group : groups_) {
    for (const Slot& slot : group.slots) {
      state.emplace_back("exp_avg." + slot.parameter.name, slot.exp_avg);
      state.emplace_back("exp_avg_sq." + slot.parameter.name, slot.exp_avg_sq);
      state.emplace_back("step." + slot.parameter.name, slot.step);
    }
  }
  return state;
}

}  // namespace sift
