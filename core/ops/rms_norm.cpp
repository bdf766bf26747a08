#include "ops/rms_norm.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "device/no_autocast.h"
#include "ops/operators.h"

// Shape suffixes: n rows, h features, 1 a kept dimension.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::ScalarType norm_dtype(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// The factor of the normed x, unrounded.
at::Tensor factor(const at::Tensor& weight_h, at::ScalarType wide, bool offset) {
  const at::Tensor wide_h = weight_h.to(wide);
  return offset ? wide_h + 1.0 : wide_h;
}

class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_nh, const at::Tensor& weight_h,
                            double eps, NormWeight kind) {
    const NormOutput out = rms_norm_forward(x_nh, weight_h, eps, kind);
    ctx->save_for_backward({x_nh, weight_h, out.rstd_n1});
    ctx->saved_data["kind"] = static_cast<std::int64_t>(kind);
    return out.y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto kind = static_cast<NormWeight>(ctx->saved_data["kind"].toInt());
    const NormGradients out = rms_norm_backward(grads[0], saved[0], saved[1], saved[2], kind);
    return {out.x, out.weight, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

namespace plain {

std::tuple<at::Tensor, at::Tensor> rms_norm(const at::Tensor& x_nh, const at::Tensor& weight_h, double eps,
                                            bool offset) {
  const at::Tensor wide_nh = x_nh.to(norm_dtype(x_nh));
  const double size = static_cast<double>(x_nh.size(-1));
  // The 2-norm is one pass over x without a temporary of its size.
  const at::Tensor rstd_n1 =
      at::linalg_vector_norm(wide_nh, 2, at::IntArrayRef{-1}, true).square_().div_(size).add_(eps).rsqrt_();
  if (offset) {
    const at::Tensor factor_h = factor(weight_h, norm_dtype(x_nh), offset);
    return {(wide_nh * rstd_n1).mul_(factor_h).to(x_nh.scalar_type()), rstd_n1};
  }
  const at::Tensor normed_nh = (wide_nh * rstd_n1).to(x_nh.scalar_type());
  if (at::result_type(normed_nh, weight_h) != x_nh.scalar_type()) return {normed_nh * weight_h, rstd_n1};
  return {normed_nh.mul_(weight_h), rstd_n1};
}

// With r = 1 / sqrt(mean(x^2) + eps), u = x r and y = w u, where w is 1 + w with an offset:
// dw = sum_n g u;  dx = r (g w - u mean_h(g w u)).
std::tuple<at::Tensor, at::Tensor> rms_norm_backward(const at::Tensor& grad, const at::Tensor& x_nh,
                                                     const at::Tensor& weight, const at::Tensor& rstd_n1,
                                                     bool offset) {
  const at::ScalarType wide = norm_dtype(x_nh);
  const double size = static_cast<double>(x_nh.size(-1));
  const at::Tensor weight_h = factor(weight, wide, offset), grad_nh = grad.to(wide);
  at::Tensor unit_nh = x_nh.to(wide) * rstd_n1;
  const at::Tensor product_nh = grad_nh * unit_nh;
  const at::Tensor mean_n1 = product_nh.matmul(weight_h.unsqueeze(1)).div_(size);
  const at::Tensor grad_weight_h = product_nh.flatten(0, -2).sum(0);
  at::Tensor grad_x_nh = grad_nh * weight_h;
  grad_x_nh.sub_(unit_nh.mul_(mean_n1)).mul_(rstd_n1);
  return {grad_x_nh.to(x_nh.scalar_type()), grad_weight_h.to(weight.scalar_type())};
}

}  // namespace plain

constinit Operator<decltype(plain::rms_norm)> op::rms_norm("sift::rms_norm", plain::rms_norm);
constinit Operator<decltype(plain::rms_norm_backward)> op::rms_norm_backward("sift::rms_norm_backward",
                                                                             plain::rms_norm_backward);

NormOutput rms_norm_forward(const at::Tensor& x, const at::Tensor& weight, double eps, NormWeight kind) {
  auto [y, rstd_n1] = op::rms_norm(x, weight, eps, kind == NormWeight::kOffset);
  return {std::move(y), std::move(rstd_n1)};
}

NormGradients rms_norm_backward(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight,
                                const at::Tensor& rstd_n1, NormWeight kind) {
  const NoAutocast plain_types(x.device().type());
  auto [grad_x, grad_weight] = op::rms_norm_backward(grad, x, weight, rstd_n1, kind == NormWeight::kOffset);
  return {std::move(grad_x), std::move(grad_weight)};
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps, NormWeight kind) {
  return RmsNorm::apply(x, weight, eps, kind);
}

}  // namespace sift
