#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "parallel/parallel.h"
#include "train/components.h"

namespace sift {

/// The metrics of several micro-batches. Those that the processes run at the same time, a round, count as one
/// micro-batch of TRL.
class MetricRounds {
 public:
  /// `keys`: Components::metric_keys().
  explicit MetricRounds(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  /// The metrics of the next micro-batch of this process.
  void add(std::vector<MetricValue> values) { rounds_.push_back(std::move(values)); }
  /// The metrics of that micro-batch do not count.
  void drop_last() { rounds_.back().clear(); }
  /// Key and value (0-d) of each metric in each round of all processes, in order: the mean by weight, or the
  /// plain mean if no process has any. A metric without a value in a round is left out. `rounds`: the most
  /// micro-batches of a process.
  std::vector<std::pair<std::string, at::Tensor>> joined(Parallel& parallel, std::int64_t rounds) const;

 private:
  std::vector<std::pair<std::string, at::Tensor>> own() const;
  at::Tensor terms(std::int64_t rounds) const;
  at::ScalarType dtype_of(std::size_t metric) const;

  std::vector<std::string> keys_;
  std::vector<std::vector<MetricValue>> rounds_;
};

}  // namespace sift
