#include <ATen/Functions.h>

#include "ops/cpu/supports.h"
#include "ops/operators.h"

namespace sift::cpu {
namespace {

at::Tensor turn(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf, bool back) {
  at::Tensor out_nad = at::empty_like(x_nad);
  with_type(x_nad, [&](auto zero) {
    using T = decltype(zero);
    rotary(x_nad.size(0), x_nad.size(1), x_nad.size(2), cos_nf.size(1), in<T>(x_nad), in<T>(cos_nf),
           in<T>(sin_nf), back ? T(-1) : T(1), out<T>(out_nad));
  });
  return out_nad;
}

[[maybe_unused]] const bool kRotaryRegistered =
    available() && op::rotary.add_version(
                       at::kCPU,
                       [](const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf, bool) {
                         return x_nad.dim() == 3 && supports({x_nad, cos_nf, sin_nf});
                       },
                       turn);

}  // namespace
}  // namespace sift::cpu
