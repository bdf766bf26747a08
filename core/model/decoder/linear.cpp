#include "model/decoder/linear.h"

#include <ATen/Functions.h>

#include "ops/expert_routing.h"
#include "ops/projections.h"

namespace sift {

Linear Linear::from(const TensorsByName& tensors, const std::string& name) {
  Linear linear;
  linear.weight_oi_ = tensors.at(name + ".weight");
  if (const auto bias = tensors.find(name + ".bias"); bias != tensors.end()) linear.bias_o_ = bias->second;
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return bias_o_.defined() ? at::linear(x, weight_oi_, bias_o_) : at::linear(x, weight_oi_);
}

at::Tensor Linear::operator()(const ProjectionInput& input) const {
  return project(input, {*this})[0];
}

std::vector<at::Tensor> project(const ProjectionInput& input,
                                std::initializer_list<std::reference_wrapper<const Linear>> linears) {
  std::vector<at::Tensor> weights, biases;
  for (const Linear& linear : linears) {
    weights.push_back(linear.weight_oi_);
    if (linear.bias_o_.defined()) biases.push_back(linear.bias_o_);
  }
  if (biases.empty() || biases.size() == weights.size()) return projections(input, weights, biases);
  const at::Tensor x_ni = input.tensor();
  std::vector<at::Tensor> outs;
  for (const Linear& linear : linears) outs.push_back(linear(x_ni));
  return outs;
}

ExpertLinear ExpertLinear::from(const TensorsByName& tensors, const std::string& name) {
  ExpertLinear linear;
  linear.weight_eoi_ = tensors.at(name);
  return linear;
}

at::Tensor ExpertLinear::operator()(const at::Tensor& x_mi, const std::vector<std::int64_t>& counts) const {
  return grouped_linear(x_mi, weight_eoi_, counts);
}

}  // namespace sift
