#include "checkpoint/window.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(MetricWindow, MeanIsOverMicroBatchesThatHadAValue) {
  MetricWindow window;
  window.add({{"entropy", at::scalar_tensor(1.0)}, {"accuracy", at::scalar_tensor(0.5)}});
  window.add({{"accuracy", at::scalar_tensor(0.25)}});
  const auto means = window.means();
  ASSERT_EQ(means.size(), 2U);
  EXPECT_EQ(means[0], (std::pair<std::string, double>{"entropy", 1.0}));
  EXPECT_EQ(means[1], (std::pair<std::string, double>{"accuracy", 0.375}));
  window.clear();
  EXPECT_TRUE(window.means().empty());
}

TEST(MetricWindow, RestoredWindowGoesOn) {
  MetricWindow window;
  window.add({{"accuracy", at::scalar_tensor(0.1F)}});
  MetricWindow restored;
  restored.restore(window.sums());
  for (MetricWindow* each : {&window, &restored}) each->add({{"accuracy", at::scalar_tensor(0.7F)}});
  EXPECT_EQ(restored.means(), window.means());
}

}  // namespace
}  // namespace sift
