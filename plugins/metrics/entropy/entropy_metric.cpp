#include <sift/plugin.h>

namespace {

/// Mean entropy of the predictions for the scored tokens, in nats.
class EntropyMetric final : public sift::Metric {
 public:
  std::string key() const override { return "entropy"; }
  sift::StatsNeeds needs() const override { return {.entropy = true, .top1 = false}; }

  at::Tensor compute(const sift::MetricInput& input) override {
    const at::Tensor& entropy_m = input.stats.entropy_m;
    // a micro-batch without scored tokens has no entropy: exclude it, or the mean would be NaN
    if (!entropy_m.defined() || entropy_m.numel() == 0) return {};
    return entropy_m.mean();
  }
};

}  // namespace

SIFT_PLUGIN("entropy", "1.0.0", "Mean entropy of the predictions",
            [](sift::Registry& registry) { registry.add_metric<EntropyMetric>("entropy"); })
