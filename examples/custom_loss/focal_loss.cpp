#include <sift/plugin.h>

/// Focal loss (Lin et al., 2017): -(1 - p)^gamma * log p, which turns away from tokens that are learned
/// already.
class FocalLoss final : public sift::PerTokenLoss {
 public:
  struct Options {
    double gamma = 2.0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("gamma", &Options::gamma, "focusing parameter; 0 is nll", sift::at_least(0));
  }
  explicit FocalLoss(const Options& options) : gamma_(options.gamma) {}

 protected:
  at::Tensor per_token(const sift::TokenStats& stats) override {
    return -(1 - stats.log_prob_m.exp()).pow(gamma_) * stats.log_prob_m;
  }

 private:
  double gamma_;
};

SIFT_PLUGIN("focal", "1.0.0", "Focal loss",
            [](sift::Registry& registry) { registry.add_loss<FocalLoss>("focal"); })
