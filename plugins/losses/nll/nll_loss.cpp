#include <sift/linear_cross_entropy.h>
#include <sift/plugin.h>

namespace {

/// Negative log-likelihood, the cross entropy of the next token: TRL's loss_type = "nll". With label
/// smoothing it is the loss of transformers' LabelSmoother, which needs the logits of the whole vocabulary.
class NllLoss final : public sift::Loss {
 public:
  struct Options {
    double label_smoothing = 0.0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("label_smoothing", &Options::label_smoothing,
               "probability mass of the target that is spread uniformly over the vocabulary",
               sift::between(0, 1));
  }
  explicit NllLoss(const Options& options) : label_smoothing_(options.label_smoothing) {}

  sift::LossOutput compute(const sift::LossInput& input) override {
    if (label_smoothing_ > 0) {
      return sift::linear_cross_entropy(input, {.label_smoothing = label_smoothing_});
    }
    if (input.batch.num_scored() == 0) return sift::nothing_scored(input);
    sift::TokenStats stats = sift::token_stats(input);
    at::Tensor loss = (-stats.log_prob_m).sum() / static_cast<double>(input.num_items);
    return {std::move(loss), std::move(stats)};
  }
  bool sums_over_tokens() const override { return true; }

 private:
  double label_smoothing_;
};

}  // namespace

SIFT_PLUGIN("nll", "1.1.0", "Negative log-likelihood of the next token",
            [](sift::Registry& registry) { registry.add_loss<NllLoss>("nll"); })
