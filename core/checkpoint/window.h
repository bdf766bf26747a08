#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sift {

/// The metrics since the last log. Values stay on their device until they are read. A mean is the plain mean
/// over micro-batches, as in TRL.
class MetricWindow {
 public:
  struct Sum {
    std::string key;
    double sum = 0.0;
    std::int64_t count = 0;
  };

  void add(const std::vector<std::pair<std::string, at::Tensor>>& values);
  /// Keys in the order of their first appearance.
  std::vector<std::pair<std::string, double>> means();
  void clear() { sums_.clear(); }

  /// For checkpoints: the sums so far.
  const std::vector<Sum>& sums();
  void restore(std::vector<Sum> sums);

 private:
  void read_pending();

  std::vector<std::pair<std::string, at::Tensor>> pending_;
  std::vector<Sum> sums_;
};

}  // namespace sift
