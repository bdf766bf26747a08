#include "ops/adapted_linear.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

namespace sift {
namespace {

at::Tensor dora_linear(const at::Tensor& x, const BaseWeight& weight_oi, const at::Tensor& bias_o,
                       const LowRank& update, DropoutSeed seed) {
  const at::Tensor base = weight_oi.linear(x);
  const at::Tensor input = dropped(x.to(update.a_ri.scalar_type()), update, seed);
  const at::Tensor change = at::linear(at::linear(input, update.a_ri), update.b_or) * update.scale;
  const at::Tensor factor_o = update.magnitude_o / row_norms(weight_oi.dense(), update);
  const at::Tensor scaled = drops(update, seed) ? weight_oi.linear(input.to(x.scalar_type())) : base;
  const at::Tensor sum = base + (factor_o - 1) * scaled + factor_o * change;
  return (bias_o.defined() ? sum + bias_o : sum).to(base.scalar_type());
}

}  // namespace

at::Tensor row_norms(const at::Tensor& weight_oi, const LowRank& update) {
  const at::NoGradGuard no_grad;
  const at::Tensor sum_oi =
      weight_oi.to(update.a_ri.scalar_type()) + at::mm(update.b_or, update.a_ri) * update.scale;
  return sum_oi.norm(2, 1);
}

bool drops(const LowRank& update, DropoutSeed seed) {
  return seed && update.dropout > 0.0;
}

at::Tensor dropped(const at::Tensor& x, const LowRank& update, DropoutSeed seed) {
  return drops(update, seed) ? x * dropout_factors(x, update.dropout, *seed, update.site) : x;
}

at::Tensor adapted_linear(const at::Tensor& x, const BaseWeight& weight_oi, const at::Tensor& bias_o,
                          const LowRank& update, DropoutSeed seed) {
  if (update && update.magnitude_o.defined()) return dora_linear(x, weight_oi, bias_o, update, seed);
  at::Tensor base = weight_oi.linear(x, bias_o);
  if (!update) return base;
  const at::Tensor input = dropped(x.to(update.a_ri.scalar_type()), update, seed);
  const at::Tensor change = at::linear(at::linear(input, update.a_ri), update.b_or);
  return (base + change * update.scale).to(base.scalar_type());
}

}  // namespace sift
