#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randn.h>

#include "plugin_test_support.h"

namespace sift {
namespace {

class LigerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.load_file(test::real_plugin("sift_loss_liger"));
    head_.weight_vh = at::randn({7, 4}).requires_grad_();
    head_.softcap = 1.0;
    hidden_nh_ = at::randn({4, 4}).requires_grad_();
  }
  double loss_with(const test::OptionValues& options) {
    const auto loss = test::create_loss(host_, "liger", options);
    return loss->compute({batch_, hidden_nh_, head_, 5, {}}).loss.item<double>();
  }
  at::Tensor logits_nv(double softcap) const {
    const at::Tensor z_nv = hidden_nh_.matmul(head_.weight_vh.t());
    return softcap == 0 ? z_nv : (z_nv / softcap).tanh() * softcap;
  }
  double cross_entropy(const at::Tensor& z_nv, double smoothing = 0) const {
    return at::cross_entropy_loss(z_nv, batch_.targets_n, {}, at::Reduction::Sum, kIgnoreIndex, smoothing)
               .item<double>() /
           5;
  }

  PluginHost host_;
  LmHead head_;
  at::Tensor hidden_nh_;
  Batch batch_ = test::make_batch({kIgnoreIndex, 3, 0, 6});
};

TEST_F(LigerTest, EveryOptionReachesTheLoss) {
  const at::Tensor capped_nv = logits_nv(1);
  EXPECT_NEAR(loss_with({}), cross_entropy(capped_nv), 1e-6);
  EXPECT_NEAR(loss_with({{"chunk_size", std::int64_t{2}}}), cross_entropy(capped_nv), 1e-6);
  EXPECT_NEAR(loss_with({{"label_smoothing", 0.2}}), cross_entropy(capped_nv, 0.2), 1e-6);
  EXPECT_NEAR(loss_with({{"softcap", 0.0}}), cross_entropy(logits_nv(0)), 1e-6);
  EXPECT_NEAR(loss_with({{"softcap", 3.0}}), cross_entropy(logits_nv(3)), 1e-6);
  const double z_loss = 0.1 * capped_nv.logsumexp(1).narrow(0, 1, 3).square().sum().item<double>() / 5;
  EXPECT_NEAR(loss_with({{"lse_square_scale", 0.1}}), cross_entropy(capped_nv) + z_loss, 1e-6);
}

TEST_F(LigerTest, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(loss_with({{"label_smoothing", 1.1}}), Error);
  EXPECT_THROW(loss_with({{"chunk_size", std::int64_t{-1}}}), Error);
  EXPECT_THROW(loss_with({{"lse_square_scale", -0.1}}), Error);
}

}  // namespace
}  // namespace sift
