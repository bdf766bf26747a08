#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <vector>

#include "plugin_test_support.h"

// What every shipped loss must do alike, whatever it computes.

namespace sift {
namespace {

constexpr std::int64_t kHidden = 4;
constexpr std::int64_t kVocabulary = 7;

class ShippedLosses : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    for (const char* name : {"sift_loss_nll", "sift_loss_dft", "sift_loss_liger"})
      host_.load_file(test::real_plugin(name));
    loss_ = test::create_loss(host_, GetParam());
    head_.weight_vh = at::randn({kVocabulary, kHidden}).requires_grad_();
    hidden_nh_ = at::randn({5, kHidden}).requires_grad_();
  }
  LossOutput compute(const StatsNeeds& needs) {
    return loss_->compute({batch_, hidden_nh_, head_, 8, needs});
  }

  PluginHost host_;
  std::unique_ptr<Loss> loss_;
  LmHead head_;
  at::Tensor hidden_nh_;
  Batch batch_ = test::make_batch({kIgnoreIndex, 3, 0, kIgnoreIndex, 6});
};

TEST_P(ShippedLosses, GiveTheSameStatsInTrainingAndEvaluation) {
  const auto nll = test::create_loss(host_, "nll");
  const TokenStats expected = nll->compute({batch_, hidden_nh_, head_, 8, {true, true}}).stats;
  const LossOutput training = compute({true, true});
  EXPECT_TRUE(training.loss.requires_grad());
  const at::NoGradGuard no_grad;
  const LossOutput evaluation = compute({true, true});
  EXPECT_FALSE(evaluation.loss.requires_grad());
  EXPECT_TRUE(at::allclose(evaluation.loss, training.loss, 1e-6, 0));
  for (const TokenStats& stats : {training.stats, evaluation.stats}) {
    EXPECT_TRUE(at::allclose(stats.log_prob_m, expected.log_prob_m, 1e-6, 1e-6));
    EXPECT_TRUE(at::allclose(stats.entropy_m, expected.entropy_m, 1e-6, 1e-6));
    EXPECT_TRUE(stats.is_top1_m.equal(expected.is_top1_m));
  }
  const TokenStats without = compute({}).stats;
  EXPECT_FALSE(without.entropy_m.defined());
  EXPECT_FALSE(without.is_top1_m.defined());
}

// The head of a model may hold its logits within a softcap (Gemma).
TEST_P(ShippedLosses, GoThroughTheSoftcapOfTheHead) {
  head_.softcap = 0.8;
  head_.logit_scale = 1.3;
  const LossOutput output = compute({});
  output.loss.backward();
  const std::vector<at::Tensor> found = {hidden_nh_.grad().clone(), head_.weight_vh.grad().clone()};
  hidden_nh_.mutable_grad().zero_();
  head_.weight_vh.mutable_grad().zero_();

  const at::Tensor scored_m = batch_.scored_m;
  const at::Tensor raw_mv = hidden_nh_.index_select(0, scored_m).matmul(head_.weight_vh.t()) * 1.3;
  const at::Tensor log_p_m = ((raw_mv / 0.8).tanh() * 0.8)
                                 .log_softmax(1)
                                 .gather(1, batch_.targets_n.index_select(0, scored_m).unsqueeze(1))
                                 .squeeze(1);
  const at::Tensor weight_m = std::string(GetParam()) == "dft" ? log_p_m.exp().detach() : at::ones({3});
  const at::Tensor expected = -(weight_m * log_p_m).sum() / 8;
  expected.backward();
  EXPECT_TRUE(at::allclose(output.loss, expected, 1e-6, 0));
  EXPECT_TRUE(at::allclose(found[0], hidden_nh_.grad(), 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(found[1], head_.weight_vh.grad(), 1e-5, 1e-6));
}

TEST_P(ShippedLosses, AreZeroAndConnectedWhereNothingIsScored) {
  batch_ = test::make_batch({kIgnoreIndex, kIgnoreIndex, kIgnoreIndex, kIgnoreIndex, kIgnoreIndex});
  const LossOutput output = compute({true, true});
  EXPECT_EQ(output.loss.item<double>(), 0.0);
  EXPECT_EQ(output.stats.entropy_m.numel(), 0);
  EXPECT_EQ(output.stats.is_top1_m.numel(), 0);
  output.loss.backward();
  EXPECT_EQ(hidden_nh_.grad().abs().sum().item<double>(), 0.0);
}

TEST_P(ShippedLosses, DoNotDependOnHowAnUpdateIsSplitOrOrdered) {
  const std::vector<std::int64_t> targets = {kIgnoreIndex, 3, 0, kIgnoreIndex, 6};
  struct Result {
    double loss = 0;
    at::Tensor hidden_grad_nh, weight_grad_vh;
  };
  // tokens of the update in micro-batches, each a list of their places
  const auto result_of = [&](const std::vector<std::vector<std::int64_t>>& micro_batches) {
    Result result;
    for (const auto& places : micro_batches) {
      std::vector<std::int64_t> own;
      for (const std::int64_t place : places) own.push_back(targets[static_cast<std::size_t>(place)]);
      const Batch batch = test::make_batch(own);
      const at::Tensor rows_nh = hidden_nh_.index_select(0, at::tensor(places, at::kLong));
      const at::Tensor loss = loss_->compute({batch, rows_nh, head_, 3, {}}).loss;
      loss.backward();
      result.loss += loss.item<double>();
    }
    result.hidden_grad_nh = hidden_nh_.grad().clone();
    result.weight_grad_vh = head_.weight_vh.grad().clone();
    hidden_nh_.mutable_grad().reset();
    head_.weight_vh.mutable_grad().reset();
    return result;
  };
  const Result whole = result_of({{0, 1, 2, 3, 4}});
  EXPECT_GT(whole.loss, 0.01);
  for (const auto& split : std::vector<std::vector<std::vector<std::int64_t>>>{
           {{0, 1}, {2, 3, 4}}, {{0}, {1}, {2}, {3}, {4}}, {{4, 2, 0, 1, 3}}, {{3, 4}, {2, 1, 0}}}) {
    const Result other = result_of(split);
    EXPECT_NEAR(other.loss, whole.loss, 5e-6);
    EXPECT_TRUE(at::allclose(other.hidden_grad_nh, whole.hidden_grad_nh, 1e-5, 1e-6));
    EXPECT_TRUE(at::allclose(other.weight_grad_vh, whole.weight_grad_vh, 1e-5, 1e-6));
  }
}

INSTANTIATE_TEST_SUITE_P(Loss, ShippedLosses, ::testing::Values("nll", "dft", "liger"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace sift
