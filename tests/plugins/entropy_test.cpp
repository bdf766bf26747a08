#include "plugin_test_support.h"

namespace sift {
namespace {

class EntropyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.load_file(test::real_plugin("sift_metric_entropy"));
    metric_ = test::create_metric(host_, "entropy");
  }

  at::Tensor compute(const TokenStats& stats) const { return metric_->compute({batch_, stats}); }

  PluginHost host_;
  std::unique_ptr<Metric> metric_;
  Batch batch_;
};

TEST_F(EntropyTest, SaysWhatItIsAndNeeds) {
  EXPECT_EQ(metric_->key(), "entropy");
  EXPECT_TRUE(metric_->needs().entropy);
  EXPECT_FALSE(metric_->needs().top1);
}

TEST_F(EntropyTest, IsTheMeanOverScoredTokens) {
  TokenStats stats;
  stats.entropy_m = test::float_tensor({1.0F, 2.0F, 4.5F});
  EXPECT_FLOAT_EQ(compute(stats).item<float>(), 2.5F);
}

TEST_F(EntropyTest, LeavesOutWhatHasNone) {
  TokenStats stats;
  EXPECT_FALSE(compute(stats).defined());
  stats.entropy_m = at::empty({0}, at::kFloat);
  EXPECT_FALSE(compute(stats).defined());
}

}  // namespace
}  // namespace sift
