#include "model/decoder/linear.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/adapted_linear.h"
#include "ops/adapted_projections.h"
#include "ops/expert_routing.h"
#include "ops/projections.h"

namespace sift {

Linear Linear::from(const ModelWeights& weights, const std::string& name) {
  Linear linear;
  linear.weight_oi_ = weights.base(name + ".weight");
  linear.bias_o_ = weights.find(name + ".bias");
  linear.update_ = weights.update_of(name);
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x, DropoutSeed dropout) const {
  return adapted_linear(x, weight_oi_, bias_o_, update_, dropout);
}

at::Tensor Linear::operator()(const ProjectionInput& input, DropoutSeed dropout) const {
  return project(input, {*this}, dropout)[0];
}

std::vector<at::Tensor> project(const ProjectionInput& input,
                                std::initializer_list<std::reference_wrapper<const Linear>> linears,
                                DropoutSeed dropout) {
  std::vector<BaseWeight> bases;
  std::vector<at::Tensor> weights, biases, all_biases;
  std::vector<LowRank> updates;
  bool is_adapted = false;
  for (const Linear& linear : linears) {
    bases.push_back(linear.weight_oi_);
    weights.push_back(linear.weight_oi_.tensor_oi);
    if (linear.bias_o_.defined()) biases.push_back(linear.bias_o_);
    all_biases.push_back(linear.bias_o_);
    updates.push_back(linear.update_);
    is_adapted = is_adapted || linear.update_ || linear.weight_oi_.quantized;
  }
  if (is_adapted) return adapted_projections(input, bases, all_biases, updates, dropout);
  if (biases.empty() || biases.size() == weights.size()) return projections(input, weights, biases);
  const at::Tensor x_ni = input.tensor();
  std::vector<at::Tensor> outs;
  for (const Linear& linear : linears) outs.push_back(linear(x_ni));
  return outs;
}

ExpertLinear ExpertLinear::from(const ModelWeights& weights, const std::string& name) {
  ExpertLinear linear;
  linear.weight_eoi_ = weights.at(name);
  linear.update_ = weights.update_of(name);
  return linear;
}

at::Tensor ExpertLinear::operator()(const at::Tensor& x_mi, const std::vector<std::int64_t>& counts) const {
  at::Tensor base_mo = grouped_linear(x_mi, weight_eoi_, counts);
  if (!update_) return base_mo;
  // PEFT stores the experts' A one below the other, [E * r, in], and their B side by side, [out, r * E] with
  // the experts innermost
  const std::int64_t experts = weight_eoi_.size(0);
  const at::Tensor a_eri = update_.a_ri.unflatten(0, {experts, -1});
  const at::Tensor b_eor = update_.b_or.unflatten(1, {-1, experts}).permute({2, 0, 1});
  const at::Tensor reduced_mr = grouped_linear(x_mi.to(a_eri.scalar_type()), a_eri, counts);
  const at::Tensor change_mo = grouped_linear(reduced_mr, b_eor, counts);
  return (base_mo + change_mo * update_.scale).to(base_mo.scalar_type());
}

}  // namespace sift
