#include "model/decoder/experts.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <tuple>

// Shape suffixes: n tokens, k experts of a token, e experts, h hidden size, i intermediate size.

namespace sift {
namespace {

constexpr std::int64_t kHidden = 4, kIntermediate = 6, kExperts = 5;

at::Tensor doubles(at::IntArrayRef shape) {
  return at::randn(shape, at::kDouble);
}

class ExpertsTest : public testing::Test {
 protected:
  void SetUp() override {
    at::manual_seed(5);
    config_.experts.num_experts = kExperts;
    config_.experts.num_experts_per_tok = 2;
    tensors_ = {{"mlp.gate.weight", doubles({kExperts, kHidden})},
                {"mlp.experts.gate_up_proj", doubles({kExperts, 2 * kIntermediate, kHidden})},
                {"mlp.experts.down_proj", doubles({kExperts, kHidden, kIntermediate})}};
    x_nh_ = doubles({7, kHidden});
  }

  at::Tensor found() const { return Experts(config_, 0, tensors_, "mlp.").forward(x_nh_, nullptr); }

  static at::Tensor mlp(const at::Tensor& x_nh, const at::Tensor& gate_up, const at::Tensor& down_hi) {
    const std::vector<at::Tensor> halves = at::mm(x_nh, gate_up.t()).chunk(2, -1);
    return at::mm(at::silu(halves[0]) * halves[1], down_hi.t());
  }

  /// Every expert for every token, weighted by zero where it was not chosen.
  at::Tensor dense() const {
    const at::Tensor probs_ne =
        at::softmax(at::mm(x_nh_, tensors_.at("mlp.gate.weight").t()), -1).to(at::kFloat);
    auto [weights_nk, chosen_nk] = probs_ne.topk(config_.experts.num_experts_per_tok, -1);
    if (config_.experts.norm_topk_prob) weights_nk = weights_nk / weights_nk.sum(-1, true);
    const at::Tensor weights_ne = at::zeros_like(probs_ne).scatter(1, chosen_nk, weights_nk);
    at::Tensor sum_nh = at::zeros_like(x_nh_);
    for (std::int64_t e = 0; e < kExperts; ++e) {
      const at::Tensor out_nh =
          mlp(x_nh_, tensors_.at("mlp.experts.gate_up_proj")[e], tensors_.at("mlp.experts.down_proj")[e]);
      sum_nh += out_nh * weights_ne.select(1, e).unsqueeze(1);
    }
    return sum_nh;
  }

  ModelConfig config_;
  TensorsByName tensors_;
  at::Tensor x_nh_;
};

// The probabilities are float32 even here.
constexpr double kRounding = 1e-6;

TEST_F(ExpertsTest, SumsTheChosenExpertsOfEachToken) {
  for (const bool is_normed : {false, true}) {
    config_.experts.norm_topk_prob = is_normed;
    EXPECT_TRUE(at::allclose(found(), dense(), kRounding, kRounding)) << is_normed;
  }
}

TEST_F(ExpertsTest, AddsTheSharedExpertThroughItsGate) {
  const at::Tensor gate_ih = doubles({3, kHidden}), up_ih = doubles({3, kHidden});
  const at::Tensor down_hi = doubles({kHidden, 3}), shared_gate_1h = doubles({1, kHidden});
  tensors_["mlp.shared_expert.gate_proj.weight"] = gate_ih;
  tensors_["mlp.shared_expert.up_proj.weight"] = up_ih;
  tensors_["mlp.shared_expert.down_proj.weight"] = down_hi;
  tensors_["mlp.shared_expert_gate.weight"] = shared_gate_1h;
  config_.experts.shared_intermediate_size = 3;
  const at::Tensor shared_nh =
      at::sigmoid(at::mm(x_nh_, shared_gate_1h.t())) * mlp(x_nh_, at::cat({gate_ih, up_ih}), down_hi);
  EXPECT_TRUE(at::allclose(found(), dense() + shared_nh, kRounding, kRounding));
}

TEST_F(ExpertsTest, ShowsTheRoutersLogitsToTheBalance) {
  const auto balance = std::make_shared<LoadBalancingLoss>(kExperts, 2, 1.0);
  Experts(config_, 0, tensors_, "mlp.").forward(x_nh_, balance);
  balance->finish();
  const at::Tensor probs_ne = at::softmax(at::mm(x_nh_, tensors_.at("mlp.gate.weight").t()), -1);
  const at::Tensor chosen_ne = at::zeros_like(probs_ne).scatter(1, std::get<1>(probs_ne.topk(2, -1)), 1.0);
  const double expected = (chosen_ne.mean(0) * probs_ne.mean(0)).sum().item<double>() * kExperts;
  EXPECT_NEAR(balance->loss().item<double>(), expected, 1e-6);
}

}  // namespace
}  // namespace sift
