#include "train/metric_rounds.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace sift {
namespace {

/// Over processes: of value times weight, of weights, of values, and of values that are there.
enum Column : std::int64_t { kWeighted, kWeights, kPlain, kCount, kColumns };

/// value * weight. A ratio of two counts that was rounded to float32 gives its count back, so that the sum
/// over processes is exact.
double weighted(const at::Tensor& value, double weight) {
  if (weight == 0) return 0;  // NaN perhaps, which must not spoil the others
  const double product = value.item().toDouble() * weight;
  const double count = std::round(product);
  const bool is_ratio =
      value.scalar_type() == at::kFloat && static_cast<float>(count / weight) == value.item().toFloat();
  return is_ratio ? count : product;
}

}  // namespace

std::vector<std::pair<std::string, at::Tensor>> MetricRounds::own() const {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const auto& round : rounds_)
    for (const MetricValue& metric : round) all.emplace_back(keys_[metric.index], metric.value);
  return all;
}

/// [rounds, metrics, kColumns], float64, on the host.
at::Tensor MetricRounds::terms(std::int64_t rounds) const {
  at::Tensor terms = at::zeros({rounds, static_cast<std::int64_t>(keys_.size()), kColumns}, at::kDouble);
  auto cells = terms.accessor<double, 3>();
  for (std::size_t round = 0; round < rounds_.size(); ++round) {
    for (const MetricValue& metric : rounds_[round]) {
      auto cell = cells[static_cast<std::int64_t>(round)][static_cast<std::int64_t>(metric.index)];
      cell[kWeighted] = weighted(metric.value, metric.weight);
      cell[kWeights] = metric.weight;
      cell[kPlain] = metric.value.item().toDouble();
      cell[kCount] = 1;
    }
  }
  return terms;
}

at::ScalarType MetricRounds::dtype_of(std::size_t metric) const {
  for (const auto& round : rounds_)
    for (const MetricValue& value : round)
      if (value.index == metric) return value.value.scalar_type();
  return at::kFloat;
}

std::vector<std::pair<std::string, at::Tensor>> MetricRounds::joined(Parallel& parallel,
                                                                     std::int64_t rounds) const {
  if (parallel.is_alone()) return own();
  const at::Tensor own_terms = terms(rounds);
  const at::Tensor sums = parallel.gathered(own_terms.view({-1})).sum(0).view(own_terms.sizes());
  const auto cells = sums.accessor<double, 3>();
  std::vector<std::pair<std::string, at::Tensor>> joined;
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (std::size_t metric = 0; metric < keys_.size(); ++metric) {
      const auto cell = cells[round][static_cast<std::int64_t>(metric)];
      if (cell[kCount] == 0) continue;
      const double mean = cell[kWeights] > 0 ? cell[kWeighted] / cell[kWeights] : cell[kPlain] / cell[kCount];
      joined.emplace_back(keys_[metric], at::scalar_tensor(mean, dtype_of(metric)));
    }
  }
  return joined;
}

}  // namespace sift
