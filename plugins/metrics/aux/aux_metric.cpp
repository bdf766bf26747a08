#include <sift/plugin.h>

namespace {

/// The load-balancing loss of a mixture of experts, without its coefficient. Not logged for a model without
/// experts or with router_aux_loss_coef = 0.
class AuxMetric final : public sift::Metric {
 public:
  std::string key() const override { return "aux_loss"; }

  at::Tensor compute(const sift::MetricInput& input) override { return input.aux_loss; }
  double weight(const sift::MetricInput&) const override { return 1.0; }
};

}  // namespace

SIFT_PLUGIN("aux", "1.0.0", "Load-balancing loss of mixture-of-experts models; not logged for other models",
            [](sift::Registry& registry) { registry.add_metric<AuxMetric>("aux"); })
