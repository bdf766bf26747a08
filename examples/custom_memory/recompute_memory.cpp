#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <sift/plugin.h>

namespace {

using LayerFunction = std::function<at::Tensor(const at::Tensor&)>;

/// Backward runs outside the autocast region of the forward pass: this remembers the region and brings it
/// back, so that the same numbers come out.
struct Region {
  explicit Region(at::DeviceType of_device)
      : device(of_device),
        enabled(at::autocast::is_autocast_enabled(device)),
        dtype(at::autocast::get_autocast_dtype(device)) {}
  void enter() const {
    at::autocast::set_autocast_enabled(device, enabled);
    at::autocast::set_autocast_dtype(device, dtype);
  }
  at::DeviceType device;
  bool enabled;
  at::ScalarType dtype;
};

class InRegion {
 public:
  explicit InRegion(const Region& region) : before_(region.device) {
    region.enter();
    at::autocast::increment_nesting();
  }
  ~InRegion() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    before_.enter();
  }
  InRegion(const InRegion&) = delete;
  InRegion& operator=(const InRegion&) = delete;

 private:
  Region before_;
};

struct Recorded : torch::CustomClassHolder {
  Recorded(LayerFunction function, at::DeviceType device) : layer(std::move(function)), region(device) {}
  LayerFunction layer;
  Region region;
};

/// Keeps only what goes into a layer and runs the layer again in backward (Chen et al., 2016).
struct Recompute : torch::autograd::Function<Recompute> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& hidden_nh,
                            const LayerFunction& layer) {
    context->save_for_backward({hidden_nh});
    const auto recorded = c10::make_intrusive<Recorded>(layer, hidden_nh.device().type());
    context->saved_data["recorded"] = at::IValue::make_capsule(recorded);
    return layer(hidden_nh);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const at::Tensor hidden_nh = context->get_saved_variables()[0].detach().requires_grad_(true);
    const auto capsule = context->saved_data["recorded"].toCapsule();
    const auto recorded = c10::static_intrusive_pointer_cast<Recorded>(capsule);
    const at::AutoGradMode with_gradients(true);
    at::Tensor output_nh;
    {
      const InRegion region(recorded->region);
      output_nh = recorded->layer(hidden_nh);
    }
    torch::autograd::backward({output_nh}, {gradients[0]});  // the weights of the layer get theirs here
    return {hidden_nh.grad(), at::Tensor()};
  }
};

/// Recomputes the first layers in backward instead of keeping what they made.
class RecomputeMemory final : public sift::MemoryStrategy {
 public:
  struct Options {
    std::int64_t first_layers = 0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("first_layers", &Options::first_layers, "recompute so many layers; 0: all", sift::at_least(0));
  }
  explicit RecomputeMemory(const Options& options) : options_(options) {}

  at::Tensor run_layer(const sift::Layer& layer, const at::Tensor& hidden_nh) override {
    const bool is_chosen = options_.first_layers == 0 || layer.index < options_.first_layers;
    // an evaluation keeps nothing; and backward would not come to a function whose input needs no gradient
    const bool is_recorded = at::GradMode::is_enabled() && hidden_nh.requires_grad();
    if (!is_chosen || !is_recorded) return layer.forward(hidden_nh);
    return Recompute::apply(hidden_nh, layer.forward);
  }

 private:
  Options options_;
};

}  // namespace

SIFT_PLUGIN("recompute", "1.0.0", "Recompute layers in backward",
            [](sift::Registry& registry) { registry.add_memory<RecomputeMemory>("recompute"); })
