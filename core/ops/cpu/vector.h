#pragma once

#include <ATen/cpu/vec/functional.h>
#include <ATen/cpu/vec/vec.h>

#include <algorithm>
#include <cstdint>

// For the files that are compiled for a processor with vectors, see kernels.h; nothing else may include it.

namespace sift::cpu {

using Vec = at::vec::Vectorized<float>;

constexpr std::int64_t kLanes = Vec::size();

/// How many of the numbers from i on fit into one vector: all of it but at the end.
inline int lanes(std::int64_t i, std::int64_t size) {
  return static_cast<int>(std::min(kLanes, size - i));
}

inline float sum_of(const Vec& v) {
  return at::vec::vec_reduce_all<float>([](const Vec& a, const Vec& b) { return a + b; }, v);
}

}  // namespace sift::cpu
