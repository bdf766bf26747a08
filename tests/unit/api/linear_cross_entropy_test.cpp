#include <sift/linear_cross_entropy.h>

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

#include <sift/error.h>
#include "device/precision.h"
#include "support/head_case.h"
#include "support/live_memory.h"

// Shape suffixes: n tokens, m scored tokens, h hidden size, v vocabulary.

namespace sift {
namespace {

using test::HeadCase;
using test::make_head_case;
using test::widened;
using torch::autograd::grad;

constexpr std::int64_t kItems = 7;

LossInput input_of(const HeadCase& c, const StatsNeeds& needs = {true, true}) {
  return {c.batch, c.hidden_nh, c.head, kItems, needs};
}

/// The definition, over all logits at once.
at::Tensor plain_loss(HeadCase c, const CrossEntropyOptions& options) {
  c.head.softcap = options.softcap.value_or(c.head.softcap);
  const at::Tensor z_mv = test::plain_logits_mv(c);
  const at::Tensor target_m1 = c.batch.targets_n.index_select(0, c.batch.scored_m).unsqueeze(1);
  const at::Tensor log_p_mv = z_mv.log_softmax(1);
  const at::Tensor hard_m = -log_p_mv.gather(1, target_m1).squeeze(1);
  const at::Tensor smooth_m = -log_p_mv.mean(1);
  const at::Tensor loss_m = (1 - options.label_smoothing) * hard_m + options.label_smoothing * smooth_m +
                            options.lse_square_scale * z_mv.logsumexp(1).square();
  return loss_m.sum() / static_cast<double>(kItems);
}

void expect_equal_to_plain(const HeadCase& c, const CrossEntropyOptions& options, double tolerance) {
  const HeadCase wide = widened(c);
  const LossOutput found = linear_cross_entropy(input_of(c), options);
  const at::Tensor expected = plain_loss(wide, options);
  EXPECT_NEAR(found.loss.item<double>(), expected.item<double>(), tolerance);
  // as in `0.3 * loss + ...`: what comes from above is not 1
  const auto found_grads = grad({found.loss * 0.3}, c.leaves());
  const auto expected_grads = grad({expected * 0.3}, wide.leaves());
  for (std::size_t i = 0; i < found_grads.size(); ++i) {
    EXPECT_EQ(found_grads[i].scalar_type(), c.hidden_nh.scalar_type());
    EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), tolerance) << "leaf " << i;
  }
}

TEST(LinearCrossEntropy, EqualsPlainAtenInDoubleForEveryOption) {
  const std::vector<CrossEntropyOptions> all = {
      {.chunk_rows = 0},          {.chunk_rows = 2}, {.label_smoothing = 0.1}, {.label_smoothing = 1.0},
      {.lse_square_scale = 0.05}, {.softcap = 1.5},  {.softcap = 0.0},         {1, 0.2, 0.03, 2.0}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    HeadCase c = make_head_case(13, 9, at::kDouble, i % 2 == 1);
    expect_equal_to_plain(c, all[i], 1e-12);
    c.head.logit_scale = 0.7;
    c.head.softcap = 2.5;
    expect_equal_to_plain(c, all[i], 1e-12);
  }
}

/// Central differences of every element, independent of any formula for the gradient.
TEST(LinearCrossEntropy, GradientsAreTheSlopesOfTheLoss) {
  HeadCase c = make_head_case(5, 7, at::kDouble, true);
  c.head.logit_scale = 0.9;
  const CrossEntropyOptions options{2, 0.2, 0.03, 2.0};
  const auto grads = grad({linear_cross_entropy(input_of(c), options).loss}, c.leaves());
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-5;
  for (std::size_t leaf = 0; leaf < grads.size(); ++leaf) {
    at::Tensor values = c.leaves()[leaf].view(-1);
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      const double center = values[i].item<double>();
      values[i] = center + kStep;
      const double above = linear_cross_entropy(input_of(c), options).loss.item<double>();
      values[i] = center - kStep;
      const double below = linear_cross_entropy(input_of(c), options).loss.item<double>();
      values[i] = center;
      EXPECT_NEAR(grads[leaf].view(-1)[i].item<double>(), (above - below) / (2 * kStep), 1e-8)
          << "leaf " << leaf << ", element " << i;
    }
  }
}

void expect_equal_to_token_stats(const HeadCase& c, const CrossEntropyOptions& options = {}) {
  for (const StatsNeeds needs : {StatsNeeds{}, {true, false}, {false, true}, {true, true}}) {
    const TokenStats stats = token_stats(input_of(c, needs));
    const at::Tensor nll = -stats.log_prob_m.sum() / static_cast<double>(kItems);
    const LossOutput fused = linear_cross_entropy(input_of(c, needs), options);
    EXPECT_EQ(fused.loss.scalar_type(), at::kFloat);
    EXPECT_EQ(fused.loss.dim(), 0);
    EXPECT_NEAR(fused.loss.item<double>(), nll.item<double>(), 1e-6 * nll.item<double>());
    EXPECT_TRUE(at::allclose(fused.stats.log_prob_m, stats.log_prob_m, 1e-6, 1e-6));
    EXPECT_FALSE(fused.stats.log_prob_m.requires_grad());
    ASSERT_EQ(fused.stats.entropy_m.defined(), needs.entropy);
    ASSERT_EQ(fused.stats.is_top1_m.defined(), needs.top1);
    if (needs.entropy) {
      EXPECT_TRUE(at::allclose(fused.stats.entropy_m, stats.entropy_m, 1e-6, 1e-6));
    }
    if (needs.top1) {
      EXPECT_TRUE(at::equal(fused.stats.is_top1_m, stats.is_top1_m));
    }
    const auto fused_grads = grad({fused.loss}, c.leaves());
    const auto nll_grads = grad({nll}, c.leaves());
    for (std::size_t i = 0; i < nll_grads.size(); ++i) {
      EXPECT_LT((fused_grads[i] - nll_grads[i]).norm().item<double>(),
                1e-5 * nll_grads[i].norm().item<double>())
          << "leaf " << i;
    }
  }
}

TEST(LinearCrossEntropy, EqualsNllInFloat) {
  HeadCase c = make_head_case(300, 41, at::kFloat);
  expect_equal_to_token_stats(c);
  expect_equal_to_token_stats(c, {.chunk_rows = 3});
  c = make_head_case(300, 41, at::kFloat, true);
  c.head.logit_scale = 0.7;
  c.head.softcap = 2.5;
  expect_equal_to_token_stats(c);
  expect_equal_to_token_stats(c, {.chunk_rows = 3});
}

TEST(LinearCrossEntropy, EqualsNllOverSeveralChunksAndBlocks) {
  expect_equal_to_token_stats(make_head_case(65'536, 800, at::kFloat, false, 32));
}

// Logits and their gradients are rounded to bfloat16 in both, at the same places.
TEST(LinearCrossEntropy, EqualsNllUnderAutocast) {
  HeadCase c = make_head_case(300, 41, at::kFloat, true);
  const Autocast autocast(at::kCPU, true);
  expect_equal_to_token_stats(c);
  c.head.softcap = 2.5;
  expect_equal_to_token_stats(c, {.chunk_rows = 3});
}

TEST(LinearCrossEntropy, ARetainedGraphGivesItsGradientsAgain) {
  const HeadCase c = make_head_case(13, 9, at::kFloat, true);
  const auto expected = grad({linear_cross_entropy(input_of(c)).loss}, c.leaves());
  const at::Tensor loss = linear_cross_entropy(input_of(c)).loss;
  const at::Tensor doubled = loss * 2;
  loss.backward({}, true);
  doubled.backward({}, true);
  loss.backward();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(at::allclose(c.leaves()[i].grad(), expected[i] * 4, 1e-6, 1e-6)) << "leaf " << i;
  }
}

TEST(LinearCrossEntropy, AFrozenHeadHasNoGradient) {
  HeadCase c = make_head_case(13, 9, at::kFloat, true);
  const auto expected = grad({linear_cross_entropy(input_of(c)).loss}, {c.hidden_nh});
  c.head.weight_vh = c.head.weight_vh.detach();
  c.head.bias_v = c.head.bias_v.detach();
  linear_cross_entropy(input_of(c)).loss.backward();
  EXPECT_TRUE(at::equal(c.hidden_nh.grad(), expected[0]));
  EXPECT_FALSE(c.head.weight_vh.grad().defined());
}

TEST(LinearCrossEntropy, NothingScoredIsAConnectedZero) {
  HeadCase c = make_head_case(13, 9, at::kFloat, true);
  c.batch.scored_m = at::empty({0}, at::kLong);
  const LossOutput output = linear_cross_entropy(input_of(c), {.label_smoothing = 0.1});
  EXPECT_EQ(output.loss.item<float>(), 0.0F);
  EXPECT_EQ(output.stats.log_prob_m.numel(), 0);
  EXPECT_EQ(output.stats.entropy_m.numel(), 0);
  EXPECT_EQ(output.stats.is_top1_m.numel(), 0);
  output.loss.backward();
  EXPECT_EQ(c.hidden_nh.grad().abs().sum().item<float>(), 0.0F);
}

TEST(LinearCrossEntropy, ASecondDerivativeIsRefused) {
  const HeadCase c = make_head_case(13, 9, at::kFloat);
  const at::Tensor loss = linear_cross_entropy(input_of(c)).loss;
  EXPECT_THROW(grad({loss}, c.leaves(), {}, true, true), Error);
}

// 600 scored tokens of 20,000 logits are 48 MB at once, a chunk of 16 of them is 1.3 MB.
TEST(LinearCrossEntropy, HoldsTheLogitsOfOneChunkAlone) {
  const HeadCase c = make_head_case(20'000, 1200, at::kFloat, true);
  constexpr std::int64_t kChunk = 16 * 20'000 * 4;
  constexpr std::int64_t kHead = 20'000 * 7 * 4;
  constexpr std::int64_t kBlocks = 4 << 20;  // what passes over the logits takes blocks of 1 MiB
  const test::LiveMemory training;
  linear_cross_entropy(input_of(c), {.chunk_rows = 16, .label_smoothing = 0.1}).loss.backward();
  EXPECT_GT(training.peak_bytes(), kChunk + kHead);
  EXPECT_LT(training.peak_bytes(), kChunk + 2 * kHead + kBlocks);
}

TEST(LinearCrossEntropy, MakesNoGradientsInEvaluation) {
  const HeadCase c = make_head_case(20'000, 40, at::kFloat, true);
  const double expected = linear_cross_entropy(input_of(c)).loss.item<double>();
  const at::NoGradGuard no_grad;
  const test::LiveMemory evaluation;
  const LossOutput output = linear_cross_entropy(input_of(c, {}), {.chunk_rows = 1});
  EXPECT_NEAR(output.loss.item<double>(), expected, 1e-6 * expected);
  EXPECT_FALSE(output.loss.requires_grad());
  // a row of logits and nothing as large as the head, which is seven of them
  EXPECT_LT(evaluation.peak_bytes(), 3 * 20'000 * 4);
}

}  // namespace
}  // namespace sift
