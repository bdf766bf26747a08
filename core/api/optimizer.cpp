#include <sift/optimizer.h>

#include <utility>

namespace sift {

Optimizer::Optimizer(OptimizerSetup setup) : setup_(std::move(setup)) {}

Optimizer::~Optimizer() = default;

}  // namespace sift
