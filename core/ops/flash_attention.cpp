#include "ops/flash_attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "api/saved_tensors.h"
#include "ops/cpu/attention.h"
#include "ops/cpu/blas.h"
#include "ops/cpu/takes.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

const float* data(const at::Tensor& x) {
  return x.const_data_ptr<float>();
}

class FlashAttention : public torch::autograd::Function<FlashAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q_nad, const at::Tensor& k_nkd,
                            const at::Tensor& v_nkd, const std::vector<std::int64_t>& starts,
                            std::int64_t window, double scale) {
    const std::int64_t tokens = q_nad.size(0), heads = q_nad.size(1);
    at::Tensor out_nad = at::empty_like(q_nad);
    const at::Tensor lse_an = at::empty({heads, tokens}, q_nad.options());
    cpu::attention(shape_of(q_nad, k_nkd, starts, window, scale), data(q_nad), data(k_nkd), data(v_nkd),
                   out_nad.data_ptr<float>(), lse_an.data_ptr<float>());
    ctx->save_for_backward({q_nad, k_nkd, v_nkd, out_nad, lse_an});
    ctx->saved_data["starts"] = starts;
    ctx->saved_data["window"] = window;
    ctx->saved_data["scale"] = scale;
    return out_nad;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor grad_nad = grads[0].contiguous();
    variable_list out(6);
    for (std::size_t i = 0; i < 3; ++i) out[i] = at::empty_like(saved[i]);
    const cpu::AttentionShape shape =
        shape_of(saved[0], saved[1], ctx->saved_data["starts"].toIntVector(),
                 ctx->saved_data["window"].toInt(), ctx->saved_data["scale"].toDouble());
    cpu::attention_backward(
        shape, {data(saved[0]), data(saved[1]), data(saved[2]), data(saved[3]), data(saved[4])},
        data(grad_nad), {out[0].data_ptr<float>(), out[1].data_ptr<float>(), out[2].data_ptr<float>()});
    return out;
  }

 private:
  static cpu::AttentionShape shape_of(const at::Tensor& q_nad, const at::Tensor& k_nkd,
                                      const std::vector<std::int64_t>& starts, std::int64_t window,
                                      double scale) {
    return {q_nad.size(1), k_nkd.size(1), q_nad.size(2), window, static_cast<float>(scale), starts};
  }
};

}  // namespace

bool takes_flash_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                           const AttentionOptions& options) {
  const auto is_float = [](const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; };
  return options.softcap == 0.0 && cpu::available() && cpu::has_products() && is_float(q_nad) &&
         is_float(k_nkd) && is_float(v_nkd);
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
