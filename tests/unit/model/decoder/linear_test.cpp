#include "model/decoder/linear.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

// Shape suffixes: n tokens, m assignments, e experts, h, i and o features.

namespace sift {
namespace {

at::Tensor leaf(at::IntArrayRef shape) {
  return at::randn(shape, at::kDouble).requires_grad_();
}

class LinearTest : public testing::Test {
 protected:
  void SetUp() override { at::manual_seed(5); }

  const TensorsByName tensors_ = {{"q.weight", leaf({6, 4})},     {"q.bias", leaf({6})},
                                  {"k.weight", leaf({3, 4})},     {"k.bias", leaf({3})},
                                  {"plain.weight", leaf({5, 4})}, {"experts", leaf({3, 5, 4})}};
  const at::Tensor x_ni_ = leaf({7, 4});
};

void expect_equal(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-12, 1e-12)) << i;
  }
}

TEST_F(LinearTest, KnowsItsSizesAndWhetherThereIsOne) {
  const Linear q = Linear::from(tensors_, "q");
  EXPECT_EQ(q.in_features(), 4);
  EXPECT_EQ(q.out_features(), 6);
  EXPECT_TRUE(q);
  EXPECT_FALSE(Linear());
}

TEST_F(LinearTest, TakesABiasOnlyWhereThereIsOne) {
  const Linear q = Linear::from(tensors_, "q"), plain = Linear::from(tensors_, "plain");
  const at::Tensor &q_weight = tensors_.at("q.weight"), &plain_weight = tensors_.at("plain.weight");
  expect_equal({q(x_ni_), plain(x_ni_)},
               {at::mm(x_ni_, q_weight.t()) + tensors_.at("q.bias"), at::mm(x_ni_, plain_weight.t())});
  const at::Tensor x_1ni = x_ni_.unsqueeze(0);
  expect_equal({plain(x_1ni)}, {at::mm(x_ni_, plain_weight.t()).unsqueeze(0)});
}

// All with a bias, none, and only some, which are three ways through the products.
TEST_F(LinearTest, ProjectsOneInputToSeveralOutputs) {
  const Linear q = Linear::from(tensors_, "q"), k = Linear::from(tensors_, "k"),
               plain = Linear::from(tensors_, "plain");
  const at::Tensor norm_i = leaf({4});
  const auto input = ProjectionInput::normed(x_ni_, norm_i, 1e-5, NormWeight::kScale);
  const at::Tensor normed_ni = x_ni_ * (x_ni_.square().mean(-1, true) + 1e-5).rsqrt() * norm_i;
  const at::Tensor q_no = at::linear(normed_ni, tensors_.at("q.weight"), tensors_.at("q.bias"));
  const at::Tensor k_no = at::linear(normed_ni, tensors_.at("k.weight"), tensors_.at("k.bias"));
  const at::Tensor plain_no = at::linear(normed_ni, tensors_.at("plain.weight"));
  expect_equal(project(input, {q, k}), {q_no, k_no});
  expect_equal(project(input, {q, plain}), {q_no, plain_no});
  expect_equal({plain(input)}, {plain_no});

  const std::vector<at::Tensor> leaves = {x_ni_, norm_i, tensors_.at("q.weight"), tensors_.at("k.bias")};
  const std::vector<at::Tensor> upstream = {at::randn({7, 6}, at::kDouble), at::randn({7, 3}, at::kDouble)};
  expect_equal(torch::autograd::grad(project(input, {q, k}), leaves, upstream),
               torch::autograd::grad({q_no, k_no}, leaves, upstream));
}

TEST_F(LinearTest, AppliesTheWeightOfEachExpertToItsRows) {
  const ExpertLinear linear = ExpertLinear::from(tensors_, "experts");
  const at::Tensor& weight_eoi = tensors_.at("experts");
  const at::Tensor expected_mo = at::cat(
      {at::mm(x_ni_.narrow(0, 0, 2), weight_eoi[0].t()), at::mm(x_ni_.narrow(0, 2, 5), weight_eoi[2].t())});
  expect_equal({linear(x_ni_, {2, 0, 5})}, {expected_mo});
}

}  // namespace
}  // namespace sift
