#include <ATen/Functions.h>

#include "ops/operators.h"

// The library of a device as operator_test.cpp opens it: a version of one operator, for LibTorch's "meta".

namespace sift {
namespace {

/// Of another shape than the plain one's result, so that it is seen which of them ran.
at::Tensor rotary(const at::Tensor& x_nad, const at::Tensor& /*cos_nf*/, const at::Tensor& /*sin_nf*/,
                  bool /*back*/) {
  return x_nad.new_empty({x_nad.size(0)});
}

[[maybe_unused]] const bool kRotaryRegistered = op::rotary.add_version(
    at::kMeta, [](const at::Tensor& x_nad, auto...) { return x_nad.size(2) == 4; }, rotary);

}  // namespace
}  // namespace sift
