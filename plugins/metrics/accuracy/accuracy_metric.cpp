#include <ATen/ops/zeros.h>

#include <sift/plugin.h>

namespace {

/// The part of the scored tokens that the model would have chosen itself; 0 where nothing is scored, as TRL.
class AccuracyMetric final : public sift::Metric {
 public:
  std::string key() const override { return "mean_token_accuracy"; }
  sift::StatsNeeds needs() const override { return {.entropy = false, .top1 = true}; }

  at::Tensor compute(const sift::MetricInput& input) override {
    const at::Tensor& is_top1_m = input.stats.is_top1_m;
    if (!is_top1_m.defined()) return {};
    if (is_top1_m.numel() == 0) return at::zeros({}, is_top1_m.options().dtype(at::kFloat));
    // TRL divides two counts in float32. Dividing in float64 and rounding once gives the same number on every
    // device; CUDA kernels would multiply by a reciprocal in float32.
    return is_top1_m.sum().to(at::kDouble).div(is_top1_m.numel()).to(at::kFloat);
  }
};

}  // namespace

SIFT_PLUGIN("accuracy", "1.0.0", "Fraction of the scored tokens that are predicted correctly",
            [](sift::Registry& registry) { registry.add_metric<AccuracyMetric>("accuracy"); })
