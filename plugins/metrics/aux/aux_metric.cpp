#include <sift/plugin.h>

namespace {

/// The load-balancing loss of a mixture of experts, before it is weighted. It has nothing to say of a model
/// without experts, nor of one whose router_aux_loss_coef is 0.
class AuxMetric final : public sift::Metric {
 public:
  std::string key() const override { return "aux_loss"; }

  at::Tensor compute(const sift::MetricInput& input) override { return input.aux_loss; }
};

}  // namespace

SIFT_PLUGIN("aux", "1.0.0", "Load-balancing loss of a mixture of experts; nothing for other models",
            [](sift::Registry& registry) { registry.add_metric<AuxMetric>("aux"); })
