#include <sift/plugin.h>

/// Cross entropy against targets that are smoothed over the vocabulary (Szegedy et al., 2016):
/// -(1 - epsilon) * log p(target) - epsilon * mean over v of log p(v), as torch.nn.CrossEntropyLoss has it.
/// It needs the log-probability of every token, so it builds all logits: [M, V] float32 several times over.
class LabelSmoothingLoss final : public sift::Loss {
 public:
  struct Options {
    double epsilon = 0.1;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("epsilon", &Options::epsilon, "share of the target that goes to all tokens; 0 is nll",
               sift::between(0, 1));
  }
  explicit LabelSmoothingLoss(const Options& options) : epsilon_(options.epsilon) {}

  sift::LossOutput compute(const sift::LossInput& input) override {
    const at::Tensor logits_mv = input.logits_mv();
    const at::Tensor targets_m = input.targets_m();
    const at::Tensor log_prob_mv = logits_mv.log_softmax(-1);
    const at::Tensor log_prob_m = log_prob_mv.gather(-1, targets_m.unsqueeze(-1)).squeeze(-1);
    const at::Tensor loss_m = -(1 - epsilon_) * log_prob_m - epsilon_ * log_prob_mv.mean(-1);

    // what the metrics of the run ask for, without a gradient
    sift::TokenStats stats;
    stats.log_prob_m = log_prob_m;
    const at::Tensor detached_mv = log_prob_mv.detach();
    if (input.needs.entropy) stats.entropy_m = -(detached_mv.exp() * detached_mv).sum(-1);
    if (input.needs.top1) stats.is_top1_m = detached_mv.argmax(-1) == targets_m;

    // by the scored tokens of the whole update, not those of this micro-batch
    return {loss_m.sum() / static_cast<double>(input.num_items), stats};
  }

 private:
  double epsilon_;
};

SIFT_PLUGIN("label_smoothing", "1.0.0", "Cross entropy with smoothed targets",
            [](sift::Registry& registry) { registry.add_loss<LabelSmoothingLoss>("label_smoothing"); })
