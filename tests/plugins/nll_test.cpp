#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randn.h>

#include <limits>

#include "plugin_test_support.h"

namespace sift {
namespace {

constexpr std::int64_t kNllHidden = 4;
constexpr std::int64_t kNllVocabulary = 7;

class NllTest : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.load_file(test::real_plugin("sift_loss_nll"));
    loss_ = test::create_loss(host_, "nll");
    head_.weight_vh = at::randn({kNllVocabulary, kNllHidden}).requires_grad_();
  }

  PluginHost host_;
  std::unique_ptr<Loss> loss_;
  LmHead head_;
};

TEST_F(NllTest, IsTheCrossEntropyOverNumItems) {
  const Batch batch = test::make_batch({kIgnoreIndex, 3, 0, kIgnoreIndex, 6});
  const at::Tensor hidden_nh = at::randn({5, kNllHidden}).requires_grad_();
  const std::int64_t num_items = 8;  // the other five are in other micro-batches
  const LossOutput output = loss_->compute({batch, hidden_nh, head_, num_items, {}});

  const at::Tensor reference =
      at::cross_entropy_loss(hidden_nh.matmul(head_.weight_vh.t()), batch.targets_n, {}, at::Reduction::Sum) /
      8.0;
  EXPECT_NEAR(output.loss.item<double>(), reference.item<double>(), 1e-6);
  EXPECT_EQ(output.loss.dim(), 0);
  EXPECT_EQ(output.stats.log_prob_m.numel(), 3);

  output.loss.backward();
  const at::Tensor gradient_nh = hidden_nh.grad().clone();
  hidden_nh.mutable_grad().zero_();
  reference.backward();
  EXPECT_TRUE(gradient_nh.allclose(hidden_nh.grad(), 1e-5, 1e-6));
}

TEST_F(NllTest, NothingScoredIsAConnectedZero) {
  const Batch batch = test::make_batch({kIgnoreIndex, kIgnoreIndex});
  at::Tensor values = at::randn({2, kNllHidden});
  values[0][0] = std::numeric_limits<float>::infinity();
  const at::Tensor hidden_nh = values.to(at::kBFloat16).requires_grad_();
  const LossOutput output = loss_->compute({batch, hidden_nh, head_, 1, {.entropy = true, .top1 = true}});
  EXPECT_EQ(output.loss.item<double>(), 0.0);
  EXPECT_EQ(output.loss.scalar_type(), at::kFloat);
  EXPECT_EQ(output.stats.entropy_m.numel(), 0);
  EXPECT_EQ(output.stats.is_top1_m.scalar_type(), at::kBool);
  output.loss.backward();
  EXPECT_EQ(hidden_nh.grad().abs().sum().item<double>(), 0.0);
}

TEST(LossInput, LogitsAreScaledCappedAndOfScoredTokensOnly) {
  const Batch batch = test::make_batch({kIgnoreIndex, 1, 2});
  LmHead head;
  head.weight_vh = at::randn({kNllVocabulary, kNllHidden});
  head.bias_v = at::randn({kNllVocabulary});
  head.logit_scale = 0.5;
  head.softcap = 2.0;
  const at::Tensor hidden_nh = at::randn({3, kNllHidden});
  const LossInput input{batch, hidden_nh, head, 2, {}};

  EXPECT_TRUE(input.targets_m().equal(test::int_tensor({1, 2})));
  const at::Tensor scored_mh = hidden_nh.narrow(0, 1, 2);
  EXPECT_TRUE(input.scored_hidden_mh().equal(scored_mh));
  const at::Tensor plain_mv = (scored_mh.matmul(head.weight_vh.t()) + head.bias_v) * 0.5;
  EXPECT_TRUE(input.logits_mv().allclose((plain_mv / 2.0).tanh() * 2.0, 1e-6, 1e-6));

  const LossInput half{batch, hidden_nh.to(at::kBFloat16), head, 2, {}};
  EXPECT_EQ(half.logits_mv().scalar_type(), at::kFloat);
}

TEST(ThrowsAtStep, ThrowsInItsNthCall) {
  PluginHost host;
  host.load_file(std::filesystem::path(SIFT_TEST_PLUGINS) / "throws_at_step.so");
  const auto loss = test::create_loss(host, "throws_at_step", {{"step", std::int64_t{2}}});
  const Batch batch = test::make_batch({1, 2});
  LmHead head;
  head.weight_vh = at::randn({kNllVocabulary, kNllHidden});
  const LossInput input{batch, at::randn({2, kNllHidden}), head, 2, {}};
  EXPECT_NO_THROW(loss->compute(input));
  EXPECT_THROW(loss->compute(input), std::runtime_error);
}

// (1 - e) times the loss of the target, e times the mean over the vocabulary, as transformers' LabelSmoother
TEST_F(NllTest, SmoothsItsLabels) {
  constexpr double kSmoothing = 0.1;
  const auto smoothed = test::create_loss(host_, "nll", {{"label_smoothing", kSmoothing}});
  const Batch batch = test::make_batch({kIgnoreIndex, 3, 0, kIgnoreIndex, 6});
  const at::Tensor hidden_nh = at::randn({5, kNllHidden}).requires_grad_();
  const LossOutput output = smoothed->compute({batch, hidden_nh, head_, 8, {true, true}});
  const at::Tensor reference = at::cross_entropy_loss(hidden_nh.matmul(head_.weight_vh.t()), batch.targets_n,
                                                      {}, at::Reduction::Sum, kIgnoreIndex, kSmoothing) /
                               8.0;
  EXPECT_NEAR(output.loss.item<double>(), reference.item<double>(), 1e-6);
  EXPECT_EQ(output.stats.is_top1_m.numel(), 3);
}

}  // namespace
}  // namespace sift
