#include "model/decoder/mlp.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

// Shape suffixes: n tokens, h hidden size, i intermediate size.

namespace sift {
namespace {

TEST(Mlp, MultipliesTheActivatedGateWithUp) {
  at::manual_seed(5);
  const at::Tensor gate_ih = at::randn({6, 4}, at::kDouble), up_ih = at::randn({6, 4}, at::kDouble);
  const at::Tensor down_hi = at::randn({4, 6}, at::kDouble);
  const at::Tensor x_nh = at::randn({5, 4}, at::kDouble);
  const TensorsByName apart = {
      {"mlp.gate_proj.weight", gate_ih}, {"mlp.up_proj.weight", up_ih}, {"mlp.down_proj.weight", down_hi}};
  const TensorsByName fused = {{"mlp.gate_up_proj.weight", at::cat({gate_ih, up_ih})},
                               {"mlp.down_proj.weight", down_hi}};
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    ModelConfig config;
    config.activation = activation;
    const at::Tensor gate_ni = at::mm(x_nh, gate_ih.t());
    const at::Tensor active_ni =
        activation == Activation::kSilu ? at::silu(gate_ni) : at::gelu(gate_ni, "tanh");
    const at::Tensor expected_nh = at::mm(active_ni * at::mm(x_nh, up_ih.t()), down_hi.t());
    for (const bool is_fused : {false, true}) {
      config.fused_projections = is_fused;
      const Mlp mlp(config, is_fused ? fused : apart, "mlp.");
      const at::Tensor found_nh = mlp.forward(ProjectionInput::given(x_nh));
      EXPECT_TRUE(at::allclose(found_nh, expected_nh, 1e-12, 1e-12)) << is_fused;
    }
  }
}

}  // namespace
}  // namespace sift
