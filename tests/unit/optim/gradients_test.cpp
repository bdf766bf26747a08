#include "optim/gradients.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(Gradients, ClippingIsTorchs) {
  const std::vector<Parameter> parameters{{"a.weight", at::zeros({2}).requires_grad_()},
                                          {"b.weight", at::zeros({1}).requires_grad_()}};
  parameters[0].tensor.mutable_grad() = at::tensor({3.0F, 0.0F});
  parameters[1].tensor.mutable_grad() = at::tensor({4.0F});
  const at::Tensor norm = grad_norm(parameters);
  EXPECT_NEAR(norm.item<float>(), 5.0, 1e-6);
  EXPECT_NEAR(clip_coefficient(norm, 1.0).item<float>(), 1.0 / (5.0 + 1e-6), 1e-7);
  EXPECT_EQ(clip_coefficient(norm, 10.0).item<float>(), 1.0F) << "below the limit";
  EXPECT_EQ(clip_coefficient(norm, 0.0).item<float>(), 1.0F) << "no clipping";
  zero_grad(parameters);
  EXPECT_FALSE(parameters[0].tensor.grad().defined());
  EXPECT_EQ(grad_norm(parameters).item<float>(), 0.0F);
}

}  // namespace
}  // namespace sift
