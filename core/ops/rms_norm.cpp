#include "ops/rms_norm.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops/cpu/takes.h"
#include "ops/no_autocast.h"

// Shape suffixes: n rows, h features, 1 a kept dimension.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::ScalarType norm_dtype(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

/// What the normed x is multiplied by, unrounded.
at::Tensor factor(const at::Tensor& weight_h, at::ScalarType wide, NormWeight kind) {
  const at::Tensor wide_h = weight_h.to(wide);
  return kind == NormWeight::kOffset ? wide_h + 1.0 : wide_h;
}

bool takes(const at::Tensor& x_nh, const at::Tensor& weight_h) {
  return x_nh.numel() > 0 && cpu::takes({x_nh, weight_h});
}

/// y and rstd in one pass over x.
NormOutput fused_forward(const at::Tensor& x_nh, const at::Tensor& factor_h, double eps) {
  const at::Tensor y_nh = at::empty_like(x_nh);
  at::IntArrayRef rows = x_nh.sizes().slice(0, static_cast<std::size_t>(x_nh.dim() - 1));
  const at::Tensor rstd_n1 = at::empty(rows, x_nh.options()).unsqueeze(-1);
  cpu::rms_norm(rstd_n1.numel(), x_nh.size(-1), x_nh.const_data_ptr<float>(),
                factor_h.const_data_ptr<float>(), static_cast<float>(eps), y_nh.data_ptr<float>(),
                rstd_n1.data_ptr<float>());
  return {y_nh, rstd_n1};
}

NormGradients fused_backward(const at::Tensor& grad_nh, const at::Tensor& x_nh, const at::Tensor& factor_h,
                             const at::Tensor& rstd_n1) {
  const at::Tensor grad_x_nh = at::empty_like(x_nh), grad_factor_h = at::empty_like(factor_h);
  cpu::rms_norm_backward(rstd_n1.numel(), x_nh.size(-1), grad_nh.const_data_ptr<float>(),
                         x_nh.const_data_ptr<float>(), factor_h.const_data_ptr<float>(),
                         rstd_n1.const_data_ptr<float>(), grad_x_nh.data_ptr<float>(),
                         grad_factor_h.data_ptr<float>());
  return {grad_x_nh, grad_factor_h};
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

NormOutput rms_norm_forward(const at::Tensor& x_nh, const at::Tensor& weight_h, double eps, NormWeight kind) {
  if (takes(x_nh, weight_h)) return fused_forward(x_nh, factor(weight_h, at::kFloat, kind), eps);
  const at::Tensor wide_nh = x_nh.to(norm_dtype(x_nh));
  const double size = static_cast<double>(x_nh.size(-1));
  // The 2-norm is one pass over x without a temporary of its size.
  const at::Tensor rstd_n1 =
      at::linalg_vector_norm(wide_nh, 2, at::IntArrayRef{-1}, true).square_().div_(size).add_(eps).rsqrt_();
  if (kind == NormWeight::kOffset) {
    return {(wide_nh * rstd_n1).mul_(factor(weight_h, norm_dtype(x_nh), kind)).to(x_nh.scalar_type()),
            rstd_n1};
  }
  const at::Tensor normed_nh = (wide_nh * rstd_n1).to(x_nh.scalar_type());
  if (at::result_type(normed_nh, weight_h) != x_nh.scalar_type()) return {normed_nh * weight_h, rstd_n1};
  return {normed_nh.mul_(weight_h), rstd_n1};
}

// With r = 1 / sqrt(mean(x^2) + eps), u = x r and y = w u, where w is 1 + w for kOffset:
// dw = sum_n g u;  dx = r (g w - u mean_h(g w u)).
NormGradients rms_norm_backward(const at::Tensor& grad, const at::Tensor& x_nh, const at::Tensor& weight,
                                const at::Tensor& rstd_n1, NormWeight kind) {
  const NoAutocast plain(x_nh.device().type());
  const at::ScalarType wide = norm_dtype(x_nh);
  const double size = static_cast<double>(x_nh.size(-1));
  const at::Tensor weight_h = factor(weight, wide, kind);
  const at::Tensor grad_nh = grad.to(wide);
  if (takes(x_nh, weight)) return fused_backward(grad_nh.contiguous(), x_nh, weight_h, rstd_n1);

  at::Tensor unit_nh = x_nh.to(wide) * rstd_n1;
  const at::Tensor product_nh = grad_nh * unit_nh;
  const at::Tensor mean_n1 = product_nh.matmul(weight_h.unsqueeze(1)).div_(size);
  const at::Tensor grad_weight_h = product_nh.flatten(0, -2).sum(0);
  at::Tensor grad_x_nh = grad_nh * weight_h;
  grad_x_nh.sub_(unit_nh.mul_(mean_n1)).mul_(rstd_n1);
  return {grad_x_nh.to(x_nh.scalar_type()), grad_weight_h.to(weight.scalar_type())};
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps, NormWeight kind) {
  return RmsNorm::apply(x, weight, eps, kind);
}

}  // namespace sift
