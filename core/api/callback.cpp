#include <sift/callback.h>

#include <algorithm>
#include <cmath>

namespace sift {

RunModel::~RunModel() = default;

Callback::~Callback() = default;

const double* LogEntry::find(const std::string& key) const {
  const auto found =
      std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.first == key; });
  return found == values.end() ? nullptr : &found->second;
}

std::int64_t resolve_steps(double steps_or_ratio, std::int64_t max_steps) {
  if (steps_or_ratio <= 0.0) return 0;
  const bool is_ratio = steps_or_ratio < 1.0;
  // transformers: math.ceil(max_steps * x), in double as here
  return static_cast<std::int64_t>(is_ratio ? std::ceil(static_cast<double>(max_steps) * steps_or_ratio)
                                            : steps_or_ratio);
}

}  // namespace sift
