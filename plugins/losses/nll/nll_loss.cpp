#include <sift/plugin.h>

namespace {

/// Negative log-likelihood, the cross entropy of the next token: TRL's loss_type = "nll".
class NllLoss final : public sift::PerTokenLoss {
  at::Tensor per_token(const sift::TokenStats& stats) override { return -stats.log_prob_m; }
};

}  // namespace

SIFT_PLUGIN("nll", "1.0.0", "Negative log-likelihood of the next token",
            [](sift::Registry& registry) { registry.add_loss<NllLoss>("nll"); })
