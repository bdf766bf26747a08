#include "ops/adapted_projections.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "ops/adapted_linear.h"

// Shape suffixes: n tokens, o output features, i input features, r rank.

namespace sift {
namespace {

at::Tensor leaf(at::IntArrayRef shape, bool trained) {
  return at::randn(shape, at::kFloat).requires_grad_(trained);
}

class AdaptedProjectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    at::manual_seed(5);
    x_ni_ = leaf({7, 8}, true);
    norm_i_ = leaf({8}, true);
    for (const std::int64_t out : {6, 5, 4}) {
      weights_.push_back({leaf({out, 8}, false), nullptr});
      biases_.emplace_back();
      updates_.push_back(
          {leaf({2, 8}, true), leaf({out, 2}, true), {}, 0.5, 0.0, static_cast<std::uint64_t>(out)});
    }
    biases_[1] = leaf({5}, true);
    updates_[2] = LowRank();
    input_ = ProjectionInput::normed(x_ni_, norm_i_, 1e-5, NormWeight::kScale);
  }

  std::vector<at::Tensor> leaves() const {
    return {x_ni_,           norm_i_, biases_[1], updates_[0].a_ri, updates_[0].b_or, updates_[1].a_ri,
            updates_[1].b_or};
  }

  std::vector<at::Tensor> fused(DropoutSeed seed) const {
    return adapted_projections(input_, weights_, biases_, updates_, seed);
  }
  /// The same with autograd's own operators.
  std::vector<at::Tensor> plain(DropoutSeed seed) const {
    std::vector<at::Tensor> outs;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      outs.push_back(adapted_linear(input_.tensor(), weights_[i], biases_[i], updates_[i], seed));
    return outs;
  }

  /// The gradients of all leaves for the sum of the squares of the outputs.
  std::vector<at::Tensor> gradients(const std::vector<at::Tensor>& outs) const {
    at::Tensor loss = at::zeros({});
    for (const at::Tensor& out : outs) loss = loss + out.square().sum();
    return torch::autograd::grad({loss}, leaves());
  }

  at::Tensor x_ni_, norm_i_;
  std::vector<BaseWeight> weights_;
  std::vector<at::Tensor> biases_;
  std::vector<LowRank> updates_;
  ProjectionInput input_;
};

void expect_close(const std::vector<at::Tensor>& found, const std::vector<at::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_TRUE(found[i].defined()) << i;
    EXPECT_TRUE(at::allclose(found[i], expected[i], 1e-4, 1e-4)) << i;
  }
}

TEST_F(AdaptedProjectionsTest, EqualThePlainFormulaAndItsGradients) {
  for (const double dropout : {0.0, 0.5}) {
    updates_[0].dropout = updates_[1].dropout = dropout;
    for (const DropoutSeed seed : {DropoutSeed(), DropoutSeed(7)}) {
      expect_close(fused(seed), plain(seed));
      expect_close(gradients(fused(seed)), gradients(plain(seed)));
    }
  }
}

TEST_F(AdaptedProjectionsTest, AddTheGradientsOfALaterMicroBatchInPlace) {
  const auto backward = [&](const std::vector<at::Tensor>& outs) {
    (outs[0].square().sum() + outs[1].square().sum()).backward();
  };
  backward(fused({}));
  const at::Tensor grad_ri = updates_[0].a_ri.grad(), once_ri = grad_ri.clone();
  backward(fused({}));
  EXPECT_TRUE(updates_[0].a_ri.grad().is_same(grad_ri));
  EXPECT_TRUE(at::allclose(grad_ri, once_ri * 2, 1e-5, 1e-5));
}

TEST_F(AdaptedProjectionsTest, DropOnlyWithASeedAndTheSameForTheSameSeed) {
  updates_[0].dropout = 0.5;
  const at::Tensor without = fused({})[0];
  EXPECT_TRUE(at::equal(fused(7)[0], fused(7)[0]));
  EXPECT_FALSE(at::equal(fused(7)[0], fused(8)[0]));
  EXPECT_FALSE(at::equal(fused(7)[0], without));
  updates_[0].dropout = 0.0;
  EXPECT_TRUE(at::equal(fused(7)[0], without));
}

TEST_F(AdaptedProjectionsTest, GiveAFrozenWeightNoGradientAndATrainedOneItsOwn) {
  gradients(fused({}));
  EXPECT_FALSE(weights_[0].tensor_oi.grad().defined());
  weights_[0].tensor_oi.requires_grad_();
  fused({})[0].sum().backward();
  EXPECT_TRUE(at::allclose(weights_[0].tensor_oi.grad(), input_.tensor().sum(0).expand({6, 8}), 1e-5, 1e-5));
}

TEST_F(AdaptedProjectionsTest, KeepTheDtypeOfABaseOfLowerPrecision) {
  const at::Tensor x_ni = at::randn({7, 8}).to(at::kBFloat16),
                   weight_oi = at::randn({6, 8}).to(at::kBFloat16);
  const at::Tensor out_no = adapted_linear(x_ni, {weight_oi, nullptr}, {}, updates_[0], {});
  EXPECT_EQ(out_no.scalar_type(), at::kBFloat16);
  const at::Tensor change_no =
      at::linear(at::linear(x_ni.to(at::kFloat), updates_[0].a_ri), updates_[0].b_or) * 0.5;
  EXPECT_TRUE(at::equal(out_no, (at::linear(x_ni, weight_oi) + change_no).to(at::kBFloat16)));
}

// DoRA: the rows of W + s B A have the norms of the magnitude.
TEST_F(AdaptedProjectionsTest, ScaleTheRowsToTheMagnitude) {
  LowRank update = updates_[1];
  update.magnitude_o = leaf({5}, true);
  const at::Tensor sum_oi = weights_[1].tensor_oi + at::mm(update.b_or, update.a_ri) * update.scale;
  const at::Tensor scaled_oi = sum_oi * (update.magnitude_o / sum_oi.detach().norm(2, 1)).unsqueeze(1);
  const at::Tensor expected_no = at::linear(x_ni_, scaled_oi, biases_[1]);
  const at::Tensor found_no = adapted_linear(x_ni_, weights_[1], biases_[1], update, {});
  EXPECT_TRUE(at::allclose(found_no, expected_no, 1e-5, 1e-5));
  const std::vector<at::Tensor> leaves{x_ni_, update.a_ri, update.b_or, update.magnitude_o, biases_[1]};
  expect_close(torch::autograd::grad({found_no.square().sum()}, leaves),
               torch::autograd::grad({expected_no.square().sum()}, leaves));
}

}  // namespace
}  // namespace sift
