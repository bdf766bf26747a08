#include "ops/flash_attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <utility>

#include <sift/saved_tensors.h>
#include "ops/library.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr const char* kForward = "sift::flash_attention";
constexpr const char* kBackward = "sift::flash_attention_backward";

using Forward = std::tuple<at::Tensor, at::Tensor>(const at::Tensor& q_nad, const at::Tensor& k_nkd,
                                                   const at::Tensor& v_nkd, at::IntArrayRef starts,
                                                   std::int64_t window, double scale);
using Backward = std::tuple<at::Tensor, at::Tensor, at::Tensor>(
    const at::Tensor& grad_nad, const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
    const at::Tensor& out_nad, const at::Tensor& lse_an, at::IntArrayRef starts, std::int64_t window,
    double scale);

class FlashAttention : public torch::autograd::Function<FlashAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_nkd,
                            const at::Tensor& v_nkd, const std::vector<std::int64_t>& starts,
                            std::int64_t window, double scale) {
    static const LibraryOp<Forward> op(kForward);
    auto [out_nad, lse_an] = op(q_nad, k_nkd, v_nkd, starts, window, scale);
    ctx->save_for_backward({q_nad, k_nkd, v_nkd, out_nad, lse_an});
    ctx->saved_data["starts"] = starts;
    ctx->saved_data["window"] = window;
    ctx->saved_data["scale"] = scale;
    return out_nad;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    static const LibraryOp<Backward> op(kBackward);
    auto [grad_q_nad, grad_k_nkd, grad_v_nkd] = op(
        grads[0], saved[0], saved[1], saved[2], saved[3], saved[4], ctx->saved_data["starts"].toIntVector(),
        ctx->saved_data["window"].toInt(), ctx->saved_data["scale"].toDouble());
    return {std::move(grad_q_nad), std::move(grad_k_nkd), std::move(grad_v_nkd), {}, {}, {}};
  }
};

}  // namespace

bool supports_flash_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                              const AttentionOptions& options) {
  const at::ScalarType type = q_nad.scalar_type();
  return options.softcap == 0.0 && (type == at::kFloat || type == at::kDouble) &&
         k_nkd.scalar_type() == type && v_nkd.scalar_type() == type &&
         has_version(kForward, q_nad.device().type());
}

at::Tensor flash_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                           const std::vector<std::int64_t>& document_starts,
                           const AttentionOptions& options) {
  const double scale = options.scale.value_or(1.0 / std::sqrt(static_cast<double>(q_nad.size(2))));
  const at::Tensor q = q_nad.contiguous(), k = k_nkd.contiguous(), v = v_nkd.contiguous();
  const at::Tensor out_nad = keep_output(
      {q, k, v}, [&] { return FlashAttention::apply(q, k, v, document_starts, options.window, scale); });
  return out_nad.flatten(1);
}

}  // namespace sift
