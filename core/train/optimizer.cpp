#include "train/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cctype>

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

at::Tensor clip_grad_norm(const std::vector<Parameter>& parameters, double max_norm) {
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> grads;
  for (const Parameter& parameter : parameters) {
    if (parameter.tensor.grad().defined()) grads.push_back(parameter.tensor.grad());
  }
  if (grads.empty()) return at::zeros({}, at::kFloat);
  at::Tensor norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(grads, 2)), 2);
  if (max_norm > 0) {
    // no branch on the value: that would wait for a GPU
    const at::Tensor scale = at::clamp_max(max_norm / (norm + 1e-6), 1.0);
    at::_foreach_mul_(grads, scale);
  }
  return norm;
}

AdamW::AdamW(const std::vector<Parameter>& parameters, const TrainOptions& options)
    : groups_{{options.weight_decay, {}}, {0.0, {}}},
      beta1_(options.adam_beta1),
      beta2_(options.adam_beta2),
      epsilon_(options.adam_epsilon) {
  at::NoGradGuard no_grad;
  for (const Parameter& parameter : parameters) {
    const at::Tensor& weight = parameter.tensor;
    Slot slot{parameter, at::zeros_like(weight), at::zeros_like(weight),
              at::zeros({}, weight.options().dtype(at::kFloat).requires_grad(false))};
    groups_[is_without_decay(parameter.name) ? 1 : 0].slots.push_back(std::move(slot));
  }
}

void AdamW::step(double learning_rate) {
  at::NoGradGuard no_grad;
  for (Group& group : groups_) step_group(group, learning_rate);
}

void AdamW::step_group(Group& group, double learning_rate) {
  std::vector<at::Tensor> weights, grads, exp_avgs, exp_avg_sqs, steps;
  for (const Slot& slot : group.slots) {
    if (!slot.parameter.tensor.grad().defined()) continue;
    weights.push_back(slot.parameter.tensor);
    grads.push_back(slot.parameter.tensor.grad());
    exp_avgs.push_back(slot.exp_avg);
    exp_avg_sqs.push_back(slot.exp_avg_sq);
    steps.push_back(slot.step);
  }
  if (weights.empty()) return;
  at::_foreach_add_(steps, 1);
  at::_fused_adamw_(weights, grads, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, learning_rate,
                    beta1_, beta2_, group.weight_decay, epsilon_, /*amsgrad=*/false, /*maximize=*/false);
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
