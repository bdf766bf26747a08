#include <sift/metric.h>

namespace sift {

Metric::~Metric() = default;

}  // namespace sift
