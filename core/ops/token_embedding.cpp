#include "ops/token_embedding.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops/weight_gradient.h"

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class EmbeddingFunction : public torch::autograd::Function<EmbeddingFunction> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& weight_vh, const at::Tensor& ids_n,
                            std::int64_t padding_idx) {
    ctx->save_for_backward({ids_n});
    ctx->saved_data["weight"] = weight_vh;
    ctx->saved_data["padding_idx"] = padding_idx;
    return at::embedding(weight_vh, ids_n);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const at::Tensor ids_n = ctx->get_saved_variables().front();
    const std::int64_t padding_idx = ctx->saved_data["padding_idx"].toInt();
    const at::Tensor weight_vh = ctx->saved_data["weight"].toTensor();
    if (!adds_in_place(weight_vh)) {
      return {at::embedding_dense_backward(grads[0], ids_n, weight_vh.size(0), padding_idx, false), {}, {}};
    }
    if (!weight_vh.is_cpu()) {  // the number of padding tokens would have to be read from the device
      const at::Tensor grad_nh = grads[0].masked_fill(ids_n.eq(padding_idx).unsqueeze(1), 0.0);
      weight_vh.mutable_grad().index_add_(0, ids_n, grad_nh);
      return {{}, {}, {}};
    }
    const at::Tensor kept_n = ids_n.ne(padding_idx).nonzero().squeeze(1);
    weight_vh.mutable_grad().index_add_(0, ids_n.index_select(0, kept_n), grads[0].index_select(0, kept_n));
    return {{}, {}, {}};
  }
};

}  // namespace

at::Tensor token_embedding(const at::Tensor& weight_vh, const at::Tensor& ids_n, std::int64_t padding_idx) {
  return EmbeddingFunction::apply(weight_vh, ids_n, padding_idx);
}

}  // namespace sift
