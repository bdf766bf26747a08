#include <ATen/Functions.h>
#include <torch/library.h>

#include "ops/cpu/supports.h"
#include "ops/plain.h"

namespace sift::cpu {
namespace {

at::Tensor turn(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf, bool back) {
  if (x_nad.dim() != 3 || !supports({x_nad, cos_nf, sin_nf}))
    return plain::rotary(x_nad, cos_nf, sin_nf, back);
  at::Tensor out_nad = at::empty_like(x_nad);
  with_type(x_nad, [&](auto zero) {
    using T = decltype(zero);
    rotary(x_nad.size(0), x_nad.size(1), x_nad.size(2), cos_nf.size(1), in<T>(x_nad), in<T>(cos_nf),
           in<T>(sin_nf), back ? T(-1) : T(1), out<T>(out_nad));
  });
  return out_nad;
}

TORCH_LIBRARY_IMPL(sift, CPU, library) {
  if (available()) library.impl("rotary", TORCH_FN(turn));
}

}  // namespace
}  // namespace sift::cpu
