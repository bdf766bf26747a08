#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

#include <sift/loss.h>
#include "support/head_case.h"

// Shape suffixes: n tokens, m scored tokens, h hidden size, v vocabulary.

namespace sift {
namespace {

using test::make_head_case;
using test::widened;
using Case = test::HeadCase;

TokenStats plain_stats(const Case& c) {
  const at::Tensor z_mv = test::plain_logits_mv(c);
  const at::Tensor targets_m = c.batch.targets_n.index_select(0, c.batch.scored_m);
  const at::Tensor log_p_mv = z_mv.log_softmax(1);
  TokenStats stats;
  stats.log_prob_m = log_p_mv.gather(1, targets_m.unsqueeze(1)).squeeze(1);
  stats.entropy_m = -(log_p_mv.exp() * log_p_mv).sum(1);
  stats.is_top1_m = z_mv.argmax(1) == targets_m;
  return stats;
}

void expect_equal_to_plain(const Case& c, double tolerance) {
  const LossInput input{c.batch, c.hidden_nh, c.head, 1, {true, true}};
  const TokenStats found = token_stats(input);
  const Case wide = widened(c);
  const TokenStats expected = plain_stats(wide);
  EXPECT_LT((found.log_prob_m - expected.log_prob_m).abs().max().item<double>(), tolerance);
  EXPECT_LT((found.entropy_m - expected.entropy_m).abs().max().item<double>(), tolerance);
  EXPECT_TRUE(at::equal(found.is_top1_m, expected.is_top1_m));
  EXPECT_FALSE(found.entropy_m.requires_grad());

  const at::Tensor weights_m = at::linspace(-1, 2, found.log_prob_m.numel(), found.log_prob_m.options());
  const auto found_grads = torch::autograd::grad({(found.log_prob_m * weights_m).sum()}, c.leaves());
  const auto expected_grads = torch::autograd::grad({(expected.log_prob_m * weights_m).sum()}, wide.leaves());
  for (std::size_t i = 0; i < found_grads.size(); ++i) {
    EXPECT_EQ(found_grads[i].scalar_type(), c.hidden_nh.scalar_type());
    EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), tolerance) << "leaf " << i;
  }
}

TEST(TokenStats, EqualsPlainAtenInDouble) {
  expect_equal_to_plain(make_head_case(13, 9, at::kDouble), 1e-12);
  expect_equal_to_plain(make_head_case(13, 9, at::kDouble, true), 1e-12);
}

TEST(TokenStats, GoesThroughScaleAndSoftcap) {
  Case c = make_head_case(13, 9, at::kDouble, true);
  c.head.logit_scale = 0.7;
  expect_equal_to_plain(c, 1e-12);
  c.head.softcap = 2.5;
  expect_equal_to_plain(c, 1e-12);
}

TEST(TokenStats, ChunksDoNotChangeTheResult) {
  // 400 scored positions in chunks of 384, words in pieces and 13 that are left. Not narrower: BLAS adds up a
  // narrow product number by number on some processors, and is wrong in the third place after so many.
  expect_equal_to_plain(make_head_case(65'549, 800, at::kFloat, false, 32), 2e-5);
}

TEST(TokenStats, ComputesOnlyWhatIsNeeded) {
  const Case c = make_head_case(13, 9, at::kFloat);
  const LossInput both{c.batch, c.hidden_nh, c.head, 1, {true, true}};
  const LossInput none{c.batch, c.hidden_nh, c.head, 1, {}};
  const LossInput top1{c.batch, c.hidden_nh, c.head, 1, {false, true}};
  EXPECT_FALSE(token_stats(none).entropy_m.defined());
  EXPECT_FALSE(token_stats(none).is_top1_m.defined());
  EXPECT_TRUE(at::equal(token_stats(top1).is_top1_m, token_stats(both).is_top1_m));
  EXPECT_TRUE(at::allclose(token_stats(none).log_prob_m, token_stats(both).log_prob_m));
}

TEST(TokenStats, TheLowestIdWinsATie) {
  Case c = make_head_case(4, 4, at::kFloat);
  c.head.weight_vh = at::tensor({1.0F, 2.0F, 2.0F, 0.0F}).view({4, 1}).expand({4, 6}).contiguous();
  c.hidden_nh = at::ones({4, 6});
  c.batch.scored_m = at::arange(4, at::kLong);
  c.batch.targets_n = at::tensor({0, 1, 2, 3}, at::kLong);
  const LossInput input{c.batch, c.hidden_nh, c.head, 1, {false, true}};
  EXPECT_TRUE(at::equal(token_stats(input).is_top1_m, at::tensor({0, 1, 0, 0}, at::kInt).to(at::kBool)));
}

TEST(TokenStats, NothingScoredGivesEmptyStatsAndZeroGradients) {
  Case c = make_head_case(13, 9, at::kFloat, true);
  c.batch.scored_m = at::empty({0}, at::kLong);
  const LossInput input{c.batch, c.hidden_nh, c.head, 1, {true, true}};
  const TokenStats stats = token_stats(input);
  EXPECT_EQ(stats.log_prob_m.numel(), 0);
  EXPECT_EQ(stats.entropy_m.numel(), 0);
  EXPECT_EQ(stats.is_top1_m.numel(), 0);
  for (const at::Tensor& grad : torch::autograd::grad({stats.log_prob_m.sum()}, c.leaves())) {
    EXPECT_EQ(grad.abs().sum().item<float>(), 0.0F);
  }
}

TEST(TokenStats, WorksWithoutGradients) {
  const Case c = make_head_case(13, 9, at::kFloat);
  const at::NoGradGuard no_grad;
  const LossInput input{c.batch, c.hidden_nh, c.head, 1, {true, true}};
  EXPECT_FALSE(token_stats(input).log_prob_m.requires_grad());
}

// Logits are rounded to bfloat16 by the product, everything after it is float32.
TEST(TokenStats, ComputesInBfloat16UnderAutocast) {
  const Case c = make_head_case(50, 9, at::kFloat);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const LossInput input{c.batch, c.hidden_nh, c.head, 1, {true, true}};
  const TokenStats found = token_stats(input);
  at::autocast::set_autocast_enabled(at::kCPU, false);

  const at::Tensor hidden_mh = c.hidden_nh.index_select(0, c.batch.scored_m).to(at::kBFloat16);
  const at::Tensor z_mv = at::matmul(hidden_mh, c.head.weight_vh.to(at::kBFloat16).t()).to(at::kFloat);
  const at::Tensor targets_m1 = c.batch.targets_n.index_select(0, c.batch.scored_m).unsqueeze(1);
  const at::Tensor expected = z_mv.log_softmax(1).gather(1, targets_m1).squeeze(1);
  EXPECT_EQ(found.log_prob_m.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(found.log_prob_m, expected, 1e-6, 1e-6));
  const auto found_grads = torch::autograd::grad({found.log_prob_m.sum()}, c.leaves());
  const auto expected_grads = torch::autograd::grad({expected.sum()}, c.leaves());
  for (std::size_t i = 0; i < found_grads.size(); ++i) {
    EXPECT_EQ(found_grads[i].scalar_type(), at::kFloat);
    EXPECT_LT((found_grads[i] - expected_grads[i]).norm().item<double>(),
              1e-2 * expected_grads[i].norm().item<double>());
  }
}

}  // namespace
}  // namespace sift
