#include "ops/flash_attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <utility>

#include <sift/saved_tensors.h>
#include "ops/operators.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

double scale_of(const at::Tensor& q_nad, const AttentionOptions& options) {
  return options.scale.value_or(1.0 / std::sqrt(static_cast<double>(q_nad.size(2))));
}

class FlashAttention : public torch::autograd::Function<FlashAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_nkd,
                            const at::Tensor& v_nkd, const std::vector<std::int64_t>& starts,
                            std::int64_t window, double scale) {
    auto [out_nad, lse_an] = op::flash_attention(q_nad, k_nkd, v_nkd, starts, window, scale);
    ctx->save_for_backward({q_nad, k_nkd, v_nkd, out_nad, lse_an});
    ctx->saved_data["starts"] = starts;
    ctx->saved_data["window"] = window;
    ctx->saved_data["scale"] = scale;
    return out_nad;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    auto [grad_q_nad, grad_k_nkd, grad_v_nkd] = op::flash_attention_backward(
        grads[0], saved[0], saved[1], saved[2], saved[3], saved[4], ctx->saved_data["starts"].toIntVector(),
        ctx->saved_data["window"].toInt(), ctx->saved_data["scale"].toDouble());
    return {std::move(grad_q_nad), std::move(grad_k_nkd), std::move(grad_v_nkd), {}, {}, {}};
  }
};

}  // namespace

constinit decltype(op::flash_attention) op::flash_attention("sift::flash_attention", nullptr);
constinit decltype(op::flash_attention_backward) op::flash_attention_backward(
    "sift::flash_attention_backward", nullptr);

bool supports_flash_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                              const std::vector<std::int64_t>& document_starts,
                              const AttentionOptions& options) {
  return options.softcap == 0.0 && op::flash_attention.supports(q_nad, k_nkd, v_nkd, document_starts,
                                                                options.window, scale_of(q_nad, options));
}

at::Tensor flash_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                           const std::vector<std::int64_t>& document_starts,
                           const AttentionOptions& options) {
  const double scale = scale_of(q_nad, options);
  const at::Tensor q = q_nad.contiguous(), k = k_nkd.contiguous(), v = v_nkd.contiguous();
  const at::Tensor out_nad = keep_output(
      {q, k, v}, [&] { return FlashAttention::apply(q, k, v, document_starts, options.window, scale); });
  return out_nad.flatten(1);
}

}  // namespace sift
