#include "train/weights_fingerprint.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/content_hash.h"

namespace sift {
namespace {

constexpr std::int64_t kMostSamples = 256;  ///< of a parameter

/// Values at equal distances, as bytes.
std::string sample(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().flatten();
  const std::int64_t size = values.numel(), count = std::min(size, kMostSamples);
  if (count == 0) return {};
  const at::Tensor places = at::arange(count, values.options().dtype(at::kLong)) * (size / count);
  const at::Tensor sampled = values.index_select(0, places).cpu();
  return {static_cast<const char*>(sampled.const_data_ptr()), sampled.nbytes()};
}

}  // namespace

void WeightsFingerprint::add(const Parameter& parameter) {
  const at::Tensor& tensor = parameter.tensor;
  if (samples_.contains(parameter.name)) return;
  samples_[parameter.name] =
      fmt::format("{} {} {}", fmt::join(tensor.sizes(), ","), static_cast<int>(tensor.scalar_type()),
                  content_hash(sample(tensor)));
}

std::string WeightsFingerprint::text() const {
  std::string all;
  for (const auto& [name, sampled] : samples_) all += fmt::format("{} {} ", name, sampled);
  return content_hash(all);
}

}  // namespace sift
