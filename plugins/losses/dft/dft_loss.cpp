#include <sift/plugin.h>

namespace {

/// Dynamic Fine-Tuning (arXiv 2508.05629): the negative log-likelihood of each token times its probability,
/// which is detached from the graph. TRL's loss_type = "dft".
class DftLoss final : public sift::PerTokenLoss {
  at::Tensor per_token(const sift::TokenStats& stats) override {
    return -stats.log_prob_m * stats.log_prob_m.exp().detach();
  }
};

}  // namespace

SIFT_PLUGIN("dft", "1.0.0",
            "Dynamic Fine-Tuning: negative log-likelihood of each token, weighted by its probability",
            [](sift::Registry& registry) { registry.add_loss<DftLoss>("dft"); })
