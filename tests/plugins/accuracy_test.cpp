#include "plugin_test_support.h"

namespace sift {
namespace {

class AccuracyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.load_file(test::real_plugin("sift_metric_accuracy"));
    metric_ = test::create_metric(host_, "accuracy");
  }

  at::Tensor compute(const TokenStats& stats) const { return metric_->compute({batch_, stats}); }

  PluginHost host_;
  std::unique_ptr<Metric> metric_;
  Batch batch_;
};

TEST_F(AccuracyTest, SaysWhatItIsAndNeeds) {
  EXPECT_EQ(metric_->key(), "mean_token_accuracy");
  EXPECT_TRUE(metric_->needs().top1);
  EXPECT_FALSE(metric_->needs().entropy);
}

TEST_F(AccuracyTest, IsTheFloat32QuotientOfTwoCounts) {
  TokenStats stats;
  stats.is_top1_m = test::int_tensor({1, 0, 1, 0, 0, 0, 0}).to(at::kBool);
  const at::Tensor value = compute(stats);
  EXPECT_EQ(value.dim(), 0);
  EXPECT_EQ(value.item<double>(), static_cast<double>(2.0F / 7.0F));
}

TEST_F(AccuracyTest, IsZeroWhereNothingIsScored) {
  TokenStats stats;
  stats.is_top1_m = at::empty({0}, at::kBool);
  EXPECT_EQ(compute(stats).item<double>(), 0.0);
}

TEST_F(AccuracyTest, LeavesOutALossThatDoesNotTell) {
  EXPECT_FALSE(compute({}).defined());
}

}  // namespace
}  // namespace sift
