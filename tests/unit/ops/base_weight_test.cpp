#include "ops/base_weight.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "ops/adapted_projections.h"

namespace sift {
namespace {

BaseWeight quantized(std::int64_t out, std::int64_t in, at::ScalarType compute_dtype = at::kFloat) {
  const auto kind = QuantizedWeight::Kind::kNf4;
  return {{},
          std::make_shared<const QuantizedWeight>(quantize_4bit(at::randn({out, in}), kind, true)),
          compute_dtype};
}

BaseWeight dense(const BaseWeight& weight) {
  return {weight.dense(), nullptr};
}

void expect_close(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected,
                  double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].scalar_type(), expected[i].scalar_type());
    EXPECT_LT((found[i] - expected[i]).norm().item<double>(), tolerance * expected[i].norm().item<double>())
        << i;
  }
}

TEST(BaseWeight, IsTheLinearLayerOfItsNumbers) {
  at::manual_seed(2);
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const BaseWeight weight = quantized(24, 40, dtype);
    EXPECT_EQ(weight.in_features(), 40);
    EXPECT_EQ(weight.out_features(), 24);
    const at::Tensor x = at::randn({2, 5, 40}).to(dtype).requires_grad_(), bias = at::randn({24}).to(dtype);
    const at::Tensor upstream = at::randn({2, 5, 24}).to(dtype);
    const at::Tensor found = weight.linear(x, bias), expected = at::linear(x, weight.dense(), bias);
    const double tolerance = dtype == at::kFloat ? 1e-6 : 1e-2;
    expect_close({found}, {expected}, tolerance);
    expect_close(torch::autograd::grad({found}, {x}, {upstream}),
                 torch::autograd::grad({expected}, {x}, {upstream}), tolerance);
  }
}

TEST(BaseWeight, ComputesInItsOwnTypeAndAnswersInThatOfItsInput) {
  at::manual_seed(2);
  const BaseWeight weight = quantized(24, 40, at::kFloat);
  const at::Tensor x = at::randn({5, 40}).to(at::kBFloat16);
  const at::Tensor y = weight.linear(x);
  EXPECT_TRUE(at::equal(y, at::mm(x.to(at::kFloat), weight.dense().t()).to(at::kBFloat16)));
}

/// The outputs of two projections of one input, and the gradients of the input and all of both adapters.
std::vector<at::Tensor> outputs_and_gradients(const std::vector<BaseWeight>& weights, bool with_magnitude,
                                              at::ScalarType dtype) {
  at::manual_seed(3);
  const at::Tensor x = at::randn({7, 40}).to(dtype).requires_grad_();
  std::vector<LowRank> updates(2);
  std::vector<at::Tensor> inputs = {x}, upstream;
  for (std::size_t i = 0; i < 2; ++i) {
    updates[i].a_ri = at::randn({4, 40}).requires_grad_();
    updates[i].b_or = at::randn({weights[i].out_features(), 4}).requires_grad_();
    if (with_magnitude) updates[i].magnitude_o = at::rand({weights[i].out_features()}) + 1;
    updates[i].scale = 0.5;
    inputs.insert(inputs.end(), {updates[i].a_ri, updates[i].b_or});
    upstream.push_back(at::randn({7, weights[i].out_features()}).to(dtype));
  }
  const std::vector<at::Tensor> biases = {at::randn({weights[0].out_features()}).to(dtype), at::Tensor()};
  std::vector<at::Tensor> found =
      adapted_projections(ProjectionInput::given(x), weights, biases, updates, {});
  for (const at::Tensor& grad : torch::autograd::grad(found, inputs, upstream)) found.push_back(grad);
  return found;
}

TEST(BaseWeight, AdaptedProjectionsDoNotTellItFromATensor) {
  at::manual_seed(4);
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const std::vector<BaseWeight> weights = {quantized(24, 40, dtype), quantized(16, 40, dtype)};
    const std::vector<BaseWeight> tensors = {dense(weights[0]), dense(weights[1])};
    for (const bool with_magnitude : {false, true}) {
      expect_close(outputs_and_gradients(weights, with_magnitude, dtype),
                   outputs_and_gradients(tensors, with_magnitude, dtype), dtype == at::kFloat ? 1e-5 : 3e-2);
    }
  }
}

}  // namespace
}  // namespace sift
