#include <sift/linear_cross_entropy.h>
#include <sift/plugin.h>

namespace {

/// Fused linear cross entropy, as in Liger-Kernel (arXiv 2410.10989): what nll computes, but with the
/// gradients made in the forward pass, and with Liger's options.
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
               "scored tokens whose logits exist at a time; 0: chosen from the vocabulary",
               sift::at_least(0));
    schema.add("label_smoothing", &Options::label_smoothing,
               "part of the target that is spread evenly over the vocabulary", sift::between(0, 1));
    schema.add("lse_square_scale", &Options::lse_square_scale,
               "weight of the z-loss, the squared logarithm of the softmax's denominator", sift::at_least(0));
    schema.add("softcap", &Options::softcap,
               "keep logits within +-softcap by a tanh; 0: never; not set: as the model does",
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

SIFT_PLUGIN("liger", "1.0.0", "Fused linear cross entropy: nll with the gradients made in the forward pass",
            [](sift::Registry& registry) { registry.add_loss<LigerLoss>("liger"); })
