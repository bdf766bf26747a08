#include "support/adamw.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

namespace sift {
namespace {

Parameter parameter(const std::string& name, std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {name, at::tensor(values).view({size}).clone().requires_grad_(true)};
}

TEST(AdamW, StepHasDecoupledDecay) {
  const std::vector<Parameter> parameters{parameter("w.weight", {1.0F, -2.0F}),
                                          parameter("norm.weight", {3.0F})};
  const auto optimizer = test::adamw(parameters, {.weight_decay = 0.1});
  parameters[0].tensor.mutable_grad() = at::tensor({0.5F, -0.25F});
  parameters[1].tensor.mutable_grad() = at::tensor({1.0F});
  test::step(*optimizer, 0.01, at::ones({}));
  // after one step m / (1 - beta1) = g and v / (1 - beta2) = g^2, so that the move is lr * sign(g)
  EXPECT_NEAR(parameters[0].tensor[0].item<float>(), 1.0 * (1 - 0.01 * 0.1) - 0.01, 1e-6);
  EXPECT_NEAR(parameters[0].tensor[1].item<float>(), -2.0 * (1 - 0.01 * 0.1) + 0.01, 1e-6);
  EXPECT_NEAR(parameters[1].tensor[0].item<float>(), 3.0 - 0.01, 1e-6);
}

TEST(AdamW, LeavesAParameterWithoutGradient) {
  const std::vector<Parameter> parameters{parameter("a.weight", {1.0F}), parameter("b.weight", {1.0F})};
  const auto optimizer = test::adamw(parameters);
  parameters[0].tensor.mutable_grad() = at::tensor({1.0F});
  test::step(*optimizer, 0.5, at::ones({}));
  EXPECT_EQ(parameters[1].tensor[0].item<float>(), 1.0F);
  EXPECT_EQ(test::state_of(*optimizer, 0, 0, "step").item<float>(), 1.0F);
  EXPECT_EQ(test::state_of(*optimizer, 0, 1, "step").item<float>(), 0.0F);
}

// The first moment after the first step is (1 - beta1) times the gradient of the step.
TEST(AdamW, TakesTheScaledGradient) {
  const std::vector<Parameter> parameters{parameter("a.weight", {1.0F, 1.0F})};
  const auto optimizer = test::adamw(parameters);
  parameters[0].tensor.mutable_grad() = at::tensor({8.0F, -4.0F});
  test::step(*optimizer, 0.1, at::full({}, 0.25));
  const at::Tensor exp_avg = test::state_of(*optimizer, 0, 0, "exp_avg");
  EXPECT_TRUE(at::allclose(exp_avg, at::tensor({0.2F, -0.1F}))) << exp_avg;
}

TEST(AdamW, SkipsAStepWhoseGradientsAreNotFinite) {
  const std::vector<Parameter> parameters{parameter("a.weight", {1.0F, 2.0F})};
  const auto optimizer = test::adamw(parameters, {.weight_decay = 0.1});
  ASSERT_TRUE(optimizer->supports_found_inf());
  const at::NoGradGuard no_grad;
  for (const float found_inf : {0.0F, 1.0F}) {
    const float infinite = found_inf * std::numeric_limits<float>::infinity();
    parameters[0].tensor.mutable_grad() = at::tensor({found_inf == 0 ? 1.0F : infinite, 1.0F});
    const at::Tensor before = parameters[0].tensor.clone();
    const auto state = OptimizerState::of(*optimizer).copied();
    optimizer->step({0.1, at::ones({}), at::full({}, found_inf)});
    EXPECT_EQ(at::equal(parameters[0].tensor, before), found_inf == 1.0F);
    const auto now = optimizer->parameter_state(0, 0);
    for (std::size_t i = 0; i < now.size(); ++i)
      EXPECT_EQ(at::equal(now[i].tensor, state.groups[0].parameters[0][i].tensor), found_inf == 1.0F)
          << now[i].name;
  }
}

}  // namespace
}  // namespace sift
