#include <sift/metric.h>

namespace sift {

Metric::~Metric() = default;

double Metric::weight(const MetricInput& input) const {
  return static_cast<double>(input.batch.num_scored());
}

}  // namespace sift
