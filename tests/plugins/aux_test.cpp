#include "plugin_test_support.h"

namespace sift {
namespace {

TEST(AuxTest, PassesOnTheLossOfTheRouters) {
  PluginHost host;
  host.load_file(test::real_plugin("sift_metric_aux"));
  const auto metric = test::create_metric(host, "aux");
  EXPECT_EQ(metric->key(), "aux_loss");
  const Batch batch;
  const TokenStats stats;
  EXPECT_FALSE(metric->compute({batch, stats}).defined()) << "a dense model has none";
  EXPECT_FLOAT_EQ(metric->compute({batch, stats, test::float_tensor({2.5F})}).item<float>(), 2.5F);
}

}  // namespace
}  // namespace sift
