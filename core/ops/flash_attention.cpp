#include "ops/flash_attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include <sift/saved_tensors.h>
#include "ops/operators.h"

// Shape suffixes: n tokens with queries, l tokens with keys, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class FlashAttention : public torch::autograd::Function<FlashAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_lkd,
                            const at::Tensor& v_lkd, const std::vector<std::int64_t>& starts,
                            std::int64_t window, double scale) {
    auto [out_nad, lse_an] = op::flash_attention(q_nad, k_lkd, v_lkd, starts, window, scale);
    ctx->save_for_backward({q_nad, k_lkd, v_lkd, out_nad, lse_an});
    ctx->saved_data["starts"] = starts;
    ctx->saved_data["window"] = window;
    ctx->saved_data["scale"] = scale;
    return out_nad;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    auto [grad_q_nad, grad_k_lkd, grad_v_lkd] = op::flash_attention_backward(
        grads[0], saved[0], saved[1], saved[2], saved[3], saved[4], ctx->saved_data["starts"].toIntVector(),
        ctx->saved_data["window"].toInt(), ctx->saved_data["scale"].toDouble());
    return {std::move(grad_q_nad), std::move(grad_k_lkd), std::move(grad_v_lkd), {}, {}, {}};
  }
};

}  // namespace

constinit decltype(op::flash_attention) op::flash_attention("sift::flash_attention", nullptr);
constinit decltype(op::flash_attention_backward) op::flash_attention_backward(
    "sift::flash_attention_backward", nullptr);

bool supports_flash_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                              const std::vector<std::int64_t>& document_starts,
                              const AttentionOptions& options) {
  return options.softcap == 0.0 && op::flash_attention.supports(q_nad, k_lkd, v_lkd, document_starts,
                                                                options.window, scale_of(options, q_nad));
}

at::Tensor flash_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                           const std::vector<std::int64_t>& document_starts,
                           const AttentionOptions& options) {
  const double scale = scale_of(options, q_nad);
  const at::Tensor q = q_nad.contiguous(), k = k_lkd.contiguous(), v = v_lkd.contiguous();
  const at::Tensor out_nad = keep_output(
      {q, k, v}, [&] { return FlashAttention::apply(q, k, v, document_starts, options.window, scale); });
  return out_nad.flatten(1);
}

}  // namespace sift
