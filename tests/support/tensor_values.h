#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace sift::test {

/// The numbers of a contiguous tensor of integers, in order.
inline std::vector<std::int64_t> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kLong);
  return {flat.const_data_ptr<std::int64_t>(), flat.const_data_ptr<std::int64_t>() + flat.numel()};
}

}  // namespace sift::test
