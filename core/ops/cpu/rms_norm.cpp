#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/cpu/supports.h"
#include "ops/operators.h"

// Shape suffixes: n rows, h features, 1 a kept dimension.

namespace sift::cpu {
namespace {

bool norm_supports(const at::Tensor& x_nh, const at::Tensor& weight_h) {
  return x_nh.numel() > 0 && supports({x_nh, weight_h});
}

std::tuple<at::Tensor, at::Tensor> norm_forward(const at::Tensor& x_nh, const at::Tensor& weight_h,
                                                double eps, bool offset) {
  const at::Tensor factor_h = offset ? weight_h + 1.0 : weight_h;
  const at::Tensor y_nh = at::empty_like(x_nh);
  const at::IntArrayRef rows = x_nh.sizes().slice(0, static_cast<std::size_t>(x_nh.dim() - 1));
  const at::Tensor rstd_n1 = at::empty(rows, x_nh.options()).unsqueeze(-1);
  with_type(x_nh, [&](auto zero) {
    using T = decltype(zero);
    rms_norm(rstd_n1.numel(), x_nh.size(-1), in<T>(x_nh), in<T>(factor_h), static_cast<T>(eps), out<T>(y_nh),
             out<T>(rstd_n1));
  });
  return {y_nh, rstd_n1};
}

std::tuple<at::Tensor, at::Tensor> norm_backward(const at::Tensor& grad, const at::Tensor& x_nh,
                                                 const at::Tensor& weight_h, const at::Tensor& rstd_n1,
                                                 bool offset) {
  const at::Tensor grad_nh = grad.to(x_nh.scalar_type()).contiguous();
  const at::Tensor factor_h = offset ? weight_h + 1.0 : weight_h;
  const at::Tensor grad_x_nh = at::empty_like(x_nh), grad_factor_h = at::empty_like(factor_h);
  with_type(x_nh, [&](auto zero) {
    using T = decltype(zero);
    rms_norm_backward(rstd_n1.numel(), x_nh.size(-1), in<T>(grad_nh), in<T>(x_nh), in<T>(factor_h),
                      in<T>(rstd_n1), out<T>(grad_x_nh), out<T>(grad_factor_h));
  });
  return {grad_x_nh, grad_factor_h};
}

[[maybe_unused]] const bool kNormRegistered =
    available() &&
    op::rms_norm.add_version(
        at::kCPU,
        [](const at::Tensor& x_nh, const at::Tensor& weight_h, auto...) {
          return norm_supports(x_nh, weight_h);
        },
        norm_forward) &&
    op::rms_norm_backward.add_version(
        at::kCPU,
        [](const at::Tensor&, const at::Tensor& x_nh, const at::Tensor& weight_h, auto...) {
          return norm_supports(x_nh, weight_h);
        },
        norm_backward);

}  // namespace
}  // namespace sift::cpu
