#include "ops/token_embedding.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace sift {
namespace {

constexpr std::int64_t kPadding = 2;

class TokenEmbedding : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override {
    at::manual_seed(3);
    weight_ = at::randn({6, 4}, at::kDouble).requires_grad_();
    upstream_ = at::randn({5, 4}, at::kDouble);
  }
  at::Tensor loss(const at::Tensor& rows) const { return (rows * upstream_).sum(); }

  const at::Tensor ids_ = at::tensor({3, 2, 0, 3, 2}, at::kLong);  // two of them twice
  at::Tensor weight_, upstream_;
};

TEST_P(TokenEmbedding, EqualsThatOfATen) {
  const at::Tensor rows = token_embedding(weight_, ids_, GetParam());
  EXPECT_TRUE(at::equal(rows, at::embedding(weight_, ids_, GetParam())));
  const auto found = torch::autograd::grad({loss(rows)}, {weight_});
  const auto expected = torch::autograd::grad({loss(at::embedding(weight_, ids_, GetParam()))}, {weight_});
  EXPECT_TRUE(at::equal(found[0], expected[0]));
}

TEST_P(TokenEmbedding, AddsToAGradientThatIsThere) {
  const auto once = torch::autograd::grad({loss(at::embedding(weight_, ids_, GetParam()))}, {weight_})[0];
  for (int micro_batch = 1; micro_batch <= 3; ++micro_batch) {
    loss(token_embedding(weight_, ids_, GetParam())).backward();
    EXPECT_TRUE(at::allclose(weight_.grad(), micro_batch * once, 1e-12, 1e-12)) << micro_batch;
  }
  const auto asked = torch::autograd::grad({loss(token_embedding(weight_, ids_, GetParam()))}, {weight_});
  EXPECT_TRUE(at::allclose(asked[0], once, 1e-12, 1e-12));
  EXPECT_TRUE(at::allclose(weight_.grad(), 3 * once, 1e-12, 1e-12));
}

/// As when the embedding is the head too: its other gradient comes by autograd's way.
TEST_P(TokenEmbedding, SharesItsGradientWithOtherUsesOfTheWeight) {
  const auto tied = [&](const at::Tensor& rows) { return loss(rows) + weight_.square().sum(); };
  const auto once = torch::autograd::grad({tied(at::embedding(weight_, ids_, GetParam()))}, {weight_})[0];
  for (int micro_batch = 0; micro_batch < 2; ++micro_batch)
    tied(token_embedding(weight_, ids_, GetParam())).backward();
  EXPECT_TRUE(at::allclose(weight_.grad(), 2 * once, 1e-12, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Padding, TokenEmbedding, testing::Values(-1, kPadding));

}  // namespace
}  // namespace sift
