#include <sift/linear_cross_entropy.h>
#include <sift/plugin.h>

namespace {

/// Fused linear cross entropy, as in Liger-Kernel (arXiv 2410.10989): the same loss as nll, but the gradients
/// are computed in the forward pass; with Liger's options.
class LigerLoss final : public sift::Loss {
 public:
  struct Options {
    std::int64_t chunk_size = 0;
    double label_smoothing = 0.0;
    double lse_square_scale = 0.0;
    std::optional<double> softcap;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("chunk_size", &Options::chunk_size,
               "scored tokens per chunk of logits; 0: derived from the vocabulary size", sift::at_least(0));
    schema.add("label_smoothing", &Options::label_smoothing,
               "probability mass of the target that is spread uniformly over the vocabulary",
               sift::between(0, 1));
    schema.add("lse_square_scale", &Options::lse_square_scale,
               "coefficient of the z-loss, the squared logarithm of the softmax denominator",
               sift::at_least(0));
    schema.add("softcap", &Options::softcap,
               "limit the logits to +-softcap with tanh; 0: no limit; not set: the model's own value",
               sift::at_least(0));
  }
  explicit LigerLoss(const Options& options)
      : options_{options.chunk_size, options.label_smoothing, options.lse_square_scale, options.softcap} {}

  sift::LossOutput compute(const sift::LossInput& input) override {
    return sift::linear_cross_entropy(input, options_);
  }
  bool sums_over_tokens() const override { return true; }

 private:
  sift::CrossEntropyOptions options_;
};

}  // namespace

SIFT_PLUGIN("liger", "1.0.0",
            "Fused linear cross entropy: nll with the gradients computed in the forward pass",
            [](sift::Registry& registry) { registry.add_loss<LigerLoss>("liger"); })
