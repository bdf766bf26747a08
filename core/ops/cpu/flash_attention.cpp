#include <ATen/Functions.h>

#include "ops/cpu/attention.h"
#include "ops/cpu/blas.h"
#include "ops/cpu/supports.h"
#include "ops/operators.h"

// Shape suffixes: n tokens with queries, l tokens with keys, a query heads, k key/value heads, d head_dim.

namespace sift::cpu {
namespace {

bool attention_supports(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd) {
  const at::ScalarType type = q_nad.scalar_type();
  return (type == at::kFloat || type == at::kDouble) && k_lkd.scalar_type() == type &&
         v_lkd.scalar_type() == type;
}

AttentionShape shape_of(const at::Tensor& q_nad, const at::Tensor& k_lkd, at::IntArrayRef starts,
                        std::int64_t window, double scale) {
  return {q_nad.size(1),
          k_lkd.size(1),
          q_nad.size(2),
          window,
          scale,
          starts.vec(),
          starts.back() - q_nad.size(0)};
}

std::tuple<at::Tensor, at::Tensor> attention_forward(const at::Tensor& q_nad, const at::Tensor& k_lkd,
                                                     const at::Tensor& v_lkd, at::IntArrayRef starts,
                                                     std::int64_t window, double scale) {
  const at::Tensor out_nad = at::empty_like(q_nad);
  const at::Tensor lse_an = at::empty({q_nad.size(1), q_nad.size(0)}, q_nad.options());
  with_type(q_nad, [&](auto zero) {
    using T = decltype(zero);
    attention(shape_of(q_nad, k_lkd, starts, window, scale), in<T>(q_nad), in<T>(k_lkd), in<T>(v_lkd),
              out<T>(out_nad), out<T>(lse_an));
  });
  return {out_nad, lse_an};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> attention_backward(
    const at::Tensor& grad, const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
    const at::Tensor& out_nad, const at::Tensor& lse_an, at::IntArrayRef starts, std::int64_t window,
    double scale) {
  const at::Tensor grad_nad = grad.contiguous(), grad_q_nad = at::empty_like(q_nad);
  const at::Tensor grad_k_lkd = at::empty_like(k_lkd), grad_v_lkd = at::empty_like(v_lkd);
  with_type(q_nad, [&](auto zero) {
    using T = decltype(zero);
    attention_backward<T>(shape_of(q_nad, k_lkd, starts, window, scale),
                          {in<T>(q_nad), in<T>(k_lkd), in<T>(v_lkd), in<T>(out_nad), in<T>(lse_an)},
                          in<T>(grad_nad), {out<T>(grad_q_nad), out<T>(grad_k_lkd), out<T>(grad_v_lkd)});
  });
  return {grad_q_nad, grad_k_lkd, grad_v_lkd};
}

[[maybe_unused]] const bool kAttentionRegistered =
    available() && has_products() &&
    op::flash_attention.add_version(
        at::kCPU,
        [](const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd, auto...) {
          return attention_supports(q_nad, k_lkd, v_lkd);
        },
        attention_forward) &&
    op::flash_attention_backward.add_version(
        at::kCPU,
        [](const at::Tensor&, const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
           auto...) { return attention_supports(q_nad, k_lkd, v_lkd); },
        attention_backward);

}  // namespace
}  // namespace sift::cpu
