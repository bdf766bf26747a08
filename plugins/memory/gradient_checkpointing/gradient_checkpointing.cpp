#include <c10/core/GradMode.h>

#include <sift/plugin.h>
#include "layer_run.h"

namespace {

/// Saves the input of a layer and recomputes the layer in backward (arXiv 1604.06174).
class GradientCheckpointing final : public sift::MemoryStrategy {
 public:
  struct Options {
    std::int64_t every_n_layers = 1;
    bool selective = false;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("every_n_layers", &Options::every_n_layers,
               "recompute every n-th layer in backward, starting with the first; 1: all layers",
               sift::at_least(1));
    schema.add("selective", &Options::selective,
               "keep the attention outputs and recompute only the rest of the layer");
  }
  explicit GradientCheckpointing(const Options& options) : options_(options) {}

  at::Tensor run_layer(const sift::Layer& layer, const at::Tensor& hidden_nh) override {
    if (!c10::GradMode::is_enabled() || layer.index % options_.every_n_layers != 0)
      return layer.forward(hidden_nh);
    const sift::SavedTensorScope scope(std::make_shared<LayerRun>(layer, hidden_nh, options_.selective));
    return layer.forward(hidden_nh);
  }

 private:
  Options options_;
};

}  // namespace

SIFT_PLUGIN("gradient_checkpointing", "1.0.0",
            "Recomputes layers in backward instead of storing their activations",
            [](sift::Registry& registry) {
              registry.add_memory<GradientCheckpointing>("gradient_checkpointing");
            })
