#include <cmath>

#include <sift/plugin.h>

/// The share of scored tokens that the model finds hard: it gives them a probability below `threshold`.
class HardTokensMetric final : public sift::Metric {
 public:
  struct Options {
    double threshold = 0.1;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("threshold", &Options::threshold, "a token of a smaller probability is hard",
               sift::between(0, 1));
  }
  explicit HardTokensMetric(const Options& options) : log_threshold_(std::log(options.threshold)) {}

  std::string key() const override { return "hard_tokens"; }

  // stays on the device of the model: reading it here would make a GPU wait
  at::Tensor compute(const sift::MetricInput& input) override {
    const at::Tensor& log_prob_m = input.stats.log_prob_m;
    if (!log_prob_m.defined() || log_prob_m.numel() == 0) return {};  // nothing to say of this micro-batch
    return (log_prob_m < log_threshold_).to(at::kFloat).mean();
  }

 private:
  double log_threshold_;
};

SIFT_PLUGIN("hard_tokens", "1.0.0", "Share of tokens that the model finds hard",
            [](sift::Registry& registry) { registry.add_metric<HardTokensMetric>("hard_tokens"); })
