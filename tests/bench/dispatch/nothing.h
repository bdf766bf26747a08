#pragma once

#include <string>

#include <sift/callback.h>
#include <sift/memory.h>
#include <sift/metric.h>

namespace sift::bench {

// Components that do nothing, so that all there is to measure is the way to them. Compiled into a plugin and
// into the measuring program.

class NoLoss final : public Loss {
 public:
  LossOutput compute(const LossInput& input) override { return {input.hidden_nh, {}}; }
};

class NoMetric final : public Metric {
 public:
  std::string key() const override { return "nothing"; }
  at::Tensor compute(const MetricInput& input) override { return input.aux_loss; }
};

class NoCallback final : public Callback {};

class NoStrategy final : public MemoryStrategy {};

}  // namespace sift::bench
