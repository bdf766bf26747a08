#include "optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sift {
namespace {

Parameter parameter(const std::string& name, std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {name, at::tensor(values).view({size}).clone().requires_grad_(true)};
}

TEST(Optimizer, DecayGroupsAreTransformers) {
  for (const char* name : {"model.norm.weight", "model.layers.0.input_layernorm.weight", "a.q_norm.weight",
                           "model.layers.0.self_attn.q_proj.bias", "x.RMSNorm.weight", "norm.weight"}) {
    EXPECT_TRUE(is_without_decay(name)) << name;
  }
  for (const char* name :
       {"model.embed_tokens.weight", "lm_head.weight", "model.layers.0.mlp.gate_proj.weight",
        "model.normal.weight", "model.enormous.weight", "model.layers.0.mlp.experts.gate_up_proj",
        "model.layers.0.mlp.gate.weight"}) {
    EXPECT_FALSE(is_without_decay(name)) << name;
  }
}

TEST(Optimizer, StepIsAdamWWithDecoupledDecay) {
  const std::vector<Parameter> parameters{parameter("w.weight", {1.0F, -2.0F}),
                                          parameter("norm.weight", {3.0F})};
  AdamW::Options options;
  options.weight_decay = 0.1;
  AdamW optimizer(parameters, options);
  parameters[0].tensor.mutable_grad() = at::tensor({0.5F, -0.25F});
  parameters[1].tensor.mutable_grad() = at::tensor({1.0F});
  optimizer.step(0.01, at::ones({}));
  // after one step m / (1 - beta1) = g and v / (1 - beta2) = g^2, so that the move is lr * sign(g)
  EXPECT_NEAR(parameters[0].tensor[0].item<float>(), 1.0 * (1 - 0.01 * 0.1) - 0.01, 1e-6);
  EXPECT_NEAR(parameters[0].tensor[1].item<float>(), -2.0 * (1 - 0.01 * 0.1) + 0.01, 1e-6);
  EXPECT_NEAR(parameters[1].tensor[0].item<float>(), 3.0 - 0.01, 1e-6);
  optimizer.zero_grad();
  EXPECT_FALSE(parameters[0].tensor.grad().defined());
}

TEST(Optimizer, ParameterWithoutGradientStays) {
  const std::vector<Parameter> parameters{parameter("a.weight", {1.0F}), parameter("b.weight", {1.0F})};
  AdamW optimizer(parameters, {});
  parameters[0].tensor.mutable_grad() = at::tensor({1.0F});
  optimizer.step(0.5, at::ones({}));
  EXPECT_EQ(parameters[1].tensor[0].item<float>(), 1.0F);
  for (const auto& [name, tensor] : optimizer.state()) {
    if (name == "step.a.weight") {
      EXPECT_EQ(tensor.item<float>(), 1.0F);
    }
    if (name == "step.b.weight") {
      EXPECT_EQ(tensor.item<float>(), 0.0F);
    }
  }
}

TEST(Optimizer, ClippingIsTorchs) {
  const std::vector<Parameter> parameters{parameter("a.weight", {0, 0}), parameter("b.weight", {0})};
  parameters[0].tensor.mutable_grad() = at::tensor({3.0F, 0.0F});
  parameters[1].tensor.mutable_grad() = at::tensor({4.0F});
  const at::Tensor norm = grad_norm(parameters);
  EXPECT_NEAR(norm.item<float>(), 5.0, 1e-6);
  EXPECT_NEAR(clip_coefficient(norm, 1.0).item<float>(), 1.0 / (5.0 + 1e-6), 1e-7);
  EXPECT_EQ(clip_coefficient(norm, 10.0).item<float>(), 1.0F) << "below the limit";
  EXPECT_EQ(clip_coefficient(norm, 0.0).item<float>(), 1.0F) << "no clipping";
}

// The first moment after the first step is (1 - beta1) times what the step took for the gradient.
TEST(Optimizer, StepTakesTheScaledGradient) {
  const std::vector<Parameter> parameters{parameter("a.weight", {1.0F, 1.0F})};
  AdamW optimizer(parameters, {});
  parameters[0].tensor.mutable_grad() = at::tensor({8.0F, -4.0F});
  optimizer.step(0.1, at::full({}, 0.25));
  const at::Tensor exp_avg = optimizer.groups()[0].slots[0].exp_avg;
  EXPECT_TRUE(at::allclose(exp_avg, at::tensor({0.2F, -0.1F}))) << exp_avg;
}

}  // namespace
}  // namespace sift
